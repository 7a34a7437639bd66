"""The process that opens a stranger's workbook: spawned, limited in memory and CPU time, it speaks to its parent over one pipe and may
die at any moment.

Order of what it sends: `Heads` of all sheets; then, for each sheet number it receives, `Marks`, any number of `Rows`, and `Done`. A
`Refusal` may take the place of any of them.
"""

import io
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

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from producers.refusal import Refusal

Value = int | float | str | bool | time | date | datetime | timedelta | None
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
BLOCK = 1_000
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ERROR_CELL = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>(.{0,4000}?)</c>', re.DOTALL)
EMPTY_FORMULA = re.compile(rb"<c\b([^>]*[^/>])>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
PLACE = re.compile(rb'\br="([A-Z]+)(\d+)"')
SHOWN = re.compile(rb"<v>([^<]*)</v>")


@dataclass(frozen=True)
class Limits:
    """What one workbook may cost: bytes of the file, bytes unpacked, rows of a sheet, seconds, bytes of address space."""

    file_bytes: int = 50 << 20
    unpacked_bytes: int = 600 << 20
    rows: int = 100_000
    columns: int = 500
    seconds: int = 120
    memory_bytes: int = 3 << 30
    head_rows: int = 30


@dataclass(frozen=True)
class Head:
    """The first rows of a sheet (from row 1, column A on) and its merged ranges as ((row, column), (row, column)), counted from 0."""

    name: str
    rows: list[list[Value]]
    height: int
    merged: list[tuple[tuple[int, int], tuple[int, int]]]


@dataclass(frozen=True)
class Heads:
    sheets: list[Head]


@dataclass(frozen=True)
class Marks:
    """Cells whose value a reader does not see, by (row, column) from 0: an error's text, or "" for a formula without a stored result."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """Rows from number `first` (0 = the sheet's first row) on, each from column A on."""

    first: int
    rows: list[list[Value]]


@dataclass(frozen=True)
class Done:
    pass


def serve(connection: Connection, path: str, limits: Limits) -> None:
    """Read the workbook at `path` for the parent at the other end; every expected mishap goes over as a Refusal."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a native reader that runs out of memory prints a page of stack before it dies
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
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
    content = path.read_bytes()
    _check_container(content, limits)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    names = [sheet.name for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
    sheets = [book.get_sheet_by_name(name) for name in names]
    for sheet in sheets:
        _check_size(sheet, limits)
    connection.send(Heads([_head(sheet, limits) for sheet in sheets]))
    while (number := connection.recv()) is not None:
        connection.send(Marks(marks(content, names[number]) if content.startswith(ZIP) else {}))
        for block in _blocks(sheets[number]):
            connection.send(block)
        connection.send(Done())


def _check_container(content: bytes, limits: Limits) -> None:
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise encrypted()
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > limits.unpacked_bytes or len(archive.infolist()) > 10_000:
            raise too_big()


def _check_size(sheet: CalamineSheet, limits: Limits) -> None:
    if sheet.total_height > limits.rows:
        raise Refusal(
            "too_many_rows", f"工作表“{sheet.name}”有 {sheet.total_height} 行，一次最多报送 {limits.rows} 行。", "请分成几个文件报送。"
        )
    if sheet.total_width > limits.columns:
        raise Refusal(
            "too_many_columns", f"工作表“{sheet.name}”有 {sheet.total_width} 列，最多 {limits.columns} 列。", "请删除模板以外的列后再报送。"
        )


def _head(sheet: CalamineSheet, limits: Limits) -> Head:
    rows: list[list[Value]] = []
    for block in _blocks(sheet):
        rows += block.rows[: limits.head_rows - len(rows)]
        if len(rows) >= limits.head_rows:
            break
    return Head(sheet.name, rows, sheet.total_height, sheet.merged_cell_ranges or [])


def _blocks(sheet: CalamineSheet) -> Iterator[Rows]:
    """The sheet's rows by the thousand; the reader leaves out empty columns on the left, so they are put back."""
    if sheet.start is None:
        return
    left: list[Value] = [None] * sheet.start[1]
    block: list[list[Value]] = []
    first = 0
    for row in sheet.iter_rows():
        block.append([*left, *row])
        if len(block) == BLOCK:
            yield Rows(first, block)
            first, block = first + len(block), []
    if block:
        yield Rows(first, block)


def marks(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Error cells and formulas without a stored result of an .xlsx, which the reader hands over as blanks."""
    found: dict[tuple[int, int], str] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = _part(archive, sheet)
        if part is None:
            return found
        rest = b""
        with archive.open(part) as stream:
            while block := stream.read(4 << 20):
                whole, separator, rest = (rest + block).rpartition(b"</row>")
                _mark(whole + separator, found)
    return found


def _mark(text: bytes, found: dict[tuple[int, int], str]) -> None:
    if b't="e"' in text:
        for attributes, inside in ERROR_CELL.findall(text):
            shown = SHOWN.search(inside)
            _place(attributes, found, shown.group(1).decode("utf-8", "replace") if shown else "#错误")
    if b"<f" in text:
        for attributes in EMPTY_FORMULA.findall(text):
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
