"""A small item's tables for the tests that read them: titles, one good row, and what comes of a file."""

from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from producers.refusal import Refusal
from producers.tables.book import reading
from producers.tables.lines import Line
from producers.tables.sheet import Table
from producers.tables.titles import Column, Titles

REQUIRED = {"XK_WSH": "行政许可决定书文号", "XK_XDR": "行政相对人名称", "XK_JDRQ": "许可决定日期"}
OPTIONAL = {"XK_SHXYM": "统一社会信用代码", "BZ": "备注"}
TITLES = Titles([Column(code, title, code in REQUIRED) for code, title in (REQUIRED | OPTIONAL).items()])
HEADER = ["行政许可决定书文号", "行政相对人名称", "统一社会信用代码", "许可决定日期", "备注"]
ROW = ["济许〔2017〕1号", "济南某公司", "91440300708461136T", "2017-09-01", None]
Build = Callable[[openpyxl.Workbook], None]


def saved(path: Path, rows: Sequence[Sequence[object]], build: Build = lambda _book: None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    build(book)
    book.save(path)
    return path


def read(path: Path, *titles: Titles) -> tuple[list[Line], Table]:
    """The lines of the one table in the file."""
    with reading(path, titles or [TITLES]) as book:
        pairs = list(book.lines)
    assert len({id(table) for table, _ in pairs}) == 1
    return [line for _, line in pairs], pairs[0][0]


def refused(path: Path, *titles: Titles) -> Refusal:
    with pytest.raises(Refusal) as caught, reading(path, titles or [TITLES]) as book:
        list(book.lines)
    return caught.value
