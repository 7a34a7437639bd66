"""操作记录: each reads what is his business, an auditor everything; taken away without formulas."""

from portal.accounts.roles import Role
from portal.audit import journal
from portal.audit.journal import Deed
from tests.portal.desk import BOTH, Desk


def _written(desk: Desk) -> None:
    """Three deeds: of 住建委, of 国土局, and of the centre to 住建委."""
    with desk.database.begin() as database:
        for action, about in (("自己的事", "zjj"), ("别局的事", "gtj"), ("对住建委的事", "zjj")):
            journal.record(database, Deed(action, "=1+1", about, "10.9.9.9"), None, desk.clock())


@BOTH
def test_a_department_reads_what_it_did_and_what_concerns_it(desk: Desk) -> None:
    _written(desk)
    browser = desk.person(Role.OFFICER)
    browser.get("/audit")
    assert "自己的事" in browser.page
    assert "对住建委的事" in browser.page
    assert "别局的事" not in browser.page
    assert "别局的事" not in browser.get("/audit?department=gtj").text
    assert "别局的事" not in browser.get("/audit/export?form=csv").content.decode("utf-8-sig")


def test_an_auditor_reads_everything_and_others_their_own_deeds(desk: Desk) -> None:
    _written(desk)
    auditor, centre = desk.person(Role.AUDITOR), desk.person(Role.CENTRE)
    auditor.get("/audit")
    assert all(words in auditor.page for words in ("自己的事", "别局的事", "对住建委的事"))
    auditor.get("/audit?department=gtj")
    assert "别局的事" in auditor.page
    assert "自己的事" not in auditor.page
    centre.get("/audit")
    assert "自己的事" not in centre.page
    assert "查看操作记录" in centre.get("/audit").text


def test_lines_are_found_by_day_and_text(desk: Desk) -> None:
    _written(desk)
    auditor, today = desk.person(Role.AUDITOR), desk.clock().astimezone(desk.app.state.site.zone).date().isoformat()
    assert "别局的事" in auditor.get(f"/audit?since={today}&until={today}&text=别局").text
    assert "没有符合条件" in auditor.get("/audit?until=2017-09-01").text
    assert "没有符合条件" in auditor.get("/audit?since=9998-01-01").text
    assert "别局的事" in auditor.get("/audit?since=yesterday&until=9999-12-31").text


def test_the_export_has_no_formula(desk: Desk) -> None:
    _written(desk)
    text = desk.person(Role.AUDITOR).get("/audit/export?form=csv").content.decode("utf-8-sig")
    assert ",'=1+1," in text
    assert ",=1+1," not in text


def test_reading_is_itself_written_down_with_what_was_looked_for(desk: Desk) -> None:
    desk.person(Role.AUDITOR).get("/audit?text=11010519491231002X")
    line = desk.audit()[-1]
    assert line.action == "查看操作记录"
    assert line.subject == "***"


def test_pages_turn(desk: Desk) -> None:
    with desk.database.begin() as database:
        for number in range(120):
            journal.record(database, Deed(f"第{number}件"), None, desk.clock())
    auditor = desk.person(Role.AUDITOR)
    auditor.get("/audit?text=件&page=3")
    assert "第0件" in auditor.page
    assert "第 3 / 3 页" in auditor.page
    assert "第119件" in auditor.get("/audit?text=件").text
    assert "没有这一页" in auditor.get("/audit?text=件&page=9").text
