"""A pipeline is backed up while it works, stopped for good, and restored into a second folder: the same records under the same receipts, and it goes on from there."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import stack as local
from schemas.catalog import load
from tests.end_to_end.items import few_items
from tests.waiting import eventually

pytestmark = pytest.mark.servers
EXAMPLE = load()["xzxk"].example
BAD_CODE = "91440300708461136A"
ROWS = "SELECT _key, _version, _change, _batch, _line, _partition, _offset, XK_WSH FROM xzxk_history FINAL ORDER BY _key, _version"
RECEIPTS = "SELECT * FROM receipts FINAL ORDER BY batch, item, _partition, _offset"
REJECTED = "SELECT _batch, _line, rules, _partition, _offset FROM rejected FINAL ORDER BY _offset"


def licence(number: object, **said: Any) -> dict[str, Any]:
    return {"ref": str(number), "fields": EXAMPLE | {"XK_WSH": f"济建许〔2017〕b{number}号"} | said}


@pytest.fixture
def two(pipeline_of: Any, tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """The old pipeline, and one of the folder it is restored into, nothing of which is there yet."""
    catalogue = few_items(tmp_path / "avro")
    old, new = pipeline_of(tmp_path / "old", catalogue), pipeline_of(tmp_path / "new", catalogue)
    old.home.mkdir()
    try:
        old.up("kafka", "registry")
        old.start("judge", "serve")
        yield old, new
    finally:
        for each in (old, new):
            each.stop()
            if each.home.exists():
                local.down(each.settings, report=lambda _line: None)


def loaded(pipeline: Any, batches: list[str]) -> bool:
    found = {row["batch"]: row for row in pipeline.json("balance", "--all")}
    return all(batch in found and found[batch]["said"] == found[batch]["judged"] == found[batch]["loaded"] for batch in batches)


def of_batches(rows: list[dict[str, Any]], batches: set[str], name: str) -> list[dict[str, Any]]:
    return [row for row in rows if row[name] in batches]


def test_a_restored_home_holds_the_same_and_goes_on(two: tuple[Any, Any], tmp_path: Path) -> None:
    old, new = two
    token = old.token("zjj", "backup")
    records = [licence(n, **({"XK_XDR_SHXYM": BAD_CODE} if n % 10 == 7 else {})) for n in range(40)] + [licence(1)]
    first = old.post(token, "xzxk", records, key="first").json()["receipt"]
    assert old.settled(token, first)["counts"] == {"accepted": 36, "duplicate": 1, "superseded": 0, "rejected": 4, "excluded": 0}

    answered, enough, stop = [first], threading.Event(), threading.Event()

    def keep_posting() -> None:
        while not stop.is_set():
            number = len(answered)
            answered.append(old.post(token, "xzxk", [licence(f"w{number}-{n}") for n in range(3)], key=f"w{number}").json()["receipt"])
            if number == 3:
                enough.set()

    writer = threading.Thread(target=keep_posting)
    writer.start()
    assert enough.wait(60)
    before = list(answered)
    told = old.cli("backup", str(tmp_path / "backup"))
    stop.set()
    writer.join()
    assert "secrets.env" in told
    assert len(answered) > len(before), "nobody wrote while the backup was made"
    eventually(lambda: loaded(old, before))
    kept = {sql: old.query(sql) for sql in (ROWS, RECEIPTS, REJECTED)}
    old.stop()
    local.down(old.settings, report=lambda _line: None)

    new.cli("restore", str(tmp_path / "backup"), "--home", str(new.home), seconds=300)
    assert os.stat(new.home / "secret").st_mode & 0o077 == 0
    new.start("judge", "serve")
    eventually(lambda: loaded(new, before), told=lambda: new.log("serve")[-2000:] + new.log("judge")[-2000:])
    new.cli("balance")
    there = {row["batch"] for row in new.json("balance", "--all")}
    assert set(before) <= there <= set(answered)
    for sql, name in ((ROWS, "_batch"), (RECEIPTS, "batch"), (REJECTED, "_batch")):
        plain = [{key: value for key, value in row.items() if not key.endswith("_at")} for row in of_batches(kept[sql], set(before), name)]
        assert [{key: value for key, value in row.items() if not key.endswith("_at")} for row in of_batches(new.query(sql), set(before), name)] == plain

    assert new.post(token, "xzxk", records, key="first").json()["receipt"] == first, "a repeated request has its old receipt"
    again = new.settled(token, new.post(token, "xzxk", [licence(n) for n in (0, 1, 2)], key="again").json()["receipt"])
    assert again["counts"]["duplicate"] == 3, "what was judged before is a duplicate: the states are there"
    news = new.settled(token, new.post(token, "xzxk", [licence("n1"), licence(3, XK_NR="改了")], key="news").json()["receipt"])
    assert news["counts"]["accepted"] == 2
    eventually(lambda: not new.json("balance"))
