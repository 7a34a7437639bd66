"""The ledger finds every kind of fault, and none where there is none."""

from typing import Any

import pytest

from tests.failures import ledger
from tests.failures.ledger import DOUBLED, FOREIGN, LOST, ORDER, REFUSED, TORN


def said(line: int) -> dict[str, Any]:
    return {"_batch": "b", "_line": line}


def accepted(line: int, version: int, key: str = "k") -> dict[str, Any]:
    return said(line) | {"_key": key, "_version": version}


def rejected(line: int) -> dict[str, Any]:
    return said(line) | {"_source": "s"}


def receipt(accepted: int = 0, rejected: int = 0, lines: tuple[int, ...] = ()) -> dict[str, Any]:
    counts = {"accepted": accepted, "rejected": rejected, "duplicate": len(lines), "superseded": 0, "excluded": 0}
    return {"batch": "b", "source": "s", "echoes": [{"line": line, "outcome": "duplicate"} for line in lines]} | counts


SENT = [said(1), said(2), said(3), said(4)]
SOUND: dict[str, Any] = {
    "sent": SENT, "bad": {("b", 3)}, "accepted": [accepted(1, 1), accepted(2, 2)], "rejected": [rejected(3)], "receipts": [receipt(2, 1, (4,))],
}  # fmt: skip


@pytest.mark.parametrize(
    ("other", "kinds"),
    [
        ({}, set()),
        ({"sent": [*SENT, said(5)]}, {LOST}),
        ({"sent": SENT[:3]}, {FOREIGN}),
        ({"accepted": [*SOUND["accepted"], accepted(2, 3)], "receipts": [receipt(3, 1, (4,))]}, {DOUBLED}),
        ({"receipts": [receipt(2, 1, (4,)), receipt(0, 0, (1,))]}, {DOUBLED}),
        ({"bad": set()}, {REFUSED}),
        ({"bad": {("b", 3), ("b", 1)}}, {"accepted though bad"}),
        ({"accepted": [accepted(1, 2), accepted(2, 1)]}, {ORDER}),
        ({"accepted": [accepted(1, 1), accepted(2, 1, "other")]}, set()),
        ({"receipts": [receipt(3, 1, (4,))]}, {TORN}),
        ({"accepted": [accepted(1, 1)]}, {LOST, TORN}),
    ],
)
def test_every_kind_of_fault_is_told_and_no_other(other: dict[str, Any], kinds: set[str]) -> None:
    faults = ledger.judged(**(SOUND | other))
    assert all(any(kind in fault for fault in faults) for kind in kinds), faults
    assert all(any(kind in fault for kind in kinds) for fault in faults), faults


def test_what_stands_is_compared_by_key_and_version() -> None:
    assert ledger.standing({"a": 1, "b": 2}, [("a", 1), ("b", 2)]) == []
    faults = ledger.standing({"a": 1, "b": 2, "c": 3}, [("a", 1), ("a", 1), ("b", 9), ("d", 4)])
    assert [fault.split(":")[1].strip() for fault in faults] == [LOST, DOUBLED, FOREIGN, "another version stands"]


def test_a_reader_that_saw_too_much_or_too_little_is_told() -> None:
    assert ledger.watched("t", [1, 2], [1, 2]) == []
    assert len(ledger.watched("t", [1, 1, 3], [1, 2])) == 3


def test_a_verdict_names_the_seed() -> None:
    ledger.verdict([], LOST, 7, protected=True)
    ledger.verdict(["current: lost: 1 of 2"], LOST, 7, protected=False)
    with pytest.raises(AssertionError, match="seed 7"):
        ledger.verdict(["current: lost: 1 of 2"], LOST, 7, protected=True)
    with pytest.raises(AssertionError, match="seed 7"):
        ledger.verdict([], LOST, 7, protected=False)
