"""退回记录: all ways, all reasons; mended here, at the source, or ignored with a reason."""

import json

import pytest

from portal.accounts.roles import Role
from portal.entry import places
from tests.portal.desk import Away, Desk
from tests.portal.entry.site import ITEM, House, Taken, equipped, filled, record
from tests.portal.work.site import MARK, NUMBER, REASON, busy, reject

SAID = {**ITEM.example, "XK_XDR_SHXYM": "91440300708461136X", "XK_BZ": None, "XK_NR": "负责人 11010519491231002X"}
TOKEN = places.token(NUMBER)
PAGE = f"/my-work/rejects/{TOKEN}"


@pytest.fixture
def refused(desk: Desk) -> tuple[Taken, House]:
    """住建委 has one rejected record."""
    door, house = equipped(desk)
    house.whose = "zjj"
    busy(house, record(ITEM, "zjj", ITEM.example, desk.settings.key_secret), SAID)
    return door, house


def test_they_are_listed_with_every_reason_and_exported(desk: Desk, refused: tuple[Taken, House]) -> None:
    _, house = refused
    more = {**REASON, "rule": "R-DATE-01", "title": "许可决定日期", "message": "不是日期。"}
    house.answers["ANY LEFT JOIN"] = [reject(SAID, reasons=json.dumps([REASON, more], ensure_ascii=False))]
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work/rejects?item=xzxk&way=excel&state=open&batch=HZ7&rule=R-USCC-03")
    for words in (PAGE, str(ITEM.example["XK_WSH"]), "校验位不对。", "请核对后改正。", "不是日期。", "数据报送", "未处理", "共 1 条"):
        assert words in officer.page
    asked = next(parameters for sql, parameters in house.asked if "ANY LEFT JOIN" in sql and "count()" not in sql)
    assert {name: asked[name] for name in ("department", "item", "way", "state", "batch", "rule", "skip")} == {
        "department": "zjj", "item": "xzxk", "way": "excel", "state": "open", "batch": "HZ7", "rule": "R-USCC-03", "skip": 0,
    }  # fmt: skip
    exported = officer.get("/my-work/rejects/export?form=csv").content.decode("utf-8-sig")
    assert "校验位不对。" in exported
    assert NUMBER in exported


def test_there_is_a_second_page(desk: Desk, refused: tuple[Taken, House]) -> None:
    _, house = refused
    house.answers["SELECT count() AS n"] = [{"n": 51}]
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work/rejects?item=xzxk")
    assert "/my-work/rejects?item=xzxk&page=2" in officer.page
    officer.get("/my-work/rejects?item=xzxk&page=2")
    assert [parameters["skip"] for sql, parameters in house.asked if "LIMIT {skip" in sql and "ANY LEFT JOIN" in sql] == [0, 50]


def test_ignoring_wants_a_reason_and_is_declared_and_seen_at_once(desk: Desk, refused: tuple[Taken, House]) -> None:
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work/rejects")
    assert officer.post("/my-work/rejects", record=TOKEN, state="ignored", reason=" ").status_code == 422
    assert officer.post("/my-work/rejects", record=TOKEN, state="closed").status_code == 422
    assert officer.post("/my-work/rejects", state="fixed").status_code == 422
    assert desk.lobby.waiting == []
    officer.follow(officer.post("/my-work/rejects", record=TOKEN, state="ignored", reason="系统测试数据", back="/my-work/rejects?item=xzxk&page=1"))
    (said,) = desk.lobby.waiting
    assert (said.kind, said.department, said.item, said.version) == ("reject", "zjj", "xzxk", 1)
    assert said.about == {"of": MARK, "number": NUMBER, "state": "ignored", "reason": "系统测试数据"}
    assert "已记下：1 条已忽略" in officer.page
    assert "系统测试数据" in officer.page
    assert desk.audit()[-2].subject == f"已忽略 {NUMBER}"
    officer.follow(officer.post("/my-work/rejects", record=TOKEN, state="open"))
    assert [each.version for each in desk.lobby.waiting] == [1, 2]


