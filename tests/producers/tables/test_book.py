"""Tables as people really fill them in: what must be read, and what must be answered."""

import datetime
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from producers.refusal import Refusal
from producers.tables.book import reading
from producers.tables.workbook import Limits, opened
from tests.producers.tables.small import HEADER, ROW, TITLES, read, refused, saved


def test_a_plain_sheet_is_read_with_the_numbers_of_its_rows(tmp_path: Path) -> None:
    lines, table = read(saved(tmp_path / "a.xlsx", [HEADER, ROW, ROW]))
    assert [line.number for line in lines] == [2, 3]
    assert lines[0].cells == {"XK_WSH": ROW[0], "XK_XDR": ROW[1], "XK_SHXYM": ROW[2], "XK_JDRQ": ROW[3], "BZ": ""}
    assert table.way == "excel"


def test_title_rows_number_column_blank_rows_and_signatures_are_not_data(tmp_path: Path) -> None:
    rows = [
        ["济南市行政许可信息归集表"],
        ["填报单位：市住建局", None, None, "2017年9月"],
        ["序号", "备 注", "XK_XDR", "许可决定日期\n（必填）", "*行政许可决定书文号"],
        [1, "甲", "公司甲", datetime.date(2017, 9, 1), "一号"],
        [2, None, None, None, None],
        [None, "  ", "\u3000", "\xa0", None],
        [3, "乙", "公司乙", datetime.date(2017, 9, 2), "二号"],
        ["合计", 2],
        ["填表人：张三", None, "审核人：李四"],
        [],
    ]
    lines, table = read(saved(tmp_path / "a.xlsx", rows))
    assert [(line.number, line.cells["XK_WSH"], line.cells["XK_JDRQ"]) for line in lines] == [
        (4, "一号", datetime.date(2017, 9, 1)),
        (7, "二号", datetime.date(2017, 9, 2)),
    ]
    assert table.tally.blank == 2
    assert table.tally.trailers == [8, 9]


def test_a_row_that_looks_like_a_signature_is_data_when_data_follows(tmp_path: Path) -> None:
    lines, table = read(saved(tmp_path / "a.xlsx", [HEADER, ["合计"], ROW]))
    assert [line.number for line in lines] == [2, 3]
    assert table.tally.trailers == []


