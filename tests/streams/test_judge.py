"""The judge against a real broker and registry: every outcome with its receipt, and what it survives."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra import kafka
from infra.slots import instance
from schemas import catalog as catalogues
from schemas import topics
from streams import recovery
from streams.decide import decide as judges_decide
from streams.judge import Refused
from streams.transaction import Failed, Transactions
from tests.streams.judging import Court, answers, copied, history, judging, opened, said
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.servers


@pytest.fixture
def court(stack: Any, tmp_path: Path) -> Court:
    home = tmp_path / "home"
    return opened(stack.settings, home, copied(home / "avro", f"xzxk_{uuid4().hex[:8]}"))


def test_every_record_gets_one_outcome_and_its_receipt(court: Court) -> None:
    item = court.item
    court.send(
        [
            said(item, 1),
            said(item, 2),
            said(item, 3) | said(item, 1, _line=3),  # the same again
            said(item, 4, XK_WSH=None),
            said(item, 5, XK_XDR_SHXYM="91370100MA3C000000"),
            b"\x00\x00\x00\x00\x01junk",
            None,
            b"nonsense",
            said(item, 6, _operation="withdraw", **{name: said(item, 2)[name] for name in item.key}),
            said(item, 7, _operation="withdraw", XK_WSH="不认识"),
            said(item, 8, XK_JDRQ="2010-01-01", XK_YXQZ="2010-01-01", XK_JZQ="2011-01-01", SJC="2010-01-01"),
            said(item, 9, _operation="burn"),
        ]
    )
    with judging(court) as running:
        running.until(12)
    assert [(each["_line"], each["_change"]) for each in court.accepted()] == [(1, "new"), (2, "new"), (6, "withdrawn")]
    assert court.outcomes() == {"accepted": 3, "duplicate": 2, "superseded": 0, "rejected": 6, "excluded": 1}
    by_line = {each["_line"]: {reason["rule"] for reason in each["reasons"]} for each in court.rejected() if each["_source"] != "?"}
    assert by_line == {4: {"R-REQ-01"}, 5: {"R-USCC-03"}, 9: {"R-OPERATION"}}
    assert [each["raw"] for each in court.rejected() if each["_source"] == "?"] == [b"\x00\x00\x00\x00\x01junk", None, b"nonsense"]
    (key,) = {each["_key"] for each in court.rejected() if each["_line"] == 4}
    assert key.startswith('["?"')
    (receipt,) = [each for each in court.receipts() if each["batch"] == "HZ1"]
    assert [(each["line"], each["outcome"]) for each in receipt["echoes"]] == [(3, "duplicate"), (7, "duplicate"), (8, "excluded")]
    assert receipt["echoes"][0]["stands"] == court.accepted()[0]["_version"]
    assert [each["fingerprint"] for each in receipt["echoes"][:2]] == [court.accepted()[0]["_fingerprint"], None]


def test_a_promoted_record_is_read_back_and_tells_what_caused_it(court: Court) -> None:
    first = said(court.item, 1, _source="a", _row="[1]", _ref="r1")
    second = {**first, "_source": "b", "_row": "[2]", "_ref": "r2", "_line": 2, "XK_NR": "另一种说法"}
    court.send([first, second])
    with judging(court) as running:
        running.until(2)
        court.send([{**second, "_operation": "withdraw", "_line": 3, "_batch": "HZ2"}])
        running.until(3)
        court.send([{**first, "_operation": "withdraw", "_line": 4, "_batch": "HZ2"}])
        running.until(4)
    found = court.accepted()
    assert [each["_change"] for each in found] == ["new", "change", "promoted", "withdrawn"]
    assert (found[2]["_source"], found[2]["_row"], found[2]["_batch"], found[2]["_line"]) == ("a", "[1]", "HZ2", 3)
    assert (found[2]["XK_NR"], found[2]["_fingerprint"]) == (found[0]["XK_NR"], found[0]["_fingerprint"])
    assert [each["_version"] for each in found] == sorted({each["_version"] for each in found})


def straight(court: Court, records: list[Any]) -> Any:
    """What a judge says that nothing happens to."""
    with judging(court) as running:
        running.until(len(records))
    return answers(court)


@pytest.mark.parametrize("point", ["judge.begin", "judge.produced", "judge.offsets", "judge.committed"])
def test_killed_at_any_point_it_neither_loses_nor_doubles(stack: Any, tmp_path: Path, court: Court, point: str) -> None:
    records = history(court, 400)
    court.send(records)
    group = f"judge-{court.item.code}"
    for kill in (f"{point}:2", f"{point}:1", f"{point}:3"):
        process = judge_process(court, group, rows=60, kill=kill)
        process.wait(90)
        assert process.returncode == -signal.SIGKILL
    with judging(court, rows=60, name="0") as running:
        eventually(lambda: running.fault is not None or sum(court.outcomes().values()) >= len(records))
    assert running.fault is None
    found = answers(court)
    assert sum(found["outcomes"].values()) == len(records)
    again = opened(stack.settings, tmp_path / "other", copied(tmp_path / "other" / "avro", f"{court.item.code}b"))
    again.send(records)
    whole = straight(again, records)
    assert json.dumps(found, ensure_ascii=False).replace(court.item.code, "I") == json.dumps(whole, ensure_ascii=False).replace(again.item.code, "I")


def judge_process(court: Court, group: str, rows: int, kill: str = "") -> subprocess.Popen[bytes]:
    environment = {
        **os.environ, "GUIJI_HOME": str(court.settings.home), "GUIJI_KAFKA": court.settings.kafka, "GUIJI_REGISTRY": court.settings.registry,
        "GUIJI_CATALOGUE": str(court.settings.catalogue), "GUIJI_KILL_AT": kill, "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-m", "tests.streams.judge_process", group, str(rows)], env=environment, cwd=ROOT)


def test_taken_for_another_member_it_joins_anew(court: Court) -> None:
    court.send([said(court.item, 1)])
    with judging(court) as running:
        running.until(1)
        group = f"judge-{court.item.code}"
        other = kafka.consumer(court.settings, group, **{"group.instance.id": instance(f"{group}-thread", [topics.submitted(court.item.code)])})
        other.subscribe([topics.submitted(court.item.code)])
        eventually(lambda: other.poll(0.2) is None and not running.judge.seats)
        other.close()
        court.send([said(court.item, 2)])
        running.until(2)
    assert court.outcomes()["accepted"] == 2


def test_the_judge_that_comes_after_judges_the_items_of_its_own_catalogue(court: Court) -> None:
    """An item came in between: a member that comes back is given what it had, whatever it asks for."""
    code, folder = court.item.code, court.settings.catalogue
    spec = json.loads((folder / f"{code}.avsc").read_text(encoding="utf-8"))
    (folder / f"{code}x.avsc").write_text(json.dumps(spec | {"name": f"{code}x"}, ensure_ascii=False), encoding="utf-8")
    both = opened(court.settings, court.settings.home, catalogues.load(folder))
    for number, whole in enumerate((court, both), start=1):
        court.send([said(court.item, number)])
        with judging(whole) as running:
            running.until(1)
            eventually(lambda whole=whole, running=running: {topic for topic, _ in running.judge.seats} == {topics.submitted(each) for each in whole.catalog})
        assert running.fault is None
    assert court.outcomes()["accepted"] == 2


class Stuck:
    """A producer that never returns from putting its offsets into the transaction, as librdkafka's does after the death of a coordinator."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    def send_offsets_to_transaction(self, *_rest: Any) -> None:
        threading.Event().wait(120)


