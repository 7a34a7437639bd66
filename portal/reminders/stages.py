"""Which reminder an obligation has come to on a day: before and after its due date, and of a way that has said nothing for longer than its rhythm. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.reminders.tables import DUE, SILENCE
from schemas.obligations.calendar import Calendar
from schemas.obligations.ledger import AWAITED, MISSED, Line

LATE = 5  # working days: what should have been said longer ago is not said any more, so that a first start does not tell of months
SILENCES = 2  # how often a silence is told: after the rhythm, and after twice as long


@dataclass(frozen=True)
class Key:
    """What makes a reminder the same: it exists once. `of`: the period, or the day since which the way has been silent."""

    kind: str
    department: str
    item: str
    way: str
    of: str
    stage: str

    @property
    def obligation(self) -> tuple[str, ...]:
        return (self.kind, self.department, self.item, self.way, self.of)


@dataclass(frozen=True)
class Reached:
    """A reminder that is to be made. `line`: of a due date; `days`: for how long a way has been silent."""

    key: Key
    line: Line | None = None
    days: int = 0


def due(lines: Iterable[Line], today: date, calendar: Calendar, days: Sequence[int]) -> Iterator[Reached]:
    """``days``: working days from the due date, negative before it. An obligation has come to the last of them that is reached; none is made up for."""
    for line in lines:
        stage = _stage(line, today, calendar, days)
        if stage is not None:
            yield Reached(Key(DUE, line.department, line.item, "", line.period.of, str(stage)), line)


def needing(lines: Iterable[Line]) -> set[tuple[str, ...]]:
    """The obligations a reminder of which still makes sense."""
    return {Key(DUE, line.department, line.item, "", line.period.of, "").obligation for line in lines if line.state in (AWAITED, MISSED)}


def silent(expected: Mapping[tuple[str, str], tuple[timedelta, datetime]], heard: Mapping[tuple[str, str], datetime], now: datetime) -> Iterator[Reached]:
    """``expected``: by department and way the longest time between two deliveries, and since when it is expected; ``heard``: when it spoke last; days are those of ``now``'s zone."""
    for (department, way), (rhythm, since) in expected.items():
        last = max(heard.get((department, way), since), since)
        stage = min((now - last) // rhythm, SILENCES)
        if stage > 0:
            yield Reached(Key(SILENCE, department, "", way, last.astimezone(now.tzinfo).date().isoformat(), str(stage)), days=(now - last).days)


def _stage(line: Line, today: date, calendar: Calendar, days: Sequence[int]) -> int | None:
    reached = [(each, _day(line.due.day, each, calendar)) for each in sorted(days)]
    stage, on = next(((each, on) for each, on in reversed(reached) if on <= today), (None, today))
    if stage is None or line.state != (MISSED if stage > 0 else AWAITED) or calendar.after(on, LATE) < today:
        return None
    return stage


def _day(due_on: date, number: int, calendar: Calendar) -> date:
    return calendar.after(due_on, number) if number > 0 else calendar.before(due_on, -number)
