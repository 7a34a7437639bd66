"""Pieces of SpreadsheetML: cells, rows, whole small parts. Texts are inline strings, so that nothing written here is ever evaluated."""

import re
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from producers.tables.titles import letter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
LONGEST = 32_000  # characters of a cell
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def text(value: str) -> str:
    """A text as XML content; what XML cannot say is left out."""
    return escape(_FORBIDDEN.sub("", value[:LONGEST]))


def attribute(value: str) -> str:
    return quoteattr(_FORBIDDEN.sub("", value))


def cell(row: int, column: int, value: str, style: int = 0) -> str:
    """A cell that holds a text; row from 1, column from 0."""
    return f'<c r="{letter(column)}{row}"{f" s={chr(34)}{style}{chr(34)}" if style else ""} t="inlineStr"><is><t xml:space="preserve">{text(value)}</t></is></c>'


def line(row: int, values: Sequence[str | None], style: int = 0) -> str:
    cells = "".join(cell(row, column, value, style) for column, value in enumerate(values) if value)
    return f'<row r="{row}">{cells}</row>'


def sheet(rows: Iterable[str], widths: Sequence[int]) -> str:
    """A worksheet's part."""
    columns = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1))
    return f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}"><cols>{columns}</cols><sheetData>{"".join(rows)}</sheetData></worksheet>'