def test_a_producer_that_never_returns_is_left_behind_and_nothing_is_said_twice(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    made, real = itertools.count(), kafka.producer
    records = history(court, 200)
    court.send(records)
    monkeypatch.setattr("infra.kafka.TIMEOUT", 3.0)
    monkeypatch.setattr("infra.kafka.producer", lambda *rest, **more: real(*rest, **more) if next(made) else Stuck(real(*rest, **more)))
    with judging(court, rows=60) as running:
        running.until(len(records), 90)
    assert running.fault is None
    assert sum(answers(court)["outcomes"].values()) == len(records)


@pytest.mark.parametrize("commits", [True, False])
def test_the_next_batch_is_judged_over_what_is_not_committed_yet(court: Court, monkeypatch: pytest.MonkeyPatch, commits: bool) -> None:
    """The first commit ends only when the batch after it is decided; where it fails, both are judged once more."""
    decided, real, numbers = threading.Event(), Transactions.commit, itertools.count()

    def decide(*told: Any) -> Any:
        if next(numbers):
            decided.set()
        return judges_decide(*told)

    def commit(self: Transactions, *told: Any) -> Any:
        first = not decided.is_set()
        assert decided.wait(30)
        if first and not commits:
            raise Failed("as if the broker had gone")
        return real(self, *told)

    monkeypatch.setattr("streams.judge.decide", decide)
    monkeypatch.setattr(Transactions, "commit", commit)
    record = said(court.item, 1)
    court.send([record, said(court.item, 2), record | {"_line": 3}, record | {"_line": 4, "XK_NR": "改过的内容"}])
    with judging(court, rows=2) as running:
        running.until(4)
    assert [(each["_line"], each["_change"]) for each in court.accepted()] == [(1, "new"), (2, "new"), (4, "change")]
    assert court.outcomes() == {"accepted": 3, "duplicate": 1, "superseded": 0, "rejected": 0, "excluded": 0}


def test_told_to_stop_it_ends_cleanly(court: Court) -> None:
    court.send([said(court.item, 1)])
    process = judge_process(court, f"judge-{court.item.code}", rows=100)
    eventually(lambda: len(court.accepted()) == 1)
    process.terminate()
    assert process.wait(30) == 0


@pytest.mark.parametrize("damage", ["deleted", "flipped", "old"])
def test_the_local_state_may_be_lost_damaged_or_old(court: Court, tmp_path: Path, damage: str) -> None:
    folder = court.settings.state / f"{court.item.code}-0"
    court.send([said(court.item, line) for line in range(1, 300)])
    with judging(court) as running:
        running.until(299)
    shutil.copytree(folder, tmp_path / "copy")
    court.send([said(court.item, line) for line in range(300, 400)])
    with judging(court) as running:
        running.until(100)
    if damage == "deleted":
        shutil.rmtree(folder)
    elif damage == "old":
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "copy", folder)
    else:
        for path in [path for path in folder.iterdir() if path.suffix in (".sst", ".log")]:
            content = bytearray(path.read_bytes())
            content[len(content) // 3 : len(content) // 2] = b"\xaa" * (len(content) // 2 - len(content) // 3)
            path.write_bytes(bytes(content))
    court.send([said(court.item, line) for line in range(1, 400)])
    with judging(court) as running:
        running.until(399)
    assert court.outcomes() == {"accepted": 399, "duplicate": 399, "superseded": 0, "rejected": 0, "excluded": 0}


def test_an_offset_that_was_moved_is_refused_and_the_remedy_mends_it(court: Court) -> None:
    group = f"judge-{court.item.code}"
    court.send([said(court.item, line) for line in range(1, 11)])
    with judging(court) as running:
        running.until(10)
    recovery._move(court.settings, group, topics.submitted(court.item.code), [3])
    with judging(court) as running, pytest.raises(Refused, match="--resume-from-state"):
        running.until(1)
    recovery.resume_from_state(court.settings, court.item, group)
    court.send([said(court.item, 1), said(court.item, 11)])
    with judging(court) as running:
        running.until(2)
    assert court.outcomes() | {"superseded": 0} == {"accepted": 11, "duplicate": 1, "superseded": 0, "rejected": 0, "excluded": 0}


def test_a_topic_made_anew_is_refused_and_judged_afresh_in_a_new_generation(court: Court) -> None:
    group, name = f"judge-{court.item.code}", topics.submitted(court.item.code)
    court.send([said(court.item, line) for line in range(1, 6)])
    with judging(court) as running:
        running.until(5)
    client = kafka.admin(court.settings)
    client.delete_topics([name])[name].result()
    eventually(lambda: name not in kafka.partitions(court.settings))
    eventually(lambda: bool(kafka.ensure(court.settings, [each for each in topics.of(court.catalog) if each.name == name])))
    court.send([said(court.item, 1), said(court.item, 7)])
    with judging(court) as running, pytest.raises(Refused, match="--new-generation"):
        running.until(1)
    before = max(each["_version"] for each in court.accepted())
    assert recovery.new_generation(court.settings, court.item, group) == 2
    with judging(court) as running:
        running.until(2)
    assert [each["_version"] > before for each in court.accepted()[-2:]] == [True, True]


def test_two_judges_share_the_partitions(stack: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    court = opened(stack.settings, home, copied(home / "avro", f"xzxk_{uuid4().hex[:8]}", partitions=4))
    group = f"judge-{court.item.code}"
    court.send(history(court, 300))
    with judging(court, rows=20) as running:
        running.until(40)
        process = judge_process(court, group, rows=20)
        eventually(lambda: len(running.judge.seats) < 4, 90)
        court.send([{**each, "_batch": "HZX"} for each in history(court, 300) if isinstance(each, dict)])
        count = 300 + sum(isinstance(each, dict) for each in history(court, 300))
        eventually(lambda: sum(court.outcomes().values()) >= count, 90)
        process.terminate()
        assert process.wait(30) == 0
        eventually(lambda: len(running.judge.seats) == 4, 90)
    assert running.fault is None
    assert sum(answers(court)["outcomes"].values()) == count
