"""Lists of companies as people have them."""

import io
from typing import Any

import pytest
from openpyxl import Workbook

from portal.government import names
from producers.refusal import Refusal
from tests.portal.government.site import CODE, NAME, OTHER


def book(*rows: tuple[Any, ...], sheets: int = 1) -> bytes:
    made, stream = Workbook(), io.BytesIO()
    for _ in range(sheets - 1):
        made.create_sheet()
    for row in rows:
        made.worksheets[-1].append(row)
    made.save(stream)
    return stream.getvalue()


def test_pasted_lines_give_the_code_or_the_name() -> None:
    said = f"序号\t企业名称\t统一社会信用代码\n1\t{NAME}\t{CODE.lower()}\n\n2\t没有代码的公司\t\n{OTHER}\n  {NAME}  \n"
    assert names.pasted(said) == [CODE.lower(), "没有代码的公司", OTHER, NAME]


def test_the_same_company_stands_once_however_it_was_typed() -> None:
    assert names.distinct([CODE, CODE.lower(), "甲（济南）公司", "甲(济南)公司", "乙公司"]) == [CODE, "甲（济南）公司", "乙公司"]


@pytest.mark.parametrize("sheets", [1, 2])
def test_a_workbook_gives_one_company_a_row(sheets: int) -> None:
    content = book(("企业查询名单",), ("序号", "企业名称", "统一社会信用代码"), (1, NAME, CODE), (2, "乙公司", None), (3, "丙公司", 370100000000016), (None, None, None), sheets=sheets)
    assert names.of_file(content) == ["企业查询名单", CODE, "乙公司", "370100000000016"]


def test_a_code_that_excel_rewrote_is_not_guessed() -> None:
    (said,) = names.of_file(book(("某公司", 913701026789012345.0)))
    assert said.startswith("9.137010E+17")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_text_files_are_read_in_both_encodings(encoding: str) -> None:
    assert names.of_file(f"企业名称,代码\n{NAME},{CODE}\n乙公司,\n".encode(encoding)) == [CODE, "乙公司"]


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\xff\xff", b"PK\x03\x04 no book"])
def test_what_is_no_list_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Refusal):
        names.of_file(content)
