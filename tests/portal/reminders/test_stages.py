"""Which reminder an obligation has come to, day by day, without any server."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.reminders import stages
from portal.reminders.stages import LATE
from schemas.obligations import calendar
from schemas.obligations.due import Due
from schemas.obligations.ledger import AWAITED, MISSED, NOT_YET, REPORTED, Line
from schemas.obligations.ledger import LATE as TOO_LATE
from schemas.obligations.period import Period

CALENDAR = calendar.known(calendar.load(), date(2017, 12, 31))
DAYS = (-3, -1, 0, 1, 3, 7)
DUE = date(2017, 10, 24)  # a Tuesday
WEEK = Period("week", date(2017, 10, 9), date(2017, 10, 13))


def line(state: str, due: date = DUE) -> Line:
    return Line("zjj", "xzxk", WEEK, ("excel",), Due(due), state)


def on(day: date, state: str, days: tuple[int, ...] = DAYS) -> list[str]:
    return [each.key.stage for each in stages.due([line(state)], day, CALENDAR, days)]


def test_stages_come_on_working_days_before_and_after_the_date() -> None:
    said = {}
    for day in calendar.days(date(2017, 10, 16), date(2017, 11, 20)):
        for stage in on(day, AWAITED if day <= DUE else MISSED):
            said.setdefault(stage, day)
    assert said == {
        "-3": date(2017, 10, 19), "-1": date(2017, 10, 23), "0": date(2017, 10, 24), "1": date(2017, 10, 25), "3": date(2017, 10, 27), "7": date(2017, 11, 2),
    }  # fmt: skip


def test_only_what_is_awaited_or_missed_is_reminded_of() -> None:
    for state in (NOT_YET, REPORTED, TOO_LATE):
        assert on(date(2017, 10, 23), state) == on(date(2017, 10, 25), state) == []
    assert on(date(2017, 10, 25), MISSED, (-3, 3)) == [], "the stage before the date is past, the one after it not reached"
    assert on(date(2017, 10, 18), AWAITED) == []
    assert on(date(2017, 10, 25), MISSED, ()) == []


def test_what_should_have_been_said_long_ago_is_not_said_any_more() -> None:
    last = CALENDAR.after(DUE, 7)
    assert on(CALENDAR.after(last, LATE), MISSED) == ["7"]
    assert on(CALENDAR.after(last, LATE) + timedelta(days=1), MISSED) == []


@given(st.dates(date(2016, 1, 1), date(2017, 12, 1)), st.integers(1, 30))
def test_before_and_after_are_each_others_way_back(day: date, number: int) -> None:
    there = CALENDAR.before(day, number)
    assert CALENDAR.working(there)
    assert CALENDAR.after(there, number) == CALENDAR.on_or_after(day) if CALENDAR.working(day) else CALENDAR.after(there, number) > day
    assert sum(CALENDAR.working(each) for each in calendar.days(there, day - timedelta(days=1))) == number


def test_a_silence_is_told_once_after_the_rhythm_and_once_after_twice_as_long() -> None:
    began, rhythm = datetime(2017, 9, 4, 3, tzinfo=UTC), timedelta(days=11)
    expected = {("zjj", "api"): (rhythm, began)}

    def told(days: float, heard: datetime | None = None) -> list[tuple[str, str, int]]:
        found = stages.silent(expected, {("zjj", "api"): heard} if heard else {}, began + timedelta(days=days))
        return [(each.key.stage, each.key.of, each.days) for each in found]

    assert told(10.9) == []
    assert told(11) == [("1", "2017-09-04", 11)]
    assert told(22) == told(22.5) == [("2", "2017-09-04", 22)]
    assert told(300)[0][0] == "2"
    assert told(11, began + timedelta(days=3)) == []
    assert told(15, began + timedelta(days=3)) == [("1", "2017-09-07", 12)]
    assert told(11, began - timedelta(days=90)) == [("1", "2017-09-04", 11)], "what was said before the way was declared is no silence"
