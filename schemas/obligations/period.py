"""The periods of a period duty: they follow one another without a gap from the day it begins, at the frequency that was in force on each period's first day."""

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from schemas.obligations.calendar import ONE, Calendar

DAY, WEEK, MONTH, QUARTER = FREQUENCIES = ("day", "week", "month", "quarter")  # the most frequent first


@dataclass(frozen=True)
class Period:
    """From ``start`` to ``end``, both included, of one of FREQUENCIES."""

    frequency: str
    start: date
    end: date

    @property
    def label(self) -> str:
        """As people write it: 2017-10-09 · 2017年第41周 · 2017-10 · 2017年4季度, by its last day."""
        if self.frequency == DAY:
            return self.end.isoformat()
        if self.frequency == WEEK:
            year, week, _ = self.end.isocalendar()
            return f"{year}年第{week}周"
        return f"{self.end:%Y-%m}" if self.frequency == MONTH else f"{self.end.year}年{(self.end.month + 2) // 3}季度"

    @property
    def of(self) -> str:
        """As a nil report names it (docs/contracts.md)."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Since:
    """A frequency and the first day on which it is in force."""

    day: date
    frequency: str


@lru_cache(4096)
def following(begin: date, last: date, in_force: tuple[Since, ...], default: str, calendar: Calendar) -> tuple[Period, ...]:
    """The periods from ``begin`` on, up to the one that holds ``last``. A piece of a period at the beginning, or after the frequency changed, is part of the period that follows it.
    A day's period is a working day with the days off before it.
    """
    found = []
    while begin <= last:
        frequency = max((each for each in in_force if each.day <= begin), key=lambda each: each.day, default=Since(begin, default)).frequency
        first, end = _whole(frequency, begin, calendar)
        if first < begin:
            _, end = _whole(frequency, end + ONE, calendar)
        found.append(Period(frequency, begin, end))
        begin = end + ONE
    return tuple(found)


def most_frequent(ticked: Sequence[str]) -> str | None:
    """The most frequent of what was ticked; None where nothing was."""
    return min((each for each in ticked if each in FREQUENCIES), key=FREQUENCIES.index, default=None)


def month(text: str) -> tuple[date, date]:
    """``2017-10`` → its first and last day. Raises ValueError."""
    first = date.fromisoformat(f"{text}-01")
    return first, first.replace(day=months.monthrange(first.year, first.month)[1])


def _whole(frequency: str, day: date, calendar: Calendar) -> tuple[date, date]:
    """First and last day of the whole period that holds ``day``."""
    if frequency == DAY:
        return day, calendar.on_or_after(day)
    if frequency == WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.month if frequency == MONTH else (day.month - 1) // 3 * 3 + 1
    last = first if frequency == MONTH else first + 2
    return date(day.year, first, 1), date(day.year, last, months.monthrange(day.year, last)[1])