def test_the_way_back_is_ours(desk: Desk, refused: tuple[Taken, House]) -> None:
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work/rejects")
    assert officer.post("/my-work/rejects", record=TOKEN, state="fixed", back="https://evil.example/").headers["location"] == "/my-work/rejects"


def test_one_shows_what_was_said_and_which_of_it_is_wrong_without_a_persons_number(desk: Desk, refused: tuple[Taken, House]) -> None:
    officer = desk.person(Role.OFFICER)
    officer.get(PAGE)
    for words in ("有误", NUMBER, "在这里改正", "110105***********X"):
        assert words in officer.page
    assert "11010519491231002X" not in officer.page


def test_mended_here_the_form_is_filled_in_and_the_correction_names_the_reject(desk: Desk, refused: tuple[Taken, House]) -> None:
    door, _ = refused
    officer = desk.person(Role.OFFICER)
    officer.get(f"/entry/new?item=xzxk&reject={TOKEN}")
    assert str(SAID["XK_XDR_SHXYM"]) in officer.page
    assert f'name="reject" value="{TOKEN}"' in officer.page
    assert officer.post("/entry", item="xzxk", reject=TOKEN, do="send", **filled(ITEM, XK_XDR_SHXYM="91440300708461136X")).status_code == 422
    assert f'name="reject" value="{TOKEN}"' in officer.page  # still known after a fault
    assert officer.post("/entry", item="xzxk", reject=TOKEN, do="send", **filled(ITEM)).status_code == 303
    submission, row = door.last
    assert (submission.source, row.ref, row.operation) == ("zjj/form", NUMBER, "assert")


def test_one_that_came_by_a_form_keeps_the_reference_of_its_sheet(desk: Desk, refused: tuple[Taken, House]) -> None:
    door, house = refused
    house.answers["ANY LEFT JOIN"] = [reject(SAID, _way="form", _source="zjj/form", _ref="a" * 32)]
    officer = desk.person(Role.OFFICER)
    officer.get(f"/entry/new?item=xzxk&reject={TOKEN}")
    officer.post("/entry", item="xzxk", reject=TOKEN, do="send", **filled(ITEM))
    assert door.last[1].ref == "a" * 32


def test_one_that_is_answered_says_by_what_and_can_no_longer_be_mended(desk: Desk, refused: tuple[Taken, House]) -> None:
    _, house = refused
    house.answers = {"open_rejects\n        WHERE _department": [], **house.answers}
    officer = desk.person(Role.OFFICER)
    officer.get(PAGE)
    for words in ("已处理", "HZ9#4", "由数据报送的"):
        assert words in officer.page
    assert "在这里改正" not in officer.page
    assert officer.post("/my-work/rejects", record=TOKEN, state="fixed").status_code == 404
    house.answers["SELECT DISTINCT source, department"] = [{"source": "gtj/excel", "department": "gtj", "way": "excel", "item": "xzxk", "name": None}]
    officer.get(PAGE)
    assert "由其他部门的报送" in officer.page
    assert "HZ9" not in officer.page


def test_another_departments_does_not_exist(desk: Desk, refused: tuple[Taken, House]) -> None:
    other = desk.person(Role.OFFICER, "gtj")
    assert other.get(PAGE).status_code == 404
    assert other.get("/my-work/rejects/不是编码").status_code == 404
    assert other.get(f"/entry/new?item=xzxk&reject={TOKEN}").status_code == 404
    other.get("/my-work/rejects")
    assert "没有需要处理的退回记录" in other.page
    assert other.post("/my-work/rejects", record=TOKEN, state="fixed").status_code == 404
    assert desk.lobby.waiting == []


def test_without_the_warehouse_nothing_is_shown_and_nothing_declared(desk: Desk, refused: tuple[Taken, House]) -> None:
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work/rejects")
    desk.change(warehouse=Away())
    assert officer.get("/my-work/rejects").status_code == 503
    assert officer.post("/my-work/rejects", record=TOKEN, state="fixed").status_code == 503
    assert desk.lobby.waiting == []
