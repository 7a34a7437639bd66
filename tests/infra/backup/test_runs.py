"""Whatever gaps a partition has, the runs make the same offsets again."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from infra.backup.runs import leading, runs


def written(offsets: Sequence[int], end: int, longest: int) -> tuple[list[int], int]:
    """What a broker gives: a record or a marker takes the next offset. The offsets of records, and the end."""
    at, found = leading(offsets, end), list[int]()
    for run in runs(offsets, end, longest):
        for _ in range(run.first, run.last):
            found.append(at)
            at += 1
        assert not (run.marked and run.fillers)
        at += 1 if run.marked else run.fillers + (1 if run.fillers else 0)  # the marker of a commit; records given up, and their marker
    return found, at


@given(st.sets(st.integers(0, 60)), st.integers(0, 5), st.integers(1, 7))
def test_records_come_to_stand_where_they_stood_and_so_does_the_end(places: set[int], beyond: int, longest: int) -> None:
    offsets = sorted(places)
    end = (offsets[-1] + 1 if offsets else 0) + beyond
    assert written(offsets, end, longest) == (offsets, end)


@given(st.lists(st.integers(0, 100), unique=True, min_size=1), st.integers(1, 7))
def test_a_run_is_never_longer_than_it_may_be_and_none_is_lost(places: list[int], longest: int) -> None:
    offsets = sorted(places)
    found = list(runs(offsets, offsets[-1] + 1, longest))
    assert all(run.last - run.first <= longest for run in found)
    assert [n for run in found for n in range(run.first, run.last)] == list(range(len(offsets)))
