"""看板 in a real browser, at a desk and on a phone, with scripts and without: charts are drawn, or are their tables; a click leads to the records. PORTAL_PICTURES=folder keeps pictures."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from infra.settings import Settings
from portal import assets
from portal.accounts.roles import Role
from portal.boards.chart import BOARDS, of
from portal.entry import places
from tests.loaders.records import Records
from tests.portal.boards import site as boards
from tests.portal.boards.site import STRETCH
from tests.portal.desk import Desk
from tests.portal.screens import SCRIPTS, SIZES, entered, watched

KEY = '["xzxk","zjj","很长很长的行政许可决定书文号，济建许字〔2017〕第一百二十三号之一（补充），连同附件共三份"]'


@pytest.fixture(autouse=True)
def _filled(desk: Desk, records: Records) -> Iterator[None]:
    desk.clock.time = boards.NOW
    boards.busy(records.warehouse)
    records.put("xzxk", KEY, _row='["' + "一个很长的行标识" * 6 + '"]', _source="zjj_pg." + "a_very_long_table_name" * 3, _warnings=None, XK_WSH="文1")
    yield
    boards.quiet(records.warehouse)


@pytest.fixture(autouse=True)
def _drawable() -> None:
    if not assets.address(Settings().cache, assets.ECHARTS):
        pytest.fail("ECharts is not in the cache: `guiji up` fetches it")


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_charts_are_drawn_or_are_their_tables_and_lead_to_records(chromium: Browser, desk: Desk, site: str, size: str, scripts: bool) -> None:
    context = entered(chromium, desk, site, Role.OFFICE, "", viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"boards-{size}", scripts=scripts)
    for board in BOARDS:
        page.goto(f"{site}/boards{'' if board == 'overview' else '/' + board}?{STRETCH}&grain=week" + ("&item=ajns" if board in ("item", "quality") else ""))
        expect(page.locator(".chart")).to_have_count(len(of(board)))
        pictures = page.locator(".chart:has(table)")
        assert pictures.count() or board == "subjects"
        drawn = page.locator(".chart:has(.picture)").count()
        expect(page.locator(".chart canvas")).to_have_count(drawn if scripts else 0)
        expect(page.locator("details.data[open]")).to_have_count(pictures.count() - (drawn if scripts else 0))
        seen(board)
    page.goto(f"{site}/boards?{STRETCH}&grain=week")
    if scripts:
        picture = page.locator("#chart-outcomes ~ .frame .picture")
        x, y = picture.evaluate("place => echarts.getInstanceByDom(place).convertToPixel({xAxisIndex: 0, yAxisIndex: 0}, [1, 3])")
        picture.click(position={"x": x, "y": y})
        page.wait_for_url("**/boards/records?**")
    else:
        page.locator("#chart-outcomes ~ details a").first.click()
    expect(page.get_by_role("heading", level=1, name="报送的记录")).to_be_visible()
    seen("records")
    page.locator("tbody a").first.click()
    expect(page.get_by_text("信源说了什么")).to_be_visible()
    seen("life")
    page.goto(f"{site}/boards/records/xzxk/{places.token(KEY)}")
    seen("long-life")
    page.goto(f"{site}/boards/sql?chart=validity&{STRETCH}&item=ajns")
    seen("sql")
    page.goto(f"{site}/boards?{STRETCH}&department=none")
    expect(page.get_by_text("没有数据").first).to_be_visible()
    seen("empty")
    assert complaints == []
    context.close()
