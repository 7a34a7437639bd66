"""The workbook a department fills in, made from the item alone: a data sheet, 填报须知 and the code lists behind the drop-downs."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from schemas.catalog import Field, Item

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 5_000
STAMP = "guiji"  # a property of the file: item/version of the catalogue
BOLD, RED = Font(bold=True), Font(bold=True, color="A3210F")
SHADE = PatternFill("solid", fgColor="E8EDF3")
WRAP = Alignment(wrap_text=True, vertical="top")
OPERATIONS = ("删除", "撤销", "以本次为准")


def workbook(item: Item, version: str) -> bytes:
    """The template as an .xlsx, stamped with the catalogue's ``version``. Every cell below a title is text, so that long numbers stay what they are; a filled-in template is read
    back by `producers.file`.
    """
    book: Any = Workbook()  # the stubs know no custom properties
    data = book.active
    assert isinstance(data, Worksheet)
    data.title = "填报"
    codes = book.create_sheet("代码")
    _head(data, item)
    for column, field in enumerate(item.fields, 1):
        _column(data, codes, column, field)
    last = len(item.fields) + 1
    data.cell(2, last, "操作").font = BOLD
    _choose(data, last, f'"{",".join(OPERATIONS)}"')
    # Written into a returned workbook, so that a corrected row is known again after sorting and copying.
    data.cell(2, last + 1, "回执行号").font = BOLD
    data.column_dimensions[get_column_letter(last + 1)].hidden = True
    _guide(book.create_sheet("填报须知", 1), item, version)
    _example(book.create_sheet("示例", 2), item)
    book.custom_doc_props.append(StringProperty(name=STAMP, value=f"{item.code}/{version}"))
    codes.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _head(sheet: Worksheet, item: Item) -> None:
    sheet.cell(1, 1, f"{item.title}信息归集表").font = Font(bold=True, size=14)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(item.fields) + 1)
    sheet.freeze_panes = "A3"


def _column(sheet: Worksheet, codes: Worksheet, number: int, field: Field) -> None:
    cell = sheet.cell(2, number, ("*" if field.required else "") + field.title)
    cell.font, cell.fill, cell.alignment = (RED if field.required else BOLD), SHADE, WRAP
    cell.comment = Comment(_note(field), "归集")
    sheet.column_dimensions[get_column_letter(number)].width = 28 if (field.length or 0) > 100 else 18
    sheet.column_dimensions[get_column_letter(number)].number_format = "@"
    if field.code_set and not field.many:
        _choose(sheet, number, _list(codes, number, list(field.code_set)))


def _list(codes: Worksheet, number: int, values: Sequence[str]) -> str:
    for row, value in enumerate(values, 1):
        codes.cell(row, number, value).number_format = "@"
    letter = get_column_letter(number)
    return f"'代码'!${letter}$1:${letter}${len(values)}"


def _choose(sheet: Worksheet, number: int, formula: str) -> None:
    letter = get_column_letter(number)
    rule = DataValidation(
        "list", formula1=formula, allow_blank=True, showErrorMessage=True, errorTitle="代码", error="请从下拉列表中选择。"
    )
    rule.add(f"{letter}3:{letter}{2 + ROWS}")
    sheet.add_data_validation(rule)


def _note(field: Field) -> str:
    return "\n".join(filter(None, [field.name, field.help, f"例：{field.example}" if field.example else ""]))


def _example(sheet: Worksheet, item: Item) -> None:
    """A sheet with the titles and the example record, which is never read as data."""
    for column, field in enumerate(item.fields, 1):
        sheet.cell(1, column, ("*" if field.required else "") + field.title).font = BOLD
        sheet.cell(2, column, field.example).number_format = "@"
        sheet.column_dimensions[get_column_letter(column)].width = 22


def _guide(sheet: Worksheet, item: Item, version: str) -> None:
    told = [
        f"一、本表填报“{item.title}”，一行一条记录，带 * 的列必填。",
        "二、单元格都是文本格式；号码、日期请直接键入，不要改成数值格式，否则 Excel 会改写 15 位以后的数字。",
        "三、“操作”列一般留空；填“删除”或“撤销”表示撤回该记录，填“以本次为准”表示与其他渠道不同时以本行为准。",
        "四、同一条记录在一个文件里只填一行；退回的行改正后，可以在原表上再次报送。",
        f"五、填好的样子见“示例”表，该表不作为数据。本模板按目录版本 {version} 生成。",
    ]
    for row, line in enumerate(told, 1):
        sheet.cell(row, 1, line)
    for column, (title, width) in enumerate((("代码", 18), ("名称", 28), ("必填", 8), ("最长", 8), ("说明", 70), ("示例", 30)), 1):
        sheet.cell(7, column, title).font = BOLD
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, field in enumerate(item.fields, 8):
        values = (field.name, field.title, "是" if field.required else "", field.length, field.help, field.example)
        for column, value in enumerate(values, 1):
            sheet.cell(row, column, value).alignment = WRAP
            sheet.cell(row, column).number_format = "@"
