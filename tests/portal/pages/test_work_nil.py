"""本期无数据: signed by whom and when, revocable until the cut-off, cancelled by a record that arrives; what is owed and when, on the first page."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.roles import Role
from tests.portal.desk import Away, Browser, Desk
from tests.portal.entry.site import House, equipped
from tests.portal.work.site import SPOKEN

NOW = datetime(2017, 11, 14, 2, 0, tzinfo=UTC)  # a Tuesday; the item is due weekly
WEEK = "2017-11-06/2017-11-12"


@pytest.fixture
def house(desk: Desk) -> House:
    desk.clock.time = NOW
    _, made = equipped(desk)
    made.answers["FROM system.parts"] = [{"table": "xzxk_history"}]
    made.answers["SELECT count() AS n\nFROM ("] = [{"n": 0}]
    made.answers["SELECT count() AS n\nFROM `"] = [{"n": 0}]
    return made


def sign(officer: Browser, of: str = WEEK, do: str = "sign", seen: int = 0) -> int:
    officer.get("/my-work/nil?item=xzxk")
    return int(officer.post("/my-work/nil", item="xzxk", of=of, do=do, seen=str(seen)).status_code)


def test_it_is_signed_declared_and_the_period_is_reported(desk: Desk, house: House) -> None:
    officer = desk.enter(desk.account(Role.OFFICER, username="lina"))
    officer.get("/my-work")
    assert "2017年第45周" in officer.page
    assert "待上报" in officer.page or "漏报" in officer.page
    assert sign(officer) == 303
    (said,) = desk.lobby.waiting
    assert (said.kind, said.department, said.item, said.version, said.by) == ("nil", "zjj", "xzxk", 1, "lina")
    assert said.about == {"of": WEEK, "signed": True}
    desk.clock.time += timedelta(minutes=1)
    officer.get("/my-work/nil?item=xzxk")
    for words in ("已签署", "lina，2017-11-14 10:00", "2017-12-10", "已上报"):
        assert words in officer.page
    assert desk.audit()[-2].subject == "签署 行政许可 2017年第45周"
    assert sign(officer) == 409  # signed already


def test_it_is_taken_back_until_the_cut_off_and_not_after(desk: Desk, house: House) -> None:
    officer, reviewer = desk.person(Role.OFFICER), desk.person(Role.REVIEWER)
    assert sign(officer) == 303
    desk.clock.time = datetime(2017, 12, 10, 15, 59, tzinfo=UTC)
    reviewer = desk.person(Role.REVIEWER)
    assert sign(reviewer, do="revoke", seen=1) == 303
    assert desk.lobby.waiting[-1].about == {"of": WEEK, "signed": False}
    reviewer.get("/my-work/nil?item=xzxk")
    assert "已撤回" in reviewer.page
    assert sign(reviewer, do="revoke", seen=2) == 409
    assert sign(reviewer, seen=2) == 303
    desk.clock.time = datetime(2017, 12, 10, 16, 1, tzinfo=UTC)
    late = desk.person(Role.OFFICER)
    assert sign(late, do="revoke", seen=3) == 409
    assert "已过截止日（2017-12-10）" in late.page
    late.get("/my-work/nil/list")
    assert late.page.count("签署</td>") == 2
    assert late.page.count("撤回</td>") == 1


def test_a_record_that_arrives_cancels_it(desk: Desk, house: House) -> None:
    officer = desk.person(Role.OFFICER)
    assert sign(officer) == 303
    house.answers[SPOKEN] = [{"department": "zjj", "item": "xzxk", "way": "excel", "day": "2017-11-08", "delivered": "2017-11-14", "identities": 3}]
    officer.get("/my-work/nil?item=xzxk")
    assert "已被记录取代" in officer.page


def test_a_period_with_records_or_one_that_is_not_over_cannot_be_signed(desk: Desk, house: House) -> None:
    house.answers[SPOKEN] = [{"department": "zjj", "item": "xzxk", "way": "excel", "day": "2017-11-08", "delivered": "2017-11-09", "identities": 3}]
    officer = desk.person(Role.OFFICER)
    assert sign(officer) == 409
    assert "已有记录" in officer.page
    assert sign(officer, "2017-11-13/2017-11-19") == 409
    assert "还没有结束" in officer.page
    assert sign(officer, "2017-11-07/2017-11-12") == 404
    assert officer.post("/my-work/nil", item="nothing", of=WEEK, do="sign").status_code == 404
    assert desk.lobby.waiting == []


def test_two_who_sign_and_revoke_at_once_are_told(desk: Desk, house: House) -> None:
    officer = desk.person(Role.OFFICER)
    assert sign(officer) == 303
    assert sign(officer, do="revoke", seen=1) == 303
    assert sign(officer, seen=1) == 409  # from a page of before
    assert [each.version for each in desk.lobby.waiting] == [1, 2]


def test_the_office_sees_who_signed_and_a_department_only_its_own(desk: Desk, house: House) -> None:
    sign(desk.enter(desk.account(Role.OFFICER, username="lina")))
    office, other = desk.person(Role.OFFICE), desk.person(Role.OFFICER, "gtj")
    office.get("/my-work/nil/list")
    for words in ("城乡", "行政许可", "2017-11-06 至 2017-11-12", "lina"):
        assert words in office.page
    assert "lina" in office.get("/my-work/nil/list/export?form=csv").content.decode("utf-8-sig")
    other.get("/my-work/nil/list")
    assert "lina" not in other.page
    other.get("/my-work/nil?item=xzxk")
    assert "已签署" not in other.page


def test_what_is_owed_stands_on_the_first_page_with_its_state_and_the_way_to_deliver(desk: Desk, house: House) -> None:
    house.answers["SELECT count() AS n\nFROM ("] = [{"n": 7}]
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work")
    items = len(desk.app.state.site.owed("zjj"))
    todo = ("退回记录 7 条", "2017-10 的数量", f"还有 {items} 个信息项没有申报", "2017-11-10 前申报（已逾期）")
    for words in (*todo, "未到期", "漏报", "/entry/new?item=xzxk", '<a href="/report">上传</a>', f"/my-work/nil?item=xzxk&of={WEEK}", "全部应报送周期"):
        assert words in officer.page
    assert officer.page.index("漏报") < officer.page.index("未到期")
    officer.get("/my-work/owed?item=xzxk&state=漏报")
    assert "2017年第45周" not in officer.page  # not yet due
    assert "漏报" in officer.page
    assert "行政许可" in officer.get("/my-work/owed/export?form=csv").content.decode("utf-8-sig")


def test_the_office_sees_how_far_the_departments_are(desk: Desk, house: House) -> None:
    office = desk.person(Role.OFFICE)
    office.get("/my-work")
    assert "个部门中 0 个已申报完" in office.page
    for role in (Role.ANALYST, Role.AUDITOR, Role.OPERATOR):
        assert desk.person(role).get("/my-work").status_code == 200


def test_without_the_warehouse_the_first_page_says_so_and_leads_on(desk: Desk) -> None:
    officer = desk.person(Role.OFFICER)
    desk.change(warehouse=Away())
    officer.get("/my-work")
    assert "数据仓库没有应答" in officer.page
    assert "本部门应报送的信息项" in officer.page
    assert officer.get("/my-work/nil").status_code == 503


def test_a_department_that_owes_nothing_has_nothing_to_sign(desk: Desk, house: House) -> None:
    desk.change(assignments=())
    officer = desk.person(Role.OFFICER)
    for path in ("/my-work", "/my-work/nil", "/my-work/quantities", "/my-work/echoes", "/my-work/records", "/my-work/arrivals", "/my-work/owed"):
        assert officer.get(path).status_code == 200, path
        assert "没有" in officer.page
