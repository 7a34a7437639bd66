"""已录入的记录: each with its versions, changed by assertion, withdrawn by a person's word."""

import pytest

from portal.accounts.roles import Role
from portal.entry import places
from tests.portal.desk import Away, Desk
from tests.portal.entry.site import AT, ITEM, House, Taken, equipped, filled, record, stands


@pytest.fixture
def entered(desk: Desk) -> tuple[Taken, House, str]:
    """The item's example stands, entered by 住建委; and its page."""
    door, house = equipped(desk)
    row = record(ITEM, "zjj", ITEM.example, desk.settings.key_secret)
    stands(house, row, "xzxk")
    return door, house, f"/entry/records/xzxk/{places.token(row['_key'])}"


def test_they_are_listed_and_exported(desk: Desk, entered: tuple[Taken, House, str]) -> None:
    _, house, page = entered
    officer = desk.person(Role.OFFICER)
    officer.get("/entry/records?item=xzxk")
    for words in (page, ITEM.example["XK_WSH"], "在库", "数据录入", "共 1 条"):
        assert words in officer.page
    asked = next(parameters for sql, parameters in house.asked if "AS withdrawn" in sql)
    assert (asked["department"], asked["source"], asked["item"]) == ("zjj", "zjj/form", "xzxk")
    assert ITEM.example["XK_WSH"] in officer.get("/entry/records/export?item=xzxk&form=csv").content.decode("utf-8-sig")
    desk.change(warehouse=Away())
    officer.get("/entry/records?item=xzxk")
    assert "现在查不到已录入的记录" in officer.page
    assert officer.get(page).status_code == 503


def test_a_record_tells_every_version_and_what_became_of_each_word(desk: Desk, entered: tuple[Taken, House, str]) -> None:
    _, house, page = entered
    (first,) = house.answers["FROM `xzxk` FINAL WHERE has"]
    second = {**first, "_version": 9, "XK_FR": "李四"}
    house.answers["FROM `xzxk_history` FINAL WHERE _key = {key:String} AND _department"] = [first, second]
    event = house.answers["SELECT at, what"][0]
    reason = '[{"message": "文号为空。"}]'
    house.answers["SELECT at, what"] = [event, {**event, "what": "rejected", "version": 0, "detail": reason}, {**event, "what": "change", "version": 9, "at": AT, "batch": "HZ9"}]
    officer = desk.person(Role.OFFICER)
    officer.get(page)
    for words in ("新增", "退回", "文号为空。", "修改", "HZ9", f"法定代表人姓名：{first['XK_FR']} → 李四"):
        assert words in officer.page


def test_an_edit_is_an_assertion_of_the_same_record(desk: Desk, entered: tuple[Taken, House, str]) -> None:
    door, _, page = entered
    officer = desk.person(Role.OFFICER)
    officer.get(f"{page}/edit")
    token = page.rpartition("/")[2]
    assert f'name="fixed" value="{token}"' in officer.page
    assert officer.page.count(" readonly") == len(ITEM.key)
    officer.follow(officer.post("/entry", item="xzxk", fixed=token, do="send", **filled(ITEM, XK_FR="李四")))
    submission, row = door.last
    assert (submission.source, row.operation, row.fields["XK_FR"]) == ("zjj/form", "assert", "李四")


def test_an_edit_does_not_become_another_record(desk: Desk, entered: tuple[Taken, House, str]) -> None:
    door, _, page = entered
    officer = desk.person(Role.OFFICER)
    officer.get(f"{page}/edit")
    assert officer.post("/entry", item="xzxk", fixed=page.rpartition("/")[2], do="send", **filled(ITEM, XK_WSH="济建许〔2017〕99号")).status_code == 422
    assert "认定是哪一条记录，不能改" in officer.page
    assert not door.sent


def test_withdrawn_it_is_a_persons_word_with_its_reason(desk: Desk, entered: tuple[Taken, House, str]) -> None:
    door, house, page = entered
    officer = desk.person(Role.OFFICER)
    officer.get(page)
    assert officer.post(f"{page}/withdraw", why=" ").status_code == 422
    officer.follow(officer.post(f"{page}/withdraw", why="许可证发错了"))
    assert "许可证发错了" in officer.page
    submission, row = door.last
    assert (submission.source, row.operation) == ("zjj/form", "retract")
    assert {name: row.fields[name] for name in ITEM.key} == {name: ITEM.example[name] for name in ITEM.key}
    (found,) = house.answers["FROM `xzxk` FINAL WHERE has"]
    house.answers["FROM `xzxk` FINAL WHERE has"] = [{**found, "_withdrawn": 1}]
    officer.get(page)
    assert "已撤销" in officer.page
    assert officer.post(f"{page}/withdraw", why="再来").status_code == 409
    assert len(door.sent) == 1


def test_a_withdrawal_is_reviewed_like_an_entry(desk: Desk, entered: tuple[Taken, House, str]) -> None:
    door, _, page = entered
    reviewer, officer = desk.person(Role.REVIEWER), desk.person(Role.OFFICER)
    reviewer.get("/entry")
    reviewer.post("/entry/review", review="on")
    officer.get(page)
    address = officer.post(f"{page}/withdraw", why="许可证发错了").headers["location"]
    officer.get(address)
    assert "待审核" in officer.page
    assert not door.sent
    assert officer.get(f"{address}/edit").status_code == 409
    reviewer.get(address)
    assert reviewer.post(f"{address}/release", revision="1").status_code == 409
    assert reviewer.post(f"{address}/release", revision="2").status_code == 303
    assert door.last[1].operation == "retract"


def test_another_departments_record_does_not_exist(desk: Desk, entered: tuple[Taken, House, str]) -> None:
    door, _, page = entered
    other = desk.person(Role.OFFICER, "gtj")
    for path in (page, f"{page}/edit"):
        assert other.get(path).status_code == 404
        assert ITEM.example["XK_WSH"] not in other.page
    assert other.post(f"{page}/withdraw", why="x").status_code == 404
    assert not door.sent
    officer = desk.person(Role.OFFICER)
    assert officer.get("/entry/records/xzxk/不是编码").status_code == 404
    assert officer.get(f"/entry/records/nothing/{page.rpartition('/')[2]}").status_code == 404
