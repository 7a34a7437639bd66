"""公开查询: companies are found by what they bear and bore; what is shown of them follows scope, term and marks on the day of reading; persons are not found."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.frame.access import routes
from producers.rate import Rate
from tests.loaders.records import Records
from tests.portal.desk import CATALOG, PAGE, Desk

TODAY = date(2017, 9, 1)
CODE, OTHER, NUMBER = "91370102678901232X", "91440300708461136T", "11010519491231002X"
NAME = "济南泉城化工有限公司"
PENALTY = {"CF_WSH": "济环罚字〔2017〕12号", "CF_CFMC": "超标排放水污染物", "CF_XDR_MC": NAME, "CF_XDR_SHXYM": CODE, "CF_SYFW": "0", "CF_ZT": "0", "CF_JDRQ": date(2017, 5, 10)}


@pytest.fixture(autouse=True)
def _clock(desk: Desk) -> None:
    desk.clock.time = datetime(2017, 9, 1, 4, tzinfo=UTC)


@pytest.fixture
def filled(records: Records) -> Records:
    records.put("qydj", '["qydj",null,"1"]', QYMC=NAME, TYSHXYDM=CODE, CYMC="济南老厂化工有限公司", FDDBR="李四", FDDBRZJHM=NUMBER, DJZT="存续")
    records.put("xzcf", '["xzcf","hbj","1"]', department="hbj", CF_FR="李四", CF_SY="化学需氧量超过限值", **PENALTY)
    records.put("xzxk", '["xzxk","zjj","1"]', XK_WSH="济建许〔2017〕1号", XK_XMMC="施工许可", XK_XDR=NAME, XK_XDR_SHXYM=CODE, XK_SYFW="0", XK_ZT="0", XK_JDRQ=date(2017, 6, 1))
    records.link()
    return records


def test_a_company_is_found_by_code_name_and_former_name_and_shows_what_is_published(desk: Desk, filled: Records) -> None:
    browser = desk.nobody()
    for said in (CODE, CODE.lower(), NAME, "济南老厂化工有限公司", "泉城化工"):
        assert browser.get(f"/public?q={said}").status_code == 200
        assert f'href="/public/company?id={CODE}"' in browser.page, said
    assert "曾用 " not in browser.page
    browser.get("/public?q=济南老厂化工有限公司")
    assert "曾用 济南老厂化工有限公司" in browser.page
    assert browser.get(f"/public/company?id={CODE}").status_code == 200
    for words in ("行政处罚与失信（1 条）", "行政许可与资质（1 条）", "超标排放水污染物", "济建许〔2017〕1号", "存续", "2022-05-10"):
        assert words in browser.page
    assert "李四" not in browser.page
    assert browser.get(re.search(r'/public/records/xzcf-[0-9]+-[0-9]+', browser.page)[0]).status_code == 200
    assert "化学需氧量超过限值" in browser.page
    assert "李四" not in browser.page


def test_firms_of_one_name_stand_side_by_side_the_exact_code_alone(desk: Desk, filled: Records) -> None:
    filled.put("qydj", '["qydj",null,"2"]', QYMC=NAME, TYSHXYDM=OTHER, DJZT="注销")
    filled.link()
    browser = desk.nobody()
    browser.get(f"/public?q={NAME}")
    assert "找到 2 家" in browser.page
    assert CODE in browser.page
    assert OTHER in browser.page
    browser.get(f"/public?q={CODE}")
    assert "找到 1 家" in browser.page


def test_nothing_found_says_what_was_searched_and_a_firm_without_register_is_found_by_its_records(desk: Desk, filled: Records) -> None:
    browser = desk.nobody()
    browser.get("/public?q=没有这家公司")
    for words in ("没有找到“没有这家公司”", "统一社会信用代码", "曾用", "自然人的信息不在这里提供"):
        assert words in browser.page
    filled.put("xzcf", '["xzcf","hbj","9"]', **PENALTY | {"CF_XDR_MC": "上海外地有限公司", "CF_XDR_SHXYM": OTHER})
    filled.link()
    browser.get("/public?q=上海外地有限公司")
    assert "本市没有它的登记信息" in browser.page
    assert browser.get(f"/public/company?said={OTHER}").status_code == 200
    assert "超标排放水污染物" in browser.page


def test_scope_state_term_and_withdrawal_count_when_it_is_read(desk: Desk, filled: Records) -> None:
    browser, page = desk.nobody(), f"/public/company?id={CODE}"
    for change in ({"CF_SYFW": "1"}, {"CF_SYFW": "2"}, {"CF_SYFW": None}, {"CF_ZT": "1"}, {"CF_GSJZQ": date(2017, 8, 31)}):
        number = filled.put("xzcf", '["xzcf","hbj","1"]', **PENALTY | change)
        browser.get(page)
        assert "超标排放水污染物" not in browser.page, change
        assert browser.get(f"/public/records/{number}").status_code == 404
    number = filled.put("xzcf", '["xzcf","hbj","1"]', **PENALTY | {"CF_GSJZQ": TODAY})
    browser.get(page)
    assert "超标排放水污染物" in browser.page
    desk.clock.time += timedelta(days=1)
    browser.get(page)
    assert "超标排放水污染物" not in browser.page
    desk.clock.time -= timedelta(days=1)
    filled.put("xzcf", '["xzcf","hbj","1"]', withdrawn=True)
    assert browser.get(f"/public/records/{number}").status_code == 404


def test_a_natural_person_is_found_by_nothing(desk: Desk, filled: Records) -> None:
    said = PENALTY | {"CF_XDR_MC": "张三丰", "CF_XDR_SHXYM": None, "CF_XDR_SFZ": NUMBER, "CF_SY": "张三丰无证经营"}
    number = filled.put("xzcf", '["xzcf","hbj","张三丰"]', **said)
    filled.put("gtgsh", '["gtgsh",null,"1"]', ZHMC="张三丰", JYZXM="张三丰", JYZZJHM=NUMBER, TYSHXYDM=None, ZCH="370100600000019")
    filled.put("gtgsh", '["gtgsh",null,"2"]', ZHMC="济南市历下区泉水小吃店", CYMC="张三丰", JYZXM="王芳", TYSHXYDM=None, ZCH="370100600000027")
    filled.link()
    browser = desk.nobody()
    browser.get("/public?q=泉水小吃店")
    assert "找到 1 家" in browser.page
    for asked in ("张三丰", "三丰", "370100600000019"):
        browser.get(f"/public?q={asked}")
        assert "没有找到" in browser.page, asked
    for path in ("/public/company?said=张三丰", '/public/company?id=["gtgsh",null,"1"]'):
        assert browser.get(path).status_code == 404
    for path in (f"/public/records/{number}", "/public/lists/xzcf", "/public/lists/xzcf/export?form=csv"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "张三丰" not in answer.text
        assert NUMBER[:6] not in answer.text


def test_a_personal_number_that_is_typed_in_is_neither_looked_for_nor_shown_again(desk: Desk, filled: Records) -> None:
    browser = desk.nobody()
    for written in (NUMBER, "110105491231002", f"x{NUMBER.lower()}"):
        browser.get(f"/public?q={written}")
        assert "不按身份证号查询" in browser.page
        assert "110105" not in browser.page


def test_a_strange_address_finds_nothing(desk: Desk, records: Records) -> None:
    browser = desk.nobody()
    for path in ("records/xzcf-0-5", "records/none-0-5", "records/xzcf-0-99999999999999999999", "records/x'; DROP", "company", "company?id=x", 'company?id=["qydj'):
        assert browser.get(f"/public/{path}").status_code == 404, path


def test_a_record_is_text_and_no_page(desk: Desk, filled: Records) -> None:
    number = filled.put("xzcf", '["xzcf","hbj","1"]', **PENALTY | {"CF_SY": "<script>alert(1)</script>"})
    answer = desk.nobody().client.get(f"/public/records/{number}", headers=PAGE)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_one_address_cannot_ask_without_end(desk: Desk, records: Records) -> None:
    desk.change(look_ups=Rate(1, 3, lambda: 0.0))
    browser = desk.nobody()
    assert [browser.get(path).status_code for path in ("/public?q=x", "/public/lists/xzcf", "/public/applications?number=x", "/public?q=y")] == [200, 200, 404, 429]
    assert "请等一分钟" in browser.page


def test_a_warehouse_that_is_away_is_said_and_nothing_of_it_is_shown(desk: Desk) -> None:
    browser = desk.nobody()
    for path in ("/public?q=x", f"/public/company?id={CODE}", "/public/lists/xzcf", "/public/records/xzcf-0-1"):
        assert browser.get(path).status_code == 503
        assert "数据仓库没有应答" in browser.page


def test_numbers_seeded_in_every_text_field_are_readable_at_no_public_exit(desk: Desk, filled: Records) -> None:
    """Every item, every text field, every public page that shows records."""
    seed = f"经办{NUMBER}，{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"
    paths = ["/public/lists", f"/public/company?id={CODE}"]
    for item in CATALOG().values():
        said = {field.name: seed if field.kind == "string" else TODAY if field.kind == "date" else None for field in item.fields}
        about = {rule.name: field.name for field in item.fields for rule in field.rules if not field.former}
        said |= {about[rule]: value for rule, value in (("uscc", CODE), ("name", NAME)) if rule in about and not item.registers}
        said |= {item.usage: "0"} if item.usage in item.by_name else {}
        said |= {field.name: "发布" if item.code == "sxbzx" else "0" for field in item.fields if field.name in ("ZT", "CF_ZT", "XK_ZT")}
        number = filled.put(item.code, f'["{item.code}","seed"]', **said)
        paths += [f"/public/records/{number}", f"/public/lists/{item.code}", f"/public/lists/{item.code}/export?form=csv"]
    filled.link()
    browser, shown = desk.nobody(), 0
    texts = [(path, answer.text) for path in paths if (answer := browser.get(path)).status_code == 200]
    browser.get(f"/public/company?id={CODE}")
    texts.append(("report", browser.post("/public/reports", id=CODE).text))
    for path, text in texts:
        shown += "***" in text
        assert not re.search("110105|19491231|002X", text), path
    assert shown > 40  # the seeds did arrive
    assert {route.path for route in routes(desk.app) if route.path.startswith("/public")} >= {"/public/reports", "/public/company"}