def test_merged_titles_over_two_header_rows_and_a_row_of_codes(tmp_path: Path) -> None:
    rows = [
        ["文号", "相对人", None, "许可决定日期", "备注"],
        [None, "行政相对人名称", "统一社会信用代码", None, None],
        ["XK_WSH", "XK_XDR", "XK_SHXYM", "XK_JDRQ", "BZ"],
        ROW,
    ]

    def build(book: openpyxl.Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet["A1"] = "行政许可决定书文号"
        for span in ("A1:A2", "B1:C1", "D1:D2", "E1:E2"):
            sheet.merge_cells(span)

    lines, _ = read(saved(tmp_path / "a.xlsx", rows, build))
    assert [line.cells["XK_XDR"] for line in lines] == ["济南某公司"]


def test_a_cell_merged_downwards_says_its_value_for_every_row(tmp_path: Path) -> None:
    rows = [HEADER, ROW, ["二号", None, None, "2017-09-02"], ["三号", "另一公司", None, "2017-09-03"]]
    lines, _ = read(saved(tmp_path / "a.xlsx", rows, lambda book: book.active.merge_cells("B2:B3")))
    assert [line.cells["XK_XDR"] for line in lines] == ["济南某公司", "济南某公司", "另一公司"]


def test_hidden_rows_columns_and_sheets_are_read(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["A"].hidden = True
        book.create_sheet("封面", 0)["A1"] = "说明"
        sheet.sheet_state = "hidden"

    lines, _ = read(saved(tmp_path / "a.xlsx", [HEADER, ROW, ROW], build))
    assert [line.number for line in lines] == [2, 3]
    assert lines[0].cells["XK_WSH"] == ROW[0]


def test_dates_of_both_epochs_are_the_same_day(tmp_path: Path) -> None:
    day = datetime.datetime(2018, 1, 2)  # noqa: DTZ001

    def mac(book: openpyxl.Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        book.active["D2"] = day

    lines, _ = read(saved(tmp_path / "a.xlsx", [HEADER, ROW], mac))
    assert lines[0].cells["XK_JDRQ"] == datetime.date(2018, 1, 2)


def test_an_error_cell_and_a_formula_without_result_are_marked(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet["B3"], sheet["E3"] = "#N/A", "=A1&B1"

    lines, _ = read(saved(tmp_path / "a.xlsx", [HEADER, ROW, ROW], build))
    assert [line.marks for line in lines] == [{}, {"XK_XDR": "#N/A", "BZ": ""}]


def test_the_sheet_with_the_items_columns_is_found_among_others(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        book.create_sheet("填报须知", 0).append(["请按要求填写"])
        sample = book.create_sheet("示例")
        for row in (HEADER, ROW):
            sample.append(row)

    lines, table = read(saved(tmp_path / "a.xlsx", [HEADER, ROW, ROW], build))
    assert len(lines) == 2
    assert "Sheet" in table.place


def test_two_sheets_of_data_are_two_tables(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        second = book.create_sheet("九月")
        for row in (HEADER, ROW):
            second.append(row)

    with reading(saved(tmp_path / "a.xlsx", [HEADER, ROW, ROW], build), [TITLES]) as book:
        assert [(table.place, line.number) for table, line in book.lines] == [("工作表“Sheet”", 2), ("工作表“Sheet”", 3), ("工作表“九月”", 2)]


def test_a_wrong_header_tells_missing_unknown_and_nearest(tmp_path: Path) -> None:
    refusal = refused(saved(tmp_path / "a.xlsx", [["行政许可决定文书号", "行政相对人名称", "许可决定日期", "备注"], ROW]))
    assert refusal.code == "wrong_header"
    assert "缺少列：行政许可决定书文号（XK_WSH）" in refusal.message
    assert {"missing": "XK_WSH", "title": "行政许可决定书文号"} in refusal.details
    unknown = next(detail for detail in refusal.details if isinstance(detail, dict) and "unknown" in detail)
    assert (unknown["unknown"], unknown["column"], unknown["nearest"][0]) == ("行政许可决定文书号", "A", "行政许可决定书文号")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["日期", "金额"], [1, 2]], "no_header"),
        ([], "empty"),
        ([[*HEADER, "备注"], ROW], "wrong_header"),
        ([[*HEADER, None, "操作"], [*ROW, "落在无标题的列里"]], "untitled_column"),
        ([HEADER, [*ROW, "表外的字"]], "untitled_column"),
    ],
)
def test_what_cannot_be_read_safely_is_refused(tmp_path: Path, rows: list[list[object]], code: str) -> None:
    assert refused(saved(tmp_path / "a.xlsx", rows)).code == code


def test_operation_and_receipt_line_columns_are_told_apart_from_fields(tmp_path: Path) -> None:
    lines, _ = read(saved(tmp_path / "a.xlsx", [["回执行号", "操作", *HEADER], ["HZX#7", "删除", *ROW]]))
    assert (lines[0].operation, lines[0].reference) == ("删除", "HZX#7")
    assert set(lines[0].cells) == {column.code for column in TITLES.columns}


def test_an_old_xls_and_its_wps_twin_read_like_the_new_one() -> None:
    folder = Path(__file__).parents[1] / "fixtures"
    for name in ("permits.xls", "permits.et"):
        lines, table = read(folder / name)
        assert [(line.number, line.cells["XK_WSH"]) for line in lines] == [(3, "济许〔2017〕1号"), (4, "济许〔2017〕2号")]
        assert lines[0].cells["XK_JDRQ"] == datetime.date(2017, 9, 1)
        assert lines[1].cells["XK_SHXYM"] == 370100199001011234.0
        assert table.way == "excel"


def test_what_is_not_a_workbook_is_answered(tmp_path: Path) -> None:
    cases = {
        b"": "empty",
        b"\n \n": "empty",
        b"PK\x03\x04 broken": "not_a_workbook",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000): "not_a_workbook",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"): "encrypted",
        b"<html><table><tr><td>x</td></tr></table></html>": "not_a_table",
        b"\x89PNG\r\n\x1a\n\0\0\0": "not_a_table",
    }
    for content, code in cases.items():
        path = tmp_path / "any.xlsx"
        path.write_bytes(content)
        assert refused(path).code == code, content


def test_a_zip_bomb_false_dimensions_and_a_huge_file_cost_little(tmp_path: Path) -> None:
    good = saved(tmp_path / "good.xlsx", [HEADER, ROW])
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        with target.open("xl/media/zeros", "w", force_zip64=True) as member:
            for _ in range(120):
                member.write(bytes(1 << 20))
    with pytest.raises(Refusal) as caught, opened(bomb, Limits(unpacked_bytes=100 << 20)):
        pass
    assert caught.value.code == "too_big"
    wide = saved(tmp_path / "wide.xlsx", [HEADER, ROW], lambda book: book.active.__setitem__("XFD1048576", "x"))
    assert refused(wide).code == "too_big"
    with pytest.raises(Refusal) as caught, opened(good, Limits(file_bytes=100)):
        pass
    assert caught.value.code == "too_big"


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xlsx", [HEADER, *[ROW] * 20])
    with pytest.raises(Refusal) as caught, opened(path, Limits(rows=10)):
        pass
    assert caught.value.code == "too_many_rows"


def test_a_small_sheet_that_is_not_read_is_told_and_the_limits_are_exact(tmp_path: Path) -> None:
    def phones(book: openpyxl.Workbook) -> None:
        book.create_sheet("电话").append(["姓名", "电话", "传真"])
        book["电话"].append(["李四", "0531", "0532"])

    path = saved(tmp_path / "a.xlsx", [HEADER, ROW], phones)
    with reading(path, [TITLES], Limits(rows=2, columns=5)) as book:
        assert book.notes == ["工作表“电话”没有读取：不是所选目录的表，或没有数据。"]
    for limits in (Limits(rows=1), Limits(columns=4)):
        with pytest.raises(Refusal) as caught, opened(path, limits):
            pass
        assert caught.value.code in ("too_many_rows", "too_many_columns")
