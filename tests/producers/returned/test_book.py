"""The workbook that comes back is the one that was sent, with what is wrong in it; corrected, it goes in as it is."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from producers import preview
from producers.file import Sender, Terms, opened
from producers.refusal import Refusal
from producers.returned import book
from producers.returned.book import Judged
from producers.standing import Empty
from producers.template import workbook as template
from tests.producers.lived import ITEM, SECRET, START, said

TITLES = [field.title for field in ITEM.fields]
TERMS, SENDER = Terms([ITEM], SECRET), Sender("swj", "zhang")
BAD_DATE, NO_CONTENT = "XK_JDRQ", "XK_NR"


def record(number: int, **changed: object) -> list[object]:
    return [changed.get(field.name, f"济许〔2017〕{number}号" if field.name == "XK_WSH" else field.example) for field in ITEM.fields]


def judged(path: Path, target: Path) -> tuple[bool, list[dict[str, Any]]]:
    """The file judged as a preview does and returned; whether it came back whole, and its rows as they were said."""
    with opened(path, TERMS, SENDER) as file:
        told = [_judged(table, number) for number, table in enumerate(file.tables)]
        rows = [{"line": row.line, "ref": row.ref, **row.fields} for table in file.tables for row in table.rows()]
        return book.write(file, told, target), rows


def _judged(table: Any, number: int) -> Judged:
    found = {each.row.line: [reason.record() for reason in each.reasons] for each in preview.verdicts(said(START), table.rows(), Empty()) if each.what == preview.WRONG}
    return Judged(table, f"HZ{number}", found)


def saved(path: Path, rows: Sequence[Sequence[object]], **sheets: Sequence[Sequence[object]]) -> Path:
    made = openpyxl.Workbook()
    sheet: Any = made.active
    for row in rows:
        sheet.append(row)
    for name, others in sheets.items():
        other = made.create_sheet(name)
        for row in others:
            other.append(row)
    made.save(path)
    return path


def cells(path: Path, sheet: int = 0, row: int = 1) -> Mapping[str, Any]:
    """The cells of a row by the titles in row 1."""
    found = openpyxl.load_workbook(path).worksheets[sheet]
    return {str(title.value): cell for title, cell in zip(found[1], found[row], strict=True)}


def colored(path: Path, sheet: int = 0) -> list[str]:
    """Where cells are coloured, by which formula."""
    found = openpyxl.load_workbook(path).worksheets[sheet]
    return [f"{area.sqref} {rule.formula[0]}" for area, rules in found.conditional_formatting._cf_rules.items() for rule in rules]


def test_bad_cells_are_coloured_commented_and_explained_and_all_rows_numbered(tmp_path: Path) -> None:
    path, target = saved(tmp_path / "a.xlsx", [TITLES, record(1), record(2, XK_JDRQ="2017-13-40", XK_NR=None), record(3)]), tmp_path / "back.xlsx"
    assert judged(path, target)[0]
    good, bad = cells(target, row=2), cells(target, row=3)
    assert (good["回执行号"].value, good["错误说明"].value) == ("HZ0#2", None)
    assert bad["回执行号"].value == "HZ0#3"
    assert bad["错误说明"].value.startswith("【许可内容】")
    assert "【许可决定日期】" in bad["错误说明"].value
    assert "日期" in bad["许可决定日期"].comment.text
    assert bad["许可内容"].comment is not None
    assert good["许可决定日期"].comment is None
    assert sum('FIND("【许可决定日期】"' in rule for rule in colored(target)) == 1
    summary = [[cell for cell in row if cell] for row in openpyxl.load_workbook(target)["错误汇总"].values]
    assert summary[0][0].startswith("共 3 行，有误 1 行")
    assert any(row[1:4] == ["Sheet", "3", "HZ0#3"] for row in summary)


def test_looks_formulas_and_everything_else_stay(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "back.xlsx"
    made = openpyxl.Workbook()
    sheet: Any = made.active
    for row in ([*TITLES, "操作"], record(1, XK_JDRQ="错"), record(2)):
        sheet.append(row)
    sheet["A2"].font, sheet["A2"].fill = Font(bold=True, color="FF112233"), PatternFill("solid", fgColor="FF00FF00")
    sheet["A3"].comment = Comment("科长看过", "李四")
    sheet.column_dimensions["B"].width = 44.5
    sheet.merge_cells("A9:B9")
    sheet.conditional_formatting.add("A1:A9", openpyxl.formatting.rule.CellIsRule("equal", ["1"]))
    made.create_sheet("核对")["B2"] = "=SUM(1,2)"
    made.save(path)
    assert judged(path, target)[0]
    back = openpyxl.load_workbook(target)
    sheet = back.worksheets[0]
    assert (sheet["A2"].font.b, sheet["A2"].font.color.rgb, sheet["A2"].fill.fgColor.rgb) == (True, "FF112233", "FF00FF00")
    assert (sheet.column_dimensions["B"].width, [str(span) for span in sheet.merged_cells.ranges]) == (44.5, ["A9:B9"])
    assert sheet["A3"].comment.text == "科长看过"
    assert back["核对"]["B2"].value == "=SUM(1,2)"
    assert any(rule.startswith("A1:A9") for rule in colored(target))
    assert back.sheetnames == ["Sheet", "核对", "错误汇总"]


def test_the_corrected_file_goes_in_as_it_is_and_what_was_wrong_is_gone_from_its_next_return(tmp_path: Path) -> None:
    first, second, third = tmp_path / "a.xlsx", tmp_path / "b.xlsx", tmp_path / "c.xlsx"
    judged(saved(first, [TITLES, record(1, XK_JDRQ="错"), record(2, XK_NR=None), record(3)]), second)
    made = openpyxl.load_workbook(second)
    made.worksheets[0].cell(2, TITLES.index("许可决定日期") + 1).value = "2017-06-01"
    made.save(second)
    _, rows = judged(second, third)
    assert [(row["line"], row["ref"]) for row in rows] == [(2, "HZ0#2"), (3, "HZ0#3"), (4, "HZ0#4")]
    assert rows[0]["XK_JDRQ"] == "2017-06-01"
    fixed, still = cells(third, row=2), cells(third, row=3)
    assert (fixed["错误说明"].value, fixed["许可决定日期"].comment) == (None, None)
    assert still["错误说明"].value.startswith("【许可内容】")
    assert [title.value for title in openpyxl.load_workbook(third).worksheets[0][1]].count("错误说明") == 1
    assert not any("许可决定日期" in rule for rule in colored(third))
    assert openpyxl.load_workbook(third).sheetnames.count("错误汇总") == 1


def test_sorted_deleted_and_copied_rows_keep_their_numbers(tmp_path: Path) -> None:
    first, second, last = tmp_path / "a.xlsx", tmp_path / "b.xlsx", tmp_path / "c.xlsx"
    judged(saved(first, [TITLES, record(1), record(2, XK_NR=None), record(3, XK_NR=None)]), second)
    old = openpyxl.load_workbook(second).worksheets[0]
    header, rows = [cell.value for cell in old[1]], [[cell.value for cell in row] for row in old.iter_rows(min_row=2)]
    # Last month's file has the columns in another order; the row came back from this one.
    saved(last, [header[::-1], rows[2][::-1], rows[1][::-1]])
    _, found = judged(last, tmp_path / "d.xlsx")
    assert [(row["ref"], row["XK_WSH"]) for row in found] == [("HZ0#4", "济许〔2017〕3号"), ("HZ0#3", "济许〔2017〕2号")]


def test_the_template_filled_in_comes_back_with_its_drop_downs_and_notes(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "back.xlsx"
    path.write_bytes(template(ITEM, "0"))
    made = openpyxl.load_workbook(path)
    for column, value in enumerate(record(1, XK_JDRQ="错"), 1):
        made["填报"].cell(3, column, value)
    made.save(path)
    assert judged(path, target)[0]
    before, after = openpyxl.load_workbook(path)["填报"], openpyxl.load_workbook(target)["填报"]
    assert len(after.data_validations.dataValidation) == len(before.data_validations.dataValidation)
    assert after["A2"].comment.text == before["A2"].comment.text
    titles = [cell.value for cell in after[2]]
    assert after.cell(3, titles.index("回执行号") + 1).value == "HZ0#3"
    assert after.column_dimensions[after.cell(2, titles.index("回执行号") + 1).column_letter].hidden


@pytest.mark.parametrize("mark", [",", "\t"])
def test_a_text_file_comes_back_as_a_workbook_without_live_formulas(tmp_path: Path, mark: str) -> None:
    path, target = tmp_path / "a.csv", tmp_path / "back.xlsx"
    bad = record(2, XK_JDRQ="=cmd|'/C calc'!A0", BZ="=HYPERLINK(\"http://x\",\"y\")", XK_NR="@SUM(1)")
    path.write_text("\n".join(mark.join(f'"{str(cell or "").replace(chr(34), chr(34) * 2)}"' for cell in row) for row in (TITLES, record(1), bad)), encoding="utf-8")
    assert judged(path, target)[0]
    row = cells(target, row=3)
    assert {row[title].data_type for title in ("许可决定日期", "备注", "许可内容")} <= {"s", "inlineStr"}
    assert row["备注"].value == '=HYPERLINK("http://x","y")'
    assert row["备注"].quotePrefix
    shown = [str(cell) for line in openpyxl.load_workbook(target)["错误汇总"].values for cell in line if cell]
    assert not [cell for cell in shown if cell.startswith(("=", "@", "+", "-"))]
    _, again = judged(target, tmp_path / "again.xlsx")
    assert (again[1]["XK_JDRQ"], again[1]["ref"]) == ("=cmd|'/C calc'!A0", "HZ0#3")


def test_a_large_file_comes_back_with_its_bad_rows_only(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(book, "WHOLE_ROWS", 3)
    path, target = saved(tmp_path / "a.xlsx", [TITLES, *(record(n, **({"XK_NR": None} if n == 4 else {})) for n in range(6))]), tmp_path / "back.xlsx"
    assert not judged(path, target)[0]
    assert openpyxl.load_workbook(target).worksheets[0].max_row == 2
    assert cells(target, row=2)["回执行号"].value == "HZ0#6"
    with pytest.raises(Refusal) as caught:
        judged(saved(path, [TITLES, *(record(n) for n in range(6))]), target)
    assert caught.value.code == "nothing_wrong"


def test_two_tables_on_a_sheet_are_both_annotated(tmp_path: Path) -> None:
    rows = [TITLES, record(1, XK_NR=None), [], ["第二批"], TITLES[::-1], record(2, XK_NR=None)[::-1]]
    path, target = saved(tmp_path / "a.xlsx", rows), tmp_path / "back.xlsx"
    assert judged(path, target)[0]
    sheet = openpyxl.load_workbook(target).worksheets[0]
    place = next(cell.column for cell in sheet[1] if cell.value == "回执行号")
    assert [sheet.cell(row, place).value for row in (2, 6)] == ["HZ0#2", "HZ1#6"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_gives_back_the_same(tmp_path: Path) -> None:
    path, target, folder = tmp_path / "a.xlsx", tmp_path / "back.xlsx", tmp_path / "out"
    judged(saved(path, [TITLES, record(1), record(2, XK_NR=None)]), target)
    asked = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx", "--outdir", str(folder), str(target)]
    subprocess.run(asked, check=True, capture_output=True, timeout=300)
    assert cells(folder / "back.xlsx", row=3)["错误说明"].value.startswith("【许可内容】")
    assert cells(folder / "back.xlsx", row=3)["许可内容"].comment is not None
    assert any("许可内容" in rule for rule in colored(folder / "back.xlsx"))
    _, rows = judged(folder / "back.xlsx", tmp_path / "again.xlsx")
    assert [row["ref"] for row in rows] == ["HZ0#2", "HZ0#3"]
    fixed = cells(tmp_path / "again.xlsx", row=3)
    assert fixed["许可内容"].comment is not None
