"""Cells of a table to take away: no text in them can be run as a formula; and the table as CSV."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

CSV = "text/csv; charset=utf-8"
LONGEST_CELL = 32_767  # Excel's own
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
