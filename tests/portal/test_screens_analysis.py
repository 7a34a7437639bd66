"""分析台 in a real browser, at a desk and on a phone, with scripts and without: a statement run, one that is wrong, one saved, the dictionary. PORTAL_PICTURES=folder keeps pictures."""

import pytest
from playwright.sync_api import Browser, expect

from portal.accounts.roles import Role
from tests.loaders.records import Records
from tests.portal.desk import Desk
from tests.portal.screens import SCRIPTS, SIZES, entered, watched


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_a_statement_is_run_saved_and_looked_up(chromium: Browser, desk: Desk, site: str, records: Records, size: str, scripts: bool) -> None:
    for number in range(12):
        records.put("xzxk", f'["xzxk","zjj","{number}"]', XK_WSH=f"济建许字〔2017〕{number}号", XK_NR="很长的许可内容" * 30, XK_XDR_SFZ="11010519491231002X")
    context = entered(chromium, desk, site, Role.ANALYST, "", viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"analysis-{size}", scripts=scripts)
    page.goto(f"{site}/analysis")
    seen("empty")
    page.get_by_label("SQL（只读）").fill("SELECT XK_WSH, XK_NR, XK_XDR_SFZ, _department, _received_at\nFROM xzxk\nORDER BY XK_WSH")
    page.get_by_role("button", name="运行").click()
    expect(page.get_by_role("heading", name="结果（12 行）")).to_be_visible()
    expect(page.get_by_text("110105***").first).to_be_visible()
    seen("result")
    page.get_by_label("SQL（只读）").fill("SELECT a\nFROM system.tables, file('x')")
    page.get_by_role("button", name="运行").click()
    expect(page.get_by_text("第 2 行：不能查询“system.tables”")).to_be_visible()
    seen("wrong")
    page.get_by_label("SQL（只读）").fill("SELECT count() AS n FROM xzxk")
    page.get_by_label("保存为").fill("一个很长很长的名称，说明这条查询做什么、为谁做、什么时候用" * 2)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存").first).to_be_visible()
    seen("saved")
    page.get_by_role("link", name="数据字典").click()
    seen("views")
    page.get_by_role("link", name="xzxk", exact=True).click()
    expect(page.get_by_role("heading", name="行政许可：现行记录")).to_be_visible()
    seen("columns")
    assert complaints == []
    context.close()
