"""Places in a database's order: what was decided beside the changes stands between those that had been read and those that had not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import place
from schemas.sayings import NOTHING, UPSERT, Event, judge

LOG = st.integers(0, 2**63 - 1)


@given(LOG, LOG, LOG, LOG, LOG)
def test_a_commits_open_end_is_later_than_all_before_that_commit_and_earlier_than_all_after(commit: int, before: int, one: int, after: int, two: int) -> None:
    decided = place.commit(1, commit)
    if before < commit <= after:
        assert place.commit(1, before, one) < decided < place.commit(1, after, two)
    assert decided < place.commit(2, 0, 0), "a rebuilt database's places are later"


@given(st.tuples(st.integers(1, 10**9), LOG), st.tuples(st.integers(1, 10**9), LOG), st.integers(0, 10**6))
def test_a_binlogs_open_end_is_later_than_all_up_to_that_place_and_earlier_than_all_behind_it(stood: tuple[int, int], event: tuple[int, int], row: int) -> None:
    assert (place.binlog(1, *event, row) < place.binlog(1, *stood)) == (event <= stood)


@pytest.mark.parametrize("change_first", [True, False])
def test_a_later_change_wins_over_a_repair_whichever_of_the_two_arrives_first(change_first: bool) -> None:
    """The judge's own model: the row said `old`, then the log was lost once, the repair saw `lost`, and then it was changed to `new`."""
    old, repair, change = place.commit(1, 100, 110), place.commit(1, 200), place.commit(1, 200, 210)

    def event(fingerprint: str, position: str, offset: int) -> Event:
        return Event("s.t", '["1"]', "cdc", UPSERT, fingerprint, position, offset, None, offset)

    state = judge(NOTHING, event("old", old, 1), "latest").state
    for number, (fingerprint, position) in enumerate([("new", change), ("lost", repair)] if change_first else [("lost", repair), ("new", change)]):
        state = judge(state, event(fingerprint, position, 2 + number), "latest").state
    assert state.fingerprint == "new"
