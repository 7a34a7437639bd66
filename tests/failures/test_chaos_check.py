"""The chaos run's own ledger: silent over a run in which all went well, and it names what a run lost, doubled or never sent."""

from typing import Any

import pytest

from schemas import topics
from tests.failures.chaos_check import Books, count, judged
from tests.failures.chaos_load import ITEM, Sent
from tests.failures.ledger import DOUBLED, LOST

SENT = Sent(lines=[("HZ1", 1), ("HZ1", 2), ("HZ1", 3)], wrong={("HZ1", 2)})
Topics = dict[str, list[dict[str, Any]]]


def record(line: int, **other: Any) -> dict[str, Any]:
    return {"_batch": "HZ1", "_line": line, "_operation": "upsert", "_key": f"k{line}", "_version": line, "_source": "zjj/chaos", "item": ITEM, **other}


def receipt(accepted: int) -> dict[str, Any]:
    echo = {"line": 3, "outcome": "duplicate", "operation": "upsert"}
    return {"batch": "HZ1", "source": "zjj/chaos", "item": ITEM, "accepted": accepted, "rejected": 1, "duplicate": 1, "superseded": 0, "excluded": 0, "echoes": [echo]}


@pytest.fixture
def run() -> Topics:
    """Three records: accepted, rejected, repeated."""
    return {topics.submitted(ITEM): [record(1), record(2), record(3)], topics.accepted(ITEM): [record(1)], topics.rejected(ITEM): [record(2)], topics.RECEIPTS: [receipt(1)]}


def found(run: Topics) -> list[str]:
    books = object.__new__(Books)  # without a broker
    empty = {name: [] for code in (ITEM, "gysy") for name in (topics.submitted(code), topics.accepted(code), topics.rejected(code))}
    books._read = empty | {name: [((name, 0, offset), each) for offset, each in enumerate(records)] for name, records in run.items()}
    return judged(books, SENT)


def test_a_run_in_which_all_went_well_is_passed_in_silence(run: Topics) -> None:
    assert found(run) == []


def test_what_was_acknowledged_and_never_published_is_lost(run: Topics) -> None:
    del run[topics.submitted(ITEM)][0], run[topics.accepted(ITEM)][0]
    run[topics.RECEIPTS] = [receipt(0)]
    assert count(found(run), LOST) == 1


def test_what_was_published_and_has_no_outcome_is_lost(run: Topics) -> None:
    run[topics.accepted(ITEM)] = []
    assert count(found(run), LOST) == 1


@pytest.mark.parametrize("topic", [topics.submitted(ITEM), topics.accepted(ITEM), topics.rejected(ITEM)])
def test_what_is_there_twice_is_doubled(run: Topics, topic: str) -> None:
    run[topic].append(run[topic][0])
    assert count(found(run), DOUBLED) >= 1


def test_a_sound_record_that_was_rejected_is_named(run: Topics) -> None:
    run[topics.rejected(ITEM)].append(run[topics.accepted(ITEM)].pop())
    assert found(run) != []
