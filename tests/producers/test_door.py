"""The door on real servers: acknowledged means published exactly once, whoever dies and whoever asks twice."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from infra import kafka
from infra.settings import Settings
from producers.declarations import Declaration
from producers.door import digest
from producers.refusal import Refusal
from producers.submission import Receipt, Row, Submission
from schemas import codec, identity, topics
from schemas.registry import Registry

pytestmark = pytest.mark.servers
NOW = datetime(2017, 9, 4, 1, 2, 3, tzinfo=UTC)
PROCESS = """
import sys
from pathlib import Path
from infra.settings import Settings
from producers import door
from schemas import catalog
home, broker, registry, folder, batch = sys.argv[1:]
settings = Settings(home=Path(home), kafka=broker, registry=registry, catalogue=Path(folder))
with door.opened(settings, catalog.load(settings.catalogue)) as entrance:
    sys.exit(0 if entrance.settle(batch, 60) else 3)
"""


PUBLISH = """
import sys
from pathlib import Path
from infra.settings import Settings
from infra.wait import until
from producers import door
from schemas import catalog
home, broker, registry, folder = sys.argv[1:]
settings = Settings(home=Path(home), kafka=broker, registry=registry, catalogue=Path(folder))
with door.opened(settings, catalog.load(settings.catalogue)) as entrance:
    sys.exit(0 if until(lambda: not entrance.declared(), 60, every=0.1) else 3)
"""


def rows(count: int, name: str = "济南某公司") -> Iterator[Row]:
    return (Row(line, {"XK_WSH": f"济许〔2017〕{line}号", "XK_XMMC": "项目", "XK_XDR": name}) for line in range(1, count + 1))


def submission(house: Any, body: str = "one", key: str | None = "k1", count: int = 3) -> Submission:
    return Submission(house.source, "zjj", "api", house.item.code, digest(body.encode()), rows(count, body), key, None, "abc")


def submit(house: Any, *args: Any, **named: Any) -> Receipt:
    with house.door() as door:
        receipt = door.submit(submission(house, *args, **named))
        assert door.settle(receipt.receipt, 30)
        return receipt


def test_what_is_submitted_is_said_verbatim_with_its_envelope_and_key(house: Any) -> None:
    receipt = submit(house)
    first, *_ = said = house.said()
    assert [record["_line"] for record in said] == [1, 2, 3]
    assert {name: first[name] for name in ("_source", "_department", "_way", "_batch", "_operation", "XK_XDR", "XK_NR")} == {
        "_source": house.source, "_department": "zjj", "_way": "api", "_batch": receipt.receipt, "_operation": "upsert", "XK_XDR": "one", "XK_NR": None,
    }  # fmt: skip
    fields = {field.name: first[field.name] for field in house.item.fields}
    assert first["key"] == identity.key(house.item, "zjj", fields, house.settings.key_secret)
    (chunk,) = house.chunks(receipt.receipt)
    assert (chunk["rows"], chunk["total"], chunk["last"], chunk["idempotency_key"], chunk["by"]) == (3, 3, True, "k1", "abc")


def test_an_incomplete_key_falls_back_to_source_and_line(house: Any) -> None:
    with house.door() as door:
        receipt = door.submit(replace(submission(house), rows=[Row(7, {"XK_WSH": None})]))
        assert door.settle(receipt.receipt, 30)
    (record,) = house.said()
    assert record["key"].startswith('["?"')
    assert f"7@{receipt.receipt}" in record["key"]


def said_of(house: Any, declaration: Declaration) -> list[dict[str, Any]]:
    """What the topic has under the declaration's id."""
    values = [message.value() for message in kafka.read_to_end(house.settings, topics.DECLARATIONS)]
    with Registry(house.settings.registry) as registry:
        return [record for record in codec.decode(values, registry.schema).records if record["id"] == declaration.id]


def test_what_is_declared_reaches_the_topic_whoever_dies_and_a_repeat_is_the_same_to_the_letter(house: Any) -> None:
    said = Declaration(uuid4().hex, "ways", "zjj", None, 1, {"ways": {"form": {"frequencies": ["week"], "remark": "暂无系统"}}, "suggestion": ""}, "li", NOW)
    house.door().declare([said])  # its process ends before it has published
    settings = house.settings
    command = [sys.executable, "-c", PUBLISH, str(settings.home), settings.kafka, settings.registry, str(settings.catalogue)]
    # In the open transaction; after its commit, before the file is gone; not at all.
    ends = [subprocess.run(command, env=os.environ | {"GUIJI_KILL_AT": at}, timeout=120, check=False).returncode for at in ("door.chunk", "door.declared", "")]
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, 0]
    first, second = said_of(house, said)
    assert first == second
    assert json.loads(first["about"]) == said.about
    assert (first["department"], first["item"], first["version"], first["by"], first["declared_at"]) == ("zjj", None, 1, "li", NOW)


