"""A filled-in file on disk, Excel, CSV or XML, as the lines of the tables in it, told apart by content and never by the file's name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from producers.refusal import Refusal
from producers.tables import delimited, header, xml_table
from producers.tables.header import NO_ROW, Header
from producers.tables.lines import Line, is_blank
from producers.tables.sheet import Rows, Source, Table, tables
from producers.tables.titles import Titles
from producers.tables.workbook import Head, Limits, Workbook, opened
from producers.tables.worker import OLE, ZIP

SAMPLE = re.compile("示例|样例|样表|样本|须知|说明|字典")
SUMMARY = "错误汇总"  # the sheet of ours in a returned workbook
HEAD = 30


@dataclass(frozen=True)
class Book:
    """An open file: `lines` may be read once, `notes` say what else is in it; tables that turn out to hold no data are not among the lines."""

    way: str
    notes: Sequence[str]
    lines: Iterator[tuple[Table, Line]]


@contextmanager
def reading(path: Path, known: Sequence[Titles], limits: Limits | None = None) -> Iterator[Book]:
    """The tables in the file, of the items whose titles are given. Raises Refusal for everything that is none of them, in words for the person who filled it in; so may reading the lines."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Refusal("empty", "文件是空的。", "请填写数据后重新报送。")
    if start.startswith((ZIP, OLE)):
        with opened(path, limits) as workbook:
            yield _from_workbook(workbook, known)
    else:
        yield from _from_text(path, known)


def _from_text(path: Path, known: Sequence[Titles]) -> Iterator[Book]:
    with delimited.opened(path) as text:
        yield _from_xml(text, known) if xml_table.is_xml(text.beginning) else _from_delimited(text, known)


def _from_delimited(text: delimited.Text, known: Sequence[Titles]) -> Book:
    mark = delimited.delimiter(text.head, known)
    rows = text.rows(mark)
    head = list(islice(rows, HEAD))
    if not any(cell.strip() for _, cells in head for cell in cells):
        raise _no_content()
    found = _headers([cells for _, cells in head], known)
    # A text file's header is counted in rows, its lines by where they begin.
    placed = [_numbered(each, [number for number, _ in head]) for each in found]
    return Book("file", (), tables(Source("file", "", known), placed, chain(head, rows)))


def _from_xml(text: delimited.Text, known: Sequence[Titles]) -> Book:
    """Its lines are numbered by record; the names of its fields stand in no row."""
    content = xml_table.read(text.file)
    if not content.names:
        raise _no_content()
    placed = [replace(each, row=NO_ROW, first=0) for each in _headers([content.names], known)]
    return Book("file", (), tables(Source("file", "", known), placed, content.rows()))


def _headers(head: Sequence[Sequence[str]], known: Sequence[Titles]) -> list[Header]:
    return header.tables(head, [], known, "") or [header.recognise(head, [], known[0])]


def _no_content() -> Refusal:
    return Refusal("empty", "文件里没有内容。", "请填写数据后重新报送。")


def _numbered(found: Header, numbers: Sequence[int]) -> Header:
    return Header(numbers[found.row] - 1, numbers[found.first - 1], found.places, found.width, found.titles, found.left, found.end)


def _from_workbook(workbook: Workbook, known: Sequence[Titles]) -> Book:
    chosen = _sheets(workbook.heads, known)
    notes = [*workbook.notes, *_left_out(workbook.heads, chosen)]
    return Book("excel", notes, chain.from_iterable(_of_sheet(workbook, number, found, known) for number, found in chosen.items()))


def _of_sheet(workbook: Workbook, number: int, found: Sequence[Header], known: Sequence[Titles]) -> Iterator[tuple[Table, Line]]:
    head = workbook.heads[number]
    marks, blocks = workbook.read(number)
    cells = marks.cells
    source = Source("excel", head.name, known, (lambda row, column: cells.get((row, column))) if cells else None, marks.hidden)
    rows: Rows = (pair for block in blocks for pair in zip(block.numbers, block.rows, strict=True))
    yield from tables(source, found, _merged_down(rows, head, min(each.first for each in found)))


