"""The public query in a real browser, on a phone and at a desk, with scripts and without: from the search to the number of an objection, and the printed report."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.loaders.records import Records
from tests.portal.desk import Desk
from tests.portal.screens import SCRIPTS, SIZES, watched

CODE, NAME = "91370102678901232X", "济南泉城化工有限公司"


@pytest.fixture(autouse=True)
def _filled(desk: Desk, records: Records) -> None:
    desk.clock.time = datetime(2017, 9, 1, 4, tzinfo=UTC)
    records.put("qydj", '["qydj",null,"1"]', QYMC=NAME, TYSHXYDM=CODE, CYMC="济南老厂化工有限公司", DJZT="存续", ZS="济南市历城区工业北路 100 号", JYFW="化工产品的生产、销售；" * 12)
    for n in range(4):
        said = {"CF_WSH": f"济环罚字〔2017〕{n}号", "CF_CFMC": "超标排放水污染物", "CF_SY": "排放的废水化学需氧量超过规定限值", "CF_JG": "罚款人民币五万元"}
        records.put("xzcf", f'["xzcf","{n}"]', department="hbj", CF_XDR_MC=NAME, CF_XDR_SHXYM=CODE, CF_SYFW="0", CF_ZT="0", CF_JDRQ=date(2017, 5, 1 + n), **said)
    records.link()


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_from_the_search_to_the_number_of_an_objection(chromium: Browser, site: str, tmp_path: Path, size: str, scripts: bool) -> None:
    context = chromium.new_context(viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"public-{size}", scripts=scripts)
    page.goto(f"{site}/")
    page.get_by_role("link", name="企业、双公示、红黑名单").click()
    seen("search")
    page.get_by_label("统一社会信用代码或企业名称").fill("济南老厂化工有限公司")
    page.get_by_role("button", name="查询").click()
    seen("found")
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_role("heading", name="行政处罚与失信（4 条）")).to_be_visible()
    seen("company")
    page.get_by_role("button", name="可打印的报告").click()
    expect(page.get_by_alt_text(re.compile("核验二维码"))).to_be_visible()
    seen("report")
    page.go_back()
    page.get_by_role("link", name="济环罚字〔2017〕3号").click()
    seen("record")
    page.get_by_role("link", name="提出异议").click()
    page.get_by_label("申请人姓名").fill("王芳")
    page.get_by_label("与企业的关系").fill("受托人")
    page.get_by_label("联系电话").fill("0531-66608888")
    page.get_by_label("理由").fill("处罚的不是我公司，是同名的另一家。")
    proof = tmp_path / "执照.pdf"
    proof.write_bytes(b"%PDF-1.4")
    page.get_by_label("证明材料").set_input_files(proof)
    seen("form")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".secret")).to_have_text(re.compile("YY20170901-[2-9A-Z]{10}"))
    seen("filed")
    page.get_by_role("link", name="办理进度").click()
    expect(page.get_by_text("待受理")).to_be_visible()
    seen("state")
    page.goto(f"{site}/public/lists/xzcf")
    seen("list")
    page.goto(f"{site}/public/lists")
    seen("lists")
    context.close()
    assert complaints == []
