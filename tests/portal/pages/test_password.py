"""修改密码: forced at the first log-in, all that is wrong at once, every other log-in ended."""

from portal.accounts import people
from portal.accounts.people import Draft
from portal.accounts.roles import Role
from portal.frame import cookies
from tests.portal.desk import BOTH, PASSWORD, Desk

NEW = "泉城路 47 号的槐树"


@BOTH
def test_the_first_log_in_leads_to_the_password_and_nowhere_else_before(desk: Desk) -> None:
    with desk.database.begin() as database:
        account, once = people.add(database, Draft("zhang", "张伟", Role.OFFICER, "zjj"), {"zjj"}, desk.clock())
    browser = desk.nobody()
    browser.follow(browser.follow(browser.log_in(account.username, once)))
    assert "一次性密码" in browser.page
    for path in ("/my-work", "/interface", "/audit", "/account/sessions"):
        assert browser.get(path).headers["location"] == "/account/password"
    browser.get("/account/password")
    before = browser.client.cookies[cookies.SESSION]
    browser.follow(browser.post("/account/password", current=once, new=NEW, again=NEW))
    assert "密码已修改" in browser.page
    assert "密码已修改" not in browser.get("/my-work").text
    assert browser.client.cookies[cookies.SESSION] != before
    assert desk.nobody().log_in(account.username, once).status_code == 401
    assert desk.nobody().log_in(account.username, NEW).status_code == 303


def test_all_that_is_wrong_is_said_at_once_and_nothing_changes(desk: Desk) -> None:
    account = desk.account(Role.OFFICER)
    browser = desk.enter(account)
    assert browser.post("/account/password", current="wrong", new=account.username, again="else").status_code == 422
    for words in ("现在的密码不对", "至少 10 个字符", "不能含有账号", "两次输入的新密码不一致"):
        assert words in browser.page
    assert account.username + "x" * 9 not in browser.page
    assert desk.nobody().log_in(account.username).status_code == 303
    assert desk.audit()[-2].outcome == "failed"


def test_the_same_password_again_is_no_change(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    assert browser.post("/account/password", current=PASSWORD, new=PASSWORD, again=PASSWORD).status_code == 422
    assert "不能与现在的密码相同" in browser.page


def test_a_change_ends_the_other_log_ins_and_keeps_this_one(desk: Desk) -> None:
    account = desk.account(Role.OFFICER)
    here, there = desk.enter(account), desk.enter(account)
    here.post("/account/password", current=PASSWORD, new=NEW, again=NEW)
    assert here.get("/my-work").status_code == 200
    assert there.get("/my-work").status_code == 303


def test_while_it_is_typed_the_faults_come_as_a_part_of_a_page(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    token = browser.token
    assert "至少 10 个字符" in browser.post("/account/password/check", new="abc").text
    assert "<html" not in browser.page
    browser.token = token
    assert "可以使用" in browser.post("/account/password/check", new=NEW).text
    assert browser.post("/account/password/check", new="").text.strip() == ""
