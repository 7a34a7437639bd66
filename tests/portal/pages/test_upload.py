"""数据报送: files sent up, told beforehand, confirmed, followed to the end."""

import io
from datetime import timedelta

import openpyxl

from portal.accounts.roles import Role
from portal.upload import uploads
from tests.portal.desk import Desk
from tests.portal.entry.site import equipped
from tests.portal.upload.site import ITEM, judge, licence, press, reason, row, send, work_on, workbook


def test_a_file_is_told_confirmed_sent_judged_and_returned(desk: Desk) -> None:
    door, house = equipped(desk)
    officer = desk.person(Role.OFFICER)
    content = workbook(licence(1), licence(2, XK_JDRQ="2017-13-40"), licence(3), ugly=True)
    address = send(officer, ("九月.xlsx", content))
    officer.get(address)
    assert "读取中" in officer.page
    work_on(desk)
    officer.get(address)
    for words in ("新增 2，变更 0，相同 0，有误 1。继续吗？", "第 4 行", "许可决定日期", "合计、签名", "隐藏的，照样读取", "工作表“电话”没有读取"):
        assert words in officer.page
    assert not door.sent
    officer.follow(press(officer, address, "send"))
    assert "已收下" in officer.page
    work_on(desk)
    submission, rows = next(iter(door.sent.values()))
    assert (submission.source, submission.name, submission.by, len(rows)) == ("zjj/excel", "九月.xlsx", row(desk, address).username, 3)
    officer.get(address)
    assert "处理中" in officer.page or "待处理" in officer.page

    judge(house, 3, settled=1)
    desk.clock.time += timedelta(minutes=1)
    work_on(desk)
    officer.get(address)
    assert "处理中" in officer.page
    assert "1 / 3 行" in officer.page
    judge(house, 3, {4: [reason("XK_JDRQ")]})
    desk.clock.time += timedelta(minutes=1)
    work_on(desk)
    officer.get(address)
    for words in ("部分成功", "已入库 2", "退回 1", "日期不对", "第 4 行", "济建许〔2017〕2号", next(iter(door.sent))):
        assert words in officer.page
    back = officer.client.get(f"{address}/back.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(back)).worksheets[0]
    titles = [cell.value for cell in sheet[2]]
    assert "【许可决定日期】日期不对" in sheet.cell(4, titles.index("错误说明") + 1).value
    assert sheet.cell(4, titles.index("回执行号") + 1).value == f"{next(iter(door.sent))}#4"
    assert officer.client.get(f"{address}/file").content == content


def test_the_list_tells_each_file_and_exports_it(desk: Desk) -> None:
    _, house = equipped(desk)
    officer = desk.person(Role.OFFICER)
    address = send(officer, ("=cmd.xlsx", workbook(licence(1))))
    work_on(desk)
    press(officer, address, "send")
    judge(house, 1)
    work_on(desk)
    officer.get("/report")
    for words in ("=cmd.xlsx", "成功", "入库 1", ITEM.title, "下载 行政许可 模板", "200 MB"):
        assert words in officer.page
    assert "'=cmd.xlsx" in officer.get("/report/export?form=csv").content.decode("utf-8-sig")
    officer.get("/report?state=failed")
    assert "没有符合条件的文件" in officer.page
    with desk.database.begin() as database:
        for number in range(60):
            made = uploads.Upload(**{column.key: getattr(row(desk, address), column.key) for column in uploads.Upload.__mapper__.column_attrs if column.key not in ("id", "uid", "name")})
            made.uid, made.name = f"u{number}", f"第{number}份.xlsx"
            database.add(made)
    officer.get("/report?page=2")
    assert "第 2 / 2 页" in officer.page
    assert "第0份.xlsx" in officer.page


def test_a_trial_judges_and_stores_nothing(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    address = send(officer, ("试.xlsx", workbook(licence(1), licence(2, XK_NR=None))), do="trial")
    work_on(desk)
    officer.get(address)
    assert "只作了判断，没有报送" in officer.page
    assert "新增 1，变更 0，相同 0，有误 1" in officer.page
    assert not door.sent
    assert press(officer, address, "send").status_code == 409
    assert not list((desk.settings.home / "uploads").iterdir())


def test_the_same_file_again_is_said_before_and_after(desk: Desk) -> None:
    door, house = equipped(desk)
    officer, content = desk.person(Role.OFFICER), workbook(licence(1))
    judge(house, 1)
    for turn in range(2):
        address = send(officer, (f"{turn}.xlsx", content))
        work_on(desk)
        officer.get(address)
        assert ("重复文件" in officer.page) == (turn == 1)
        press(officer, address, "send")
        work_on(desk)
    officer.get(address)
    assert "这次没有再次接收" in officer.page
    assert len(door.sent) == 1
    again = send(officer, ("以.xlsx", content), asserted="on")
    work_on(desk)
    officer.get(again)
    assert "重复文件" not in officer.page
    assert "全部以本次为准" in officer.page
    press(officer, again, "send")
    work_on(desk)
    assert [each.operation for each in list(door.sent.values())[1][1]] == ["assert"]


def test_asserting_is_told_anew_before_it_is_confirmed(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    address = send(officer, ("a.xlsx", workbook(licence(1))))
    work_on(desk)
    officer.get(address)
    before = officer.page
    press(officer, address, "assert", asserted="on")
    assert row(desk, address).state == uploads.READING
    work_on(desk)
    assert press(officer, address, "send", asserted="on").status_code == 303
    assert 'value="on"><button class="second">改为' in before
    work_on(desk)
    assert next(iter(door.sent.values()))[1][0].operation == "assert"


def test_a_strange_title_is_asked_about_and_remembered_and_can_be_forgotten(desk: Desk) -> None:
    equipped(desk)
    officer = desk.person(Role.OFFICER)
    strange = {"XK_WSH": "许可文号"}
    address = send(officer, ("a.xlsx", workbook(licence(1), titles=strange)))
    work_on(desk)
    officer.get(address)
    assert "列“许可文号”" in officer.page
    assert 'value="XK_WSH" selected' in officer.page
    assert press(officer, address, "header").status_code == 422
    press(officer, address, "header", **{"means.0": "XK_WSH"})
    work_on(desk)
    officer.get(address)
    assert "新增 1" in officer.page
    press(officer, address, "send")
    work_on(desk)
    another = send(officer, ("b.xlsx", workbook(licence(2), titles=strange)))
    work_on(desk)
    officer.get(another)
    assert "新增 1" in officer.page
    officer.get("/report/headers")
    assert "许可文号" in officer.page
    officer.post("/report/headers/forget", item="xzxk", title="许可文号")
    once_more = send(officer, ("a.xlsx", workbook(licence(1), titles=strange)))
    work_on(desk)
    officer.get(once_more)
    assert "列“许可文号”" in officer.page
    assert desk.person(Role.OFFICER, "gtj").post("/report/headers/forget", item="xzxk", title="许可文号").status_code in (403, 404)


def test_a_file_that_cannot_be_read_says_why_and_goes(desk: Desk) -> None:
    equipped(desk)
    officer = desk.person(Role.OFFICER)
    address = send(officer, ("a.xlsx", b"PK\x03\x04 no workbook"))
    work_on(desk)
    officer.get(address)
    assert "打不开这个工作簿" in officer.page
    assert "不能读取" in officer.page
    assert not list((desk.settings.home / "uploads").iterdir())


def test_several_files_are_several_uploads_and_one_may_hold_several_tables(desk: Desk) -> None:
    equipped(desk)
    officer = desk.person(Role.OFFICER)
    book = openpyxl.load_workbook(io.BytesIO(workbook(licence(1))))
    second = book.copy_worksheet(book.active)
    second.title = "十月"
    second.cell(3, [field.name for field in ITEM.fields].index("XK_WSH") + 2).value = "济建许〔2017〕9号"
    content = io.BytesIO()
    book.save(content)
    assert send(officer, ("一.xlsx", content.getvalue()), ("二.xlsx", workbook(licence(3)))) == "/report"
    work_on(desk)
    officer.get("/report")
    assert "一.xlsx" in officer.page
    assert "二.xlsx" in officer.page
    officer.get("/report/1")
    assert "工作表“九月”" in officer.page
    assert "工作表“十月”" in officer.page
