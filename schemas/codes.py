"""Code sets: `schemas/codes/<name>.csv`, columns code,title and, where codes come and go, from,to (days, both within; blank is open) and now (the code used today).

The order is the one people see in drop-downs. A code may stand in several lines, one for each period. `index.csv` says of the shared sets what standard they follow. `codes_check` finds the faults.
"""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

DIRECTORY = Path(__file__).parent / "codes"
INDEX = "index"  # the name no code set may have


@dataclass(frozen=True)
class Entry:
    """One line of a code set: the code held on the days from ``since`` to ``until``, both within; None is open."""

    code: str
    title: str
    since: date | None = None
    until: date | None = None
    now: str | None = None

    def holds(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class About:
    """What is known of a code set. ``content``: 12 hexadecimal digits that change with any line of it."""

    name: str
    title: str
    standard: str
    version: str
    origin: str
    codes: int
    content: str


def is_known(name: str, directory: Path = DIRECTORY) -> bool:
    """Whether there is such a set, sound or not."""
    return name != INDEX and (directory / f"{name}.csv").is_file()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def entries(name: str, directory: Path = DIRECTORY) -> tuple[Entry, ...]:
    """All lines of a code set. Raises LookupError when there is no such set."""
    if not is_known(name, directory):
        raise LookupError(name)
    found = _rows(directory / f"{name}.csv")
    return tuple(Entry(row["code"], row["title"], _day(row.get("from")), _day(row.get("to")), row.get("now") or None) for row in found)


@cache
def code_set(name: str, directory: Path = DIRECTORY) -> Mapping[str, str]:
    """Code → its latest title. Raises LookupError when there is no such set."""
    found = sorted(entries(name, directory), key=lambda entry: entry.since or date.min)
    latest = {entry.code: entry.title for entry in found}
    return {entry.code: latest[entry.code] for entry in entries(name, directory)}


@cache
def histories(name: str, directory: Path = DIRECTORY) -> Mapping[str, tuple[Entry, ...]]:
    """Code → its lines, oldest first, for the codes that did not always hold."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(entries(name, directory), key=lambda entry: entry.since or date.min):
        found.setdefault(entry.code, []).append(entry)
    return {code: tuple(lines) for code, lines in found.items() if hull(lines) != (None, None) or not unbroken(lines)}


def hull(history: Sequence[Entry]) -> tuple[date | None, date | None]:
    """The first and the last day of a code, gaps or none between them."""
    return history[0].since, history[-1].until


def unbroken(history: Sequence[Entry]) -> bool:
    """Whether each line of a code begins the day after the one before it ended."""
    return all(one.until and other.since and (other.since - one.until).days == 1 for one, other in pairwise(history))


def missed(history: Sequence[Entry], day: date) -> Entry | None:
    """None where the code held that day (or always did: no history); else the last line that was over by then, else the first to come."""
    if not history or any(entry.holds(day) for entry in history):
        return None
    over = [entry for entry in history if entry.until and entry.until < day]
    return over[-1] if over else history[0]


@cache
def index(directory: Path = DIRECTORY) -> Mapping[str, Mapping[str, str]]:
    """What `index.csv` says: name → title, standard, version, origin."""
    path = directory / f"{INDEX}.csv"
    return {row["name"]: row for row in _rows(path)} if path.is_file() else {}


def about(name: str, directory: Path = DIRECTORY) -> About:
    """What is known of one set; one that the index does not list has its name for a title. Raises LookupError."""
    said = index(directory).get(name, {})
    content = hashlib.sha256(repr(entries(name, directory)).encode()).hexdigest()[:12]
    codes = len(code_set(name, directory))
    return About(name, said.get("title", name), said.get("standard", ""), said.get("version", ""), said.get("origin", ""), codes, content)


def versions(directory: Path = DIRECTORY) -> list[About]:
    """Every code set there is, by name."""
    return [about(path.stem, directory) for path in sorted(directory.glob("*.csv")) if path.stem != INDEX]
