"""Months that may be declared, and until when."""

from datetime import date

from portal.work import periods


def test_the_month_before_is_declared_by_the_tenth() -> None:
    assert periods.before(date(2018, 1, 1)) == "2017-12"
    assert periods.before(date(2017, 12, 31)) == "2017-11"
    assert periods.cut_off(date(2017, 12, 31)) == date(2018, 1, 10)
    assert periods.cut_off(date(2018, 1, 31)) == date(2018, 2, 10)
    assert periods.cut_off_of("2017-09") == date(2017, 10, 10)


def test_months_that_are_over_are_offered_newest_first_and_none_before_2015() -> None:
    assert periods.months(date(2017, 3, 31), 3) == ["2017-02", "2017-01", "2016-12"]
    assert periods.months(date(2015, 3, 1)) == ["2015-02", "2015-01"]
