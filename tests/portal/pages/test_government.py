"""政务查询 on the page: what the scope allows and no more, to whom may see it and nobody else, with the reason kept; personal numbers unreadable at every exit."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from portal.accounts.roles import Role
from portal.government.tables import Authorisation, LookUp, ShownRecord
from portal.public.tables import Application
from producers.rate import Rate
from tests.loaders.records import Records
from tests.portal.desk import CATALOG, Away, Browser, Desk
from tests.portal.government.site import CODE, NAME, NUMBER, OLD, OTHER, PROOF, WHY, fill

ASKING = (Role.OFFICER, Role.REVIEWER, Role.OFFICE, Role.CENTRE, Role.ANALYST)


@pytest.fixture(autouse=True)
def _filled(desk: Desk, records: Records) -> None:
    desk.clock.time = datetime(2017, 9, 1, 4, tzinfo=UTC)
    fill(records)


def look_up(browser: Browser, files: Any = (), **said: str) -> Any:
    """Ask and follow to the result, where there is one."""
    browser.get("/query")
    fields = {"kind": "organisation", **WHY, **said}
    answer = browser.attach("/query", files, **fields) if files else browser.post("/query", **fields)
    return browser.follow(answer) if answer.status_code == 303 else answer


def kept(desk: Desk) -> list[LookUp]:
    with desk.database() as database:
        return list(database.scalars(select(LookUp).order_by(LookUp.id)))


@pytest.mark.parametrize("said", [CODE, CODE.lower(), NAME, "济南老厂化工有限公司"])
def test_an_official_sees_what_is_public_and_shared_of_every_department(desk: Desk, said: str) -> None:
    browser = desk.person(Role.OFFICER)
    assert look_up(browser, said=said).status_code == 200
    told = ("企业登记信息", "济环罚字〔2017〕0号", "济环罚字〔2017〕1号", "济建许〔2017〕1号", "济南市环境保护局", "数据接口", "2017-05-10", "政府部门共享", "公示中", "不公示")
    for words in (*told, *WHY.values(), "共 4 条"):
        assert words in browser.page, words
    assert "济环罚字〔2017〕2号" not in browser.page
    (made,) = kept(desk)
    assert (made.matter, made.case_number, made.outcome, made.records, made.authorised) == (WHY["matter"], WHY["case_number"], "found", 4, False)


@pytest.mark.parametrize("role", ASKING)
def test_by_authorisation_is_shown_with_the_paper_alone_and_to_whom_it_can_be_given(desk: Desk, role: Role) -> None:
    browser = desk.person(role)
    answer = look_up(browser, PROOF, said=CODE)
    if role is Role.ANALYST:
        assert answer.status_code == 422
        assert "不办理授权查询" in browser.page
        return
    assert "济环罚字〔2017〕2号" in browser.page
    assert "仅可授权查询" in browser.page
    with desk.database() as database:
        (paper,) = database.scalars(select(Authorisation))
    assert (paper.name, paper.kind) == ("授权书.pdf", "pdf")
    path = re.search(r"/query/result/[^\"]+/authorisations/\d+", browser.page)[0]
    assert browser.get(path).content == PROOF[0][1]
    assert (desk.settings.home / "attachments" / paper.stored).stat().st_mode & 0o077 == 0
    for other, status in ((Role.OFFICER, 404), (Role.CENTRE, 404), (Role.OFFICE, 200), (Role.AUDITOR, 200)):
        assert desk.person(other, "" if other is not Role.OFFICER else "gtj").get(path).status_code == status


@pytest.mark.parametrize("files", [[("a.pdf", b"MZ\x90")], [("a.exe.pdf", b"<html>")], [("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * (4 << 20))], [("a.pdf", b"%PDF-")] * 6])
def test_a_file_that_is_no_authorisation_opens_nothing_and_leaves_nothing(desk: Desk, files: Any) -> None:
    browser = desk.person(Role.OFFICER)
    assert look_up(browser, files, said=CODE).status_code in (413, 422)
    assert "济环罚字" not in browser.page
    assert kept(desk) == []
    assert list((desk.settings.home / "attachments").glob("*")) == []


def test_a_person_is_found_by_number_and_name_together_by_nothing_else(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    for number in (NUMBER, NUMBER.lower(), OLD):
        look_up(browser, PROOF, kind="person", number=number, person="张三丰")
        for words in ("济环罚字〔2017〕90号", "济环罚字〔2017〕91号", "济环罚字〔2017〕92号", "律师执业", "共 4 条"):
            assert words in browser.page, words
        assert "企业登记信息" not in browser.page  # he is the other Li Si's number there: the name differs
    look_up(browser, kind="person", number=NUMBER, person="张三丰")
    assert "共 2 条" in browser.page
    for said in ({"number": NUMBER, "person": "张三"}, {"number": NUMBER, "person": "李四"}, {"number": "37010219800101001X", "person": "张三丰"}):
        look_up(browser, PROOF, kind="person", **said)
        assert "没有查到" in browser.page or "请填写完整" in browser.page, said
    for said in ("张三丰", "三丰"):
        look_up(browser, PROOF, said=said)
        assert "没有查到" in browser.page
    look_up(browser, said=NUMBER)
    assert "同时填写姓名" in browser.page
    assert look_up(desk.person(Role.ANALYST), kind="person", number=NUMBER, person="张三丰").status_code == 422


def test_the_reason_is_asked_for_and_all_that_is_wrong_is_told_at_once(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    assert look_up(browser, said="", matter="", case_number="").status_code == 422
    for words in ("有 3 处需要改正", "请写明事由", "请填写案号或文号", "请填写统一社会信用代码或企业全称"):
        assert words in browser.page
    assert kept(desk) == []
    assert desk.audit()[-1].outcome == "failed"


def test_of_several_the_official_chooses_and_that_is_a_look_up_of_its_own(desk: Desk, records: Records) -> None:
    records.put("qydj", '["qydj",null,"2"]', QYMC=NAME, TYSHXYDM=None, DJZT="注销")
    records.link()
    browser = desk.person(Role.OFFICER)
    assert look_up(browser, said=NAME).status_code == 200
    assert "有 2 家，请选择一家" in browser.page
    assert "济环罚字" not in browser.page
    browser.follow(browser.post("/query", kind="organisation", said=NAME, choice=f"id:{CODE}", **WHY))
    assert "济环罚字〔2017〕0号" in browser.page
    look_up(browser, said="泉城化工")
    assert "请选择一家" in browser.page
    look_up(browser, said="上海外地有限公司")
    assert "共 1 条" in browser.page
    look_up(browser, said=OTHER)
    assert "共 1 条" in browser.page
    assert [each.outcome for each in kept(desk)] == ["several", "found", "several", "found", "found"]
    browser.get(f"/query/result/{kept(desk)[0].number}")
    assert "有多家，没有列出记录" in browser.page


def test_the_result_is_its_makers_for_a_day_and_what_changed_since_is_left_out(desk: Desk, records: Records) -> None:
    account = desk.account(Role.OFFICER)
    browser = desk.enter(account)
    look_up(browser, said=CODE)
    path = f"/query/result/{kept(desk)[0].number}"
    for role in Role:
        other = desk.person(role)
        for tail in ("", "/export", "/print", "/records/xzcf-0-0"):
            assert other.get(path + tail).status_code in (403, 404), (role, tail)
            assert NAME not in other.page
    records.put("xzcf", '["xzcf","hbj","0"]', department="hbj", withdrawn=True)
    browser.get(path)
    assert "共 3 条" in browser.page
    assert "有 1 条记录在查询之后有变动或已撤回" in browser.page
    desk.clock.time += timedelta(hours=24, seconds=1)
    browser = desk.enter(account)
    assert browser.get(path).status_code == 404
    assert "只保留 24 小时" in browser.page
    assert len(kept(desk)) == 1


def test_a_mark_of_the_platform_shows_at_once(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    look_up(browser, said=CODE)
    path = f"/query/result/{kept(desk)[0].number}"
    about = {"number": "YY1", "kind": "objection", "item": "xzcf", "key": '["xzcf","hbj","0"]', "record": "r", "department": "hbj", "company": NAME, "title": "t"}
    rest = {"applicant": "王", "capacity": "受托人", "phone": "1", "statement": "s", "state": "accepted", "filed_at": desk.clock()}
    with desk.database.begin() as database:
        database.add(Application(**about, **rest))
    browser.get(path)
    assert "异议处理中" in browser.page
    browser.get(f"{path}/print")
    assert "（异议处理中）" in browser.page


def test_records_stand_on_pages_and_go_out_as_files_and_as_a_sheet(desk: Desk, records: Records) -> None:
    said = {"CF_XDR_MC": NAME, "CF_XDR_SHXYM": CODE, "CF_SYFW": "1", "CF_JDRQ": date(2016, 5, 10)}
    records.put_all("xzcf", [(f'["xzcf","hbj","多{n}"]', said | {"CF_WSH": f"=多{n}号"}) for n in range(60)], department="hbj")
    records.link()
    browser = desk.person(Role.OFFICER)
    look_up(browser, said=CODE)
    path = f"/query/result/{kept(desk)[0].number}"
    assert "第 1 / 2 页" in browser.page
    browser.get(f"{path}?page=2")
    assert browser.page.count("=多") == 14
    sheet = load_workbook(io.BytesIO(browser.get(f"{path}/export?form=xlsx").content)).active
    assert sheet.max_row == 65
    assert not any(str(cell.value).startswith("=") for row in sheet for cell in row)
    assert browser.get(f"{path}/print").status_code == 200
    for words in ("截至", "2017-09-01 12:00", "查询人", "事由", WHY["case_number"], "共 64 条", "济环罚字〔2017〕1号"):
        assert words in browser.page


def test_every_look_up_is_in_the_audit_and_one_account_cannot_ask_without_end(desk: Desk) -> None:
    desk.change(look_ups=Rate(1, 2, lambda: 0.0))
    browser = desk.person(Role.OFFICER)
    statuses = [look_up(browser, said=CODE).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    lines = [line for line in desk.audit() if line.action == "政务查询"]
    assert [line.outcome for line in lines] == ["done", "done", "refused"]
    assert CODE in lines[0].subject
    assert WHY["case_number"] in lines[0].subject
    assert browser.get("/query").status_code == 200
    assert WHY["matter"] in browser.page


def test_a_warehouse_that_is_away_is_said_and_nothing_is_written(desk: Desk) -> None:
    desk.change(warehouse=Away())
    browser = desk.person(Role.OFFICER)
    assert look_up(browser, PROOF, said=CODE).status_code == 503
    assert "数据仓库没有应答" in browser.page
    assert kept(desk) == []


def test_numbers_seeded_in_every_text_field_are_readable_at_no_exit(desk: Desk, records: Records) -> None:
    """Every item, every text field, every exit of a look-up: page, record, export, sheet, list, log, audit; and what the official types himself."""
    seed = f"经办{NUMBER}，{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"
    for item in CATALOG().values():
        said = {field.name: seed if field.kind == "string" else date(2017, 9, 1) if field.kind == "date" else None for field in item.fields}
        about = {rule.name: field.name for field in item.fields for rule in field.rules if not field.former}
        said |= {about[rule]: value for rule, value in (("uscc", CODE), ("name", NAME)) if rule in about and not item.registers}
        said |= {item.usage: "1"} if item.usage in item.by_name else {}
        records.put(item.code, f'["{item.code}","seed"]', **said)
    records.link()
    browser = desk.person(Role.OFFICER)
    why = {"matter": f"核实{NUMBER}的许可", "case_number": f"济{NUMBER}号"}
    look_up(browser, PROOF, said=CODE, **why)
    path = f"/query/result/{kept(desk)[-1].number}"
    links = sorted(set(re.findall(rf"{path}/records/[^\"]+", browser.page + browser.get(f"{path}?page=2").text)))
    assert len(links) > 40
    texts = [browser.get(each).text for each in (path, f"{path}?page=2", f"{path}/export?form=csv", f"{path}/print", "/query", "/query/export?form=csv", *links)]
    look_up(browser, PROOF, kind="person", number=NUMBER, person="张三丰", **why)
    texts += [browser.page, browser.get(f"/query/result/{kept(desk)[-1].number}/print").text]
    browser.post("/query", kind="person", number=NUMBER, person=NUMBER, said=NUMBER, matter="", case_number=NUMBER)
    texts += [browser.page, *(desk.person(Role.AUDITOR).get(each).text for each in ("/audit", "/looked-up", "/looked-up/export?form=csv"))]
    for text in texts:
        assert not re.search("19491231|491231|1231002|002X", text), re.search(".{30}(?:19491231|491231|1231002|002X)", text)
    assert sum("110105*" in text for text in texts) > 30
    with desk.database() as database:
        assert not any(NUMBER in str(vars(row)) for table in (LookUp, ShownRecord) for row in database.scalars(select(table)))
    assert not any("110105" in line.subject for line in desk.audit())
