"""A catalogue kept as a workbook comes back as the item files it was made of; what cannot be read is told by place, all of it."""

import io

import pytest
from openpyxl import Workbook, load_workbook

from producers import catalogue_book
from schemas import departments, item_file
from schemas.catalog import load, read
from schemas.changes import changes

CATALOG = load()


def book(items: list[list[str]], fields: list[list[str]], *, titles: int = 0) -> bytes:
    made = Workbook()
    for name, rows in (("信息项", items), ("数据项", fields)):
        sheet = made.create_sheet(name)
        for _ in range(titles):
            sheet.append(["济南市公共信用信息目录（2017 年）"])
        for row in rows:
            sheet.append(row)
    del made["Sheet"]
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


ITEM_HEAD = ["信息项代码", "信息项名称", "类别", "主体类别", "主键", "键的范围", "更新频率", "报送时限", "计日字段", "归集起始日", "变更日字段", "使用范围", "依据文件", "页码"]
ITEM = ["ceshi", "测试信息", "资质", "法人和其他组织", "WSH", "本部门", "每周", "7 个工作日，自 JDRQ", "JDRQ", "2015-01-01", "SJC", "公示", "drafted", "12"]
FIELD_HEAD = ["信息项代码", "数据项代码", "数据项名称", "数据类型", "数据长度", "是否必填", "样例", "备注", "规则", "只随更新变动"]
FIELDS = [
    ["ceshi", "WSH", "文书号", "C", "64", "√", "济字1号"],
    ["", "DWMC", "单位名称", "字符型", "256", "是", "济南泉城建筑有限公司", "全称", "name"],
    ["", "JE", "金额（元）", "N", "18,2", "否", "12.50", "", "amount"],
    ["", "JDRQ", "决定日期", "D", "", "是", "2017-06-01", "", "not_future"],
    ["", "SJC", "更新时间", "日期型", "10", "是", "2017-06-02", "", "not_before(JDRQ)", "是"],
]


def test_the_whole_catalogue_goes_out_and_comes_back_the_same() -> None:
    found = catalogue_book.read(catalogue_book.written(CATALOG.values()))
    assert found.unread == []
    assert set(found.specs) == set(CATALOG)
    assert changes(CATALOG, {code: read(spec) for code, spec in found.specs.items()}) == []


def test_cells_are_text_and_formulas_stay_text() -> None:
    sheet = load_workbook(io.BytesIO(catalogue_book.written([CATALOG["xzxk"]])))["数据项"]
    assert all(cell.data_type == "s" for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None)


@pytest.mark.parametrize("titles", [0, 2])
def test_a_catalogue_as_issued_is_read_by_its_own_titles(titles: int) -> None:
    found = catalogue_book.read(book([ITEM_HEAD, ITEM], [FIELD_HEAD, *FIELDS], titles=titles))
    assert found.unread == ["信息项：列“页码”没有读"]
    item = read(found.specs["ceshi"])
    assert (item.title, item.key, item.frequency, item.due, item.usage) == ("测试信息", ("WSH",), "week", {"working_days": 7, "after": "JDRQ"}, "0")
    assert [(field.name, field.kind, field.required) for field in item.fields] == [
        ("WSH", "string", True), ("DWMC", "string", True), ("JE", "decimal-text", False), ("JDRQ", "date", True), ("SJC", "date", True),
    ]  # fmt: skip
    assert (item.by_name["JE"].precision, item.by_name["JE"].scale) == (18, 2)
    assert item.by_name["SJC"].volatile
    assert item.by_name["DWMC"].length == 256


def test_all_that_cannot_be_read_is_told_by_place() -> None:
    item = ITEM.copy()
    item[3], item[7] = "机构", "七天内"
    fields = [["ceshi", "WSH", "文书号", "字典", "64", "是"], ["ceshi", "JE", "金额", "数值型", "很长", "否"], ["ceshi", "BZ", "备注", "C", "64", "也许"], ["meiyou", "X", "没有的", "C", "8", "否"]]
    found = catalogue_book.read(book([ITEM_HEAD, item, ITEM], [FIELD_HEAD, *fields]))
    assert found.specs == {}
    told = "\n".join(found.unread)
    for part in (
        "信息项 第 2 行 主体类别：“机构”应为", "信息项 第 2 行 报送时限：“七天内”应写成", "信息项 第 3 行：信息项代码“ceshi”重复", "数据项 第 2 行 类型：“字典”应为",
        "数据项 第 3 行 类型：数值型的长度“很长”应写成", "数据项 第 4 行 类型：“也许”应填“是”或“否”", "数据项 第 5 行：“信息项”表中没有代码为“meiyou”的信息项", "ceshi：catalogue",
    ):  # fmt: skip
        assert part in told


