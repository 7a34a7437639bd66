"""清单查询: a list in, a workbook out, one look-up a company; goes on where it stopped."""

import io
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from portal.accounts.roles import Role
from portal.government import ledger, lists, names
from portal.government.tables import CompanyList, LookUp
from portal.public.tables import Application
from tests.loaders.records import Records
from tests.portal.desk import Away, Browser, Desk
from tests.portal.government.site import CODE, NAME, NUMBER, OTHER, WHY, fill
from tests.waiting import eventually

SAID = "\n".join([CODE, NAME, CODE.lower(), "没有的公司", OTHER, NUMBER, "张三丰", "重名有限公司"])


@pytest.fixture(autouse=True)
def _filled(desk: Desk, records: Records) -> None:
    desk.clock.time = datetime(2017, 9, 1, 4, tzinfo=UTC)
    fill(records)
    for n in "23":
        records.put("qydj", f'["qydj",null,"{n}"]', QYMC="重名有限公司", TYSHXYDM=None)
    records.link()


def submit(browser: Browser, said: str = SAID, **more: str) -> Any:
    browser.get("/query/lists")
    return browser.post("/query/lists", **{**WHY, "companies": said, **more})


def finished(desk: Desk) -> CompanyList:
    """The newest list, once it is done."""

    def newest() -> CompanyList | None:
        with desk.database() as database:
            found = database.scalar(select(CompanyList).order_by(CompanyList.id.desc()))
            return found if found and found.ended_at else None

    found = eventually(newest, 60)
    assert found
    return found


def look_ups(desk: Desk) -> list[LookUp]:
    with desk.database() as database:
        return list(database.scalars(select(LookUp).order_by(LookUp.line)))


