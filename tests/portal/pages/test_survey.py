"""摸底: a department answers and sees its own, the office sees all, and every answer stays."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from portal.accounts.roles import Role
from portal.audit.journal import Entry
from portal.survey.contacts import FIELDS
from producers.annexes import forms
from producers.refusal import Refusal
from tests.portal.desk import Browser, Desk

UNIT = "济南市城乡建设委员会"
CONTACTS = {
    "leader": "王建国", "leader_phone": "0531-66601234", "office": "信息处", "office_phone": "0531-66605678", "liaison": "李娜", "liaison_phone": "13900001234", "mailbox": "li@example.cn",
}  # fmt: skip
WAYS = {"ways": ["cdc", "excel"], "every.cdc": ["day"], "every.excel": ["week", "month"], "remark.cdc": "已有前置机", "suggestion": "希望每天夜里"}


@pytest.fixture
def officer(desk: Desk) -> Browser:
    desk.clock.time = datetime(2017, 9, 3, 2, tzinfo=UTC)
    return desk.person(Role.OFFICER)


def answer(browser: Browser, **more: Any) -> None:
    """Both annexes, filled in as forms."""
    browser.get("/survey/annex1")
    assert browser.follow(browser.post("/survey/annex1", seen="0", **{**CONTACTS, **more})).status_code == 200
    browser.get("/survey/annex2")
    assert browser.follow(browser.post("/survey/annex2", seen="0", **WAYS)).status_code == 200


def lines(browser: Browser, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.get(path).content.decode("utf-8-sig"))))


def test_a_department_answers_and_sees_what_it_answered_at_once(desk: Desk, officer: Browser) -> None:
    officer.get("/survey")
    for words in ("请于 2017-09-05 前反馈两个附件", "还缺：附件1", "临近到期", "9月中旬"):
        assert words in officer.page
    answer(officer)
    officer.get("/survey")
    for words in ("已反馈", *CONTACTS.values(), "前置机方式", "一周一次、一月一次", "已有前置机", "希望每天夜里", "还缺：信息项确认"):
        assert words in officer.page
    (said,) = desk.lobby.waiting
    assert (said.kind, said.department, said.item, said.version) == ("ways", "zjj", None, 1)
    assert said.about["ways"] == {"cdc": {"frequencies": ["day"], "remark": "已有前置机"}, "excel": {"frequencies": ["week", "month"], "remark": ""}}


def test_items_are_confirmed_and_the_stock_is_counted_and_only_what_changed_is_declared(desk: Desk, officer: Browser) -> None:
    officer.get("/survey/items")
    first = {"confirmed.xzxk": "yes", "count.xzxk.2015": "120", "count.xzxk.2016": "98", "confirmed.xzcf": "no", "note.xzcf": "处罚由执法局办理"}
    officer.follow(officer.post("/survey/items", **first))
    assert "3 处有变动" in officer.page
    officer.get("/survey/items")
    assert 'value="120"' in officer.page
    again = {**first, "count.xzxk.2017": "5", "seen.assignment.xzxk": "1", "seen.assignment.xzcf": "1", "seen.stock.xzxk": "1"}
    officer.follow(officer.post("/survey/items", **again))
    assert "1 处有变动" in officer.page
    assert "223（2015 年 120，2016 年 98，2017 年 5）" in officer.page
    assert [(each.kind, each.item, each.version) for each in desk.lobby.waiting][-1] == ("stock", "xzxk", 2)
    assert len(desk.lobby.waiting) == 4


def test_a_form_that_is_wrong_declares_nothing_and_keeps_what_was_typed(desk: Desk, officer: Browser) -> None:
    officer.get("/survey/items")
    assert officer.post("/survey/items", **{"confirmed.xzxk": "yes", "confirmed.xzcf": "no", "count.xzxk.2015": "很多"}).status_code == 422
    for words in ("有 2 个信息项需要改正", "请写明理由", "2015 年的数量", 'value="很多"'):
        assert words in officer.page
    assert officer.post("/survey/annex2", ways=["cdc"], **{"remark.form": "无系统"}).status_code == 422
    for words in ("有 2 处需要改正", "归集频率", "没有勾选", 'value="无系统"'):
        assert words in officer.page
    assert officer.post("/survey/annex1", leader="王<b>").status_code == 422
    assert "请填写联络员" in officer.page
    assert "王<b>" in officer.page  # as text: the browser's page is unescaped
    assert desk.lobby.waiting == []


@pytest.mark.parametrize(("path", "form"), [("/survey/annex1", CONTACTS), ("/survey/annex2", WAYS), ("/survey/items", {"confirmed.xzxk": "no", "note.xzxk": "无"})])
def test_two_colleagues_do_not_overwrite_each_other(desk: Desk, officer: Browser, path: str, form: dict[str, Any]) -> None:
    other = desk.person(Role.OFFICER)
    for browser in (officer, other):
        browser.get(path)
    assert officer.post(path, seen="0", **form).status_code == 303
    changed = {**form, "note.xzxk": "另一个理由"}
    assert other.post(path, seen="0", **changed).status_code == 409
    assert "刚刚被别人改过" in other.page
    assert desk.audit()[-1].outcome == "refused"


def test_the_annexes_go_out_and_come_in_as_workbooks(desk: Desk, officer: Browser) -> None:
    answer(officer)
    annexes = {number: officer.get(f"/survey/zjj/annex{number}.xlsx").content for number in (1, 2)}
    colleague = desk.person(Role.OFFICER)
    for number, content in annexes.items():
        colleague.get(f"/survey/annex{number}")
        assert colleague.upload(f"/survey/annex{number}/read", content).status_code == 200
        assert "还没有提交" in colleague.page
        for words in CONTACTS.values() if number == 1 else ("已有前置机", "希望每天夜里", 'value="cdc" checked', 'name="every.excel" value="month" checked'):
            assert words in colleague.page
    assert len(desk.lobby.waiting) == 1  # reading declares nothing


def test_a_workbook_of_another_unit_or_none_at_all_is_refused_in_words(officer: Browser) -> None:
    officer.get("/survey/annex1")
    officer.upload("/survey/annex1/read", forms.contacts("济南市国土资源局", CONTACTS))
    assert "不是本部门" in officer.page
    officer.upload("/survey/annex1/read", b"not a workbook")
    assert "代码 4" in officer.page
    assert officer.post("/survey/annex1/read").status_code == 422
    assert "没有选择文件" in officer.page
    assert officer.upload("/survey/annex2/read", b"x" * (3 << 20)).status_code == 413


def test_every_change_stays_with_who_and_when_and_can_be_taken_away(desk: Desk, officer: Browser) -> None:
    answer(officer)
    officer.post("/survey/annex1", seen="1", **{**CONTACTS, "liaison": "赵敏"})
    officer.post("/survey/annex2", seen="1", ways="api", **{"every.api": "day"})
    office = desk.person(Role.OFFICE)
    office.get("/survey/zjj")
    office.post("/survey/zjj/meeting", seen="0", day="2017-09-12", place="市政务中心")
    history = lines(officer, "/survey/zjj/history/export?form=csv")
    assert [(line["内容"], line["第几次"]) for line in history if "附件" in line["内容"]] == [
        ("附件1 人员信息表", "2"), ("附件2 归集方式反馈表", "2"), ("附件1 人员信息表", "1"), ("附件2 归集方式反馈表", "1"),
    ]  # fmt: skip
    told = "".join(line["填写"] for line in history)
    for words in ("李娜", "赵敏", "前置机方式（一天一次）", "数据接口方式（一天一次）", "2017-09-12 市政务中心"):
        assert words in told
    assert {line["人员"] for line in history} == {desk.audit()[0].username, desk.audit()[-2].username}
    officer.get("/survey/zjj/history")
    assert "赵敏" in officer.page


def test_without_the_warehouse_the_page_says_so_and_nothing_is_lost(desk: Desk, officer: Browser) -> None:
    desk.lobby.away = True
    assert officer.get("/survey").status_code == 503
    assert "数据仓库没有应答" in officer.page
    officer.get("/account/password")
    assert officer.post("/survey/annex2", seen="0", **WAYS).status_code == 503
    assert desk.lobby.waiting == []


def test_what_the_door_does_not_take_is_neither_done_nor_shown(desk: Desk, officer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_said: object) -> None:
        raise Refusal("busy", "平台正忙。")

    officer.get("/survey/annex2")
    monkeypatch.setattr(desk.lobby, "declare", full)
    assert officer.post("/survey/annex2", seen="0", **WAYS).status_code == 429
    assert (desk.audit()[-1].action, desk.audit()[-1].outcome) == ("提交附件2", "refused")
    officer.get("/survey")
    assert "已有前置机" not in officer.page


def test_what_the_audit_does_not_take_is_not_declared(desk: Desk, officer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    officer.get("/survey/annex2")
    monkeypatch.setattr("portal.frame.visit.journal.record", lambda database, *_: database.add(Entry()))  # the database refuses it
    assert officer.post("/survey/annex2", seen="0", **WAYS).status_code == 500
    assert desk.lobby.waiting == []


def test_a_formula_in_an_answer_runs_nowhere(desk: Desk, officer: Browser) -> None:
    answer(officer, office='=HYPERLINK("http://evil.example")')
    office = desk.person(Role.OFFICE)
    book = openpyxl.load_workbook(io.BytesIO(office.get("/survey/export?form=xlsx").content))
    assert {cell.data_type for row in book.active for cell in row} <= {"s", "inlineStr", "n"}
    assert set(FIELDS.values()) <= {cell.value for cell in book.active[1]}
    annex = openpyxl.load_workbook(io.BytesIO(office.get("/survey/zjj/annex1.xlsx").content))
    assert {cell.data_type for row in annex.active for cell in row} <= {"s", "inlineStr", "n"}
