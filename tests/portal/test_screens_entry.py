"""数据录入 in a real browser, with scripts and without, at a desk and on a phone: from an empty form to the outcome. PORTAL_PICTURES=folder keeps pictures."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.accounts.roles import Role
from producers import form
from tests.portal.desk import CATALOG, Desk
from tests.portal.entry.site import ITEM, equipped, judged
from tests.portal.screens import SCRIPTS, SIZES, entered, watched


def fill(page: Page) -> None:
    """The item's example, by its inputs."""
    values = form.filled(ITEM, ITEM.example)
    for each in form.of(ITEM, "v").inputs:
        for value in values.get(each.name, ()):
            place = page.locator(f"[name={each.name}]")
            if each.widget == "choice":
                place.select_option(value)
            elif each.widget == "choices":
                page.locator(f"[name={each.name}][value='{value}']").check()
            else:
                place.fill(value)


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_from_an_empty_form_to_the_outcome(chromium: Browser, site: str, desk: Desk, size: str, scripts: bool) -> None:
    door, house = equipped(desk)
    context = entered(chromium, desk, site, Role.OFFICER, "zjj", viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"entry-{size}", scripts=scripts)
    page.goto(f"{site}/entry")
    seen("empty")
    page.get_by_role("link", name="新录入").click()
    seen("choice")
    page.get_by_role("link", name="行政许可", exact=True).click()
    seen("form")
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("处需要改正")
    seen("faults")
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("#XK_"))
    fill(page)
    page.get_by_role("button", name="试报").click()
    expect(page.get_by_role("status")).to_contain_text("试报结果：新增。")
    seen("tried")
    assert not door.sent
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.locator("#outcome")).to_contain_text("正在处理")
    seen("sent")
    judged(house, "accepted")
    if not scripts:
        page.get_by_role("link", name="刷新").click()
    expect(page.locator("#outcome")).to_contain_text("成功，已入库", timeout=15_000)
    seen("done")
    assert len(door.sent) == 1
    page.goto(f"{site}/entry")
    seen("list")
    context.close()
    assert complaints == []


@SCRIPTS
def test_a_field_under_a_condition_is_shown_when_it_holds_and_always_without_scripts(chromium: Browser, site: str, desk: Desk, scripts: bool) -> None:
    equipped(desk)
    item = CATALOG()["dcdy"]
    department = next(each.department for each in desk.app.state.site.assignments if each.item == item.code)
    context = entered(chromium, desk, site, Role.OFFICER, department, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{site}/entry/new?item={item.code}")
    under = page.locator("#ZXYY")
    if scripts:
        expect(under).to_be_hidden()
        expect(under).to_be_disabled()
        page.locator("#ZT").select_option("注销")
    expect(under).to_be_visible()
    expect(under).to_be_enabled()
    expect(page.locator("#ZXYY-help")).to_contain_text(form.needed(item, item.by_name["ZXYY"]))
    context.close()


def test_the_enter_key_keeps_a_draft_and_sends_nothing(chromium: Browser, site: str, desk: Desk) -> None:
    door, _ = equipped(desk)
    context = entered(chromium, desk, site, Role.OFFICER, "zjj")
    page = context.new_page()
    page.goto(f"{site}/entry/new?item=xzxk")
    fill(page)
    page.locator("#XK_XDR_SHXYM").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("草稿已保存")
    assert not door.sent
    context.close()
