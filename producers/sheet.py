"""A plain table as a workbook to take away, in which no text can be run as a formula."""

import io
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain, islice, zip_longest

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from infra.cells import Cell, neutral

LOOKED_AT, WIDEST = 200, 60  # rows that say how wide a column is; and how wide one gets, in characters


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
