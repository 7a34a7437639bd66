"""我的工作 in a real browser, with scripts and without, at a desk and on a phone: empty, and full of long words. PORTAL_PICTURES=folder keeps pictures."""

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from portal.accounts.roles import Role
from portal.entry import places
from tests.portal.desk import Desk
from tests.portal.entry.site import ITEM, equipped, record, stands
from tests.portal.screens import SCRIPTS, SIZES, entered, watched
from tests.portal.work.site import NUMBER, REASON, busy, reject

NOTHING = "SELECT count() AS n"
LONG = "关于济南市历下区解放东路某某综合服务中心暨地下停车场建设项目（一期）" * 3


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_the_work_of_a_department(chromium: Browser, site: str, desk: Desk, size: str, scripts: bool) -> None:
    desk.clock.time = datetime(2017, 11, 14, 2, 0, tzinfo=UTC)
    _, house = equipped(desk)
    house.answers[NOTHING] = [{"n": 0}]
    context = entered(chromium, desk, site, Role.OFFICER, "zjj", viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"work-{size}", scripts=scripts)
    for path in ("", "/rejects", "/echoes", "/records", "/arrivals"):
        page.goto(f"{site}/my-work{path}")
        seen(f"empty{path.replace('/', '-')}")
    said = {**ITEM.example, "XK_XMMC": LONG}
    row = record(ITEM, "zjj", said, desk.settings.key_secret)
    stands(house, row, ITEM.code)
    busy(house, row, said)
    house.answers["ANY LEFT JOIN"] = [reject(said, reasons=json.dumps([REASON, {**REASON, "message": LONG}], ensure_ascii=False))]
    page.goto(f"{site}/my-work")
    expect(page.get_by_role("link", name="退回记录 1 条")).to_be_visible()
    seen("work")
    page.get_by_role("link", name="本期无数据").nth(1).click()
    page.get_by_role("button", name="签署").first.click()
    expect(page.get_by_role("status")).to_contain_text("已签署")
    seen("nil")
    page.get_by_role("button", name="撤回").first.click()
    expect(page.get_by_role("status")).to_contain_text("已撤回")
    page.get_by_role("link", name="数量申报").click()
    for name, value in {"produced": "12", "reported": "9", "unreported": "2", "published": "9"}.items():
        page.locator(f"[name='{name}.xzxk']").fill(value)
    page.get_by_role("button", name="申报", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("需要改正")
    seen("quantities-wrong")
    for name, value in {"reported": "10", "grounds": LONG, "address": "https://www.jinan.gov.cn/very/long/address/of/a/page.html"}.items():
        page.locator(f"[name='{name}.xzxk']").fill(value)
    page.get_by_role("button", name="申报", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已申报")
    page.get_by_role("link", name="一览和导出").click()
    seen("quantities")
    for path in ("/arrivals", "/echoes?item=xzxk", "/records?item=xzxk", "/owed", "/nil/list", f"/records/xzxk/{places.token(row['_key'])}"):
        page.goto(f"{site}/my-work{path}")
        seen(path.split("/")[1].split("?")[0] + ("-one" if path.count("/") > 2 else ""))
    page.goto(f"{site}/my-work/rejects")
    seen("rejects")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("处理办法").select_option("ignored")
    page.get_by_label("说明").fill("系统联调时的测试数据")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("status")).to_contain_text("已记下：1 条已忽略")
    page.goto(f"{site}/my-work/rejects/{places.token(NUMBER)}")
    seen("reject")
    page.get_by_role("link", name="在这里改正").click()
    expect(page.locator("[name=XK_XMMC]")).to_have_value(LONG)
    seen("mend")
    context.close()
    assert complaints == []
