"""A plain table as a workbook to take away, in which no text can be run as a formula."""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from infra.cells import Cell, neutral


def to_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet; every text is a text cell, whatever it begins with."""
    return to_book([(title, header, rows)])


def to_book(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> bytes:
    """Sheets of title, header and rows; every text is a text cell."""
    book = Workbook(write_only=True)
    for title, header, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        head = [WriteOnlyCell(sheet, value=name) for name in header]
        for cell in head:
            cell.font = Font(bold=True)
        sheet.append(head)
        for row in rows:
            sheet.append([neutral(value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
