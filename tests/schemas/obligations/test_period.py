"""Periods follow one another without a gap, at the frequency in force."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schemas.obligations import calendar, period
from schemas.obligations.period import FREQUENCIES, Period, Since

KNOWN = calendar.known(calendar.load(), date(2026, 11, 26))
DAYS = st.dates(date(2015, 1, 1), date(2018, 12, 31))
SINCE = st.lists(st.builds(Since, DAYS, st.sampled_from(FREQUENCIES)), max_size=4, unique_by=lambda each: each.day).map(tuple)
OCTOBER = date(2017, 10, 1), date(2017, 10, 31)


def of(frequency: str, begin: date = OCTOBER[0], last: date = OCTOBER[1], in_force: tuple[Since, ...] = ()) -> list[str]:
    return [each.of for each in period.following(begin, last, in_force, frequency, KNOWN)]


def test_each_frequency_has_its_periods() -> None:
    assert of("month") == ["2017-10-01/2017-10-31"]
    assert of("quarter") == ["2017-10-01/2017-12-31"]
    # 1 October 2017 was a Sunday: the piece of a week goes to the next one.
    assert of("week") == ["2017-10-01/2017-10-08", "2017-10-09/2017-10-15", "2017-10-16/2017-10-22", "2017-10-23/2017-10-29", "2017-10-30/2017-11-05"]
    assert of("day")[:3] == ["2017-10-01/2017-10-09", "2017-10-10/2017-10-10", "2017-10-11/2017-10-11"]  # the holiday's days belong to the first working day after it
    assert of("day")[4:6] == ["2017-10-13/2017-10-13", "2017-10-14/2017-10-16"]


def test_a_frequency_changes_when_the_running_period_is_over() -> None:
    assert of("month", date(2017, 9, 1), date(2017, 11, 10), (Since(date(2017, 10, 12), "week"),)) == [
        "2017-09-01/2017-09-30", "2017-10-01/2017-10-31", "2017-11-01/2017-11-12",
    ]  # fmt: skip


def test_a_period_is_called_as_people_write_it() -> None:
    named = [Period("day", OCTOBER[0], date(2017, 10, 9)), Period("week", date(2017, 10, 9), date(2017, 10, 15)), Period("month", *OCTOBER), Period("quarter", *OCTOBER)]
    assert [each.label for each in named] == ["2017-10-09", "2017年第41周", "2017-10", "2017年4季度"]
    assert period.month("2017-10") == OCTOBER
    assert period.most_frequent(["quarter", "week", "month"]) == "week"
    assert period.most_frequent([]) is None


@given(DAYS, st.integers(0, 500), SINCE, st.sampled_from(FREQUENCIES))
def test_every_day_lies_in_exactly_one_period(begin: date, length: int, in_force: tuple[Since, ...], default: str) -> None:
    last = begin + timedelta(days=length)
    found = period.following(begin, last, in_force, default, KNOWN)
    assert found[0].start == begin
    assert all(one.end + timedelta(days=1) == other.start for one, other in pairwise(found))
    assert found[-1].holds(last)
    assert all(each.start <= each.end for each in found)
    assert max((each.end - each.start).days for each in found) < 200  # loaders.obligations looks back as far


@given(DAYS, st.integers(0, 300), SINCE, st.sampled_from(FREQUENCIES), st.integers(0, 300))
def test_what_comes_later_changes_no_period_that_was(begin: date, length: int, in_force: tuple[Since, ...], default: str, more: int) -> None:
    last = begin + timedelta(days=length)
    found = period.following(begin, last, in_force, default, KNOWN)
    longer = period.following(begin, last + timedelta(days=more), (*in_force, Since(found[-1].start + timedelta(days=1), "day")), default, KNOWN)
    kept = [each for each in in_force if each.day <= found[-1].start]
    assert period.following(begin, last, tuple(kept), default, KNOWN) == found
    assert longer[: len(found)] == found
