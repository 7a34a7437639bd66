"""The ledger: each period that somebody owed, what met it, and its state on a day.

A period is met by the first of: accepted records that speak for it, a signed nil report, the machine's proof that nothing changed. Nothing else meets it.
Facts of later than the day asked for must not be handed over; then the answer for a past day is the same whenever it is asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.obligations import due as dues
from schemas.obligations import period as periods
from schemas.obligations.calendar import Calendar
from schemas.obligations.due import Due, Outage
from schemas.obligations.period import Period, Since

NOT_YET, AWAITED, REPORTED, LATE, MISSED = STATES = ("未到期", "待上报", "已上报", "超时", "漏报")
RECORDS, NIL, PROOF = "records", "nil", "proof"  # what meets a period
MET_BY = {RECORDS: "已归集记录", NIL: "无数据上报", PROOF: "无变化证明", "": ""}
CONFIRMED = {"yes": "已确认", "no": "部门有异议", "": "未确认"}


@dataclass(frozen=True)
class Duty:
    """``department`` owes ``item`` for what was decided from ``start`` to ``end`` (None: open), by any way.

    ``ways``: those it declared. ``in_force``: the frequencies it declared, each from the day it did; before that ``default``. ``rule``: the item's due rule. ``confirmed``: of CONFIRMED.
    ``since``: when the assignment began, which may be before period duties do.
    """

    department: str
    item: str
    start: date
    end: date | None
    ways: tuple[str, ...]
    in_force: tuple[Since, ...]
    default: str
    rule: Mapping[str, Any]
    confirmed: str = ""
    since: date = date.min


@dataclass(frozen=True)
class Spoken:
    """So many ``records`` were accepted that speak for ``day``: of an identity the day it is dated by, of a later change the day it was made.

    ``delivered``: when, by the department's clock; None: unknown, and never late.
    """

    department: str
    item: str
    day: date
    delivered: date | None
    records: int = 1


@dataclass(frozen=True)
class Nil:
    """A signed nil report (无数据上报) for the days from ``first`` to ``last``, signed on ``signed``: one for a period that was not over yet says nothing."""

    department: str
    item: str
    first: date
    last: date
    signed: date


@dataclass(frozen=True)
class Proof:
    """Each of the item's tapped tables was found equal to the warehouse by a comparison that began on ``compared``, and no record received from ``clean`` on was rejected and open.

    So a period between the two in which no record came had nothing to report.
    """

    department: str
    item: str
    compared: date
    clean: date = date.min


@dataclass(frozen=True)
class Facts:
    """What is known of one duty, up to the day asked for."""

    spoken: Sequence[Spoken] = ()
    nils: Sequence[Nil] = ()
    proofs: Sequence[Proof] = ()
    outages: Sequence[Outage] = ()


@dataclass(frozen=True)
class Line:
    """One period of a duty. ``met_by``: of MET_BY, with the day by the department's clock (None: unknown, or a machine's proof).

    ``records``: accepted ones that speak for the period. ``over``: its due date has passed, so that it counts in rates.
    """

    department: str
    item: str
    period: Period
    ways: tuple[str, ...]
    due: Due
    state: str
    met_by: str = ""
    met_on: date | None = None
    records: int = 0
    confirmed: str = ""
    over: bool = False


def lines(duty: Duty, facts: Facts, calendar: Calendar, on: date, asked: tuple[date, date]) -> Iterator[Line]:
    """The duty's periods, as of the end of ``on``: from those that end on the first day asked for, to the one that holds the last."""
    first, last = asked
    outages = [each for each in facts.outages if each.concerns(duty.department, duty.ways)]
    for period in periods.following(duty.start, min(last, duty.end or last), duty.in_force, duty.default, calendar):
        if period.end >= first:
            yield _line(duty, period, facts, dues.of_period(duty.rule, period, calendar, outages), on)


def ending(found: Iterable[Line], first: date, last: date) -> list[Line]:
    """Those whose period ends between the two days: a period counts in the month of its last day."""
    return [each for each in found if first <= each.period.end <= last]


def _line(duty: Duty, period: Period, facts: Facts, due: Due, on: date) -> Line:
    mine = [each for each in facts.spoken if period.holds(each.day)]
    met_by, met_on, late = _met(period, mine, facts, due)
    if on <= period.end:
        state = NOT_YET
    elif met_by:
        state = LATE if late else REPORTED
    else:
        state = AWAITED if on <= due.day else MISSED
    records = sum(each.records for each in mine)
    return Line(duty.department, duty.item, period, duty.ways, due, state, met_by, met_on, records, duty.confirmed, over=due.day < on)


def _met(period: Period, spoken: Sequence[Spoken], facts: Facts, due: Due) -> tuple[str, date | None, bool]:
    """By what, when, and whether too late."""
    nils = [each.signed for each in facts.nils if each.first <= period.start and period.end <= min(each.last, each.signed)]
    known = [(each.delivered, RECORDS) for each in spoken if each.delivered is not None] + [(each, NIL) for each in nils]
    earliest = min(known, default=None)
    if any(each.delivered is None for each in spoken) and (earliest is None or earliest[0] > due.day):
        return RECORDS, None, False
    if earliest:
        return earliest[1], earliest[0], earliest[0] > due.day
    proven = any(each.clean <= period.start and period.end < each.compared for each in facts.proofs)
    return (PROOF, None, False) if proven else ("", None, False)
