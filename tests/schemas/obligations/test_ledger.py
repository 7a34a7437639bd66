"""What a period's state is, what meets it, and that the answer for a past day stays what it was."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.obligations import calendar, ledger
from schemas.obligations.ledger import Duty, Facts, Line, Nil, Proof, Spoken
from schemas.obligations.period import FREQUENCIES, Since

KNOWN = calendar.known(calendar.load(), date(2017, 11, 29))
START = date(2017, 10, 1)
DUTY = Duty("zjj", "xzxk", START, None, ("excel",), (), "month", {"days": 10})
NOVEMBER, DUE = date(2017, 11, 1), date(2017, 11, 10)
DAYS = st.dates(START, date(2018, 2, 28))
MAYBE = st.one_of(st.none(), DAYS)
SPOKEN = st.lists(st.builds(Spoken, st.just("zjj"), st.just("xzxk"), DAYS, MAYBE, st.integers(1, 3)), max_size=6).map(tuple)
NILS = st.lists(st.builds(lambda a, b, signed: Nil("zjj", "xzxk", min(a, b), max(a, b), signed), DAYS, DAYS, DAYS), max_size=3).map(tuple)
PROOFS = st.lists(st.builds(lambda on, clean: Proof("zjj", "xzxk", on, min(on, clean)), DAYS, DAYS), max_size=3).map(tuple)
FACTS = st.builds(Facts, SPOKEN, NILS, PROOFS)
DUTIES = st.builds(
    lambda frequency, since, rule: replace(DUTY, default=frequency, in_force=tuple(since), rule=rule),
    st.sampled_from(FREQUENCIES), st.lists(st.builds(Since, DAYS, st.sampled_from(FREQUENCIES)), max_size=2), st.sampled_from([{"days": 10}, {"working_days": 7}]),
)  # fmt: skip


def october(facts: Facts, on: date) -> Line:
    return next(ledger.lines(DUTY, facts, KNOWN, on, (START, date(2017, 10, 31))))


def spoken(day: date, delivered: date | None) -> Facts:
    return Facts(spoken=[Spoken("zjj", "xzxk", day, delivered)])


TENTH = date(2017, 10, 10)
NIL = Nil("zjj", "xzxk", START, date(2017, 10, 31), NOVEMBER)
PROOF = Proof("zjj", "xzxk", NOVEMBER)


@pytest.mark.parametrize(("facts", "on", "state", "met_by"), [
    (Facts(), date(2017, 10, 31), ledger.NOT_YET, ""),
    (Facts(), NOVEMBER, ledger.AWAITED, ""),
    (Facts(), DUE, ledger.AWAITED, ""),
    (Facts(), DUE + timedelta(days=1), ledger.MISSED, ""),
    (spoken(TENTH, TENTH), TENTH, ledger.NOT_YET, ledger.RECORDS),
    (spoken(TENTH, TENTH), NOVEMBER, ledger.REPORTED, ledger.RECORDS),
    (spoken(TENTH, DUE), DUE, ledger.REPORTED, ledger.RECORDS),
    (spoken(TENTH, DUE + timedelta(days=1)), date(2017, 11, 20), ledger.LATE, ledger.RECORDS),
    (spoken(TENTH, None), date(2017, 11, 20), ledger.REPORTED, ledger.RECORDS),  # not known when: never late
    (spoken(NOVEMBER, NOVEMBER), date(2017, 11, 20), ledger.MISSED, ""),  # speaks for another period
    (Facts(nils=[NIL]), NOVEMBER, ledger.REPORTED, ledger.NIL),
    (Facts(nils=[replace(NIL, signed=date(2017, 11, 13))]), date(2017, 11, 20), ledger.LATE, ledger.NIL),
    (Facts(nils=[replace(NIL, signed=date(2017, 10, 30))]), date(2017, 11, 20), ledger.MISSED, ""),  # signed before the period was over
    (Facts(nils=[replace(NIL, first=date(2017, 10, 2))]), date(2017, 11, 20), ledger.MISSED, ""),  # for a part of it
    (Facts(proofs=[PROOF]), date(2017, 11, 20), ledger.REPORTED, ledger.PROOF),
    (Facts(proofs=[replace(PROOF, compared=date(2017, 10, 31))]), date(2017, 11, 20), ledger.MISSED, ""),  # compared on its last day: the day was not over
    (Facts(proofs=[replace(PROOF, clean=date(2017, 10, 2))]), date(2017, 11, 20), ledger.MISSED, ""),  # something of it was rejected
])  # fmt: skip
def test_the_state_of_a_month(facts: Facts, on: date, state: str, met_by: str) -> None:
    found = october(facts, on)
    assert (found.state, found.met_by, found.due.day, found.over) == (state, met_by, DUE, on > DUE)


def test_the_earliest_meets_it_and_says_when() -> None:
    facts = Facts(spoken=[Spoken("zjj", "xzxk", TENTH, date(2017, 11, 9), 3), Spoken("zjj", "xzxk", TENTH, date(2017, 11, 15), 4)], nils=[NIL])
    found = october(facts, date(2017, 11, 20))
    assert (found.met_by, found.met_on, found.records) == (ledger.NIL, NOVEMBER, 7)
    found = october(replace(facts, nils=[]), date(2017, 11, 20))
    assert (found.met_by, found.met_on, found.state) == (ledger.RECORDS, date(2017, 11, 9), ledger.REPORTED)


def test_an_assignment_that_ended_owes_nothing_after_it() -> None:
    ended = replace(DUTY, end=date(2017, 11, 15))
    found = list(ledger.lines(ended, Facts(), KNOWN, date(2018, 3, 1), (START, date(2018, 2, 28))))
    assert [each.period.label for each in found] == ["2017-10", "2017-11"]


@given(DUTIES, FACTS, DAYS)
def test_every_period_has_one_state_and_it_follows_from_what_is_said_of_it(duty: Duty, facts: Facts, on: date) -> None:
    for line in ledger.lines(duty, facts, KNOWN, on, (START, on)):
        assert line.state in ledger.STATES
        assert (line.state == ledger.NOT_YET) == (on <= line.period.end)
        assert line.met_by or line.state not in (ledger.REPORTED, ledger.LATE)
        if line.state == ledger.LATE:
            assert line.met_on is not None
            assert line.met_on > line.due.day
        if line.state == ledger.MISSED:
            assert line.over
            assert not line.met_by
        if not (facts.spoken or facts.nils or facts.proofs):
            assert line.state in (ledger.NOT_YET, ledger.AWAITED, ledger.MISSED)


@given(DUTIES, FACTS, DAYS, st.sampled_from(FREQUENCIES))
def test_a_frequency_declared_later_changes_no_period_that_was_over(duty: Duty, facts: Facts, on: date, frequency: str) -> None:
    asked = START, on
    later = replace(duty, in_force=(*duty.in_force, Since(on + timedelta(days=1), frequency)))
    past = [each for each in ledger.lines(duty, facts, KNOWN, on, asked) if each.period.end <= on]
    assert [each for each in ledger.lines(later, facts, KNOWN, on, asked) if each.period.end <= on] == past


@given(DUTIES, FACTS, DAYS, st.data())
def test_more_that_is_delivered_in_time_makes_no_state_worse(duty: Duty, facts: Facts, on: date, data: st.DataObject) -> None:
    rank = (ledger.MISSED, ledger.LATE, ledger.AWAITED, ledger.REPORTED, ledger.NOT_YET)
    before = list(ledger.lines(duty, facts, KNOWN, on, (START, on)))
    day = data.draw(DAYS)
    more = replace(facts, spoken=(*facts.spoken, Spoken("zjj", "xzxk", day, day)))
    for one, other in zip(before, ledger.lines(duty, more, KNOWN, on, (START, on)), strict=True):
        assert rank.index(other.state) >= rank.index(one.state)
        assert other.state != ledger.MISSED or not other.period.holds(day)
