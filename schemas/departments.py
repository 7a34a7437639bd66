"""The departments that supply records, and who owes which item: two CSV files, read whole or refused with every fault.

The 39 departments are those of 济信用办〔2017〕42号, 四（一）, with their batch of the survey. The assignments are
ours until each department has confirmed its own: permits and penalties for every body that administers (行政, 垂直), penalties for the housing fund centre; party bodies and the court license
and fine nobody.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schemas.catalog import Catalog

DEPARTMENTS = Path(__file__).parent / "departments.csv"
ASSIGNMENTS = Path(__file__).parent / "assignments.csv"
KINDS = ("党群", "行政", "垂直", "司法", "事业")
BATCHES = {"1": "9月上旬", "2": "9月中旬", "3": "9月下旬"}
COLUMNS = "department item from to confirmed_on"
_CODE = re.compile(r"[a-z]{2,8}")


class DepartmentFault(Exception):
    """A file of departments or assignments is wrong; ``faults`` lists all, each with file and line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Department:
    """``code``: pinyin initials, part of topics and keys, never changed; ``short`` as the plan names it; ``batch`` 1–3 of the survey; ``kind`` of KINDS."""

    code: str
    name: str
    short: str
    batch: int
    kind: str


@dataclass(frozen=True)
class Assignment:
    """``department`` owes ``item`` for what it decided from ``start`` on, up to ``end`` (None: open); ``confirmed_on`` None = not yet confirmed by it."""

    department: str
    item: str
    start: date
    end: date | None
    confirmed_on: date | None

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


def load(path: Path = DEPARTMENTS) -> dict[str, Department]:
    """The departments by code, in the file's order. Raises DepartmentFault."""
    faults, found = list[str](), list[Department]()
    for place, row in _rows(path, "code name short batch kind", faults):
        faults += [f"{place}: {fault}" for fault in _wrong(row, found)]
        found.append(Department(row["code"], row["name"], row["short"], int(row["batch"]) if row["batch"] in BATCHES else 0, row["kind"]))
    if faults:
        raise DepartmentFault(faults)
    return {department.code: department for department in found}


def assignments(departments: Mapping[str, Department], catalog: Catalog, path: Path = ASSIGNMENTS) -> list[Assignment]:
    """Who owes what. Lines of an item that the catalogue does not have (any more) are left out: `left_over` names them.
    Raises DepartmentFault: unknown department, a date that is none, overlapping periods.
    """
    faults, found = list[str](), list[Assignment]()
    for place, row in _rows(path, COLUMNS, faults):
        wrong = [f"there is no department {row['department']!r}"] * (row["department"] not in departments)
        wrong += [f"{name} {row[name]!r} is no date" for name in ("from", "to", "confirmed_on") if row[name] and _day(row[name]) is None]
        start, end = _day(row["from"]), _day(row["to"])
        wrong += ["from is missing"] * (not row["from"]) + ["to lies before from"] * (start is not None and end is not None and end < start)
        if start is not None and not wrong:
            one = Assignment(row["department"], row["item"], start, end, _day(row["confirmed_on"]))
            wrong += ["overlaps an assignment above"] * any(_overlap(one, other) for other in found)
            found.append(one)
        faults += [f"{place}: {fault}" for fault in wrong]
    if faults:
        raise DepartmentFault(faults)
    return [one for one in found if one.item in catalog]


def left_over(catalog: Catalog, path: Path = ASSIGNMENTS) -> list[str]:
    """Lines that name an item which the catalogue does not have, so that a slip of the pen is seen and an item's file can go without anything else being touched."""
    return [f"{place}: there is no item {row['item']!r}, the line counts for nothing" for place, row in _rows(path, COLUMNS, []) if row["item"] not in catalog]


def _wrong(row: Mapping[str, str], found: Sequence[Department]) -> Iterator[str]:
    if not _CODE.fullmatch(row["code"]):
        yield f"code {row['code']!r} must be 2 to 8 small letters"
    for column in ("code", "name", "short"):
        if not row[column]:
            yield f"{column} is missing"
        elif any(getattr(other, column) == row[column] for other in found):
            yield f"{column} {row[column]!r} stands twice"
    if row["batch"] not in BATCHES:
        yield f"batch {row['batch']!r} must be 1, 2 or 3"
    if row["kind"] not in KINDS:
        yield f"kind {row['kind']!r} must be one of {'、'.join(KINDS)}"


def _rows(path: Path, columns: str, faults: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row with its place; a file or a row of another shape goes to ``faults``."""
    try:
        lines = csv.DictReader(path.read_text(encoding="utf-8").splitlines(), strict=True)
        if list(lines.fieldnames or ()) != columns.split():
            faults.append(f"{path.name}: the columns must be {columns.replace(' ', ',')}")
            return
        for row in lines:
            if None in row or None in row.values():
                faults.append(f"{path.name}:{lines.line_num}: must have {len(columns.split())} columns")
            else:
                yield f"{path.name}:{lines.line_num}", {name: value.strip() for name, value in row.items()}
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        faults.append(f"{path.name}: cannot be read: {fault}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _overlap(one: Assignment, other: Assignment) -> bool:
    if (one.department, one.item) != (other.department, other.item):
        return False
    return one.start <= (other.end or date.max) and other.start <= (one.end or date.max)