def test_a_list_becomes_a_workbook_and_each_company_is_one_look_up(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    browser.follow(submit(browser))
    made = finished(desk)
    assert (made.total, made.repeated) == (7, 1)
    browser.get(f"/query/lists/{made.number}")
    for words in ("7 / 7 家", "有 1 行重复", "查到 3 家", "有多家 1 家", "未查到 2 家", "未受理 1 家", WHY["matter"]):
        assert words in browser.page, words
    assert [(each.line, each.outcome, each.records) for each in look_ups(desk)] == [
        (1, "found", 4), (2, "found", 4), (3, "none", 0), (4, "found", 1), (5, "refused", 0), (6, "none", 0), (7, "several", 0),
    ]  # fmt: skip
    book = load_workbook(io.BytesIO(browser.get(f"/query/lists/{made.number}/book").content))
    assert book.sheetnames == ["查询说明", "企业", "记录"]
    about = {row[0].value: row[1].value for row in book["查询说明"]}
    assert (about["事由"], about["案号/文号"], about["企业数"]) == (WHY["matter"], WHY["case_number"], 7)
    assert book["企业"].max_row == 8
    assert book["记录"].max_row == 10
    text = str([[cell.value for cell in row] for sheet in book for row in sheet])
    assert "济环罚字〔2017〕1号" in text
    assert "济环罚字〔2017〕2号" not in text  # by authorisation: not in lists
    assert NUMBER[6:14] not in text
    assert "本人" not in text
    assert browser.get(f"/query/lists/{made.number}/export?form=csv").status_code == 200
    assert "提交清单查询" in [line.action for line in desk.audit()]


def test_a_workbook_is_taken_and_what_is_no_list_is_refused(desk: Desk) -> None:
    made, stream = Workbook(), io.BytesIO()
    made.active.append(("企业名称", "统一社会信用代码"))
    made.active.append((NAME, CODE))
    made.save(stream)
    browser = desk.person(Role.ANALYST)
    browser.get("/query/lists")
    browser.follow(browser.attach("/query/lists", [("名单.xlsx", stream.getvalue())], companies="", **WHY))
    finished(desk)
    assert [each.records for each in look_ups(desk)] == [4]
    assert browser.attach("/query/lists", [("名单.xlsx", b"PK\x03\x04x")], companies="", **WHY).status_code == 422
    assert len(look_ups(desk)) == 1


def test_all_that_is_wrong_is_told_at_once_and_lists_are_bounded(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    assert submit(browser, "", matter="", case_number="").status_code == 422
    for words in ("有 3 处需要改正", "请写明事由", "请填写案号", "名单里没有企业"):
        assert words in browser.page
    assert submit(browser, "\n".join(f"第{n}家公司" for n in range(names.MOST + 1))).status_code == 422
    assert "一次最多 2000 家" in browser.page
    assert submit(browser, "长" * (2 << 20)).status_code == 413
    assert look_ups(desk) == []


def test_nothing_acknowledged_is_lost_and_nothing_is_looked_up_twice(desk: Desk) -> None:
    """The warehouse is away while the list is taken; a process that starts goes on with it; a look-up that was written stays one."""
    site, account = desk.app.state.site, desk.account(Role.OFFICER)
    house = site.warehouse
    desk.change(warehouse=Away())
    browser = desk.enter(account)
    assert submit(browser, f"{CODE}\n{NAME}\n{OTHER}").status_code == 303
    with desk.database() as database:
        made = database.scalars(select(CompanyList)).one()
    desk.change(warehouse=house)
    with desk.database.begin() as database:
        question = ledger.Question(ledger.LIST, "organisation", NAME, *WHY.values(), list_id=made.id, line=2)
        ledger.add(database, ledger.Asker(account.id, "", "", "", "", "", ""), question, ledger.Answer(ledger.NONE), desk.clock())
    stopped = Event()
    stopped.set()
    lists.work(desk.app.state.site, made.id, stopped)
    assert len(look_ups(desk)) == 1
    eventually(lambda: lists.resume(desk.app.state.site) or finished_now(desk), 60)
    assert [(each.line, each.outcome) for each in look_ups(desk)] == [(1, "found"), (2, "none"), (3, "found")]
    lists.work(desk.app.state.site, made.id, Event())
    assert len(look_ups(desk)) == 3


def finished_now(desk: Desk) -> bool:
    with desk.database() as database:
        return database.scalars(select(CompanyList.ended_at)).one() is not None


def test_one_account_has_few_lists_under_way_and_a_list_stops_at_its_bound(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_RECORDS", 4)
    browser = desk.person(Role.OFFICER)
    submit(browser, f"{CODE}\n{OTHER}")
    finished(desk)
    assert [each.outcome for each in look_ups(desk)] == ["found", "refused"]
    desk.change(warehouse=Away())
    assert [submit(browser, CODE).status_code for _ in range(lists.UNFINISHED + 1)] == [303] * lists.UNFINISHED + [429]


def test_a_list_is_its_makers_for_a_day_and_marks_and_withdrawals_hold_in_the_workbook(desk: Desk, records: Records) -> None:
    account = desk.account(Role.OFFICER)
    browser = desk.enter(account)
    submit(browser, CODE)
    path = f"/query/lists/{finished(desk).number}"
    for role in (Role.OFFICER, Role.OFFICE, Role.ANALYST, Role.AUDITOR):
        for tail in ("", "/book", "/export"):
            assert desk.person(role).get(path + tail).status_code in (403, 404)
    records.put("xzcf", '["xzcf","hbj","1"]', department="hbj", withdrawn=True)
    with desk.database.begin() as database:
        about = {"number": "YY1", "kind": "objection", "item": "xzcf", "key": '["xzcf","hbj","0"]', "record": "r", "department": "hbj", "company": NAME, "title": "t"}
        database.add(Application(**about, applicant="王", capacity="受托人", phone="1", statement="s", state="accepted", filed_at=desk.clock()))
    book = load_workbook(io.BytesIO(browser.get(f"{path}/book").content))
    assert book["记录"].max_row == 4
    assert "异议处理中" in str([[cell.value for cell in row] for row in book["记录"]])
    desk.clock.time += timedelta(hours=25)
    assert desk.enter(account).get(path).status_code == 404


def test_numbers_typed_into_a_list_are_readable_nowhere(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    browser.follow(submit(browser, f"{NUMBER}\n有限公司{NUMBER}", matter=f"核实{NUMBER}", case_number=f"济{NUMBER}"))
    made = finished(desk)
    texts = [browser.page, browser.get("/query/lists").text, browser.get(f"/query/lists/{made.number}").text, browser.get(f"/query/lists/{made.number}/export?form=csv").text]
    submit(browser, NUMBER, matter="", case_number=NUMBER)
    book = load_workbook(io.BytesIO(browser.get(f"/query/lists/{made.number}/book").content))
    texts += [browser.page, str([[cell.value for cell in row] for sheet in book for row in sheet]), made.companies, made.matter, *(line.subject for line in desk.audit())]
    assert not [text for text in texts if NUMBER[6:14] in text]
