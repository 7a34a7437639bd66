"""数据接口: a department's tokens, made, changed and ended by itself."""

import re
from datetime import UTC, datetime, timedelta

from portal import tokens
from portal.accounts.roles import Role
from portal.database import Token
from tests.portal.desk import BOTH, Browser, Desk

TOKEN = re.compile(r"gj_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")


def made(browser: Browser, **more: object) -> str:
    browser.get("/interface/new")
    browser.post("/interface", **{"client": "oa", "days": "90", "items": ["xzxk", "xzcf"], **more})
    return TOKEN.search(browser.page)[0]


@BOTH
def test_a_token_is_shown_once_and_lets_its_system_in(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    token = made(browser)
    caller = tokens.authenticate(desk.database, token, desk.clock())
    assert (caller.source, caller.items) == ("zjj/oa", {"xzxk", "xzcf"})
    for path in ("/interface", f"/interface/{token[3:15]}"):
        browser.get(path)
        assert token[:15] in browser.page
        assert token not in browser.page
    assert "最近使用" in browser.page
    assert "从未使用" not in browser.page
    assert not any(token[16:] in line.subject for line in desk.audit())


def test_all_that_is_wrong_is_told_at_its_field_and_nothing_is_made(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    browser.get("/interface/new")
    assert browser.post("/interface", client="Excel", days="0", items=["nothing"]).status_code == 422
    for words in ("有 3 处需要改正", "不能叫 excel", "请选择有效期", "请至少选择一个信息项"):
        assert words in browser.page
    with desk.database() as database:
        assert tokens.find(database) == []


def test_a_token_is_for_items_that_the_department_owes(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    owed = {item.code for item in desk.app.state.site.owed("zjj")}
    foreign = next(code for code in desk.app.state.site.catalog if code not in owed)
    token = made(browser, items=["xzxk", foreign])
    assert tokens.authenticate(desk.database, token, desk.clock()).items == {"xzxk"}


def test_a_department_that_owes_nothing_is_told_so(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    desk.change(assignments=[])
    browser.get("/interface")
    assert "目前没有分配给本部门的信息项" in browser.page
    assert "还没有令牌" in browser.page


@BOTH
def test_rotated_the_new_one_is_good_and_the_old_one_for_some_days_more(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    old = made(browser)
    browser.get(f"/interface/{old[3:15]}")
    browser.post(f"/interface/{old[3:15]}/rotate", grace="7", days="365")
    new, now = TOKEN.search(browser.page)[0], datetime.now(UTC)
    assert new != old
    assert tokens.authenticate(desk.database, new, now + timedelta(days=364)) == tokens.authenticate(desk.database, new, now)
    assert tokens.authenticate(desk.database, new, now).source == "zjj/oa"
    assert tokens.authenticate(desk.database, old, now + timedelta(days=6)) is not None
    assert tokens.authenticate(desk.database, old, now + timedelta(days=8)) is None


def test_a_rotation_never_makes_an_old_token_live_longer(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    old = made(browser)
    with desk.database.begin() as database:
        ends = desk.clock() + timedelta(days=2)
        database.get_one(Token, old[3:15]).expires_at = ends
    browser.post(f"/interface/{old[3:15]}/rotate", grace="30", days="365")
    with desk.database() as database:
        assert database.get_one(Token, old[3:15]).expires_at == ends
    assert browser.post(f"/interface/{old[3:15]}/rotate", grace="1000", days="365").status_code == 422


def test_revoked_it_is_refused_and_cannot_be_rotated(desk: Desk) -> None:
    browser = desk.person(Role.REVIEWER)
    token = made(browser)
    browser.get(f"/interface/{token[3:15]}")
    browser.follow(browser.post(f"/interface/{token[3:15]}/revoke"))
    assert "已撤销" in browser.page
    assert tokens.authenticate(desk.database, token, desk.clock()) is None
    assert browser.post(f"/interface/{token[3:15]}/rotate", grace="7", days="365").status_code == 409


def test_the_centre_sees_and_revokes_every_departments_tokens_and_makes_none(desk: Desk) -> None:
    token = made(desk.person(Role.OFFICER))
    centre = desk.person(Role.CENTRE)
    centre.get("/interface?department=zjj")
    assert token[:15] in centre.page
    assert token[:15] not in centre.get("/interface?department=gtj").text
    assert centre.get("/interface/new").status_code == 403
    assert centre.post(f"/interface/{token[3:15]}/revoke").status_code == 303


def test_another_departments_token_does_not_exist(desk: Desk) -> None:
    token = made(desk.person(Role.OFFICER))
    other = desk.person(Role.OFFICER, "gtj")
    assert token[:15] not in other.get("/interface?department=zjj").text
    assert other.get(f"/interface/{token[3:15]}").status_code == 404
    assert other.post(f"/interface/{token[3:15]}/revoke").status_code == 404
    assert desk.audit()[-1].outcome == "refused"
    assert tokens.authenticate(desk.database, token, desk.clock()) is not None
