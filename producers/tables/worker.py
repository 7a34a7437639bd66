"""The process that opens a stranger's workbook: spawned, limited in memory and CPU time, it speaks to its parent over one pipe and may
die at any moment.

Order of what it sends: `Heads` of all sheets; then, for each sheet number it receives, `Marks`, any number of `Rows`, and `Done`. A
`Refusal` may take the place of any of them.
"""

import os
import re
import resource
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from multiprocessing.connection import Connection
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from producers.refusal import Refusal

Value = int | float | str | bool | time | date | datetime | timedelta | None
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
BLOCK = 1_000
MACROS = "工作簿里有宏：宏没有运行，只读取单元格里保存的值。"
LINKED = "工作簿引用了别的文件：没有去打开它们，按保存时的值读取，请核对。"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b([^>]*\bt="e"[^>]*)>(.{0,4000}?)</(?:\w+:)?c>', re.DOTALL)
EMPTY_FORMULA = re.compile(rb"<((?:\w+:)?)c\b([^>]*[^/>])>\s*<\1f\b(?:[^>]*/>|[^>]*>[^<]*</\1f>)\s*(?:<\1v\s*/>|<\1v>\s*</\1v>)?\s*</\1c>")
PLACE = re.compile(rb'\br="([A-Z]+)(\d+)"')
SHOWN = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')
PIECE, LONGEST_PIECE = 4 << 20, 64 << 20
MOST_MERGED, MOST_PARTS = 100_000, 10_000
DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
PROLOGUE = 64 << 10  # bytes of an XML part in which a document type would stand


@dataclass(frozen=True)
class Limits:
    """What one workbook may cost: bytes of the file, bytes unpacked, rows of a sheet (Excel's own limit), seconds, bytes of address space."""

    file_bytes: int = 200 << 20
    unpacked_bytes: int = 2 << 30
    rows: int = 1 << 20
    columns: int = 500
    seconds: int = 300
    memory_bytes: int = 3 << 30
    head_rows: int = 30


@dataclass(frozen=True)
class Head:
    """The first rows of a sheet (from row 1, column A on) and its merged ranges as ((row, column), (row, column)), counted from 0."""

    name: str
    rows: list[list[Value]]
    height: int
    merged: list[tuple[tuple[int, int], tuple[int, int]]]
    hidden: bool = False


@dataclass(frozen=True)
class Heads:
    sheets: list[Head]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Marks:
    """Cells whose value a reader does not see, by (row, column) from 0: an error's text, or "" for a formula without a stored result. Rows (from 0) that are hidden. Of an .xlsx only."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Rows:
    """Rows that are not blank, with their numbers (from 1), each from column A on."""

    numbers: list[int]
    rows: list[list[Value]]


@dataclass(frozen=True)
class Done:
    pass


def confine(limits: Limits) -> None:
    """Bound what this process, which was made for one file, may use."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a native reader that runs out of memory prints a page of stack before it dies
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))


def serve(connection: Connection, path: str, limits: Limits) -> None:
    """Read the workbook at `path` for the parent at the other end; every expected mishap goes over as a Refusal."""
    confine(limits)
    try:
        _answer(connection, Path(path), limits)
    except Refusal as refusal:
        connection.send(refusal)
    except PasswordError:
        connection.send(encrypted())
    except MemoryError:
        connection.send(too_big())
    except (CalamineError, zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError) as fault:
        connection.send(
            Refusal(
                "not_a_workbook",
                f"打不开这个工作簿：文件已损坏或不是 Excel/WPS 表格（{type(fault).__name__}）。",
                "请用 Excel 或 WPS 打开后另存为 .xlsx 再报送。",
            )
        )


