"""The two annexes of 济信用办〔2017〕42号 as workbooks, in the form in which they were issued, blank or filled in."""

import io
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from infra.cells import printable
from schemas.declared import FREQUENCY_TITLES, WAY_TITLES

CONTACTS_TITLE, WAYS_TITLE = "济南市公共信用信息平台信源单位人员信息表", "数据归集方式反馈表"
PEOPLE = {"分管领导": ("leader", "leader_phone"), "承办处室": ("office", "office_phone"), "联络员": ("liaison", "liaison_phone")}
UNIT, PHONE, MAILBOX, SUGGESTION = "单位名称", "电话", "邮箱", "其他数据归集方式或数据归集频率建议"
TICKED, BLANK = "√", "口"
_LINE = Side(style="thin")
_BOX, _MIDDLE = Border(_LINE, _LINE, _LINE, _LINE), Alignment(horizontal="center", vertical="center", wrap_text=True)


def contacts(unit: str, said: Mapping[str, str]) -> bytes:
    """Annex 1. `said` by the field names in PEOPLE and `mailbox`; what is missing stays blank."""
    book, sheet = _book("附件1", CONTACTS_TITLE, 4, (14, 28, 10, 28))
    rows = [(UNIT, unit, "", "")]
    rows += [(title, said.get(name, ""), PHONE, said.get(phone, "")) for title, (name, phone) in PEOPLE.items()]
    rows += [(MAILBOX, said.get("mailbox", ""), "", "")]
    for number, row in enumerate(rows, 3):
        for column, text in enumerate(row, 1):
            _write(sheet, number, column, text)
        if not row[2]:
            sheet.merge_cells(start_row=number, start_column=2, end_row=number, end_column=4)
    return _saved(book)


def ways(unit: str, said: Mapping[str, Any]) -> bytes:
    """Annex 2. `said` as it is declared: `ways` by code with `frequencies` and `remark`, and `suggestion`."""
    book, sheet = _book("附件2", WAYS_TITLE, 3, (26, 24, 48))
    sheet.cell(2, 1, printable(f"{UNIT}：{unit}"))
    for column, title in enumerate(("数据归集方式", "数据归集频率", "备注"), 1):
        _write(sheet, 3, column, title)
    for place, (way, title) in enumerate(WAY_TITLES.items()):
        top, about = 4 + place * len(FREQUENCY_TITLES), said["ways"].get(way)
        _write(sheet, top, 1, (TICKED if about else BLANK) + title)
        _write(sheet, top, 3, about["remark"] if about else "")
        for number, (frequency, name) in enumerate(FREQUENCY_TITLES.items(), top):
            _write(sheet, number, 2, (TICKED if about and frequency in about["frequencies"] else BLANK) + name)
        for column in (1, 3):
            sheet.merge_cells(start_row=top, start_column=column, end_row=top + 3, end_column=column)
    last = 4 + len(WAY_TITLES) * len(FREQUENCY_TITLES)
    _write(sheet, last, 1, SUGGESTION)
    _write(sheet, last, 2, said["suggestion"])
    sheet.merge_cells(start_row=last, start_column=2, end_row=last, end_column=3)
    sheet.cell(last + 1, 1, "注：信源单位请在确定数据归集方式及频率前的方框中打“√”。")
    return _saved(book)


def _book(name: str, title: str, width: int, columns: tuple[int, ...]) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = name
    sheet.cell(1, 1, title).font = Font(bold=True, size=14)
    sheet.cell(1, 1).alignment = _MIDDLE
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    for column, size in zip("ABCD", columns, strict=False):
        sheet.column_dimensions[column].width = size
    return book, sheet


def _write(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """A text cell: whatever it begins with, no spreadsheet computes it."""
    cell: Any = sheet.cell(row, column, printable(text))
    cell.data_type, cell.number_format, cell.border, cell.alignment = "s", "@", _BOX, _MIDDLE


def _saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
