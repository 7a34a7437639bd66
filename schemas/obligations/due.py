"""When something is due: an item's due rule on the working-day calendar, and how far our own outages move it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from schemas.obligations.calendar import ONE, Calendar
from schemas.obligations.period import Period

WORKDAY = 480  # minutes of a working day: so much of an outage, or a part of it, moves a due date by one working day


@dataclass(frozen=True)
class Outage:
    """A way was down on our side from ``start`` to ``end`` (local times), for ``departments`` (none named: for all)."""

    way: str
    start: datetime
    end: datetime
    departments: frozenset[str] = frozenset()
    why: str = ""

    def concerns(self, department: str, ways: Iterable[str]) -> bool:
        """Whether it was this department's way; one that has declared no way may use any."""
        declared = tuple(ways)
        return (not self.departments or department in self.departments) and (not declared or self.way in declared)


@dataclass(frozen=True)
class Due:
    """The last day on which it is in time. ``moved``: by so many working days because of our outages; ``provisional``: 暂定."""

    day: date
    moved: int = 0
    provisional: bool = False


def of_period(rule: Mapping[str, Any], period: Period, calendar: Calendar, outages: Iterable[Outage] = ()) -> Due:
    """The period's last day and the days allowed: working days where the rule counts these, else days, to the next working day."""
    day = calendar.after(period.end, rule["working_days"]) if "working_days" in rule else calendar.on_or_after(period.end + timedelta(days=rule.get("days", 0)))
    return _moved(period.end + ONE, day, calendar, outages)


def of_record(rule: Mapping[str, Any], decided: date, period: Period | None, calendar: Calendar, outages: Iterable[Outage] = ()) -> Due:
    """So many working days from the day after the decision, or as the period in which it was decided. A decision in no period (before the duty began) is due as if the day were one."""
    if "working_days" in rule:
        return _moved(decided + ONE, calendar.after(decided, rule["working_days"]), calendar, outages)
    return of_period(rule, period or Period("day", decided, decided), calendar, outages)


def of_day(last: date, opens: date, calendar: Calendar, outages: Iterable[Outage] = ()) -> Due:
    """A day that was set, moved by the outages since ``opens``."""
    return _moved(opens, last, calendar, outages)


def _moved(opens: date, last: date, calendar: Calendar, outages: Iterable[Outage]) -> Due:
    """Outages between ``opens`` and the due date, as far as it has moved, count: each working day at most once and with at most WORKDAY minutes."""
    mine, moved, day = list(outages), 0, last
    while (needed := -(-_minutes(opens, day, calendar, mine) // WORKDAY)) > moved:
        day, moved = calendar.after(last, needed), needed
    return Due(day, moved, calendar.provisional(opens, day))


def _minutes(first: date, last: date, calendar: Calendar, outages: Iterable[Outage]) -> int:
    down: dict[date, list[tuple[datetime, datetime]]] = {}
    for outage in outages:
        for day in calendar.between(max(first, outage.start.date()), min(last, outage.end.date())):
            midnight = datetime.combine(day, time())
            down.setdefault(day, []).append((max(outage.start, midnight), min(outage.end, midnight + ONE)))
    return sum(min(WORKDAY, _length(spans)) for spans in down.values())


def _length(spans: list[tuple[datetime, datetime]]) -> int:
    """Minutes, begun ones whole, that lie in at least one of the spans."""
    seconds, reached = 0.0, min(start for start, _ in spans)
    for start, end in sorted(spans):
        seconds += max(0.0, (end - max(start, reached)).total_seconds())
        reached = max(reached, end)
    return int(-(-seconds // 60))
