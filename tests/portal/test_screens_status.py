"""报送情况 in a real browser, at a desk and on a phone, with scripts and without: from the month to the records behind a number; empty, too. PORTAL_PICTURES=folder keeps pictures."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from portal.accounts.roles import Role
from producers.declarations import Declaration
from tests.loaders.records import Records
from tests.portal.desk import Desk
from tests.portal.screens import SCRIPTS, SIZES, entered, picture, watched, whole

NOW = datetime(2017, 11, 20, 2, tzinfo=UTC)
LONG = "机房电力改造，前置机网络中断，各部门前置机方式暂停使用；" * 5


@pytest.fixture(autouse=True)
def _filled(desk: Desk, records: Records) -> None:
    desk.clock.time = NOW
    for number in range(60):
        received = datetime(2017, 10, 12, 2, tzinfo=UTC) + timedelta(days=number % 20)
        said = {"XK_JDRQ": date(2017, 10, 1 + number % 30), "XK_WSH": f"济建许字〔2017〕{number}号", "XK_XMMC": "建筑工程施工许可", "_batch": "HZABCDEFGHIJKLMNOPQRSTUVWXYZ", "_line": number}
        records.put("xzxk", f'["xzxk","zjj","{number}"]', **said, _way="excel", _received_at=received, _judged_at=received)
    outage = {"outages": [{"way": "cdc", "from": "2017-11-01T09:00", "to": "2017-11-02T17:30", "departments": ["zjj"], "why": LONG[:200]}]}
    desk.lobby.loaded += [
        Declaration("1" * 32, "outage", "", None, 1, outage, "li", NOW),
        Declaration("2" * 32, "quantity", "zjj", "xzxk", 1, {"of": "2017-10", "produced": 80, "reported": 60, "unreported": 5, "grounds": "涉密", "published": 60, "address": ""}, "li", NOW),
    ]  # fmt: skip


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_from_the_month_to_the_records_behind_a_number(chromium: Browser, desk: Desk, site: str, size: str, scripts: bool) -> None:
    context = entered(chromium, desk, site, Role.OFFICE, "", viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"status-{size}", scripts=scripts)
    page.goto(f"{site}/status?month=2017-10&department=zjj")
    expect(page.get_by_text("80.0%（60/75）")).to_be_visible()
    seen("month")
    page.goto(f"{site}/status?month=2017-10")
    seen("everybody")
    page.goto(f"{site}/status?month=2017-10&department=none")
    expect(page.get_by_text("没有符合条件的报送任务")).to_be_visible()
    seen("empty")
    page.goto(f"{site}/status?month=2017-10&department=zjj&item=xzxk")
    page.get_by_role("link", name="行政许可").click()
    expect(page.get_by_role("heading", name="各期")).to_be_visible()
    seen("account")
    page.get_by_role("link", name="60", exact=True).click()
    expect(page.get_by_text("共 60 条，第 1 / 2 页")).to_be_visible()
    seen("records")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.goto(f"{site}/status/stock?department=zjj")
    seen("stock")
    page.goto(f"{site}/status/outages")
    seen("outages")
    assert complaints == []
    context.close()


def test_a_department_chooses_a_month_and_sees_only_its_own(chromium: Browser, desk: Desk, site: str) -> None:
    context = entered(chromium, desk, site, Role.OFFICER, "gsj", viewport=SIZES["phone"])
    page = context.new_page()
    page.goto(f"{site}/status?month=2017-10")
    expect(page.get_by_label("部门")).to_have_count(0)
    expect(page.get_by_role("cell", name="市工商局").first).to_be_visible()
    picture(page, "status-phone-department")
    whole(page)
    context.close()
