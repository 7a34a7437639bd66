"""What the files of code sets may say, and every line where they say something else."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import StringIO
from itertools import combinations
from pathlib import Path

from schemas import normalize
from schemas.codes import DIRECTORY, INDEX
from schemas.faults import Fault

NAME = r"[a-z][a-z0-9_]{0,60}"
NEEDED, OPTIONAL = ["code", "title"], {"from", "to", "now"}
INDEX_COLUMNS = ["name", "title", "standard", "version", "origin"]
BOM = "\ufeff"
Period = tuple[date | None, date | None]
Row = tuple[int, Mapping[str, str]]
Found = Iterator[tuple[int, str]]


def faults(directory: Path = DIRECTORY) -> list[Fault]:
    """Every fault of every code file of a folder, by file and line; a fault of a whole file stands at line 1."""
    found = []
    for path in sorted(directory.glob("*.csv")):
        said = _index(path, directory) if path.stem == INDEX else _set(path)
        found += [Fault(f"codes/{path.name}", f"line {line}", problem) for line, problem in sorted(said, key=lambda one: one[0])]
    return found


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]], list[tuple[int, str]]]:
    """Header, lines that hold something with their numbers, faults of the file as such."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as fault:
        return [], [], [(1, f"is not UTF-8: {fault}")]
    found = [(1, "begins with a byte-order mark: save it as UTF-8 without one")] if text.startswith(BOM) else []
    reader = csv.reader(StringIO(text.removeprefix(BOM), newline=""), strict=True)
    header: list[str] = []
    lines: list[tuple[int, list[str]]] = []
    try:
        header = next(reader, [])
        lines.extend((reader.line_num, cells) for cells in reader)
    except csv.Error as fault:
        found.append((reader.line_num, f"is not CSV: {fault}"))
    return header, lines, found


def _cells(header: Sequence[str], lines: Sequence[tuple[int, list[str]]]) -> tuple[list[Row], list[tuple[int, str]]]:
    rows: list[Row] = []
    found = []
    for line, cells in lines:
        if len(cells) != len(header):
            found.append((line, f"has {len(cells)} columns, the header {len(header)}"))
            continue
        rows.append((line, dict(zip(header, cells, strict=True))))
        found += [(line, f"{name}: blanks around {cell!r}") for name, cell in rows[-1][1].items() if normalize.text(cell) != (cell or None)]
    return rows, found


def _set(path: Path) -> Found:
    if not re.fullmatch(NAME, path.stem):
        yield 1, "the file's name may hold lower-case letters, digits and _ only"
    header, lines, found = _read(path)
    yield from found
    if header[:2] != NEEDED or not set(header[2:]) <= OPTIONAL or len(set(header)) < len(header):
        yield 1, f"columns must be code,title and may be {sorted(OPTIONAL)}, not {header}"
        return
    rows, found = _cells(header, lines)
    yield from found
    if not lines:
        yield 1, "holds no code"
    for line, row in rows:
        yield from ((line, problem) for problem in _line(row))
    yield from _repeated(rows)
    yield from _successors(rows)


def _line(row: Mapping[str, str]) -> Iterator[str]:
    code = row["code"]
    if not code:
        yield "code is empty"
    elif normalize.code(code) != code:
        yield f"no value can ever be {code!r}: values are made {normalize.code(code)!r}"
    if not row["title"].strip():
        yield "title is empty"
    bad = [name for name in ("from", "to") if row.get(name) and _day(row[name]) is None]
    yield from (f"{name}: {row[name]!r} is not a day (2017-06-01)" for name in bad)
    since, until = _period(row)
    if since and until and since > until:
        yield f"from {since} is after to {until}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _period(row: Mapping[str, str]) -> Period:
    return _day(row.get("from", "")), _day(row.get("to", ""))


def _repeated(rows: Sequence[Row]) -> Found:
    by_code: dict[str, list[Row]] = {}
    for line, row in rows:
        by_code.setdefault(row["code"], []).append((line, row))
    for code, same in by_code.items():
        for (first, one), (second, other) in combinations(same, 2):
            if _meet(_period(one), _period(other)):
                yield second, f"code {code!r} is in line {first} already for the same days"


def _meet(one: Period, other: Period) -> bool:
    return (one[0] or date.min) <= (other[1] or date.max) and (other[0] or date.min) <= (one[1] or date.max)


def _successors(rows: Sequence[Row]) -> Found:
    in_force = {row["code"] for _line, row in rows if not row.get("to")}
    for line, row in rows:
        if not (now := row.get("now")):
            continue
        if not row.get("to"):
            yield line, "now: the code has no end (to)"
        if now == row["code"] or now not in in_force:
            yield line, f"now: {now!r} is no code in force"


def _index(path: Path, directory: Path) -> Found:
    header, lines, found = _read(path)
    yield from found
    if header != INDEX_COLUMNS:
        yield 1, f"columns must be {','.join(INDEX_COLUMNS)}, not {header}"
        return
    rows, found = _cells(header, lines)
    yield from found
    seen: set[str] = set()
    for line, row in rows:
        if row["name"] in seen:
            yield line, f"{row['name']!r} is there twice"
        seen.add(row["name"])
        if not (directory / f"{row['name']}.csv").is_file():
            yield line, f"there is no code set {row['name']!r}"
        yield from ((line, f"{name} is empty") for name in ("title", "origin") if not row[name])
