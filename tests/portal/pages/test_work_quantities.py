"""数量申报: of each item and month, by the 10th; what is wrong is said at once; the office sees all."""

from datetime import UTC, datetime

import pytest

from portal.accounts.roles import Role
from tests.portal.desk import Away, Desk
from tests.portal.entry.site import House, equipped

NOW = datetime(2017, 10, 9, 2, 0, tzinfo=UTC)
GOOD = {"produced": "12", "reported": "10", "unreported": "2", "grounds": "《保密法》第九条", "published": "10", "address": "https://a.example/xk"}


@pytest.fixture
def house(desk: Desk) -> House:
    desk.clock.time = NOW
    _, made = equipped(desk)
    made.answers["SELECT count() AS n"] = [{"n": 15}]
    return made


def filled(item: str = "xzxk", **more: str) -> dict[str, str]:
    return {"month": "2017-09", **{f"{name}.{item}": value for name, value in (GOOD | more).items()}}


def test_numbers_are_declared_for_the_month_before_and_shown_again(desk: Desk, house: House) -> None:
    officer = desk.enter(desk.account(Role.OFFICER, username="lina"))
    officer.get("/my-work/quantities")
    assert "2017-09 的数量，请在 2017-10-10 前申报" in officer.page
    assert "平台现有 2017-09 决定的记录 15 条" in officer.page
    officer.follow(officer.post("/my-work/quantities", **filled()))
    (said,) = desk.lobby.waiting
    assert (said.kind, said.department, said.item, said.version) == ("quantity", "zjj", "xzxk", 1)
    assert said.about == {"of": "2017-09", "produced": 12, "reported": 10, "unreported": 2, "published": 10, "grounds": GOOD["grounds"], "address": GOOD["address"]}
    assert "已申报，1 个信息项有变动" in officer.page
    assert 'value="12"' in officer.page
    assert "申报数不足" in officer.page  # 15 stand, 12 were produced
    assert desk.audit()[-2].subject == "数量申报 2017-09 xzxk"


def test_what_is_the_same_is_not_declared_again_and_a_correction_is_the_next_version(desk: Desk, house: House) -> None:
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work/quantities")
    officer.post("/my-work/quantities", **filled())
    officer.follow(officer.post("/my-work/quantities", **filled(), **{"seen.xzxk": "1"}))
    assert "没有变动" in officer.page
    assert officer.post("/my-work/quantities", **filled(produced="13", reported="11"), **{"seen.xzxk": "0"}).status_code == 409
    officer.post("/my-work/quantities", **filled(produced="13", reported="11"), **{"seen.xzxk": "1"})
    assert [(each.version, each.about["produced"]) for each in desk.lobby.waiting] == [(1, 12), (2, 13)]


def test_wrong_numbers_are_kept_on_the_screen_and_nothing_is_declared(desk: Desk, house: House) -> None:
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work/quantities")
    assert officer.post("/my-work/quantities", **filled(reported="11", grounds="", address="")).status_code == 422
    for words in ("有 1 个信息项需要改正", "应当等于产生数量（12）", "请写明依据", "请写明公示地址", 'value="11"'):
        assert words in officer.page
    assert officer.post("/my-work/quantities", **(filled() | {"month": "2017-10"})).status_code == 422  # is not over
    assert desk.lobby.waiting == []


def test_the_office_sees_all_and_who_is_late_and_a_department_its_own(desk: Desk, house: House) -> None:
    officer = desk.enter(desk.account(Role.OFFICER, username="lina"))
    officer.get("/my-work/quantities")
    desk.clock.time = datetime(2017, 10, 11, 2, 0, tzinfo=UTC)
    officer = desk.enter(desk.account(Role.OFFICER, username="lina2"))
    officer.get("/my-work/quantities")
    assert "已经过期" in officer.page
    officer.post("/my-work/quantities", **filled())
    office, other = desk.person(Role.OFFICE), desk.person(Role.OFFICER, "gtj")
    told = office.get("/my-work/quantities/list/export?month=2017-09&form=csv").content.decode("utf-8-sig")
    (mine,) = [line for line in told.splitlines() if "lina2" in line]
    assert "12,10,2,10" in mine
    assert "逾期" in mine
    assert "未申报" in told
    office.get("/my-work/quantities/list?month=2017-09")
    assert "个部门还有信息项没有申报" in office.page
    assert "page=2" in office.page
    other.get("/my-work/quantities/list?month=2017-09")
    assert "lina2" not in other.page
    assert "本部门还有信息项没有申报" in other.page


def test_the_hint_may_be_missing(desk: Desk, house: House) -> None:
    officer = desk.person(Role.OFFICER)
    desk.change(warehouse=Away())
    assert officer.get("/my-work/quantities").status_code == 200
    assert "平台现有" not in officer.page
