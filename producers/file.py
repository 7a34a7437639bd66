"""A workbook or text file as a submission: `guiji submit` and the portal's upload."""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from producers import faults
from producers.conflicts import Conflicts
from producers.door import Door
from producers.faults import Fault
from producers.header import Column, Titles
from producers.refusal import Refusal
from producers.submission import Receipt, Row, Submission
from producers.table import Line, is_blank, operation
from producers.table_file import Table, reading
from schemas import text
from schemas.catalog import Item


@dataclass(frozen=True)
class Sender:
    """Whose file it is: the department, and the account that sent it. ``source``: where it is not the way's own (`<department>/excel`, `/file`); ``rows``: how many it must have."""

    department: str
    by: str | None = None
    source: str | None = None
    rows: int | None = None


def titles(item: Item) -> Titles:
    """The columns of an item's table. A title may be left out where the field is optional or required only under a condition."""
    return Titles([Column(field.name, field.title, field.required and not field.blank and not field.when) for field in item.fields])


def submit_file(door: Door, item: Item, path: Path, sender: Sender, secret: bytes) -> Receipt:
    """Submit the file at `path`. The same content of the same department and item again gives the old receipt and takes nothing.

    Raises Refusal, in words for the person who filled it in, when the file as a whole cannot be taken; then nothing was taken.
    """
    if not path.is_file():
        raise Refusal("not_found", f"没有文件“{path.name}”。", "请核对文件的位置。")
    digest = _digest(path)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as store, reading(path, titles(item)) as table:
        conflicts = Conflicts(item, sender.department, secret)
        count = _keep(store, rows(table, item), conflicts)
        if sender.rows is not None and sender.rows != count:
            raise Refusal("rows", f"应有 {sender.rows} 行数据，文件里有 {count} 行。", "请核对文件是否完整，行数不包括表头、空行和合计行。")
        for row in _again(store, {}) if (suspects := conflicts.suspects) else ():
            if row.line in suspects:
                conflicts.compare(row)
        notes = _notes(table, count)
        found = _again(store, conflicts.found())
        source = sender.source or f"{sender.department}/{table.way}"
        key = f"{item.code}:{digest}"
        receipt = door.submit(Submission(source, sender.department, table.way, item.code, digest, found, key, path.name, sender.by))
    return replace(receipt, notes=[*receipt.notes, *notes])


def rows(table: Table, item: Item) -> Iterator[Row]:
    """The table's lines as rows of text, with what is wrong with each."""
    names = {field.name: field.title for field in item.fields}
    for line in table.lines:
        found: list[Fault] = []
        cells = {code: _text(table, line, (code, names[code]), found) for code in line.cells}
        word = operation(line.operation)
        if word is None:
            found.append(faults.unknown_word(line.operation))
        if line.beyond:
            found.append(faults.cells_beyond_header(line.beyond, table.header.width))
        yield Row(line.number, cells, word or "upsert", _reference(line.reference), found)


def _text(table: Table, line: Line, place: tuple[str, str], found: list[Fault]) -> str | None:
    """A cell as text; one whose value the reader could not see becomes a fault."""
    cell = line.cells[place[0]]
    mark = table.mark(line.number, place[0])
    if mark is not None and is_blank(cell):
        found.append(faults.error_cell(place, mark) if mark else faults.formula_without_result(place))
    return text.from_excel(cell) if table.way == "excel" else text.from_csv(None if cell is None else str(cell))


def _reference(cell: object) -> str | None:
    said = "" if cell is None else str(cell).strip()
    return said[:200] or None


def _keep(store: IO[str], rows: Iterable[Row], conflicts: Conflicts) -> int:
    """First pass: all rows to a temporary file, their keys compared. The number of rows."""
    count = 0
    for row in rows:
        count += 1
        conflicts.add(row)
        store.write(json.dumps([row.line, row.fields, row.operation, row.ref, list(row.faults)], ensure_ascii=False) + "\n")
    return count


def _again(store: IO[str], conflicts: dict[int, list[int]]) -> Iterator[Row]:
    """Second pass: the rows with what only the whole file shows."""
    store.seek(0)
    for said in store:
        line, fields, word, reference, found = json.loads(said)
        if line in conflicts:
            found.append(faults.two_rows_of_one_key(conflicts[line]))
        yield Row(line, fields, word, reference, found)


def _notes(table: Table, count: int) -> list[str]:
    notes = [f"{table.place}共 {count} 行数据，表头在第 {table.header.row + 1} 行。"]
    if table.tally.blank:
        notes.append(f"跳过 {table.tally.blank} 个空行。")
    if table.tally.trailers:
        notes.append(f"第 {'、'.join(str(number) for number in table.tally.trailers)} 行是合计或签名，没有当作数据。")
    return notes


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
