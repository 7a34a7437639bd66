"""Tables to take away: no text in them runs as a formula, whatever it is."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import cells
from producers import sheet

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "=HYPERLINK(\"http://x\")", "\n=1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert str(cells.neutral(text)).startswith("'")


@pytest.mark.parametrize("value", ["济南", "1", "A=B", "", None, -1, 2.5, "'=1"])
def test_everything_else_stays(value: cells.Cell) -> None:
    assert cells.neutral(value) == value


@given(st.lists(st.text() | st.integers(-10, 10) | st.none(), min_size=1, max_size=5))
def test_any_text_can_be_written_and_none_is_a_formula(row: list[cells.Cell]) -> None:
    header = [str(number) for number in range(len(row))]
    book = openpyxl.load_workbook(io.BytesIO(sheet.to_xlsx("表", header, [row])))
    assert all(cell.data_type != "f" for line in book.active.iter_rows() for cell in line)
    (read,) = list(csv.reader(io.StringIO(cells.to_csv(header, [row]).decode("utf-8-sig"), newline="")))[1:]
    for said, kept in zip(row, read, strict=True):
        assert not isinstance(said, str) or kept.lstrip()[:1] not in set("=+-@＝＋－＠") or not kept


def test_a_csv_opens_in_excel_as_utf8() -> None:
    assert cells.to_csv(["姓名"], [["李娜"]]) == "\ufeff姓名\r\n李娜\r\n".encode()


def test_a_column_is_as_wide_as_what_stands_in_it_and_all_rows_are_written() -> None:
    rows = ([f"济南市城乡建设委员会{number}", number, "字" * 500, None] for number in range(sheet.LOOKED_AT + 50))
    (page,) = openpyxl.load_workbook(io.BytesIO(sheet.to_xlsx("表", ["部门", "n", "内容", "空"], rows))).worksheets
    widths = [page.column_dimensions[letter].width for letter in "ABCD"]
    assert widths[0] >= 20 + 3
    assert widths[1] < 10
    assert widths[2] == sheet.WIDEST
    assert page.max_row == 1 + sheet.LOOKED_AT + 50
    assert page["B251"].value == 249
