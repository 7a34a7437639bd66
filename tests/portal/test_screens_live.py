"""实时归集, 催报通知 and 催报记录 in a real browser, at a desk and on a phone, with scripts and without; long and empty. PORTAL_PICTURES=folder keeps pictures."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from portal.accounts.roles import Role
from portal.accounts.tables import Account
from portal.live.watch import Watch
from portal.reminders import deliver
from portal.reminders.channels import Undelivered
from portal.reminders.tables import EMAIL
from tests.portal.desk import Desk
from tests.portal.live.site import Told, figures
from tests.portal.live.test_figures import ZONE, source
from tests.portal.reminders.site import Wire, owing, people
from tests.portal.screens import SCRIPTS, SIZES, entered, watched

LONG = "邮件服务器没有应答：因为网络中断，已经试过很多次；" * 6


@pytest.fixture
def told(desk: Desk) -> Iterator[Told]:
    with figures() as found:
        now = datetime.now(ZONE)
        desk.clock.time = now
        busy = [(now - timedelta(minutes=n), 3 + n * 7 % 40, n % 5 == 0) for n in range(0, 58, 2)]
        found.sources = [source(busy), source([(now, 2, 0)], "gsj", "gsj/市场主体登记管理系统二期-接口"), source([(now - timedelta(minutes=30), 123_456, 1)], "gtj", "gtj/excel")]
        desk.change(live=Watch(desk.settings.model_copy(update={"live_port": found.port}), tick=0.1))
        yield found


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_the_figures_move_by_themselves(chromium: Browser, desk: Desk, site: str, told: Told, size: str, scripts: bool) -> None:
    context = entered(chromium, desk, site, Role.OFFICE, "", viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"live-{size}", scripts=scripts)
    page.goto(f"{site}/live")
    expect(page.get_by_text("gtj/excel")).to_be_visible()
    if scripts:
        expect(page.get_by_text("实时更新中")).to_be_visible()
    seen("figures")
    told.sources = [source([(datetime.now(ZONE), 77, 0)])]
    if scripts:
        expect(page.get_by_text("77 条").first).to_be_visible()
        expect(page.get_by_text("gtj/excel")).to_have_count(0)
    page.goto(f"{site}/live?span=day&department=xcb")
    expect(page.get_by_text("近 24 小时没有收到任何记录")).to_be_visible()
    seen("empty")
    assert complaints == []
    page.close()  # its stream ends before the server does
    context.close()


def test_when_the_session_ends_the_page_leads_to_the_log_in(chromium: Browser, desk: Desk, site: str, told: Told) -> None:
    context = entered(chromium, desk, site, Role.OFFICER, "zjj", viewport=SIZES["desk"])
    page = context.new_page()
    page.goto(f"{site}/live")
    expect(page.get_by_text("实时更新中")).to_be_visible()
    desk.clock.time += timedelta(hours=13)
    expect(page).to_have_url(f"{site}/login?next=/live")
    context.close()


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_reminders_are_read_set_and_looked_after(chromium: Browser, desk: Desk, site: str, monkeypatch: pytest.MonkeyPatch, size: str, scripts: bool) -> None:
    ledger = owing(desk, monkeypatch)
    people(desk, 2, name="欧阳" + "娜" * 12)
    ledger.owe()
    ledger.owe(item="xzcf")
    ledger.owe(department="gsj")
    options = {"viewport": SIZES[size], "java_script_enabled": scripts}
    mine = entered(chromium, desk, site, Role.OFFICER, "zjj", **options)
    page, seen, complaints = watched(mine, f"reminders-{size}", scripts=scripts)
    page.goto(f"{site}/notices")
    expect(page.get_by_text("没有催报通知")).to_be_visible()
    seen("empty")
    ledger.turn((EMAIL,))
    wire = Wire([Undelivered(LONG[:400], final=True)])
    while deliver.turn(ledger.site, EMAIL, wire):
        pass
    page.goto(f"{site}/notices")
    expect(page.get_by_text("未读 2 条")).to_be_visible()
    seen("notices")
    page.get_by_role("button", name="标为已读").click()
    expect(page.get_by_text("已把 2 条通知标为已读")).to_be_visible()
    page.get_by_role("link", name="接收设置").click()
    page.get_by_label("静音至").fill("2017-10-30")
    seen("settings")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("接收设置已保存")).to_be_visible()
    office = entered(chromium, desk, site, Role.OFFICE, "", **options)
    page, seen, more = watched(office, f"reminders-office-{size}", scripts=scripts)
    page.goto(f"{site}/reminders")
    expect(page.get_by_role("cell", name="无人接收")).to_be_visible()
    seen("record")
    page.get_by_role("button", name="重新发送").first.click()
    expect(page.get_by_text("已排入发送")).to_be_visible()
    with desk.database() as database:
        assert database.scalar(select(Account.id).where(Account.email == "zjj0@example.cn"))
    assert complaints == more == []
    mine.close()
    office.close()
