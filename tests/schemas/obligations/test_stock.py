"""The stock is met on the day on which as much had come as was stated."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.obligations import ledger, stock
from schemas.obligations.due import Due
from schemas.obligations.figures import Rate
from schemas.obligations.stock import Stock

DUE = Due(date(2017, 10, 31))
EARLY, LATER, ON = date(2017, 10, 20), date(2017, 11, 3), date(2017, 12, 1)
DELIVERIES = st.lists(st.tuples(st.one_of(st.none(), st.dates(EARLY, ON)), st.integers(1, 20)), max_size=6)


def of(stated: int | None, deliveries: list[tuple[date | None, int]], on: date = ON) -> Stock:
    return stock.stock(("zjj", "xzxk"), stated, deliveries, DUE, on)


@pytest.mark.parametrize(("stated", "deliveries", "on", "state", "met_on", "rate", "remark"), [
    (30, [(EARLY, 30)], ON, ledger.REPORTED, EARLY, Rate(30, 0), ""),
    (30, [(LATER, 10), (EARLY, 20)], ON, ledger.LATE, LATER, Rate(30, 0), ""),
    (30, [(LATER, 10), (None, 20)], ON, ledger.LATE, LATER, Rate(30, 0), ""),
    (20, [(None, 20)], ON, ledger.REPORTED, None, Rate(20, 0), ""),
    (30, [(EARLY, 29)], ON, ledger.MISSED, None, Rate(29, 1), ""),
    (30, [(EARLY, 29)], DUE.day, ledger.AWAITED, None, Rate(29, 1), ""),
    (30, [(EARLY, 40)], ON, ledger.REPORTED, EARLY, Rate(40, 0), "申报数不足"),
    (None, [(EARLY, 40)], ON, ledger.MISSED, None, Rate(0, 0), "未申报"),
    (0, [], EARLY, ledger.REPORTED, None, Rate(0, 0), ""),
])  # fmt: skip
def test_the_stock_against_what_was_stated(
    stated: int | None, deliveries: list[tuple[date | None, int]], on: date, state: str, met_on: date | None, rate: Rate, remark: str
) -> None:
    found = of(stated, deliveries, on)
    assert (found.state, found.met_on, found.rate, found.remark) == (state, met_on, rate, remark)


@given(st.integers(0, 100), DELIVERIES)
def test_it_is_met_exactly_when_as_much_has_come(stated: int, deliveries: list[tuple[date | None, int]]) -> None:
    found = of(stated, deliveries)
    assert (found.state != ledger.MISSED) == (sum(number for _, number in deliveries) >= stated)
    assert of(stated, deliveries[::-1]) == found
    assert of(stated, [*deliveries, (ON + timedelta(days=1), 1)]).state in (found.state, ledger.LATE)
