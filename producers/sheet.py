"""A plain table as a file to take away: .xlsx or .csv, in which no text can be run as a formula."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain, islice, zip_longest

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

CSV = "text/csv; charset=utf-8"
LONGEST_CELL = 32_767  # Excel's own
LOOKED_AT, WIDEST = 200, 60  # rows that say how wide a column is; and how wide one gets, in characters
_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@＝＋－＠]|[\t\r\n]")
# Control characters that no XML may hold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Cell = str | int | float | None


def neutral(value: Cell) -> Cell:
    """Text that a spreadsheet could take for a formula gets an apostrophe in front; numbers and everything else stay."""
    if not isinstance(value, str):
        return value
    text = printable(value)[: LONGEST_CELL - 1]
    return f"'{text}" if _FORMULA.match(value) else text


def printable(text: str) -> str:
    """The text without what no cell may hold."""
    return _UNPRINTABLE.sub("", text)


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([neutral(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def to_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet; every text is a text cell, whatever it begins with."""
    return to_book([(title, header, rows)])


def to_book(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> bytes:
    """Sheets of title, header and rows; every text is a text cell. Columns are as wide as what stands in the first rows."""
    book = Workbook(write_only=True)
    for title, header, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        seen = list(islice(rows := iter(rows), LOOKED_AT))
        for at, column in enumerate(zip_longest(header, *seen, fillvalue=""), 1):
            sheet.column_dimensions[get_column_letter(at)].width = _width(column)
        head = [WriteOnlyCell(sheet, value=name) for name in header]
        for cell in head:
            cell.font = Font(bold=True)
        sheet.append(head)
        for row in chain(seen, rows):
            sheet.append([neutral(value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _width(column: Iterable[Cell]) -> int:
    """In characters; a Chinese one takes two."""
    return min(WIDEST, 2 + max(sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in str(value)[:WIDEST]) for value in column))
