"""Rates lie between 0 and 1 by how they are made, and stand beside both numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.obligations import figures, ledger
from schemas.obligations.due import Due
from schemas.obligations.figures import Collected, Decided, Rate
from schemas.obligations.ledger import Line
from schemas.obligations.period import Period
from schemas.obligations.stated import Quantity

COUNTS = st.integers(0, 1000)
DAYS = st.dates(date(2017, 10, 1), date(2017, 10, 31))
ON = date(2017, 12, 1)
QUANTITY = st.one_of(st.none(), st.builds(lambda one, other: Quantity(max(one, other), min(one, other)), COUNTS, COUNTS))
DECIDED = st.lists(st.builds(Decided, DAYS, st.one_of(st.none(), DAYS), COUNTS), max_size=5)


def week(day: date) -> date:
    return day + timedelta(days=7)


def test_a_rate_stands_beside_its_numbers_and_nothing_of_nothing_is_a_dash() -> None:
    assert str(Rate(39, 1)) == "97.5%（39/40）"
    assert (str(Rate(0, 0)), Rate(0, 0).value) == ("—", None)
    assert Rate(1, 2) + Rate(3, 4) == Rate(4, 6)
    with pytest.raises(ValueError, match="counts what is there"):
        Rate(-1, 2)


@pytest.mark.parametrize(("arrived", "declared", "expected"), [
    (100, Quantity(120, 20), Collected(Rate(100, 0))),
    (90, Quantity(120, 20), Collected(Rate(90, 10))),
    (110, Quantity(120, 20), Collected(Rate(110, 0), "申报数不足")),
    (5, None, Collected(Rate(0, 0), "未申报")),
    (0, Quantity(0, 0), Collected(Rate(0, 0))),
    (0, Quantity(10, 0), Collected(Rate(0, 10))),
])  # fmt: skip
def test_what_was_collected_of_a_month(arrived: int, declared: Quantity | None, expected: Collected) -> None:
    assert figures.collected(arrived, declared) == expected


def test_what_was_not_known_when_is_not_late_and_what_is_not_due_does_not_count() -> None:
    day = date(2017, 10, 9)
    known = [Decided(day, week(day), 3), Decided(day, week(day) + timedelta(days=1), 2), Decided(day, None, 4)]
    assert figures.timely(known, week, ON) == Rate(7, 2)
    assert figures.timely(known, week, week(day)) == Rate(0, 0)
    assert figures.timely(known, week, ON, Quantity(20, 1)) == Rate(7, 12)
    assert figures.timely(known, week, ON, Quantity(5, 0)) == Rate(7, 2)


@given(DECIDED, QUANTITY, st.dates(date(2017, 10, 1), ON), COUNTS)
def test_every_rate_lies_between_0_and_1(decided: list[Decided], declared: Quantity | None, on: date, arrived: int) -> None:
    for rate in (figures.timely(decided, week, on, declared), figures.collected(arrived, declared).rate):
        assert rate.value is None or 0 <= rate.value <= 1
        assert rate.part <= rate.whole


LINES = st.lists(
    st.builds(lambda state, over: Line("zjj", "xzxk", Period("month", ON, ON), (), Due(ON), state, over=over or state in (ledger.LATE, ledger.MISSED)),
              st.sampled_from(ledger.STATES), st.booleans())
)  # fmt: skip


@given(LINES)
def test_a_period_that_is_due_is_met_late_or_missed_and_one_that_is_not_does_not_count(lines: list[Line]) -> None:
    late, missed, met = figures.late(lines), figures.missed(lines), figures.met(lines)
    assert late.whole == missed.whole == met.whole == sum(each.over for each in lines)
    assert late.part + missed.part + met.part + sum(each.over and each.state in (ledger.NOT_YET, ledger.AWAITED) for each in lines) == late.whole
