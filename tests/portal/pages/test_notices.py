"""催报通知: what somebody was reminded of, read and unread, and by what else he wants to be told."""

import pytest
from sqlalchemy import select

from portal.accounts.roles import Role
from portal.accounts.tables import Account
from portal.reminders.tables import Wish
from tests.portal.desk import Desk
from tests.portal.reminders.site import Owing, owing, people


@pytest.fixture
def ledger(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Owing:
    return owing(desk, monkeypatch)


def test_a_reminder_is_unread_until_its_reader_says_so_and_nobody_elses(desk: Desk, ledger: Owing) -> None:
    first, second = people(desk)
    ledger.owe()
    ledger.turn()
    mine, theirs = desk.enter(first), desk.enter(second)
    mine.get("/notices")
    assert "未读 1 条" in mine.page
    assert "“行政许可”2017年第41周应于 2017-10-24 前报送" in mine.page
    ledger.owe(item="xzcf")
    ledger.turn()
    mine.follow(mine.post("/notices/read", up_to="1"))
    assert "已把 1 条通知标为已读。" in mine.page
    assert "未读 1 条" in mine.page, "what came meanwhile stays unread"
    theirs.get("/notices?unread=1")
    assert "未读 2 条" in theirs.page
    assert theirs.page.index("行政处罚") < theirs.page.index("“行政许可”"), "the newest first"
    assert "行政许可" in theirs.get("/notices/export?form=csv&unread=1").content.decode("utf-8-sig")


def test_another_departments_people_see_none_of_it(desk: Desk, ledger: Owing) -> None:
    people(desk)
    ledger.owe()
    ledger.turn()
    browser = desk.person(Role.OFFICER, "gsj")
    browser.get("/notices")
    assert "没有催报通知" in browser.page
    assert browser.get("/notices/export?form=csv").content.decode("utf-8-sig").count("\n") == 1
    browser.post("/notices/read", up_to="999999")
    theirs = desk.person(Role.OFFICER)
    theirs.get("/notices")
    assert "没有催报通知" in theirs.page, "who came later was not told"


def test_who_goes_to_another_department_leaves_its_reminders_behind(desk: Desk, ledger: Owing) -> None:
    (first,) = people(desk, 1)
    ledger.owe()
    ledger.turn()
    with desk.database.begin() as database:
        database.get_one(Account, first.id).department = "gsj"
    browser = desk.enter(first)
    browser.get("/notices")
    assert "没有催报通知" in browser.page


def test_the_first_page_tells_of_unread_ones(desk: Desk, ledger: Owing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.pages.work.refused.count", lambda *_: 0)
    (first,) = people(desk, 1)
    ledger.owe()
    ledger.turn()
    browser = desk.enter(first)
    browser.get("/my-work")
    assert "催报通知 1 条" in browser.page
    browser.post("/notices/read", up_to="99")
    browser.get("/my-work")
    assert "催报通知 1 条" not in browser.page


def test_what_is_wanted_is_kept_and_a_wrong_day_is_refused(desk: Desk, ledger: Owing) -> None:
    (first,) = people(desk, 1)
    browser = desk.enter(first)
    browser.get("/notices/settings")
    assert "前 3 个工作日、前 1 个工作日、后 1 个工作日、后 3 个工作日、后 7 个工作日" in browser.page
    assert "zjj0@example.cn" in browser.page
    browser.follow(browser.post("/notices/settings", webhook="1", muted_until="2017-11-01"))
    assert "接收设置已保存" in browser.page
    assert browser.page.count(" checked") == 1
    for wrong in ("2017-11-31", "2018-10-23", "x"):
        assert browser.post("/notices/settings", email="1", muted_until=wrong).status_code == 422
    with desk.database() as database:
        wish = database.scalar(select(Wish))
        assert wish
        assert (wish.email, wish.webhook, wish.muted_until) == (False, True, "2017-11-01")
    browser.post("/notices/settings", email="1", muted_until="2017-10-01")
    with desk.database() as database:
        assert database.scalar(select(Wish.muted_until)) == "", "a day that is past mutes nothing"
    assert desk.audit()[-1].subject == "站内、邮件"
