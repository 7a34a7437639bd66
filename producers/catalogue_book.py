"""The catalogue as a workbook (目录表), the form in which catalogues are issued: written from item files, read back into them with a report of what could not be read.

Two sheets: 信息项 (a row an item) and 数据项 (a row a field). Columns are known by their titles, in any order; more columns are allowed and reported.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from producers.catalogue_columns import CODE, FIELD_COLUMNS, ITEM_COLUMNS, Cells, Heading, Unread
from schemas.catalog import Item
from schemas.catalog_check import faults

ITEMS, FIELDS = "信息项", "数据项"
ROWS = 20_000


@dataclass
class Reading:
    """What came of a workbook: sound items by code, as their files' content, and all that could not be read, by place."""

    specs: dict[str, dict[str, Any]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def written(items: Iterable[Item]) -> bytes:
    """The items as an .xlsx, every cell text."""
    specs = [item.spec for item in items]
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = ITEMS
    _fill(sheet, ITEM_COLUMNS, ({**spec["catalogue"], "name": spec["name"], "doc": spec.get("doc")} for spec in specs), None)
    rows = ((spec["name"], each) for spec in specs for each in spec["fields"])
    held = list(rows)
    _fill(book.create_sheet(FIELDS), FIELD_COLUMNS, (each for _, each in held), [code for code, _ in held])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill(sheet: Worksheet, columns: tuple[Heading, ...], specs: Iterable[Mapping[str, Any]], codes: list[str] | None) -> None:
    for number, column in enumerate(columns, 1):
        cell = sheet.cell(1, number, column.title)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EDF3")
        sheet.column_dimensions[cell.column_letter].width = column.width
    for row, spec in enumerate(specs, 2):
        for number, column in enumerate(columns, 1):
            value = codes[row - 2] if codes and column.title == CODE else column.write(spec)
            if value is not None:
                cell = sheet.cell(row, number, str(value))
                cell.number_format, cell.alignment = "@", Alignment(wrap_text=True, vertical="top")
                cell.data_type = "s"  # a text that begins with = is no formula
    sheet.freeze_panes = "C2"


# ---- reading ---------------------------------------------------------------------------------------------------------


def read(content: bytes) -> Reading:
    """Items of a workbook. What cannot be read is reported by sheet, row and column; an item with any fault is not among the specs."""
    found = Reading()
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sheets = {name: _rows(book[name], columns, found) for name, columns in ((ITEMS, ITEM_COLUMNS), (FIELDS, FIELD_COLUMNS)) if name in book.sheetnames}
    found.unread += [f"没有名为“{name}”的工作表" for name in (ITEMS, FIELDS) if name not in sheets]
    found.unread += [f"工作表“{name}”没有读" for name in book.sheetnames if name not in sheets]
    about = _items(sheets.get(ITEMS, []), found)
    _fields(sheets.get(FIELDS, []), about, found)
    for code, spec in about.items():
        wrong = [f"{code}：{place}：{problem}" for place, problem in faults(code, spec)]
        found.unread += wrong
        if not wrong:
            found.specs[code] = spec
    return found


def _rows(sheet: Any, columns: tuple[Heading, ...], found: Reading) -> list[tuple[str, dict[str, str]]]:
    """The rows below the titles as (place, column title → text); the titles are looked for in the first ten rows."""
    names = {name: column.title for column in columns for name in (*column.also, column.title)}
    heads: dict[int, str] = {}
    rows = []
    for number, cells in enumerate(sheet.iter_rows(max_row=ROWS + 1, values_only=True), 1):
        said = {place: text for place, value in enumerate(cells) if (text := _text(value))}
        if heads:
            if row := {heads[place]: text for place, text in said.items() if place in heads}:
                rows.append((f"{sheet.title} 第 {number} 行", row))
        elif sum(text in names for text in said.values()) >= 3:
            for place, text in said.items():
                if names.get(text) in (None, *heads.values()):
                    found.unread.append(f"{sheet.title}：列“{text}”没有读")
                else:
                    heads[place] = names[text]
        elif number == 10:
            break
    if not heads:
        found.unread.append(f"{sheet.title}：前十行没有找到表头（{columns[0].title}、{columns[1].title}……）")
    return rows


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _items(rows: list[tuple[str, dict[str, str]]], found: Reading) -> dict[str, dict[str, Any]]:
    specs: dict[str, dict[str, Any]] = {}
    for place, cells in rows:
        about = _attributes(ITEM_COLUMNS, place, cells, found)
        code, doc = str(about.pop("name", "")), about.pop("doc", "")
        if code in specs or not code:
            found.unread.append(f"{place}：{f'信息项代码“{code}”重复' if code else '没有信息项代码'}")
            continue
        specs[code] = {"type": "record", "namespace": "credit", "name": code, "doc": doc, "catalogue": about, "fields": []}
    return specs


def _fields(rows: list[tuple[str, dict[str, str]]], specs: dict[str, dict[str, Any]], found: Reading) -> None:
    code = ""
    for place, cells in rows:
        code = cells.pop(CODE, code)  # merged cells name the item once
        if code not in specs:
            found.unread.append(f"{place}：“{ITEMS}”表中没有代码为“{code}”的信息项")
            continue
        specs[code]["fields"].append(_attributes(FIELD_COLUMNS[1:], place, cells, found))


def _attributes(columns: tuple[Heading, ...], place: str, cells: Cells, found: Reading) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in _said(columns, place, cells, found):
        made[name] = made[name] | value if name == "scope" and name in made else value
    return made


def _said(columns: tuple[Heading, ...], place: str, cells: Cells, found: Reading) -> Iterator[tuple[str, Any]]:
    for column in columns:
        if column.title not in cells:
            continue
        try:
            yield from (column.read(cells[column.title], cells) or {}).items()
        except Unread as fault:
            found.unread.append(f"{place} {column.title}：{fault}")
