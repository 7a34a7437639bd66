"""The portal in a real browser: the first log-in to the first token, with scripts and without, at a desk and on a phone. PORTAL_PICTURES=folder keeps pictures."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session, sessionmaker

from portal.accounts.roles import Role
from producers.annexes import forms
from tests.portal.desk import Desk
from tests.portal.screens import SCRIPTS, SIZES, change, first, log_in, picture, watched, whole


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_from_the_first_log_in_to_the_first_token(chromium: Browser, site: str, portal: sessionmaker[Session], size: str, scripts: bool) -> None:
    password = first(portal, "zhang", Role.OFFICER, "欧阳慕容司马诸葛建国", "zjj")
    context = chromium.new_context(viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"{size}", scripts=scripts)
    log_in(page, site, "zhang", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("再错 4 次")
    seen("wrong")
    log_in(page, site, "zhang", password)
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
    if scripts:
        page.get_by_label("新密码", exact=True).press_sequentially("zhang")
        expect(page.locator("#new-faults")).to_contain_text("不能含有账号")
    seen("change")
    change(page, password)
    expect(page.get_by_role("heading", level=1)).to_have_text("我的工作")
    expect(page.get_by_role("status")).to_contain_text("密码已修改")
    seen("work")
    page.get_by_role("link", name="数据接口").first.click()
    expect(page.get_by_text("还没有令牌")).to_be_visible()
    seen("empty")
    page.get_by_role("link", name="新建令牌").click()
    page.get_by_label("系统的名字").fill("Excel!")
    page.get_by_role("button", name="建立令牌").click()
    expect(page.get_by_text("有 1 处需要改正")).to_be_visible()
    seen("token-wrong")
    page.get_by_label("系统的名字").fill("oa")
    page.get_by_role("button", name="建立令牌").click()
    expect(page.locator(".secret")).to_have_text(re.compile("gj_[0-9a-f]{12}_.{43}"))
    seen("token")
    page.get_by_role("link", name="完成").click()
    seen("token-page")
    page.get_by_role("link", name="数据接口").first.click()
    seen("tokens")
    page.get_by_role("link", name="操作记录").first.click()
    seen("audit")
    page.locator("details.me summary").click() if scripts else page.goto(f"{site}/account/sessions")
    seen("menu")
    context.close()
    assert complaints == []


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_a_department_answers_the_survey(chromium: Browser, site: str, desk: Desk, portal: sessionmaker[Session], size: str, scripts: bool, tmp_path: Path) -> None:
    password = first(portal, "zhang", Role.OFFICER, "张建国", "zjj")
    context = chromium.new_context(viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"{size}-survey", scripts=scripts)
    log_in(page, site, "zhang", password)
    change(page, password)
    page.get_by_role("link", name="摸底").first.click()
    seen("empty")
    page.get_by_role("link", name="填写附件1").click()
    page.get_by_role("button", name="提交").click()
    for label, value in {"分管领导": "王建国", "承办处室": "信息处", "联络员": "李娜", "邮箱": "li@example.cn"}.items():
        page.get_by_label(label, exact=True).fill(value)
    for label in ("分管领导电话", "承办处室电话", "联络员电话"):
        page.get_by_label(label).fill("12")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("有 3 处需要改正")).to_be_visible()
    seen("annex1-wrong")
    for label in ("分管领导电话", "承办处室电话", "联络员电话"):
        page.get_by_label(label).fill("0531-66601234")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("status")).to_contain_text("附件1 已提交")
    book = tmp_path / "附件2.xlsx"
    book.write_bytes(forms.ways("济南市城乡建设委员会", {"ways": {"excel": {"frequencies": ["week"], "remark": "每周五"}}, "suggestion": ""}))
    page.get_by_role("link", name="填写附件2").click()
    page.get_by_label("填好的附件2").set_input_files(book)
    page.get_by_role("button", name="读入").click()
    expect(page.get_by_role("checkbox", name="采用数据报送方式")).to_be_checked()
    seen("annex2-read")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("status")).to_contain_text("附件2 已提交")
    page.get_by_role("link", name="确认信息项，填写存量").click()
    page.get_by_role("radio", name="确认", exact=True).first.check()
    page.get_by_label("2015 年").first.fill("120")
    seen("items")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("status")).to_contain_text("2 处有变动")
    seen("answered")
    page.get_by_role("link", name="变更记录").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    seen("history")
    context.close()
    assert complaints == []
    assert [each.kind for each in desk.lobby.waiting] == ["ways", "assignment", "stock"]


@pytest.mark.parametrize("size", SIZES)
def test_the_office_sees_who_is_silent(chromium: Browser, site: str, portal: sessionmaker[Session], size: str) -> None:
    password = first(portal, "lina", Role.OFFICE, "李娜")
    context = chromium.new_context(viewport=SIZES[size])
    page = context.new_page()
    log_in(page, site, "lina", password)
    change(page, password)
    page.get_by_role("link", name="摸底").first.click()
    expect(page.locator("tbody tr")).to_have_count(39)
    page.get_by_label("批次").select_option("3")
    expect(page.locator("tbody tr")).to_have_count(9)
    for path in ("/survey", "/survey/reminders", "/survey/stock", "/survey/gsj"):
        page.goto(site + path)
        whole(page)
        picture(page, f"{size}-survey-office{path.replace('/', '-')}")
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_centre_makes_an_account_and_looks_for_people(chromium: Browser, site: str, portal: sessionmaker[Session], desk: Desk, size: str) -> None:
    password = first(portal, "lina", Role.CENTRE, "李娜")
    for number in range(60):
        desk.account(Role.OFFICER, "rhyg" if number % 2 else "zjj", name=f"欧阳慕容司马诸葛建国第{number}")
    context = chromium.new_context(viewport=SIZES[size])
    page = context.new_page()
    log_in(page, site, "lina", password)
    change(page, password)
    page.get_by_role("link", name="人员").first.click()
    whole(page)
    picture(page, f"{size}-people")
    page.get_by_label("姓名或账号").fill("第59")
    expect(page.locator("tbody tr")).to_have_count(1)
    picture(page, f"{size}-people-found")
    page.get_by_role("link", name="新建账号").click()
    page.get_by_label("姓名").fill("王芳")
    page.get_by_label("账号").fill("Wang Fang")
    page.get_by_role("button", name="建立账号").click()
    expect(page.get_by_text("有 2 处需要改正")).to_be_visible()
    whole(page)
    picture(page, f"{size}-person-wrong")
    page.get_by_label("账号").fill("wang.fang")
    page.get_by_label("部门").select_option("zjj")
    page.get_by_role("button", name="建立账号").click()
    expect(page.locator(".secret")).to_be_visible()
    picture(page, f"{size}-one-time")
    page.get_by_role("link", name="完成").click()
    whole(page)
    picture(page, f"{size}-person")
    page.goto(f"{site}/nothing")
    picture(page, f"{size}-error")
    page.goto(site)
    picture(page, f"{size}-front")
    context.close()


def test_the_keyboard_reaches_the_text_at_once_and_the_fields_in_order(chromium: Browser, site: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{site}/login")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("账号")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("密码")).to_be_focused()
    context.close()


def test_nothing_comes_from_elsewhere(chromium: Browser, site: str) -> None:
    context = chromium.new_context()
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/login", "/api/docs"):
        page.goto(site + path)
    context.close()
    assert all(each.startswith((site, "data:")) for each in asked)
