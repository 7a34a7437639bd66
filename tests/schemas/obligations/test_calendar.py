"""The calendar of working days: what was announced, as it was known, and an answer for every day of every year."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.obligations import calendar
from schemas.obligations.calendar import OFF, WORK, CalendarFault, Exceptional

LAST = date(2026, 11, 26)
DAYS = st.dates(date(2014, 1, 1), date(2040, 1, 1))
# Statutory holidays: 11 days a year, 13 from 2025 on. 2015 had the memorial day of September more; in 2020 the Spring Festival was made two working days longer.
STATUTORY = dict.fromkeys(range(2015, 2025), 11) | {2015: 12, 2020: 13, 2025: 13, 2026: 13}


def known(on: date = LAST) -> calendar.Calendar:
    return calendar.known(calendar.load(), on)


@pytest.mark.parametrize(("year", "holidays"), STATUTORY.items())
def test_a_year_has_its_weekdays_less_the_statutory_holidays_for_working_days(year: int, holidays: int) -> None:
    first, last = date(year, 1, 1), date(year, 12, 31)
    assert len(list(known().between(first, last))) == sum(day.weekday() < 5 for day in calendar.days(first, last)) - holidays
    assert not known().provisional(first, last)


def test_the_national_day_of_2017() -> None:
    worked = list(known().between(date(2017, 9, 29), date(2017, 10, 10)))
    assert worked == [date(2017, 9, 29), date(2017, 9, 30), date(2017, 10, 9), date(2017, 10, 10)]


def test_a_day_is_as_it_was_known_at_the_time() -> None:
    assert known(date(2020, 1, 25)).working(date(2020, 2, 1))
    assert not known(date(2020, 1, 26)).working(date(2020, 2, 1))
    assert known(date(2019, 3, 21)).working(date(2019, 5, 2))
    assert not known(date(2019, 3, 22)).working(date(2019, 5, 2))


def test_an_announcement_names_each_day_once_and_only_where_it_is_not_as_its_weekday_says() -> None:
    announced = calendar.load()
    assert len({(each.day, each.published) for each in announced}) == len(announced)
    later = {each.day for each in announced if (each.kind == OFF) == (each.day.weekday() >= 5)}
    assert later == {date(2020, 2, 1)}  # a Saturday that was to be worked, and was not
    assert all(each.published < each.day for each in announced)


def test_the_offices_word_goes_before_every_notice_and_makes_no_year_published() -> None:
    own = Exceptional(date(2030, 1, 2), OFF, date(2029, 1, 1), own=True)
    later = Exceptional(date(2030, 1, 2), WORK, date(2029, 12, 1))
    assert not calendar.known((later, own), date(2030, 1, 1)).working(date(2030, 1, 2))
    assert calendar.known((own,), date(2030, 1, 1)).provisional(date(2030, 1, 1), date(2030, 1, 2))


@given(DAYS, DAYS)
def test_every_day_has_an_answer_and_an_unpublished_year_counts_weekdays(day: date, on: date) -> None:
    heard = known(on)
    assert isinstance(heard.working(day), bool)
    if heard.provisional(day, day):
        assert heard.working(day) == (day.weekday() < 5)


@given(DAYS, st.integers(0, 60))
def test_so_many_working_days_lie_between_a_day_and_the_day_they_lead_to(day: date, number: int) -> None:
    heard = known()
    reached = heard.after(day, number)
    assert len(list(heard.between(day + timedelta(days=1), reached))) == number
    assert number == 0 or heard.working(reached)
    assert heard.on_or_after(day) == (day if heard.working(day) else heard.after(day, 1))


def test_the_version_changes_with_what_is_known() -> None:
    assert known(date(2017, 9, 1)).version == known(date(2017, 11, 29)).version != known(date(2017, 11, 30)).version


def test_all_faults_of_the_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "holidays.csv").write_text("day,kind,name,published,notice\n2017-13-01,off,x,2016-12-01,n\n2017-10-02,free,x,soon,n\n")
    with pytest.raises(CalendarFault) as caught:
        calendar.load(tmp_path)
    assert caught.value.faults == [
        "holidays.csv:2: day '2017-13-01' is no date", "holidays.csv:3: published 'soon' is no date", "holidays.csv:3: kind 'free' must be off or work",
        f"override.csv: cannot be read: [Errno 2] No such file or directory: '{tmp_path / 'override.csv'}'",
    ]  # fmt: skip
