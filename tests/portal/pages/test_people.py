"""人员: made, changed and ended by the office and the centre; seen by their own reviewer."""

import io
import re

import openpyxl
import pytest

from portal.accounts.roles import Role
from tests.portal.desk import BOTH, Desk

NEW = {"username": "li.na", "name": "李娜", "role": "officer", "department": "zjj", "email": "li.na@example.cn"}


@BOTH
def test_a_new_account_gets_a_password_shown_once_that_is_good_for_one_log_in(desk: Desk) -> None:
    centre = desk.person(Role.CENTRE)
    centre.get("/people/new")
    assert centre.post("/people", **NEW).status_code == 200
    password = re.search(r"<code>([a-z0-9]{3}(?:-[a-z0-9]{3}){3})</code>", centre.page)[1]
    (made,) = [line for line in desk.audit() if line.action == "新建账号"]
    assert (made.subject, made.about, made.outcome) == ("li.na officer", "zjj", "done")
    assert not any(password in line.subject for line in desk.audit())
    centre.get("/people")
    assert "李娜" in centre.page
    assert "待首次登录" in centre.page
    browser = desk.nobody()
    assert browser.follow(browser.log_in("li.na", password)).headers["location"] == "/account/password"


def test_everything_that_is_wrong_is_told_at_its_field(desk: Desk) -> None:
    desk.account(Role.OFFICER, email="taken@example.cn")
    centre = desk.person(Role.CENTRE)
    wrong = {"username": "Li Na", "name": "", "role": "officer", "department": "", "email": "taken@example.cn"}
    assert centre.post("/people", **wrong).status_code == 422
    for words in ("有 4 处需要改正", "账号用小写字母开头", "请填写姓名", "须选择所属部门", "已经用于另一个账号"):
        assert words in centre.page
    assert 'value="Li Na"' in centre.page


@pytest.mark.parametrize(("role", "department", "words"), [("king", "", "请选择角色"), ("auditor", "zjj", "不属于任何部门"), ("reviewer", "nowhere", "须选择所属部门")])
def test_a_role_and_its_department_go_together(desk: Desk, role: str, department: str, words: str) -> None:
    centre = desk.person(Role.CENTRE)
    assert centre.post("/people", **NEW | {"role": role, "department": department}).status_code == 422
    assert words in centre.page


def test_the_office_appoints_departments_people_and_no_operator(desk: Desk) -> None:
    office = desk.person(Role.OFFICE)
    assert office.post("/people", **NEW).status_code == 200
    assert office.post("/people", **NEW | {"username": "ops", "role": "operator", "department": ""}).status_code == 403
    operator = desk.account(Role.OPERATOR)
    assert office.post(f"/people/{operator.id}/disable").status_code == 403
    assert office.post(f"/people/{operator.id}/reset").status_code == 403


@BOTH
def test_disabled_is_out_at_once_and_enabled_may_come_again(desk: Desk) -> None:
    account, centre = desk.account(Role.OFFICER), desk.person(Role.CENTRE)
    browser = desk.enter(account)
    centre.follow(centre.post(f"/people/{account.id}/disable"))
    assert "停用" in centre.page
    assert browser.get("/my-work").status_code == 303
    assert desk.nobody().log_in(account.username).status_code == 401
    centre.follow(centre.post(f"/people/{account.id}/enable"))
    assert browser.get("/my-work").status_code == 303
    assert desk.nobody().log_in(account.username).status_code == 303


def test_a_reset_ends_sessions_and_releases_the_lock(desk: Desk) -> None:
    account, centre, browser = desk.account(Role.OFFICER), desk.person(Role.CENTRE), desk.nobody()
    inside = desk.enter(account)
    for _ in range(6):
        browser.log_in(account.username, "wrong")
    centre.get("/people")
    assert "锁定" in centre.page
    centre.post(f"/people/{account.id}/reset")
    password = re.search(r"<code>([a-z0-9]{3}(?:-[a-z0-9]{3}){3})</code>", centre.page)[1]
    assert inside.get("/my-work").status_code == 303
    assert browser.log_in(account.username).status_code == 401
    assert browser.log_in(account.username, password).status_code == 303


def test_another_role_takes_effect_at_once(desk: Desk) -> None:
    account, centre = desk.account(Role.OFFICER), desk.person(Role.CENTRE)
    browser = desk.enter(account)
    centre.follow(centre.post(f"/people/{account.id}/role", role="analyst", department=""))
    assert "角色已变更" in centre.page
    assert browser.get("/my-work").status_code == 303
    assert centre.post(f"/people/{account.id}/role", role="reviewer", department="").status_code == 422


def test_nobody_changes_his_own_account(desk: Desk) -> None:
    mine = desk.account(Role.CENTRE)
    browser = desk.enter(mine)
    for what in ("disable", "enable", "reset", "role"):
        assert browser.post(f"/people/{mine.id}/{what}", role="auditor", department="").status_code == 403
    assert browser.get("/my-work").status_code == 200


def test_the_centre_ends_anothers_session(desk: Desk) -> None:
    account, centre = desk.account(Role.OFFICER), desk.person(Role.CENTRE)
    browser = desk.enter(account)
    centre.get(f"/people/{account.id}")
    (end,) = re.findall(r'action="(/people/\d+/sessions/[0-9a-f]+/end)"', centre.page)
    centre.post(end)
    assert browser.get("/my-work").status_code == 303
    assert centre.post(end).status_code == 404


def test_a_reviewer_sees_his_own_departments_people_and_changes_nobody(desk: Desk) -> None:
    own, other = desk.account(Role.OFFICER), desk.account(Role.OFFICER, "gtj")
    reviewer = desk.person(Role.REVIEWER)
    reviewer.get("/people?department=gtj")
    assert own.name in reviewer.page
    assert other.name not in reviewer.page
    assert other.name not in reviewer.get("/people/export?form=csv&department=gtj").content.decode("utf-8-sig")
    assert reviewer.get(f"/people/{own.id}").status_code == 200
    assert "重置密码" not in reviewer.page
    assert reviewer.get(f"/people/{other.id}").status_code == 404
    assert reviewer.post(f"/people/{own.id}/disable").status_code == 403


def test_people_are_found_by_name_role_and_department_and_exported(desk: Desk) -> None:
    desk.account(Role.OFFICER, name="=cmd|' /C calc'!A0")
    found, centre = desk.account(Role.OFFICER, name="欧阳_50%"), desk.person(Role.CENTRE)
    for query in ("text=_50%25", f"text={found.username}", "department=zjj&role=officer&text=欧阳"):
        centre.get(f"/people?{query}")
        assert "欧阳_50%" in centre.page
        assert "cmd" not in centre.page
    centre.get("/people?text=nobody")
    assert "没有符合条件的人员" in centre.page
    sheet = openpyxl.load_workbook(io.BytesIO(centre.get("/people/export?form=xlsx").content)).active
    names = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert "'=cmd|' /C calc'!A0" in names
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_names_are_shown_and_never_run(desk: Desk) -> None:
    desk.account(Role.OFFICER, name='<script>alert("1")</script>')
    centre = desk.person(Role.CENTRE)
    assert "<script>alert" not in centre.get("/people").text


def test_an_account_that_is_not_there_is_not_found(desk: Desk) -> None:
    centre = desk.person(Role.CENTRE)
    for path in ("/people/999999", "/people/99999999999999999999"):
        assert centre.get(path).status_code == 404
    assert centre.get("/people/abc").status_code == 422
