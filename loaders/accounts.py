"""A month's account of every assignment: the periods of the ledger and the rates, each with both numbers; and the stock. What the office's page shows.

Raises what `Warehouse.query` raises.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from loaders import measures, obligations
from loaders.obligations import Asked, Owing, Place, Said, day
from loaders.warehouse import Warehouse
from schemas.obligations import due as dues
from schemas.obligations import figures, stated
from schemas.obligations import period as periods
from schemas.obligations import stock as stocks
from schemas.obligations.calendar import Calendar
from schemas.obligations.due import Outage
from schemas.obligations.figures import Collected, Decided, Rate
from schemas.obligations.ledger import AWAITED, LATE, MISSED, NOT_YET, REPORTED, Duty, Line
from schemas.obligations.stated import SINCE, START, STOCK_DUE, Quantity
from schemas.obligations.stock import Stock

WORST = (MISSED, LATE, AWAITED, REPORTED, NOT_YET)


@dataclass(frozen=True)
class Account:
    """One assignment in one month. ``delivered``: standing identities decided in it. 一次合规率 合规率 疑问率 are of the identities first received in it."""

    duty: Duty
    lines: Sequence[Line]
    delivered: int
    collected: Collected
    timely: Rate
    first_try: Rate
    valid: Rate
    open: Rate

    @property
    def state(self) -> str:
        """The worst of its periods'."""
        return min((each.state for each in self.lines), key=WORST.index, default=NOT_YET)

    @property
    def pressing(self) -> Line | None:
        """The period that `state` is of, the earliest of them."""
        return next((each for each in self.lines if each.state == self.state), None)


def month(warehouse: Warehouse, owing: Owing, declared: Iterable[Said], asked: Asked) -> list[Account]:
    """The accounts of the assignments that hold in the month from ``asked.first`` to ``asked.last``, in their order."""
    declared = list(declared)
    said = obligations.heard(declared, asked.until)
    lines, tried = defaultdict[Place, list[Line]](list), measures.rolled(measures.judged(warehouse, asked), "judged", ("department", "item"))
    judged = {(row["department"], row["item"]): row for row in tried}
    for line in obligations.lines(warehouse, owing, declared, asked):
        lines[line.department, line.item].append(line)
    decided = defaultdict[Place, list[Decided]](list)
    for row in measures.decided(warehouse, asked):
        decided[row["department"], row["item"]].append(Decided(date.fromisoformat(row["day"]), day(row["delivered"]), row["identities"]))
    quantities, outages, known, found = stated.quantities(said), stated.outages(said), owing.calendar(asked.on), []
    for duty in obligations.duties(owing, said, asked):
        place, by = (duty.department, duty.item), RecordRule(duty, known, _concerning(duty, outages), asked.last)
        declares = quantities.get((*place, f"{asked.first:%Y-%m}"))
        found.append(_account(by, lines[place], decided[place], judged.get(place, NOTHING), declares, asked.on))
    return found


def stock(warehouse: Warehouse, owing: Owing, declared: Iterable[Said], asked: Asked) -> list[Stock]:
    """The stock duty of each assignment that is older than the standing mechanism, as of ``asked.until``; its days are the plan's, not ``asked``'s."""
    said, known = obligations.heard(declared, asked.until), owing.calendar(asked.on)
    counts, outages, came = stated.stock(said), stated.outages(said), defaultdict[Place, list[tuple[date | None, int]]](list)
    for row in measures.decided(warehouse, replace(asked, first=SINCE, last=START - obligations.ONE), dated=False):
        came[row["department"], row["item"]].append((day(row["delivered"]), row["identities"]))
    found = []
    for duty in obligations.duties(owing, said, replace(asked, last=max(asked.last, START))):
        if duty.since < START:
            place = duty.department, duty.item
            due = dues.of_day(STOCK_DUE, START, known, _concerning(duty, outages))
            found.append(stocks.stock(place, counts.get(place), came[place], due, asked.on))
    return found


@dataclass(frozen=True)
class RecordRule:
    """When a record of a duty is due, for decisions up to ``last``."""

    duty: Duty
    calendar: Calendar
    outages: Sequence[Outage]
    last: date

    def due(self, decided: date) -> date:
        holding = periods.following(self.duty.start, self.last, self.duty.in_force, self.duty.default, self.calendar)
        period = next((each for each in holding if each.holds(decided)), None)
        return dues.of_record(self.duty.rule, decided, period, self.calendar, self.outages).day

    def due_of(self, decided: str) -> date:
        return self.due(date.fromisoformat(decided))


def rule(duty: Duty, owing: Owing, declared: Iterable[Said], asked: Asked) -> RecordRule:
    """The duty's rule as it was known at ``asked.until``."""
    outages = stated.outages(obligations.heard(declared, asked.until))
    return RecordRule(duty, owing.calendar(asked.on), _concerning(duty, outages), asked.last)


NOTHING: Mapping[str, int] = dict.fromkeys(measures.COUNTED["judged"], 0)


def _concerning(duty: Duty, outages: Sequence[Outage]) -> Sequence[Outage]:
    return [each for each in outages if each.concerns(duty.department, duty.ways)]


def _account(by: RecordRule, lines: Sequence[Line], decided: Sequence[Decided], judged: Mapping[str, Any], quantity: Quantity | None, on: date) -> Account:
    delivered, whole = sum(each.identities for each in decided), judged["judged"]
    timely = figures.timely(decided, by.due, on, quantity if by.due(by.last) < on else None)
    return Account(
        by.duty, lines, delivered, figures.collected(delivered, quantity), timely, Rate(judged["first_try"], whole - judged["first_try"]),
        Rate(whole - judged["open"], judged["open"]), Rate(judged["open"], whole - judged["open"]),
    )  # fmt: skip
