"""A filled-in table on disk, Excel, CSV or XML, as numbered lines of the item's columns, told apart by content and never by the file's name."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from producers import delimited, header, table, xml_table
from producers.header import Header, Titles, letter
from producers.refusal import Refusal
from producers.table import Line, Tally, lines
from producers.workbook import Head, Workbook, opened
from producers.workbook_worker import OLE, ZIP, Value

SAMPLE = re.compile("示例|样例|样表|样本|须知|说明|字典")
Cells = Callable[[int, str], str | None]


@dataclass
class Table:
    """An open table: `way` is excel or file, `lines` may be read once, `mark` tells a cell's error ("" = formula without result) by line
    and field code.
    """

    way: str
    place: str
    header: Header
    lines: Iterator[Line]
    mark: Cells = lambda _line, _code: None
    tally: Tally = field(default_factory=Tally)


@contextmanager
def reading(path: Path, titles: Titles) -> Iterator[Table]:
    """The one table of the item in the file. Raises Refusal for everything that is not it, in words for the person who filled it in."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Refusal("empty", "文件是空的。", "请填写数据后重新报送。")
    if start.startswith((ZIP, OLE)):
        with opened(path) as workbook:
            yield _from_workbook(workbook, titles)
    else:
        yield _from_text(path, titles)


def _from_text(path: Path, titles: Titles) -> Table:
    content = delimited.text(path)
    if xml_table.is_xml(content):
        return _from_xml(xml_table.read(content), titles)
    mark = delimited.delimiter(content, titles)
    head = [cells for _, cells in islice(delimited.rows(content, mark), 30)]
    if not any(cell.strip() for cells in head for cell in cells):
        raise Refusal("empty", "文件里没有内容。", "请填写数据后重新报送。")
    found = header.recognise(head, [], titles)
    tally = Tally()
    rows = islice(delimited.rows(content, mark), found.first, None)
    return Table("file", "文件", found, lines(found, rows, _required(titles), tally), tally=tally)


def _from_xml(content: xml_table.Content, titles: Titles) -> Table:
    """Its lines are numbered by record, from 1."""
    if not content.names:
        raise Refusal("empty", "文件里没有内容。", "请填写数据后重新报送。")
    found = header.recognise([list(content.names)], [], titles)
    tally = Tally()
    return Table("file", "文件", found, lines(found, enumerate(content.rows(), 1), _required(titles), tally), tally=tally)


def _from_workbook(workbook: Workbook, titles: Titles) -> Table:
    number = _sheet(workbook.heads, titles)
    head = workbook.heads[number]
    found = header.recognise(head.rows, head.merged, titles)
    marks, blocks = workbook.read(number)
    tally = Tally()
    numbered = ((block.first + place + 1, row) for block in blocks for place, row in enumerate(block.rows))
    rows = _merged_down(((line, row) for line, row in numbered if line > found.first), head, found)
    columns = {code: place for place, code in found.places.items()}

    def mark(line: int, code: str) -> str | None:
        return marks.cells.get((line - 1, columns[code])) if marks.cells and code in columns else None

    return Table("excel", f"工作表“{head.name}”", found, _bounded(lines(found, rows, _required(titles), tally), found), mark, tally)


def _sheet(heads: Sequence[Head], titles: Titles) -> int:
    """The sheet that holds the table: the only one with data under a header that looks most like the item's."""
    filled = [number for number, head in enumerate(heads) if any(not table.is_blank(cell) for row in head.rows for cell in row)]
    if not filled:
        raise Refusal("empty", "工作簿里没有工作表，或所有工作表都是空的。", "请使用本目录的模板填写后报送。")
    scores = {number: header.score(heads[number].rows, heads[number].merged, titles) for number in filled}
    best = max(scores.values())
    candidates = [number for number in filled if scores[number] == best]
    if len(candidates) > 1 and best > 1:
        candidates = [number for number in candidates if not SAMPLE.search(heads[number].name)] or candidates[:1]
        with_data = [number for number in candidates if _has_data(heads[number], titles)]
        if len(with_data) > 1:
            names = "、".join(f"“{heads[number].name}”" for number in with_data)
            raise Refusal(
                "several_sheets",
                f"工作簿里有 {len(with_data)} 张数据表：{names}，一次只能报送一张。",
                "请把数据合到一张工作表，或分成几个文件报送。",
            )
        candidates = with_data or candidates
    return candidates[0]


def _has_data(head: Head, titles: Titles) -> bool:
    try:
        found = header.recognise(head.rows, head.merged, titles)
    except Refusal:
        return True
    return any(not table.is_blank(cell) for row in head.rows[found.first :] for cell in row)


def _merged_down(rows: Iterator[tuple[int, list[Value]]], head: Head, found: Header) -> Iterator[tuple[int, list[Value]]]:
    """A cell merged over several rows of one column says its value for each of them."""
    down = {
        (line, left): (top, left)
        for (top, left), (bottom, right) in head.merged
        if left == right and top >= found.first and left in found.places
        for line in range(top + 1, min(bottom, head.height) + 1)
    }
    tops = set(down.values())
    seen: dict[tuple[int, int], Value] = {}
    for line, row in rows:
        for column in range(len(row)):
            place = (line - 1, column)
            if place in tops:
                seen[place] = row[column]
            elif place in down and table.is_blank(row[column]):
                row[column] = seen.get(down[place])
        yield line, row


def _bounded(found: Iterator[Line], header_: Header) -> Iterator[Line]:
    """A workbook's cells beyond the last title are a mistake of the whole sheet."""
    for line in found:
        if line.beyond:
            where = f"第 {line.number} 行在最后一个标题（{letter(header_.width - 1)} 列）的右边有内容“{line.beyond[0][:20]}”。"
            raise Refusal("untitled_column", where, "请补上标题，或删除表格以外的内容后重新报送。")
        yield line


def _required(titles: Titles) -> set[str]:
    return {column.code for column in titles.columns if column.required}
