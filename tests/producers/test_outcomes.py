"""The state of a submission is a function of its receipt's counts."""

import pytest

from producers.outcomes import DONE, FAILED, PARTLY, RUNNING, WAITING, state, together


@pytest.mark.parametrize(
    ("counts", "settled", "records", "expected"),
    [
        ({}, 0, 3, WAITING), ({"accepted": 1}, 0, 3, RUNNING), ({"accepted": 1}, 2, 3, RUNNING), ({"accepted": 1, "duplicate": 1, "superseded": 1}, 3, 3, DONE), ({"excluded": 3}, 3, 3, DONE),
        ({"accepted": 2, "rejected": 1}, 3, 3, PARTLY), ({"rejected": 3}, 3, 3, FAILED),
    ],
)  # fmt: skip
def test_one_submission(counts: dict[str, int], settled: int, records: int, expected: str) -> None:
    assert state(counts, settled, records) == expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [([DONE], DONE), ([DONE, FAILED], PARTLY), ([FAILED, FAILED], FAILED), ([DONE, PARTLY], PARTLY), ([WAITING, WAITING], WAITING), ([WAITING, DONE], RUNNING), ([RUNNING, FAILED], RUNNING)],
)
def test_a_file_of_several_tables(states: list[str], expected: str) -> None:
    assert together(states) == expected
