"""The corpus: what people really send, each with the exact rows that must come of it, or the answer they must get."""

from collections.abc import Callable
from pathlib import Path

import pytest

from producers.refusal import Refusal
from producers.tables.book import reading
from schemas import text as texts
from tests.producers.tables import corpus
from tests.producers.tables.corpus import (
    FINES,
    PERMITS,
    SOFFICE,
    A,
    B,
    F,
    H,
    P,
    bare,
    converted,
    hidden,
    mac,
    merged,
    package,
    raw,
    row,
    sheet,
    text,
)

PARTS = {"a": ("一号", "甲公司", "2017-09-01"), "b": ("二号", "乙公司", "2017-09-02"), "p": ("罚一号", "丙公司", "500")}
CODES = {"xzxk": ("XK_WSH", "XK_XDR", "XK_JDRQ"), "xzcf": ("CF_WSH", "CF_XDR", "CF_JE")}
CSV = ",".join(H) + "\n一号,甲公司,91440300708461136T,2017-09-01,\n"
BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>"
# name: (how it is made, "line part" for every row in order or the code of the refusal)
CASES: dict[str, tuple[Callable[[Path], None], str]] = {
    "plain": (sheet(H, A, B), "2a 3b"),
    "title rows above": (sheet(["济南市行政许可归集表"], ["填报单位：住建局"], [], H, A, B), "5a 6b"),
    "serial numbers and totals": (sheet(["序号", *H], [1, *A], [2, *B], ["合计", 2], ["填表人：张三", None, "审核人：李四"]), "2a 3b"),
    "a signature over two rows": (sheet(H, A, B, ["制表人："], ["张三"], ["2017年9月"]), "2a 3b"),
    "blank rows between": (sheet(H, [], A, ["  ", "\u3000", "\xa0"], [], B), "3a 6b"),
    "columns in another order, by code": (sheet(["BZ", "XK_JDRQ", "XK_WSH", "XK_XDR"], [None, A[3], A[0], A[1]]), "2a"),
    "stars, blanks, brackets, line breaks": (sheet(["*行政许可决定书文号\n（必填）", " 行政相对人 名称", "统一社会信用代码(18位)", "※许可决定日期", "备注："], A), "2a"),
    "a title in full-width letters": (sheet(["ＸＫ＿ＷＳＨ", *H[1:]], A), "2a"),
    "codes below the titles": (sheet(H, ["XK_WSH", "XK_XDR", "XK_SHXYM", "XK_JDRQ", "BZ"], A), "3a"),
    "two header lines, merged": (
        sheet([H[0], "行政相对人", None, H[3], H[4]], [None, H[1], H[2], None, None], A, build=merged("A1:A2", "B1:C1", "D1:D2", "E1:E2")), "3a",
    ),
    "two header lines, a group and its parts": (sheet([H[0], "行政相对人", None, H[3], H[4]], [None, "名称", H[2], None, None], A, B), "3a 4b"),
    "two header lines, nothing merged": (sheet(["序号", H[0], None, None, H[3]], [None, None, H[1], H[2], None], [1, *A[:4]]), "3a"),
    "the header again on every page": (sheet(H, A, H, B), "2a 4b"),
    "two tables one below the other": (sheet(H, A, [], ["第二批"], H[::-1], B[::-1]), "2a 6b"),
    "two items one below the other": (sheet(["行政许可"], H, A, ["合计", "1"], ["行政处罚"], F, P), "3a 7p"),
    "two items side by side": (sheet([*H, None, *F], [*A, None, *P], [*B, None, None, None, None]), "2a 2p 3b"),
    "several sheets, several items": (sheet(H, A, 处罚=[F, P], 封面=[["说明文字"]]), "2a 2p"),
    "several sheets of one item": (sheet(H, A, 九月=[H, B]), "2a 2b"),
    "a sample beside the data": (sheet(H, A, 示例=[H, B], 填报须知=[["请按要求填写"]]), "2a"),
    "hidden rows and columns": (sheet(H, A, B, build=hidden), "2a 3b"),
    "a hidden sheet": (sheet(["空白"], 表二=[H, A], build=lambda book: setattr(book["表二"], "sheet_state", "veryHidden")), "2a"),
    "a cell merged downwards": (sheet(H, A, ["二号", None, None, "2017-09-02"], build=merged("B2:B3")), "2a 3("),
    "the table begins in column C": (sheet([None, None, *H], [None, None, *A]), "2a"),
    "styled blank rows below": (sheet(H, A, build=corpus.shaded), "2a"),
    "a million styled blank rows": (corpus.million_blank_rows(), "2a"),
    "a false dimension": (package(bare(H, A), before='<dimension ref="A1:XFD1048576"/>'), "2a"),
    "one word in the last row of the sheet": (package(bare(H, A) + '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>合计</t></is></c></row>'), "2a"),
    "one word in the last cell of the sheet": (package(bare(H, A) + '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'), "too_big"),
    "parts with a prefix": (package(bare(H, A, B, prefix="x"), prefix="x"), "2a 3b"),
    "macros inside": (package(bare(H, A), parts={"xl/vbaProject.bin": b"\0" * 100}), "2a"),
    "links to other files": (package(bare(H, A), parts={"xl/externalLinks/externalLink1.xml": "<externalLink/>"}), "2a"),
    "a DDE formula with its last value": (package(bare(H) + row(2, ["一号", "甲公司", "", "2017-09-01"]).replace("</row>", '<c r="E2" t="str"><f>cmd|\' /C calc\'!A0</f><v>x</v></c></row>')), "2a"),
    "an entity bomb in the sheet": (package(bare(H, A), prologue=BOMB), "hostile"),
    "an entity bomb in the strings": (package(bare(H, A), parts={"xl/sharedStrings.xml": BOMB + "<sst>&c;</sst>"}), "hostile"),
    "ten thousand parts": (package(bare(H, A), parts={f"xl/media/{n}": "" for n in range(10_001)}), "too_big"),
    "an archive in the archive": (corpus.bomb, "2a"),
    "dates of 1904": (sheet(H, A, build=mac), "2:2018-01-02"),
    "text, UTF-8 with BOM": (text(CSV, "utf-8-sig"), "2a"),
    "text, GB18030": (text(CSV, "gb18030"), "2a"),
    "text, semicolons and quotes": (text(CSV.replace(",", ";").replace("甲公司", '"甲公司"')), "2a"),
    "text with title rows and signatures": (text("济南市归集表\n填报单位,,,\n" + CSV + "合计,1\n填表人：张三\n"), "4a"),
    "text, two tables": (text(CSV + "\n行政处罚\n" + ",".join(F) + "\n" + ",".join(P) + "\n"), "2a 6p"),
    "a title nobody knows": (sheet([*H, "经办科室"], [*A, "一科"]), "wrong_header"),
    "a title misspelt": (sheet(["许可决定文书号", *H[1:]], A), "wrong_header"),
    "a title twice": (sheet([*H, "备注"], [*A, "x"]), "wrong_header"),
    "content under no title": (sheet([*H[:3], None, *H[3:]], [*A[:3], "多余", *A[3:]]), "untitled_column"),
    "another table": (sheet(["日期", "金额"], [1, 2]), "no_header"),
    "a header and no rows": (sheet(H), ""),
    "an empty workbook": (sheet(), "empty"),
    "an empty file": (raw(b""), "empty"),
    "a picture": (raw(b"\x89PNG\r\n\x1a\n\0\0\0"), "not_a_table"),
    "a web page called .xls": (raw("<html><table><tr><td>行政许可决定书文号</td></tr></table></html>".encode()), "not_a_table"),
    "a broken archive": (raw(b"PK\x03\x04 broken"), "not_a_workbook"),
    "a password": (raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")), "encrypted"),
}  # fmt: skip
OLD = {
    "an .xls": (converted("xls", ["归集表"], H, A, B, ["合计"]), "3a 4b"),
    "an .ods": (converted("ods", H, A, B), "2a 3b"),
}


def read(path: Path) -> str:
    """What comes of it, in the form of the cases."""
    try:
        with reading(path, [PERMITS, FINES]) as book:
            found = [(line.number, tuple(texts.from_excel(line.cells[code]) for code in CODES[table.item])) for table, line in book.lines]
    except Refusal as refusal:
        return refusal.code if refusal.message.endswith("。") else refusal.message
    return " ".join(f"{number}{_part(values)}" for number, values in found)


def _part(values: tuple[str | None, ...]) -> str:
    known = next((name for name, expected in PARTS.items() if expected == values), None)
    if known:
        return known
    return f":{values[2]}" if values[0] == "一号" else "(" if values == ("二号", "甲公司", "2017-09-02") else f"!{values}"


@pytest.mark.parametrize("name", CASES)
def test_what_people_send_is_read_exactly_or_answered(tmp_path: Path, name: str) -> None:
    make, expected = CASES[name]
    path = tmp_path / "a.any"
    make(path)
    assert read(path) == expected


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("name", OLD)
def test_old_formats_are_read_the_same(tmp_path: Path, name: str) -> None:
    make, expected = OLD[name]
    path = tmp_path / "a.et"
    make(path)
    assert read(path) == expected


def notes(path: Path) -> list[str]:
    with reading(path, [PERMITS, FINES]) as book:
        tables = {id(table): table for table, _ in book.lines}
        return [*book.notes, *(f"{table.tally}" for table in tables.values())]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("macros inside", "有宏"), ("links to other files", "引用了别的文件"), ("hidden rows and columns", "hidden=[3]"), ("a hidden sheet", "“表二”是隐藏的"),
        ("the header again on every page", "repeated=[3]"), ("two tables one below the other", "trailers=[4]"), ("a signature over two rows", "trailers=[4, 5, 6]"),
    ],
)  # fmt: skip
def test_what_was_found_besides_data_is_said(tmp_path: Path, name: str, told: str) -> None:
    path = tmp_path / "a.any"
    CASES[name][0](path)
    assert any(told in note for note in notes(path)), notes(path)