def test_the_same_request_from_many_threads_at_once_is_one_submission(house: Any) -> None:
    with house.door() as door:
        start = threading.Barrier(12)

        def send(_number: int) -> Receipt:
            start.wait()
            return door.submit(submission(house, count=50))

        with ThreadPoolExecutor(12) as pool:
            receipts = list(pool.map(send, range(12)))
        assert len({receipt.receipt for receipt in receipts}) == 1
        assert [receipt.repeated for receipt in receipts].count(False) == 1
        assert {receipt.records for receipt in receipts} == {50}
        assert door.settle(receipts[0].receipt, 30)
    assert len(house.said()) == 50


def test_the_old_receipt_comes_back_after_a_restart_and_after_the_index_is_lost(house: Any) -> None:
    first = submit(house)
    again = submit(house)
    for path in house.settings.spool.glob("journal.db*"):
        path.unlink()
    with house.door() as door:
        assert door.find(first.receipt) == first
        third = door.submit(submission(house))
    assert {first.receipt} == {again.receipt, third.receipt}
    assert (first.repeated, again.repeated, third.repeated) == (False, True, True)
    assert (again.records, third.records) == (3, 3)
    assert len(house.said()) == 3


def test_another_body_under_the_same_key_is_a_conflict(house: Any) -> None:
    submit(house)
    with house.door() as door, pytest.raises(Refusal) as caught:
        door.submit(submission(house, body="two"))
    assert caught.value.code == "conflict"
    assert len(house.said()) == 3


def test_without_a_key_every_request_has_its_own_receipt_and_order_is_kept(house: Any) -> None:
    with house.door() as door:
        receipts = [door.submit(submission(house, body=body, key=None, count=1)) for body in ("一", "二", "一", "三")]
        assert len({receipt.receipt for receipt in receipts}) == 4
        assert all(door.settle(receipt.receipt, 30) for receipt in receipts)
    assert [record["XK_XDR"] for record in house.said()] == ["一", "二", "一", "三"]


def test_a_receipt_is_given_while_the_broker_is_away_and_kept(house: Any) -> None:
    away = house.door()
    receipt = away.submit(submission(house))  # its thread was never started: nothing is published
    assert away.find(receipt.receipt) == receipt
    assert away.waiting() == 1
    assert not away.settle(receipt.receipt, 0.0)
    away.close()
    with house.door() as door:
        assert door.settle(receipt.receipt, 30)
    assert len(house.said()) == 3


def test_rows_that_break_off_leave_nothing(house: Any) -> None:
    def broken() -> Iterator[Row]:
        yield from rows(2)
        raise Refusal("malformed", "第 3 行")

    with house.door() as door:
        with pytest.raises(Refusal):
            door.submit(replace(submission(house), rows=broken()))
        assert door.waiting() == 0
        receipt = door.submit(submission(house))
        assert not receipt.repeated


def test_a_monstrous_record_is_cut_and_told_and_stops_nobody(house: Any) -> None:
    with house.door() as door:
        huge = Row(1, {"XK_WSH": "一号", "XK_XMMC": "项目", "XK_XDR": "甲", "XK_NR": "长" * 3_000_000})
        receipt = door.submit(replace(submission(house), rows=[huge, *rows(1)]))
        assert door.settle(receipt.receipt, 30)
    first, second = house.said()
    assert "R-DOOR-01" in first["_faults"]
    assert second["_faults"] is None


def run(settings: Settings, batch: str, kill_at: str = "") -> int:
    command = [sys.executable, "-c", PROCESS, str(settings.home), settings.kafka, settings.registry, str(settings.catalogue), batch]
    return subprocess.run(command, env=os.environ | {"GUIJI_KILL_AT": kill_at}, timeout=120, check=False).returncode


def test_killed_again_and_again_there_is_one_set_of_records_and_one_receipt(house: Any) -> None:
    door = house.door()
    receipt = door.submit(submission(house, count=11_000))
    door.close()
    codes = [run(house.settings, receipt.receipt, f"door.chunk:{passing}") for passing in (1, 2, 3, 1)]
    assert codes == [-signal.SIGKILL] * 4
    assert run(house.settings, receipt.receipt) == 0
    assert [record["_line"] for record in house.said()] == list(range(1, 11_001))
    chunks = house.chunks(receipt.receipt)
    assert [(chunk["chunk"], chunk["first_line"], chunk["rows"]) for chunk in chunks] == [
        (0, 1, 5_000),
        (1, 5_001, 5_000),
        (2, 10_001, 1_000),
    ]
    assert submit(house, count=11_000).repeated
