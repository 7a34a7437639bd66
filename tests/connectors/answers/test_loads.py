"""Loads: every receipt is counted once, however often it is read and wherever a process died."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from connectors.answers.loads import Load, counted

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2017, 8, 1, 1, tzinfo=UTC)  # nine in the morning


def receipt(minutes: float, **counts: int) -> dict[str, Any]:
    at = START + timedelta(minutes=minutes)
    return dict.fromkeys(("accepted", "duplicate", "superseded", "rejected", "excluded"), 0) | {"received_from": at, "received_to": at, "judged_at": at} | counts


def test_what_comes_without_a_long_pause_is_one_load() -> None:
    (load,) = counted(None, [(3, receipt(0, accepted=2)), (5, receipt(9, rejected=1)), (8, receipt(18, duplicate=4))], ZONE)
    assert (load.number, load.read, load.version, load.counts["rejected"]) == (3, 7, 8, 1)
    assert load.last - load.first == timedelta(minutes=18)


def test_a_pause_or_midnight_begins_another_one() -> None:
    assert [load.read for load in counted(None, [(1, receipt(0, accepted=2)), (2, receipt(11, accepted=3))], ZONE)] == [2, 3]
    evening = 15 * 60 - 1  # a minute before midnight here
    assert [load.read for load in counted(None, [(1, receipt(evening, accepted=2)), (2, receipt(evening + 2, accepted=3))], ZONE)] == [2, 3]


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 5)), max_size=25), st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=10))
def test_any_cut_and_any_repeat_gives_the_same_loads(spoken: list[tuple[int, int]], cuts: list[tuple[int, int]]) -> None:
    """``cuts``: how many receipts are taken at once, and how many of what was read are read again, for the process died before it said so."""
    receipts = [(offset, receipt(minutes, accepted=rows)) for offset, (minutes, rows) in enumerate(spoken)]
    at_once = {load.number: load for load in counted(None, receipts, ZONE)}
    kept, place = dict[int, Load](), 0
    for size, again in [*cuts, (len(receipts), 0)]:
        newest = kept[max(kept)] if kept else None
        kept |= {load.number: load for load in counted(newest, receipts[place : place + size], ZONE)}
        place = max(0, min(place + size, len(receipts)) - again)
    assert kept == at_once
    assert sum(load.read for load in kept.values()) == sum(rows for _, rows in spoken)
