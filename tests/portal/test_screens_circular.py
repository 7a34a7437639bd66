"""通报 in a real browser, at a desk and on a phone, with scripts and without: drafted, answered, decided, issued, corrected; empty, too. PORTAL_PICTURES=folder keeps pictures."""

import pytest
from playwright.sync_api import Browser, expect

from portal.accounts.roles import Role
from tests.loaders.records import Records
from tests.portal.circular import site as circulars
from tests.portal.circular.site import Team, do, issued
from tests.portal.desk import Desk
from tests.portal.screens import SIZES, entered, watched

LONG = "第二周的无数据上报单已于十一月十四日由本部门签署，平台当日因前置机网络中断没有计入，请予核减；" * 6


@pytest.mark.parametrize(("size", "scripts"), [("desk", True), ("phone", True), ("phone", False)], ids=["desk", "phone", "no-scripts"])
def test_a_circular_is_answered_decided_issued_and_corrected(chromium: Browser, desk: Desk, records: Records, site: str, size: str, scripts: bool) -> None:
    circulars.month(desk, records)
    people = Team(desk)
    more = {"viewport": SIZES[size], "java_script_enabled": scripts}
    centre = entered(chromium, desk, site, Role.CENTRE, "", **more)
    page, seen, complaints = watched(centre, f"circular-{size}-centre", scripts=scripts)
    page.goto(f"{site}/circular")
    expect(page.get_by_text("还没有通报")).to_be_visible()
    seen("empty")
    page.get_by_role("button", name="起草通报").click()
    seen("draft")
    page.get_by_role("button", name="送各部门征求意见").click()
    at = page.url.removeprefix(site)
    theirs = entered(chromium, desk, site, Role.OFFICER, "zjj", **more)
    page, seen, others = watched(theirs, f"circular-{size}-department", scripts=scripts)
    page.goto(site + at)
    seen("asked")
    page.get_by_role("link", name="行政许可").click()
    seen("line")
    page.get_by_label("对哪项指标").select_option("timely")
    page.get_by_label("理由").fill(LONG)
    page.get_by_role("button", name="提出异议").click()
    expect(page.get_by_text("已提出异议")).to_be_visible()
    page.get_by_role("link", name="50.0%（2/4）").click()
    expect(page.get_by_text("HZ-zjj#3")).to_be_visible()
    seen("records")
    office = entered(chromium, desk, site, Role.OFFICE, "", **more)
    page, seen, third = watched(office, f"circular-{size}-office", scripts=scripts)
    page.goto(site + at)
    seen("objection")
    page.get_by_label("成立，改定为下面的数").check()
    page.get_by_label("分子").fill("3")
    page.get_by_label("裁定理由").fill(LONG)
    page.get_by_role("button", name="裁定").click()
    expect(page.get_by_text("改定为 75.0%（3/4）。")).to_be_visible()
    seen("decided")
    issued(desk, people, at)
    people.office.get(f"{at}/zjj/xzxk")
    do(people.office, f"{at}/zjj/xzxk/correct", figure="late", part="0", whole="4", why=LONG)
    office.clear_cookies()
    office.add_cookies([{"name": each.name, "value": each.value, "url": site} for each in people.office.client.cookies.jar])
    page, seen, fourth = watched(office, f"circular-{size}-issued", scripts=scripts)
    page.goto(f"{site}/circular")
    seen("list")
    page.get_by_role("link", name="的更正").click()
    seen("correction")
    page.goto(site + at)
    seen("issued")
    page.goto(f"{site}{at}/lines")
    seen("lines")
    assert complaints + others + third + fourth == []
    for context in (centre, theirs, office):
        context.close()
