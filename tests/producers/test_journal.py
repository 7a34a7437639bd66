"""The index of what is published."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.journal import Journal


def chunk(number: int, rows: int = 10, last: bool = False, batch: str = "HZA") -> dict[str, Any]:
    return {
        "batch": batch,
        "source": "swj/excel",
        "department": "swj",
        "item": "xzxk",
        "digest": "d",
        "chunk": number,
        "rows": rows,
        "last": last,
    }


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.db")


def test_progress_is_the_sum_of_the_committed_chunks(journal: Journal) -> None:
    journal.note([chunk(0), chunk(1)])
    journal.note([chunk(2, 3, last=True)])
    found = journal.find("HZA")
    assert found is not None
    assert (found.chunk, found.rows, found.complete) == (2, 23, True)
    assert journal.find("HZB") is None


def test_a_topic_created_anew_forgets_everything(journal: Journal) -> None:
    assert journal.place("one") == 0
    journal.read("one", [chunk(0)], 7)
    assert journal.place("one") == 7
    assert journal.place("two") == 0
    assert journal.find("HZA") is None


@given(st.lists(st.integers(0, 6), max_size=20))
def test_chunks_read_again_change_nothing(again: list[int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.db")
        for number in range(7):
            journal.note([chunk(number)])
        journal.note([chunk(number) for number in again])
        found = journal.find("HZA")
        assert found is not None
        assert (found.chunk, found.rows) == (6, 70)