def _sheets(heads: Sequence[Head], known: Sequence[Titles]) -> dict[int, list[Header]]:
    """The sheets that hold tables, with the headers at their top: every sheet with data under a header of one of the items, samples only where there is nothing else."""
    filled = [number for number, head in enumerate(heads) if head.name != SUMMARY and any(not is_blank(cell) for row in head.rows for cell in row)]
    if not filled:
        raise Refusal("empty", "工作簿里没有工作表，或所有工作表都是空的。", "请使用本目录的模板填写后报送。")
    real = [number for number in filled if not SAMPLE.search(heads[number].name)]
    found, refused = _recognised(heads, real, known)
    if not found and not refused:
        found, refused = _recognised(heads, [number for number in filled if number not in real][:1], known)
    with_data = {number: each for number, each in found.items() if _has_data(heads[number], each)}
    # A sheet that looks like a table and is none is never passed over, even beside good ones.
    if wrong := [(number, refusal) for number, refusal in refused.items() if not with_data or _is_serious(heads[number], refusal)]:
        number, refusal = max(wrong, key=lambda pair: _known(heads[pair[0]], known))
        raise Refusal(refusal.code, f"工作表“{heads[number].name}”：{refusal.message}", refusal.remedy, refusal.details)
    if not found:
        best = max(filled, key=lambda number: _known(heads[number], known))
        header.recognise(heads[best].rows, heads[best].merged, max(known, key=lambda titles: header.score(heads[best].rows, heads[best].merged, titles)))
        raise AssertionError("a sheet without a known header was recognised")  # `tables` and `recognise` look for the same
    return with_data or dict(list(found.items())[:1])


def _recognised(heads: Sequence[Head], numbers: Sequence[int], known: Sequence[Titles]) -> tuple[dict[int, list[Header]], dict[int, Refusal]]:
    found: dict[int, list[Header]] = {}
    refused: dict[int, Refusal] = {}
    for number in numbers:
        try:
            if here := header.tables(heads[number].rows, heads[number].merged, known, heads[number].name):
                found[number] = here
        except Refusal as refusal:
            refused[number] = refusal
    return found, refused


def _known(head: Head, known: Sequence[Titles]) -> int:
    return max(header.score(head.rows, head.merged, titles) for titles in known)


def _is_serious(head: Head, refusal: Refusal) -> bool:
    """Whether a sheet's header is near enough to an item's to be meant for it: fewer columns missing than there are."""
    missing = sum(isinstance(detail, dict) and "missing" in detail for detail in refusal.details)
    widest = max((sum(not is_blank(cell) for cell in row) for row in head.rows), default=0)
    return refusal.code == "ambiguous" or missing * 2 <= widest


def _left_out(heads: Sequence[Head], chosen: Mapping[int, Sequence[Header]]) -> Iterator[str]:
    """What was not read, and what is hidden and was read nevertheless."""
    for number, head in enumerate(heads):
        if number in chosen and head.hidden:
            yield f"工作表“{head.name}”是隐藏的，照样读取了。"
        elif number not in chosen and head.height > 1 and not head.hidden and head.name != SUMMARY and not SAMPLE.search(head.name):
            yield f"工作表“{head.name}”没有读取：不是所选目录的表，或没有数据。"


def _has_data(head: Head, found: Sequence[Header]) -> bool:
    first = max(each.first for each in found)
    return head.height > len(head.rows) or any(not is_blank(cell) for row in head.rows[first:] for cell in row)


def _merged_down(rows: Rows, head: Head, first: int) -> Rows:
    """A cell merged over several rows of one column says its value for each of them."""
    down = {(top, left): bottom for (top, left), (bottom, right) in head.merged if left == right and bottom > top >= first}
    columns = sorted({left for _, left in down})
    said: dict[int, tuple[int, object]] = {}  # column → the last row of the merged cell, its value
    for number, cells in rows:
        row = list(cells)
        for column in columns:
            if column >= len(row):
                continue
            bottom = down.get((number - 1, column))
            if bottom is not None:
                said[column] = (bottom, row[column])
            elif is_blank(row[column]) and column in said and said[column][0] >= number - 1:
                row[column] = said[column][1]
        yield number, row
