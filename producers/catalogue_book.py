"""The catalogue as a workbook (目录表), the form in which catalogues are issued: written from item files, read back into them with a report of what could not be read.

Written are two sheets: 信息项 (a row an item) and 数据项 (a row a field). Read is that, and what catalogues look like when they are issued: one sheet,
an item's cells merged beside its fields, no codes, no types. Columns are known by their titles, in any order; more columns are allowed and reported.
"""

import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from producers import catalogue_sheet
from producers.catalogue_columns import CODE, FIELD_COLUMNS, ITEM_COLUMNS, Cells, Heading, Unread, yes
from producers.catalogue_guess import SINCE, complete_field, complete_item, unused
from producers.catalogue_sheet import FIELD_TITLE, ITEM_TITLE, OWED_BY, Row, Sheet
from schemas import catalog
from schemas.catalog import Item
from schemas.catalog_check import faults
from schemas.departments import Department
from schemas.pinyin import initials
from schemas.rules import example_problems

ITEMS, FIELDS = "信息项", "数据项"


@dataclass
class Reading:
    """What came of a workbook: sound items by code, as their files' content, all that could not be read, by place; what was supposed where
    nothing was said; and lines for assignments.csv."""

    specs: dict[str, dict[str, Any]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    supposed: list[str] = field(default_factory=list)
    owed: list[str] = field(default_factory=list)


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


def read(content: bytes, departments: Collection[Department] = (), catalogue: Iterable[Item] = ()) -> Reading:
    """Items of a workbook: of ours (a sheet of items and one of fields), or one as issued (items and their fields side by side, cells merged, without codes).

    What cannot be read is reported by sheet, row and column, what is supposed in its stead by item; an item with any fault is not among the specs.
    ``departments``: those that 责任单位 may name; ``catalogue``: items already there, whose codes go on where the workbook has none.
    """
    found = Reading()
    try:
        book = load_workbook(io.BytesIO(content), data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError):
        found.unread.append("不是 Excel 工作簿（.xlsx）；.xls 请先用 Excel 或 WPS 另存为 .xlsx")
        return found
    sheets = {sheet.title: catalogue_sheet.read(sheet) for sheet in book.worksheets}
    found.unread += [f"工作表“{name}”没有读：前 {catalogue_sheet.LOOKED} 行里没有找到表头（{ITEM_TITLE}、{FIELD_TITLE} 等）" for name, sheet in sheets.items() if sheet is None]
    drafts = _Drafts(found, {item.title: item for item in catalogue})
    for sheet in sorted(filter(None, sheets.values()), key=lambda sheet: sheet.of_fields):
        found.unread += sheet.unread
        drafts.read(sheet)
    for code, draft in drafts.by_code.items():
        _finish(code, draft, found)
        found.owed += [line for name in draft.owed_by for line in _owed(code, name, departments, found)]
    return found


def _finish(code: str, draft: "_Draft", found: Reading) -> None:
    """Completes an item, judges it, and keeps it when it is sound."""
    if draft.spec["fields"]:
        draft.supposed.update(dict.fromkeys(complete_item(draft.spec, draft.words, scoped=draft.scoped, ruled=draft.ruled)))
    if draft.supposed:
        found.supposed.append(f"{code}：没有写明的由系统暂拟，请核对：{'；'.join(draft.supposed)}")
    wrong = [f"{code}：{place}：{problem}" for place, problem in faults(code, draft.spec)]
    wrong = wrong or [f"{code}：示例：{problem}" for problem in example_problems(catalog.read(draft.spec), date.max)]
    found.unread += wrong
    if not wrong:
        found.specs[code] = draft.spec


def _owed(code: str, said: str, departments: Collection[Department], found: Reading) -> Iterator[str]:
    """Lines of assignments.csv, for the departments that one cell names."""
    known = {name: each.code for each in departments for name in (each.code, each.name, each.short, each.short.removeprefix("市"))}
    for name in filter(None, re.split(r"[、，,;；\s]+", said)):
        if name in known:
            yield f"{known[name]},{code},{SINCE},,"
        else:
            found.unread.append(f"{code}：责任单位“{name}”不在 departments.csv 中")


@dataclass
class _Draft:
    """An item being read. ``supposed``: what was filled in for it, each once; ``words``: what the workbook calls its category."""

    spec: dict[str, Any]
    words: str = ""
    scoped: bool = False
    ruled: bool = False
    owed_by: set[str] = field(default_factory=set)
    supposed: dict[str, None] = field(default_factory=dict)


class _Drafts:
    """Items in the order in which the workbook names them."""

    def __init__(self, found: Reading, there: Mapping[str, Item]) -> None:
        self.by_code: dict[str, _Draft] = {}
        self._found, self._there, self._by_title = found, there, dict[str, str]()

    def read(self, sheet: Sheet) -> None:
        """A sheet of items, of fields, or of both side by side."""
        code = ""
        for row in sheet.rows:
            code = self._item(row, sheet, code)
            if row.field and code in self.by_code:
                self._field(row, sheet, self.by_code[code])
            elif row.field:
                self._found.unread.append(f"{row.place}：“{ITEMS}”表中没有代码为“{code}”的信息项")

    def _item(self, row: Row, sheet: Sheet, code: str) -> str:
        """The item a row belongs to: the one it names, else the one of the row above (merged cells name it once)."""
        title, named = row.item.get(ITEM_TITLE, ""), row.item.get(CODE, "")
        if not title:
            if named and not sheet.of_fields:
                self._found.unread.append(f"{row.place}：没有信息项名称")
            return named or code
        known = named or self._by_title.get(title, "")
        if known in self.by_code:
            if not sheet.of_fields:
                self._found.unread.append(f"{row.place}：信息项{'代码' if named else '名称'}“{named or title}”重复")
            self.by_code[known].owed_by.update(filter(None, [row.item.get(OWED_BY)]))
            return known
        return self._new(row, sheet, named, title)

    def _new(self, row: Row, sheet: Sheet, named: str, title: str) -> str:
        old = self._there.get(title)
        code = named or (old.code if old else unused(initials(title).lower()[:30], self.by_code))
        about = _attributes(ITEM_COLUMNS, row.place, row.item, self._found)
        about.pop("name", None)
        doc = about.pop("doc", "") or f"{title}，一行一条。"
        spec: dict[str, Any] = {"type": "record", "namespace": "credit", "name": code, "doc": doc, "catalogue": about, "fields": []}
        scoped = "归集起始日" in sheet.titles
        self.by_code[code] = _Draft(spec, row.item.get("类别", ""), scoped, owed_by=set(filter(None, [row.item.get(OWED_BY)])))
        if not named and not old:
            self.by_code[code].supposed[f"代码：{title} → {code}"] = None
        self._by_title[title] = code
        return code

    def _field(self, row: Row, sheet: Sheet, draft: _Draft) -> None:
        """The field of a row; several in one cell, where the workbook says nothing else of them."""
        typed = "类型" in sheet.titles
        draft.ruled = draft.ruled or "规则" in sheet.titles
        said = row.field.get(FIELD_TITLE, "")
        listed = [each.strip() for each in re.split(r"[、；;\n]", said) if each.strip()] if not typed and "字段代码" not in sheet.titles else [said]
        for title in listed:
            cells = {**row.field, FIELD_TITLE: title}
            spec = _attributes(FIELD_COLUMNS[1:], row.place, cells, self._found)
            if not title:
                spec.pop("title", None)
                self._found.unread.append(f"{row.place}：没有字段名称")
                continue
            old = self._there.get(draft.spec["catalogue"]["title"])
            same = next((each.name for each in old.fields if each.title == title), None) if old else None
            if "name" not in spec and same:
                spec["name"] = same
            elif "name" not in spec:
                spec["name"] = unused(initials(title)[:40], {each["name"] for each in draft.spec["fields"]})
                draft.supposed["字段代码（拼音首字母）"] = None
            if typed and row.field.get("类型") and "type" not in spec:  # told already: the cell could not be read
                spec["type"] = None
            else:
                draft.supposed.update(dict.fromkeys(complete_field(spec, sheet.titles, required=_needed(row))))
            draft.spec["fields"].append(spec)


def _needed(row: Row) -> bool:
    try:
        return yes(row.field.get("必填", ""))
    except Unread:
        return False


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
