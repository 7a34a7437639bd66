"""A workbook or text file as submissions, one for each table in it: `guiji submit` and the portal's upload."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from producers import faults
from producers.door import Door
from producers.faults import Fault
from producers.refusal import Refusal
from producers.submission import Receipt, Row, Submission
from producers.tables.book import reading
from producers.tables.conflicts import Conflicts
from producers.tables.header import NO_ROW
from producers.tables.lines import Line, is_blank, operation
from producers.tables.mapping import Mappings, Nothing
from producers.tables.sheet import Table
from producers.tables.titles import Column, Titles
from schemas import identity, text
from schemas.catalog import Item
from schemas.sayings import ASSERT, UPSERT

_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


@dataclass(frozen=True)
class Sender:
    """Whose file it is: the department, and the account that sent it. ``source``: where it is not the way's own (`<department>/excel`, `/file`); ``rows``: how many it must have; ``name``: what
    it is called, where its path does not say.
    """

    department: str
    by: str | None = None
    source: str | None = None
    rows: int | None = None
    name: str | None = None

    def of_way(self, way: str) -> str:
        """The source of what came so."""
        return self.source or f"{self.department}/{way}"


@dataclass(frozen=True)
class Terms:
    """How files are read: the items that may be in them, the secret of personal keys, what departments' own titles mean."""

    items: Sequence[Item]
    secret: bytes
    mappings: Mappings = field(default_factory=Nothing)

    def titles(self, department: str) -> list[Titles]:
        return [titles(item, self.mappings.known(department, item.code)) for item in self.items]


class Filled:
    """One table of a file, read: its rows are kept on disk and may be asked for again and again while the file is open. ``part``: which of the file's tables of this item, from 0."""

    def __init__(self, table: Table, item: Item, part: int, store: IO[str]) -> None:
        self.table, self.item, self.part = table, item, part
        self.lines: list[int] = []
        self.conflicts: dict[int, Sequence[str]] = {}  # line → where the rows are that say something else of its key
        self._store = store

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def way(self) -> str:
        return self.table.way

    def rows(self, *, asserted: bool = False) -> Iterator[Row]:
        """The rows as they are said; ``asserted``: all that report something stand against other ways (以本次为准)."""
        self._store.seek(0)
        for said in self._store:
            line, fields, word, reference, found = json.loads(said)
            if line in self.conflicts:
                found.append(faults.two_rows_of_one_key(self.conflicts[line]))
            yield Row(line, fields, ASSERT if asserted and word == UPSERT else word, reference, found)

    def number(self, line: int) -> int:
        """A row's number among all rows of the file's tables of one item."""
        return self.part << 32 | line

    def keep(self, row: Row) -> None:
        self.lines.append(row.line)
        self._store.write(_json([row.line, row.fields, row.operation, row.ref, list(row.faults)]) + "\n")

    @property
    def notes(self) -> list[str]:
        """What the sender should know of how it was read."""
        tally, header = self.table.tally, self.table.header
        place = "" if header.row == NO_ROW else f"，表头在第 {header.row + 1} 行"
        told = [f"{self.table.place}共 {self.count} 行数据，按“{self.item.title}”读取{place}。"]
        if tally.blank:
            told.append(f"跳过 {tally.blank} 个空行。")
        if tally.trailers:
            told.append(f"第 {_some(tally.trailers)} 行是合计、签名或表外文字，没有当作数据。")
        if tally.repeated:
            told.append(f"第 {_some(tally.repeated)} 行重复了表头，没有当作数据。")
        if tally.hidden:
            told.append(f"第 {_some(tally.hidden)} 行在表里是隐藏的，照样读取了。")
        return told


@dataclass(frozen=True)
class File:
    """A file that was read: what it holds and what else was noticed. `digest` is that of its content."""

    path: Path
    digest: str
    tables: Sequence[Filled]
    notes: Sequence[str]


def titles(item: Item, learnt: Mapping[str, str] | None = None) -> Titles:
    """The columns of an item's table. A title may be left out where the field is optional or required only under a condition."""
    columns = [Column(field.name, field.title, field.required and not field.blank and not field.when) for field in item.fields]
    return Titles(columns, item.code, item.title, learnt)