def _answer(connection: Connection, path: Path, limits: Limits) -> None:
    with path.open("rb") as file:
        packed = file.read(4) == ZIP
    notes = _check_archive(path, limits) if packed else _check_compound(path)
    book = CalamineWorkbook.from_path(path)
    found = [sheet for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
    sheets = [book.get_sheet_by_name(each.name) for each in found]
    for sheet in sheets:
        _check_size(sheet, limits)
    hidden = [each.visible is not SheetVisibleEnum.Visible for each in found]
    connection.send(Heads([_head(sheet, limits, hidden=unseen) for sheet, unseen in zip(sheets, hidden, strict=True)], notes))
    while (number := connection.recv()) is not None:
        connection.send(marks(path, found[number].name) if packed else Marks())
        for block in _blocks(sheets[number]):
            connection.send(block)
        connection.send(Done())


def _check_compound(path: Path) -> list[str]:
    """An old workbook; a new one with a password is wrapped in the same container."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise encrypted()
    return [MACROS] if "_VBA_PROJECT".encode("utf-16-le") in content else []


def _check_archive(path: Path, limits: Limits) -> list[str]:
    """What is in it besides tables. Raises Refusal for what only a bomb has."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > limits.unpacked_bytes or len(parts) > MOST_PARTS:
            raise too_big()
        if any(part.flag_bits & 1 for part in parts):
            raise encrypted()
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as stream:
                    if DOCTYPE.search(stream.read(PROLOGUE)):
                        raise Refusal("hostile", f"工作簿的 {part.filename} 里有 XML 实体或文档类型定义，正常的表格没有，已停止读取。", "请用 Excel 或 WPS 打开后另存为 .xlsx 再报送。")
        names = [part.filename.lower() for part in parts]
    notes = [MACROS] if any(name.endswith("vbaproject.bin") for name in names) else []
    return notes + ([LINKED] if any(name.startswith("xl/externallinks/externallink") for name in names) else [])


def _check_size(sheet: CalamineSheet, limits: Limits) -> None:
    height, width = _extent(sheet)
    if height > limits.rows:
        raise Refusal(
            "too_many_rows", f"工作表“{sheet.name}”有 {height} 行，一次最多报送 {limits.rows} 行。", "请分成几个文件报送。"
        )
    if width > limits.columns:
        raise Refusal(
            "too_many_columns", f"工作表“{sheet.name}”有 {width} 列，最多 {limits.columns} 列。", "请删除模板以外的列后再报送。"
        )


def _head(sheet: CalamineSheet, limits: Limits, *, hidden: bool) -> Head:
    merged = sheet.merged_cell_ranges or []
    if len(merged) > MOST_MERGED:
        raise too_big()
    rows = [row for _, row in zip(range(limits.head_rows), _rows(sheet), strict=False)]
    return Head(sheet.name, rows, _extent(sheet)[0], merged, hidden)


def _extent(sheet: CalamineSheet) -> tuple[int, int]:
    """Rows and columns up to the last cell; the reader's own totals are one short."""
    return (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)


def _rows(sheet: CalamineSheet) -> Iterator[list[Value]]:
    """Every row; the reader leaves out empty columns on the left, so they are put back."""
    if sheet.start is None:
        return
    left: list[Value] = [None] * sheet.start[1]
    for row in sheet.iter_rows():
        yield [*left, *row]


def _blocks(sheet: CalamineSheet) -> Iterator[Rows]:
    """The sheet's rows that are not blank, by the thousand."""
    numbers, block = list[int](), list[list[Value]]()
    for number, row in enumerate(_rows(sheet), 1):
        if any(cell is not None and cell != "" for cell in row):
            numbers.append(number)
            block.append(row)
        if len(block) == BLOCK:
            yield Rows(numbers, block)
            numbers, block = [], []
    if block:
        yield Rows(numbers, block)


def marks(path: Path, sheet: str) -> Marks:
    """Error cells and formulas without a stored result of an .xlsx, which the reader hands over as blanks; hidden rows."""
    found: dict[tuple[int, int], str] = {}
    hidden: set[int] = set()
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        if part is None:
            return Marks()
        rest = b""
        with archive.open(part) as stream:
            while block := stream.read(PIECE):
                rest += block
                # Cut before a row begins: what is cut off is looked at with the next piece. A row without end is no row.
                last = rest.rfind(b"<row") if b"<row" in rest else rest.rfind(b"<", 0, max(rest.rfind(b":row"), 0))
                if last > 0 and len(rest) < LONGEST_PIECE:
                    piece, rest = rest[:last], rest[last:]
                else:
                    piece, rest = rest, b""
                _mark(piece, found, hidden)
        _mark(rest, found, hidden)
    return Marks(found, frozenset(hidden))


def _mark(text: bytes, found: dict[tuple[int, int], str], hidden: set[int]) -> None:
    if b'hidden="' in text:
        hidden.update(int(number) - 1 for number in HIDDEN_ROW.findall(text))
    if b't="e"' in text:
        for attributes, inside in ERROR_CELL.findall(text):
            shown = SHOWN.search(inside)
            _place(attributes, found, shown.group(1).decode("utf-8", "replace") if shown else "#错误")
    if b"<f" in text or b":f" in text:
        for _, attributes in EMPTY_FORMULA.findall(text):
            if b't="' not in attributes or b't="n"' in attributes:
                _place(attributes, found, "")


def _place(attributes: bytes, found: dict[tuple[int, int], str], shown: str) -> None:
    place = PLACE.search(attributes)
    if place:
        column = 0
        for letter in place.group(1):
            column = column * 26 + letter - 64
        found[int(place.group(2)) - 1, column - 1] = shown


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The archive member holding the named sheet, None for other kinds of workbook (.xlsb, .ods)."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = targets.get(element.get(RELATION), "")
            part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
            return part if part in archive.namelist() else None
    return None


def encrypted() -> Refusal:
    return Refusal("encrypted", "工作簿加了打开密码，无法读取。", "请在 Excel 或 WPS 中取消密码（文件 → 信息 → 保护工作簿）后再报送。")


def too_big() -> Refusal:
    return Refusal("too_big", "工作簿展开后过大，已停止读取。", "请只保留数据工作表，删除多余的格式、图片和空白行列，或分成几个文件报送。")
