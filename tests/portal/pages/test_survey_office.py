"""摸底, the office's side: all departments by batch, who is silent, reminders, reply dates, meetings, the export of all."""

from datetime import UTC, datetime

import pytest

from portal.accounts.roles import Role
from tests.portal.desk import Browser, Desk
from tests.portal.pages.test_survey import CONTACTS, UNIT, answer, lines


@pytest.fixture
def office(desk: Desk) -> Browser:
    desk.clock.time = datetime(2017, 9, 3, 2, tzinfo=UTC)
    return desk.person(Role.OFFICE)


def test_the_three_batches_and_who_has_not_answered(desk: Desk, office: Browser) -> None:
    answer(desk.person(Role.OFFICER))
    office.get("/survey")
    assert "39 个部门中，1 个已反馈两个附件，0 个已全部完成" in office.page
    assert len(lines(office, "/survey/export?form=csv")) == 39
    assert [len(lines(office, f"/survey/export?form=csv&batch={batch}")) for batch in "123"] == [14, 16, 9]
    silent = {line["部门"] for line in lines(office, "/survey/export?form=csv&batch=2&open=1")}
    assert len(silent) == 15
    assert UNIT not in silent


def test_the_export_of_all_holds_both_annexes_the_items_and_the_stock(desk: Desk, office: Browser) -> None:
    officer = desk.person(Role.OFFICER)
    answer(officer)
    officer.post("/survey/items", **{"confirmed.xzxk": "yes", "count.xzxk.2015": "120", "confirmed.xzcf": "no", "note.xzcf": "由执法局办理"})
    (line,) = [line for line in lines(office, "/survey/export?form=csv") if line["部门代码"] == "zjj"]
    assert {"部门": UNIT, "批次": "9月中旬", "分管领导": CONTACTS["leader"], "邮箱": CONTACTS["mailbox"], "前置机方式": "一天一次", "前置机方式备注": "已有前置机"}.items() <= line.items()
    assert {"数据报送方式": "一周一次、一月一次", "数据录入方式": "", "其他建议": "希望每天夜里", "已确认": "1", "不确认及理由": "行政处罚：由执法局办理", "存量合计": "120"}.items() <= line.items()
    (stock,) = [line for line in lines(office, "/survey/stock/export?form=csv") if line["部门"] == UNIT and line["信息项"] == "行政许可"]
    assert (stock["确认"], stock["2015年"], stock["2016年"], stock["合计"]) == ("确认", "120", "", "120")
    office.get("/survey/stock")
    assert UNIT in office.page or "下一页" in office.page


def test_who_is_silent_is_reminded_from_three_days_before_the_reply_date(desk: Desk, office: Browser) -> None:
    answer(desk.person(Role.OFFICER))
    office.get("/survey/reminders")
    assert "今天应提醒 38 个" in office.page
    told = lines(office, "/survey/reminders/export?form=csv")
    assert UNIT not in {line["部门"] for line in told}
    assert all("还有 2 天" in line["提醒内容"] for line in told)
    office.follow(office.post("/survey/reply", batch="2", day="2017-09-15", seen="0"))
    assert "今天应提醒 23 个" in office.page
    assert office.post("/survey/reply", batch="2", day="2017-09-16", seen="0").status_code == 409
    for wrong in ({"batch": "4", "day": "2017-09-15"}, {"batch": "2", "day": "15.9.2017"}):
        assert office.post("/survey/reply", seen="1", **wrong).status_code == 422
    department = desk.person(Role.REVIEWER, "gtj")
    department.get("/survey")
    assert "请于 2017-09-15 前反馈" in department.page


def test_a_meeting_is_set_and_the_department_sees_it(desk: Desk, office: Browser) -> None:
    office.get("/survey/zjj")
    office.follow(office.post("/survey/zjj/meeting", seen="0", day="2017-09-12", place="市政务中心 301"))
    reviewer = desk.person(Role.REVIEWER)
    reviewer.get("/survey")
    assert "2017-09-12" in reviewer.page
    assert "市政务中心 301" in reviewer.page
    assert "/survey/zjj/meeting" not in reviewer.page
    assert office.post("/survey/zjj/meeting", seen="1", day="明天").status_code == 422
    office.follow(office.post("/survey/zjj/meeting", seen="1", day="", place=""))
    assert "对接日期还没有定" in office.page


def test_a_department_sees_its_own_and_no_other(desk: Desk, office: Browser) -> None:
    answer(desk.person(Role.OFFICER))
    other = desk.person(Role.OFFICER, "gtj")
    for path in ("/survey", "/survey/export?form=csv", "/survey/stock/export?form=csv", "/survey/gtj"):
        found = other.get(path).content.decode("utf-8-sig")
        assert "李娜" not in found
        assert UNIT not in found
    for path in ("/survey/zjj", "/survey/zjj/annex1.xlsx", "/survey/zjj/annex2.xlsx", "/survey/zjj/history", "/survey/zjj/history/export"):
        assert other.get(path).status_code == 404, path
    assert office.get("/survey/nobody").status_code == 404
    assert {line.about for line in desk.audit() if line.action == "查看部门的摸底"} >= {"gtj"}
