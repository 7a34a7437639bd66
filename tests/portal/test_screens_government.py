"""政务查询 in a real browser, at a desk and on a phone, with scripts and without: one look-up with its authorisation, a list, the log of the department that supplied the records."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session, sessionmaker

from portal.accounts.roles import Role
from tests.loaders.records import Records
from tests.portal.desk import Desk
from tests.portal.government.site import CODE, NAME, NUMBER, fill
from tests.portal.screens import SCRIPTS, SIZES, change, first, log_in, picture, watched, whole
from tests.waiting import eventually

LONG = "济南市历城区王舍人街道办事处辖区内某某某某某某某某新材料科技发展股份有限公司第一分公司"


@pytest.fixture(autouse=True)
def _filled(desk: Desk, records: Records) -> None:
    desk.clock.time = datetime(2017, 9, 1, 4, tzinfo=UTC)
    fill(records)
    for n in range(55):
        said = {"CF_CFMC": "超标排放水污染物，未按规定设置排污口，擅自拆除污染防治设施" * 2, "CF_SY": "排放的废水化学需氧量超过规定限值；" * 8, "CF_XDR_MC": NAME, "CF_XDR_SHXYM": CODE}
        records.put("xzcf", f'["xzcf","hbj","长{n}"]', department="hbj", CF_WSH=f"济环罚字〔2016〕第{n}号行政处罚决定书（重新作出）", CF_SYFW="0", CF_ZT="0", CF_JDRQ=date(2016, 5, 1), **said)
    for n in "23":
        records.put("qydj", f'["qydj",null,"{n}"]', QYMC=LONG, TYSHXYDM=None, DJZT="存续")
    records.link()


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_from_the_question_to_the_sheet_and_to_the_log(chromium: Browser, site: str, portal: sessionmaker[Session], tmp_path: Path, size: str, scripts: bool) -> None:
    context = chromium.new_context(viewport=SIZES[size], java_script_enabled=scripts)
    page, seen, complaints = watched(context, f"government-{size}", scripts=scripts)
    word = first(portal, "zhang", Role.OFFICER, "欧阳慕容司马诸葛建国", "gtj")
    log_in(page, site, "zhang", word)
    change(page, word)
    page.get_by_role("link", name="政务查询").first.click()
    expect(page.get_by_text("您还没有查询过")).to_be_visible()
    seen("empty")
    _why(page)
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.get_by_text("有 1 处需要改正")).to_be_visible()
    seen("wrong")
    page.get_by_label("企业的统一社会信用代码或全称").fill(LONG)
    _why(page)
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.get_by_text("有 2 家")).to_be_visible()
    seen("several")
    page.goto(f"{site}/query")
    page.get_by_label("企业的统一社会信用代码或全称").fill(NAME)
    _why(page)
    proof = tmp_path / "授权书.pdf"
    proof.write_bytes(b"%PDF-1.4")
    page.get_by_label("被查询人的授权书").set_input_files(proof)
    seen("filled")
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.get_by_text("共 60 条")).to_be_visible()
    seen("result")
    page.get_by_role("link", name="下一页").click()
    seen("second")
    page.get_by_role("link", name=re.compile("行政处罚决定书")).first.click()
    seen("record")
    page.go_back()
    page.get_by_role("link", name="可打印的结果").click()
    expect(page.get_by_text("共 60 条")).to_be_visible()
    seen("sheet")
    page.goto(f"{site}/query")
    page.get_by_label("自然人", exact=True).check()
    page.get_by_label("自然人的身份证号").fill(NUMBER)
    page.get_by_label("自然人的姓名").fill("张三丰")
    _why(page)
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("张三丰 110105***********X")
    seen("person")
    page.goto(f"{site}/query")
    seen("mine")
    page.get_by_role("link", name="清单查询").click()
    expect(page.get_by_text("还没有提交过清单")).to_be_visible()
    seen("lists-empty")
    page.get_by_label("企业名单").fill(f"{NAME}\n没有的公司\n{LONG}\n{NUMBER}")
    _why(page)
    page.get_by_role("button", name="查询", exact=True).click()
    eventually(lambda: page.reload() and page.get_by_text("4 / 4 家").count(), 60)
    seen("list")
    page.goto(f"{site}/query/lists")
    seen("lists")
    page.goto(f"{site}/looked-up")
    expect(page.get_by_text("还没有人查询过")).to_be_visible()
    seen("log-empty")
    context.close()
    assert complaints == []


@pytest.mark.parametrize("size", SIZES)
def test_the_supplier_and_the_office_see_who_asked(chromium: Browser, site: str, portal: sessionmaker[Session], desk: Desk, size: str) -> None:
    asker = desk.person(Role.OFFICER, "gtj")
    for _ in range(3):
        asker.get("/query")
        asker.post("/query", kind="organisation", said=CODE, matter="审查建设用地使用权转让申请，核实受让人有无不良信用记录" * 3, case_number="济国土资〔2017〕第128号")
    for username, role, department, paths in (("sun", Role.REVIEWER, "hbj", ["/looked-up"]), ("lina", Role.OFFICE, "", ["/looked-up", "/looked-up/counts"])):
        context = chromium.new_context(viewport=SIZES[size])
        page = context.new_page()
        word = first(portal, username, role, "孙丽", department)
        log_in(page, site, username, word)
        change(page, word)
        for path in paths:
            page.goto(site + path)
            whole(page)
            expect(page.locator("tbody").first).to_contain_text("济南市国土资源局")
            picture(page, f"government-{size}-{username}{path.replace('/', '-')}")
        context.close()


def _why(page: Page) -> None:
    page.get_by_label("事由").fill("审查施工许可申请，核实申请人有无不良信用记录")
    page.get_by_label("案号/文号").fill("济建许受〔2017〕12号")