@contextmanager
def opened(path: Path, terms: Terms, sender: Sender) -> Iterator[File]:
    """The file, read to its end; nothing is submitted. Raises Refusal, in words for the person who filled it in, when it cannot be taken."""
    if not path.is_file():
        raise Refusal("not_found", f"没有文件“{path.name}”。", "请核对文件的位置。")
    items = {item.code: item for item in terms.items}
    conflicts = {code: Conflicts(item, sender.department, terms.secret) for code, item in items.items()}
    with ExitStack() as stack, reading(path, terms.titles(sender.department)) as book:
        found: dict[int, Filled] = {}
        for table, line in book.lines:
            filled = found.get(id(table))
            if filled is None:
                store = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
                part = sum(each.table.item == table.item for each in found.values())
                filled = found[id(table)] = Filled(table, items[table.item], part, store)
            one = row(table, line, filled.item)
            filled.keep(one)
            conflicts[table.item].add(filled.number(one.line), one)
        if not found:
            raise Refusal("empty", "文件里没有数据行。", "请填写数据后重新报送。")
        tables = list(found.values())
        count = sum(table.count for table in tables)
        if sender.rows not in (None, count):
            raise Refusal("rows", f"应有 {sender.rows} 行数据，文件里有 {count} 行。", "请核对文件是否完整，行数不包括表头、空行和合计行。")
        for code, compared in conflicts.items():
            _compare([each for each in tables if each.item.code == code], compared)
        yield File(path, _digest(path), tables, book.notes)


def submit(door: Door, file: File, sender: Sender, *, asserted: bool = False) -> list[Receipt]:
    """Submit every table of the file, each under a receipt of its own. The same content of the same department and item again gives the old receipt and takes nothing; ``asserted`` (以本次为准)
    is another submission than the file without it.

    Raises what `Door.submit` raises; what was taken before that is answered with its receipt when the file is sent again.
    """
    receipts = []
    for place, table in enumerate(file.tables):
        rows, key = table.rows(asserted=asserted), _key(file, table, asserted=asserted)
        said = Submission(sender.of_way(table.way), sender.department, table.way, table.item.code, file.digest, rows, key, sender.name or file.path.name, sender.by)
        receipt = door.submit(said)
        receipts.append(replace(receipt, notes=[*receipt.notes, *table.notes, *(file.notes if place == 0 else ())]))
    return receipts


def number(file: File, table: Filled, sender: Sender, *, asserted: bool = False) -> str:
    """The receipt that a table of the file gets, or has since it was sent before."""
    return identity.batch(sender.of_way(table.way), _key(file, table, asserted=asserted))


def _key(file: File, table: Filled, *, asserted: bool) -> str:
    """The content and how it was read: once a strange title means something else, the same file says something else."""
    places = hashlib.sha256(_json(sorted(table.table.header.places.items())).encode()).hexdigest()[:16]
    return f"{table.item.code}:{file.digest}:{places}" + (f"#{table.part}" if table.part else "") + (":assert" if asserted else "")


def submit_file(door: Door, path: Path, terms: Terms, sender: Sender, *, asserted: bool = False) -> list[Receipt]:
    """`opened` and `submit` in one; nothing is taken when the file as a whole cannot be."""
    with opened(path, terms, sender) as file:
        return submit(door, file, sender, asserted=asserted)


def row(table: Table, line: Line, item: Item) -> Row:
    """A table's line as a row of text, with what is wrong with it."""
    found: list[Fault] = []
    cells = {code: _text(table, line, (code, item.by_name[code].title), found) for code in line.cells}
    word = operation(line.operation)
    if word is None:
        found.append(faults.unknown_word(line.operation))
    if line.beyond:
        found.append(faults.cells_beyond_header(line.beyond, table.header.width))
    return Row(line.number, cells, word or UPSERT, _reference(line.reference), found)


def _text(table: Table, line: Line, place: tuple[str, str], found: list[Fault]) -> str | None:
    """A cell as text; one whose value the reader could not see becomes a fault."""
    cell = line.cells[place[0]]
    mark = line.marks.get(place[0])
    if mark is not None and is_blank(cell):
        found.append(faults.error_cell(place, mark) if mark else faults.formula_without_result(place))
    return text.from_excel(cell) if table.way == "excel" else text.from_csv(None if cell is None else str(cell))


def _reference(cell: object) -> str | None:
    said = "" if cell is None else str(cell).strip()
    return said[:200] or None


def _compare(tables: Sequence[Filled], conflicts: Conflicts) -> None:
    """Finds the rows of one key that say different things, across all of the file's tables of one item."""
    suspects = conflicts.suspects
    where: dict[int, tuple[Filled, int]] = {}
    for table in tables if suspects else ():
        for one in table.rows():
            if (number := table.number(one.line)) in suspects:
                conflicts.compare(one)
                where[number] = table, one.line
    told = {number: f"{table.table.place if len(tables) > 1 else ''}第 {line} 行" for number, (table, line) in where.items()}
    for number, numbers in conflicts.found().items():
        table, line = where[number]
        table.conflicts[line] = [told[each] for each in numbers]


def _some(numbers: Sequence[int]) -> str:
    return "、".join(map(str, numbers[:20])) + (f" 等 {len(numbers)}" if len(numbers) > 20 else "")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