def test_a_workbook_of_something_else_says_so() -> None:
    found = catalogue_book.read(book([["部门", "电话"]], [["无"]]))
    assert found.specs == {}
    assert found.unread == ["工作表“信息项”没有读：前 12 行里没有找到表头（信息项名称、字段名称 等）", "工作表“数据项”没有读：前 12 行里没有找到表头（信息项名称、字段名称 等）"]
    assert "不是 Excel 工作簿" in catalogue_book.read(b"PK").unread[0]
    empty = Workbook()
    stream = io.BytesIO()
    empty.save(stream)
    assert catalogue_book.read(stream.getvalue()).unread == ["工作表“Sheet”没有读：前 12 行里没有找到表头（信息项名称、字段名称 等）"]


ISSUED = [
    ["济南市公共信用信息目录（2017 版）"],
    ["序号", "信息类别", "信息事项", "数据项", "公开属性", "更新周期", "责任单位"],
    ["1", "失信信息", "拖欠农民工工资", "单位名称", "公开", "每月", "市人力资源社会保障局"],
    ["", "", "", "统一社会信用代码", "", "", ""],
    ["", "", "", "认定文号", "", "", ""],
    ["", "", "", "拖欠金额（元）", "", "", ""],
    ["", "", "", "认定日期", "", "", ""],
    ["2", "良好信息", "劳动模范", "姓名", "共享", "每季", "市总工会、市委宣传部"],
    ["", "", "", "身份证号码", "", "", ""],
    ["", "", "", "证书编号", "", "", ""],
    ["", "", "", "表彰日期", "", "", ""],
]


def issued(rows: list[list[str]], merge: bool) -> bytes:
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A1:G1")
    for letter in "ABCEFG" if merge else "":
        sheet.merge_cells(f"{letter}3:{letter}7")
        sheet.merge_cells(f"{letter}8:{letter}11")
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("merge", [True, False])
def test_a_catalogue_of_one_sheet_without_codes_or_types_becomes_sound_items(merge: bool, tmp_path) -> None:
    found = catalogue_book.read(issued(ISSUED, merge), departments.load().values())
    assert set(found.specs) == {"tqnmggz", "ldmf"}
    wages = read(found.specs["tqnmggz"])
    assert (wages.title, wages.category, wages.usage, wages.frequency, wages.subject) == ("拖欠农民工工资", "失信", "0", "month", "organisation")
    assert [(field.name, field.kind, [rule.name for rule in field.rules]) for field in wages.fields] == [
        ("DWMC", "string", ["name"]), ("TYSHXYDM", "string", ["uscc"]), ("RDWH", "string", []), ("TQJE", "decimal-text", ["amount"]), ("RDRQ", "date", []),
    ]  # fmt: skip
    assert (wages.key, wages.dated_by, wages.by_name["RDWH"].required) == (("RDWH",), "RDRQ", True)
    model = read(found.specs["ldmf"])
    assert (model.subject, model.category, model.by_name["SFZHM"].privacy, model.by_name["XM"].privacy) == ("person", "表彰荣誉", "person_number", "person_name")
    assert found.owed == ["rsj,tqnmggz,2015-01-01,,", "xcb,ldmf,2015-01-01,,"]
    assert found.unread == ["ldmf：责任单位“市总工会”不在 departments.csv 中"]
    for code, part in (("tqnmggz", "识别键：暂按“认定文号”"), ("tqnmggz", "计日字段：暂按“认定日期”"), ("ldmf", "代码：劳动模范 → ldmf"), ("ldmf", "类型")):
        assert any(line.startswith(code) and part in line for line in found.supposed), part
    for code, spec in found.specs.items():
        (tmp_path / f"{code}.avsc").write_text(item_file.written(spec), encoding="utf-8")
    assert set(load(tmp_path)) == {"tqnmggz", "ldmf"}


def test_fields_listed_in_one_cell_are_read_one_by_one() -> None:
    rows = [["信息类", "信息项", "更新周期"], ["水利工程建设许可", "许可证号、建设单位名称；许可日期", "每周"]]
    made = Workbook()
    for row in rows:
        made.active.append(row)
    stream = io.BytesIO()
    made.save(stream)
    found = catalogue_book.read(stream.getvalue())
    assert found.unread == []
    item = read(found.specs["slgcjsxk"])
    assert [field.title for field in item.fields] == ["许可证号", "建设单位名称", "许可日期"]
    assert (item.category, item.key, item.frequency) == ("资质", ("XKZH",), "week")


def test_what_is_there_already_keeps_its_codes() -> None:
    rows = [["信息事项", "数据项", "更新周期"], ["失信被执行人", "案号", "每日"], ["", "发布时间", ""], ["", "新的一项", ""]]
    made = Workbook()
    for row in rows:
        made.active.append(row)
    stream = io.BytesIO()
    made.save(stream)
    spec = catalogue_book.read(stream.getvalue(), (), CATALOG.values()).specs["sxbzx"]
    assert [field["name"] for field in spec["fields"]] == ["AH", "FBSJ", "XDYX"]


@pytest.mark.parametrize("item", CATALOG.values(), ids=lambda item: item.code)
def test_an_item_file_written_is_read_as_it_was(item, tmp_path) -> None:
    path = tmp_path / f"{item.code}.avsc"
    path.write_text(item_file.written(item.spec), encoding="utf-8")
    assert load(path)[item.code] == item
