"""Workbooks and text files as departments really fill them in: titles above the header, running numbers, totals and signatures below, dates as dates, codes that Excel has rewritten."""

import csv
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from demo.departments import Load, Said
from schemas.catalog import Item

ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
REWRITTEN = re.compile(r"\d\.\d+E\+17")


def _cell(value: str | None) -> Any:
    """What stands in the cell: dates are dates, and what Excel rewrote is a number by now."""
    if value is not None and REWRITTEN.fullmatch(value):
        return float(value)
    return date.fromisoformat(value) if value is not None and ISO.fullmatch(value) else value


def _fill(sheet: Worksheet, item: Item, said: Sequence[Said], *, titles: bool, numbered: bool) -> None:
    fields = [field for field in item.fields if any(each.fields.get(field.name) for each in said) or field.required]
    head = [field.title if titles else field.name for field in fields]
    sheet.append((["序号"] if numbered else []) + head)
    for number, each in enumerate(said, start=1):
        sheet.append(([number] if numbered else []) + [_cell(each.fields.get(field.name)) for field in fields])


def _formal(path: Path, item: Item, said: Sequence[Said], authority: str) -> None:
    """With a merged title, running numbers, a total and a signature."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([f"{authority}{item.title}信息报送表（2017年9月）"])
    sheet.merge_cells("A1:H1")
    sheet.append([])
    _fill(sheet, item, said, titles=True, numbered=True)
    sheet.append(["合计", f"{len(said)}条"])
    sheet.append(["填表人：张三", None, "联系电话：0531-66600000"])
    book.save(path)


def _plain(path: Path, item: Item, said: Sequence[Said]) -> None:
    """Codes for a header, blank rows in between, a second sheet with nothing of interest."""
    book = Workbook()
    sheet = book.worksheets[0]
    _fill(sheet, item, said, titles=False, numbered=False)
    sheet.insert_rows(4, 2)
    book.create_sheet("说明")
    book.save(path)


def workbooks(folder: Path, load: Load, item: Item, authority: str) -> list[Path]:
    """The load as workbooks of up to 200 rows, in two styles by turns. Written once: the same file again must be the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for start in range(0, len(load.said), 200):
        path = folder / f"{authority}{item.title}{start // 200 + 1}.xlsx"
        said = load.said[start : start + 200]
        if not path.exists():
            if start // 200 % 2 == 0:
                _formal(path, item, said, authority)
            else:
                _plain(path, item, said)
        paths.append(path)
    return paths


def text(folder: Path, load: Load, item: Item, authority: str) -> Path:
    """The load as a CSV file in GB18030, as an old system writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{authority}{item.title}.csv"
    if not path.exists():
        with path.open("w", encoding="gb18030", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow([field.title for field in item.fields])
            writer.writerows([each.fields.get(field.name) or "" for field in item.fields] for each in load.said)
    return path
