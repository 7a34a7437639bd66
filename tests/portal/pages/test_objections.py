"""异议与修复 at the desks: each sees and does what is its own, in the order of the procedure."""

from datetime import date

import pytest

from portal.accounts.roles import Role
from portal.public import applications
from portal.public.applications import Draft
from portal.public.record import Record
from tests.portal.desk import CATALOG, Desk

SAID = Draft("repair", "王芳", "受托人", "0531-66608888", "已经缴清罚款并整改完毕。", [("a.pdf", b"%PDF-1")])


@pytest.fixture
def address(desk: Desk) -> str:
    """An application about a record of 住建委."""
    about = Record(CATALOG()["xzcf"], "k", "xzcf-0-1", "zjj", date(2017, 5, 10), "甲有限公司", person=False, what="1号", facts=(), until=None)
    with desk.database.begin() as database:
        return f"/objections/{applications.file(database, about, SAID, ['gone'], desk.clock(), date(2017, 9, 1)).id}"


def test_each_step_is_offered_to_whom_it_belongs(desk: Desk, address: str) -> None:
    office, officer, centre = desk.person(Role.OFFICE), desk.person(Role.OFFICER), desk.person(Role.CENTRE)
    for who, offered in ((office, "accept"), (officer, ""), (centre, "")):
        who.get(address)
        assert [each for each in ("accept", "opinion", "decision") if f"{address}/{each}" in who.page] == ([offered] if offered else [])
    office.post(f"{address}/accept", yes="1")
    officer.get(address)
    assert f"{address}/opinion" in officer.page
    office.get(address)
    assert "部门还没有填写核查意见" in office.page
    officer.post(f"{address}/opinion", words="情况属实。")
    office.get(address)
    assert "情况属实。" in office.page
    office.follow(office.post(f"{address}/decision", granted="1", words="同意。"))
    assert "同意修复，停止公示" in office.page
    assert "已记下：决定：停止公示。" in office.page


def test_a_step_out_of_order_and_one_without_words_do_nothing(desk: Desk, address: str) -> None:
    office = desk.person(Role.OFFICE)
    office.get(address)
    assert office.post(f"{address}/decision", granted="1", words="同意。").status_code == 409
    assert "待受理" in office.page
    assert office.post(f"{address}/accept", yes="0", words="").status_code == 422
    office.get(address)
    assert "待受理" in office.page
    assert [line.outcome for line in desk.audit() if line.action in ("决定异议或修复申请", "受理异议或修复申请")] == ["refused", "failed"]


def test_a_department_sees_its_own_and_the_office_filters(desk: Desk, address: str) -> None:
    officer, other, office = desk.person(Role.OFFICER), desk.person(Role.OFFICER, "hbj"), desk.person(Role.OFFICE)
    officer.get("/objections?department=hbj")
    assert "甲有限公司" in officer.page
    other.get("/objections?department=zjj")
    assert "还没有申请" in other.page or "没有符合条件的申请" in other.page
    assert "甲有限公司" not in other.page
    assert "甲有限公司" not in other.get("/objections/export?form=csv").text
    office.get("/objections?state=decided")
    assert "没有符合条件的申请" in office.page
    assert "甲有限公司" in office.get("/objections/export?form=csv").text
    assert office.get(f"{address}/attachments/1").status_code == 404  # the file is gone
