"""催报记录: the office sees what was sent to whom, what failed and who was not reached."""

import csv
import io

import pytest

from portal.accounts.roles import Role
from portal.reminders import deliver
from portal.reminders.channels import Undelivered
from portal.reminders.tables import EMAIL
from tests.portal.desk import Browser, Desk
from tests.portal.reminders.site import Owing, Wire, owing, people


@pytest.fixture
def ledger(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Owing:
    found = owing(desk, monkeypatch)
    people(desk)
    found.owe()
    found.owe(department="gsj")
    found.turn((EMAIL,))
    wire = Wire([Undelivered("邮件服务器拒收：550", final=True)])
    while deliver.turn(found.site, EMAIL, wire):
        pass
    return found


def lines(browser: Browser, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.get(f"/reminders/export?form=csv{query}").content.decode("utf-8-sig"))))


def test_every_reminder_is_told_with_whom_it_reached_and_why_not(desk: Desk, ledger: Owing) -> None:
    found = lines(desk.person(Role.OFFICE))
    told = [(line["部门"], line["对象"].partition("（")[0][:1], line["渠道"], line["状态"], line["原因"]) for line in found]
    assert told == [
        ("市工商局", "", "", "无人接收", ""), ("市城乡建设委", "张", "站内", "已发送", ""), ("市城乡建设委", "张", "邮件", "失败", "邮件服务器拒收：550（已试 1 次）"),
        ("市城乡建设委", "张", "站内", "已发送", ""), ("市城乡建设委", "张", "邮件", "已发送", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("query", "number"), [("department=zjj", 4), ("channel=email", 2), ("state=failed", 1), ("state=nobody", 1), ("kind=silence", 0), ("state=none", 0)])
def test_filters_stand_in_the_address(desk: Desk, ledger: Owing, query: str, number: int) -> None:
    browser = desk.person(Role.OPERATOR)
    assert len(lines(browser, f"&{query}")) == number
    browser.get(f"/reminders?{query}")
    assert (f"共 {number} 条" if number else "没有符合条件的催报记录") in browser.page


def test_what_was_given_up_is_sent_again_when_somebody_says_so(desk: Desk, ledger: Owing) -> None:
    office = desk.person(Role.OFFICE)
    office.get("/reminders")
    assert office.page.count("重新发送") == 1
    number = office.page.split("/again")[0].rpartition("/")[2]
    office.follow(office.post(f"/reminders/{number}/again"))
    assert "已排入发送" in office.page
    wire = Wire()
    assert deliver.turn(ledger.site, EMAIL, wire)
    assert [each.address for each in wire.taken] == ["zjj0@example.cn"]
    office.follow(office.post(f"/reminders/{number}/again"))
    assert "没有失败，不必重新发送" in office.page
    assert office.post("/reminders/999/again").status_code == 404


def test_a_reader_is_seen(desk: Desk, ledger: Owing) -> None:
    officer = next(each for each in people(desk, 1, "gtj"))
    ledger.owe(department="gtj")
    ledger.turn()
    browser = desk.enter(officer)
    browser.get("/notices")
    browser.post("/notices/read", up_to="999")
    assert [line["状态"] for line in lines(desk.person(Role.CENTRE), "&department=gtj")] == ["已读"]
