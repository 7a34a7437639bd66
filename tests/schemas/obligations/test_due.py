"""When something is due, and how our outages move it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.obligations import calendar, due
from schemas.obligations.due import Due, Outage
from schemas.obligations.period import Period

KNOWN = calendar.known(calendar.load(), date(2017, 11, 1))
OCTOBER = Period("month", date(2017, 10, 1), date(2017, 10, 31))
RULES = st.one_of(st.builds(dict, days=st.integers(1, 30)), st.builds(dict, working_days=st.integers(1, 30)))
DAYS = st.dates(date(2015, 1, 1), date(2019, 12, 31))
MOMENTS = st.datetimes(datetime(2017, 10, 1), datetime(2017, 12, 31))  # noqa: DTZ001 - local times
OUTAGES = st.lists(st.builds(lambda way, start, minutes: Outage(way, start, start + timedelta(minutes=minutes)), st.sampled_from(["cdc", "excel"]), MOMENTS, st.integers(0, 5000)), max_size=5)


def down(day: str, start: str, end: str, way: str = "excel") -> Outage:
    return Outage(way, datetime.fromisoformat(f"{day}T{start}"), datetime.fromisoformat(f"{day}T{end}"))


def test_a_month_is_due_so_many_days_later_and_never_on_a_day_off() -> None:
    assert due.of_period({"days": 10}, OCTOBER, KNOWN) == Due(date(2017, 11, 10))
    assert due.of_period({"days": 11}, OCTOBER, KNOWN) == Due(date(2017, 11, 13))  # 11 November was a Saturday
    assert due.of_period({"working_days": 7}, OCTOBER, KNOWN) == Due(date(2017, 11, 9))


def test_a_decision_is_due_seven_working_days_from_the_day_after_it() -> None:
    assert due.of_record({"working_days": 7}, date(2017, 9, 29), None, KNOWN) == Due(date(2017, 10, 16))  # the 30th was worked, the National Day's week was not
    assert due.of_record({"days": 10}, date(2017, 10, 9), OCTOBER, KNOWN) == Due(date(2017, 11, 10))


def test_a_year_that_is_not_published_is_provisional_and_no_error() -> None:
    assert due.of_period({"days": 10}, Period("month", date(2017, 12, 1), date(2017, 12, 31)), KNOWN) == Due(date(2018, 1, 10), provisional=True)
    published = calendar.known(calendar.load(), date(2017, 11, 30))
    assert not due.of_period({"days": 10}, Period("month", date(2017, 12, 1), date(2017, 12, 31)), published).provisional


@pytest.mark.parametrize(("outages", "moved"), [
    ([], 0),
    ([down("2017-11-01", "10:00", "10:01")], 1),  # a minute is a day begun
    ([down("2017-11-01", "00:00", "23:59")], 1),  # a day is lost once
    ([down("2017-11-01", "09:00", "13:00"), down("2017-11-02", "09:00", "13:00")], 1),
    ([down("2017-11-01", "09:00", "17:00"), down("2017-11-02", "09:00", "09:01")], 2),
    ([down("2017-11-01", "09:00", "17:00"), down("2017-11-01", "09:00", "17:00", "cdc")], 1),  # at the same time: once
    ([down("2017-11-04", "09:00", "17:00")], 0),  # a Saturday
    ([down("2017-10-31", "09:00", "17:00")], 0),  # the period was not over
    ([down("2017-11-13", "09:00", "17:00")], 0),  # after it was due
    ([down("2017-11-10", "09:00", "17:00"), down("2017-11-13", "09:00", "17:00")], 2),  # the day it was moved to was lost, too
])  # fmt: skip
def test_minutes_down_move_the_due_date(outages: list[Outage], moved: int) -> None:
    assert due.of_period({"days": 10}, OCTOBER, KNOWN, outages) == Due(KNOWN.after(date(2017, 11, 10), moved), moved)


def test_an_outage_is_somebodys() -> None:
    one = Outage("excel", datetime(2017, 11, 1), datetime(2017, 11, 2), frozenset({"zjj"}))  # noqa: DTZ001 - local times
    assert one.concerns("zjj", ("excel", "form"))
    assert one.concerns("zjj", ())
    assert not one.concerns("zjj", ("cdc",))
    assert not one.concerns("gtj", ("excel",))


@given(RULES, OUTAGES, DAYS)
def test_a_due_date_is_a_working_day_and_outages_never_bring_it_forward(rule: dict[str, Any], outages: list[Outage], on: date) -> None:
    known = calendar.known(calendar.load(), on)
    plain, moved = due.of_period(rule, OCTOBER, known), due.of_period(rule, OCTOBER, known, outages)
    assert known.working(moved.day)
    assert moved.day == known.after(plain.day, moved.moved) >= plain.day
    more = due.of_period(rule, OCTOBER, known, [*outages, down("2017-11-02", "09:00", "12:00")])
    assert more.day >= moved.day
    assert due.of_period(rule, OCTOBER, known, outages[::-1]) == moved


@given(DAYS, DAYS, RULES)
def test_a_later_decision_is_never_due_earlier(one: date, other: date, rule: dict[str, Any]) -> None:
    first, second = sorted((one, other))
    assert due.of_record(rule, first, None, KNOWN).day <= due.of_record(rule, second, None, KNOWN).day
    assert due.of_record(rule, first, None, KNOWN).day > first
