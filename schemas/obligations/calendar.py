"""Working days: weekdays but for the holidays and the weekends worked (调休) that were announced, as they were known on a given day."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "calendars"
HOLIDAYS, OVERRIDE = "holidays.csv", "override.csv"
COLUMNS = ["day", "kind", "name", "published", "notice"]
OFF, WORK = "off", "work"
ONE = timedelta(days=1)


class CalendarFault(Exception):
    """A file of the calendar is wrong; ``faults`` lists all, each with file and line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Exceptional:
    """A day that is not as its weekday says: ``kind`` OFF or WORK, announced on ``published``. ``own``: the office's word, which makes no year published."""

    day: date
    kind: str
    published: date
    own: bool = False


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working days as known on one day; equal to itself only. Every question has an answer: of a year that nobody has published weekdays count, and `provisional` says so."""

    exceptions: Mapping[date, str]
    years: frozenset[int]

    def working(self, day: date) -> bool:
        return self.exceptions.get(day, OFF if day.weekday() >= 5 else WORK) == WORK

    def provisional(self, first: date, last: date) -> bool:
        """Whether a year between the two, themselves included, is not published (暂定)."""
        return any(year not in self.years for year in range(first.year, last.year + 1))

    def after(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day``, which does not count itself; ``day`` where the number is 0."""
        while number > 0:
            day += ONE
            number -= self.working(day)
        return day

    def before(self, day: date, number: int) -> date:
        """The ``number``-th working day before ``day``, which does not count itself; ``day`` where the number is 0."""
        while number > 0:
            day -= ONE
            number -= self.working(day)
        return day

    def on_or_after(self, day: date) -> date:
        """``day``, or the first working day after it."""
        return day if self.working(day) else self.after(day, 1)

    def between(self, first: date, last: date) -> Iterator[date]:
        """The working days from ``first`` to ``last``."""
        return (day for day in days(first, last) if self.working(day))

    @cached_property
    def version(self) -> str:
        """12 hexadecimal digits over all that it says."""
        said = repr((sorted(self.exceptions.items()), sorted(self.years)))
        return hashlib.sha256(said.encode()).hexdigest()[:12]


def days(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``."""
    return (first + n * ONE for n in range((last - first).days + 1))


@lru_cache(64)
def known(announced: tuple[Exceptional, ...], on: date) -> Calendar:
    """The calendar as it was known at the end of ``on``: of two announcements for a day the office's own counts, else the later one."""
    heard = sorted((each for each in announced if each.published <= on), key=lambda each: (each.own, each.published))
    return Calendar({each.day: each.kind for each in heard}, frozenset(each.day.year for each in heard if not each.own))


@cache
def load(folder: Path = FOLDER) -> tuple[Exceptional, ...]:
    """All that was announced. Raises CalendarFault."""
    faults = list[str]()
    found = [*_read(folder / HOLIDAYS, faults, own=False), *_read(folder / OVERRIDE, faults, own=True)]
    if faults:
        raise CalendarFault(faults)
    return tuple(found)


def _read(path: Path, faults: list[str], *, own: bool) -> Iterator[Exceptional]:
    try:
        lines = csv.DictReader(path.read_text(encoding="utf-8").splitlines(), strict=True)
        if list(lines.fieldnames or ()) != COLUMNS:
            faults.append(f"{path.name}: the columns must be {','.join(COLUMNS)}")
            return
        for row in lines:
            place, day, published = f"{path.name}:{lines.line_num}", _day(row["day"]), _day(row["published"])
            faults += [f"{place}: {name} {row[name]!r} is no date" for name, at in (("day", day), ("published", published)) if at is None]
            if row["kind"] not in (OFF, WORK):
                faults.append(f"{place}: kind {row['kind']!r} must be {OFF} or {WORK}")
            elif day and published:
                yield Exceptional(day, row["kind"], published, own)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        faults.append(f"{path.name}: cannot be read: {fault}")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None
