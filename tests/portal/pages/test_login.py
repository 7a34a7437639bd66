"""登录: in and out, nothing fixated, nothing guessed, nowhere else."""

from datetime import timedelta

import pytest

from portal.accounts.roles import Role
from portal.frame import cookies
from producers.rate import Rate
from tests.portal.desk import BOTH, PASSWORD, Desk


@BOTH
def test_in_and_out_again(desk: Desk) -> None:
    account, browser = desk.account(Role.OFFICER), desk.nobody()
    assert browser.follow(browser.log_in(account.username)).status_code == 200
    assert "我的工作" in browser.page
    assert account.name in browser.page
    assert browser.post("/logout").status_code == 303
    assert browser.get("/my-work").headers["location"] == "/login?next=/my-work"
    assert [(line.action, line.username, line.outcome, line.address) for line in desk.audit()] == [
        ("登录", account.username, "done", "10.1.2.3"), ("退出", account.username, "done", "10.1.2.3"),
    ]  # fmt: skip


def test_the_session_is_another_after_the_log_in_and_the_old_one_is_nobodys(desk: Desk) -> None:
    browser = desk.enter(desk.account(Role.OFFICER))
    before = browser.client.cookies[cookies.SESSION]
    planted = desk.nobody()
    planted.client.cookies.set(cookies.SESSION, "A" * 43, domain="127.0.0.1")
    assert planted.log_in(desk.account(Role.OFFICER).username).status_code == 303
    assert "A" * 43 not in planted.client.cookies.values()
    browser.post("/logout")
    browser.client.cookies.set(cookies.SESSION, before, domain="127.0.0.1")
    assert browser.get("/my-work").status_code == 303


def test_five_failures_lock_the_name_for_a_quarter_of_an_hour(desk: Desk) -> None:
    account, browser = desk.account(Role.OFFICER), desk.nobody()
    for left in (4, 3, 2, 1):
        assert browser.log_in(account.username, "wrong").status_code == 401
        assert f"再错 {left} 次" in browser.page
    browser.log_in(account.username, "wrong")
    assert "已锁定 15 分钟" in browser.page
    assert browser.log_in(account.username).status_code == 401
    assert "已锁定" in browser.page
    desk.clock.time += timedelta(minutes=16)
    assert browser.log_in(account.username).status_code == 303


def test_a_success_forgets_the_failures(desk: Desk) -> None:
    account, browser = desk.account(Role.OFFICER), desk.nobody()
    for _ in range(2):
        for _ in range(4):
            browser.log_in(account.username, "wrong")
        assert browser.log_in(account.username).status_code == 303
        browser = desk.nobody()


def test_a_name_that_nobody_has_is_told_and_locked_like_any_other_and_not_written_down(desk: Desk) -> None:
    browser, account = desk.nobody(), desk.account(Role.OFFICER)
    browser.log_in("my-password-1", "x")
    unknown = browser.page
    browser.log_in(account.username, "x")
    assert unknown.replace("my-password-1", account.username) == browser.page.replace(browser.token, browser.token)
    for _ in range(5):
        browser.log_in("my-password-1", "x")
    assert "已锁定" in browser.page
    assert not any("my-password-1" in line.subject + line.username for line in desk.audit())


def test_a_disabled_account_is_refused_although_the_password_is_right(desk: Desk) -> None:
    account, browser = desk.account(Role.OFFICER, disabled_at=desk.clock()), desk.nobody()
    assert browser.log_in(account.username).status_code == 401
    assert "已停用" in browser.page


def test_one_address_cannot_try_many_names(desk: Desk) -> None:
    desk.change(log_ins=Rate(1, 3, lambda: 0.0))
    browser = desk.nobody()
    answers = [browser.log_in(f"name{number}", "x") for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert "登录太频繁" in browser.page
    assert "等一分钟" in browser.page
    assert answers[-1].headers["retry-after"]


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "https://evil.example/", "evil", "/a b"])
def test_the_log_in_leads_to_pages_of_ours_only(desk: Desk, path: str) -> None:
    account, browser = desk.account(Role.OFFICER), desk.nobody()
    browser.get("/login")
    assert browser.post("/login", username=account.username, password=PASSWORD, next=path).headers["location"] == "/my-work"


def test_the_page_that_was_asked_for_is_shown_after_the_log_in(desk: Desk) -> None:
    account, browser = desk.account(Role.OFFICER), desk.nobody()
    asked = browser.get("/interface?department=zjj&page=1")
    browser.follow(asked)
    sent = browser.post("/login", username=account.username, password=PASSWORD, next="/interface?department=zjj&page=1")
    assert asked.headers["location"] == "/login?next=/interface%3Fdepartment%3Dzjj%26page%3D1"
    assert sent.headers["location"] == "/interface?department=zjj&page=1"


def test_cookies_are_for_the_server_alone_and_behind_tls_for_tls_alone(desk: Desk) -> None:
    account, browser = desk.account(Role.OFFICER), desk.nobody()
    plain = browser.log_in(account.username).headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert "Secure" not in plain
    desk.change(settings=desk.settings.model_copy(update={"portal_tls": True}))
    browser = desk.nobody()
    browser.client.base_url = "https://portal.example"
    secure = browser.log_in(account.username).headers["set-cookie"]
    assert "__Host-guiji=" in secure
    assert "Secure" in secure
    assert "max-age" in browser.get("/login").headers["strict-transport-security"]


def test_a_session_ends_when_it_is_idle_and_at_the_end_of_the_day(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    for _ in range(12):
        desk.clock.time += timedelta(minutes=59)
        assert browser.get("/my-work").status_code == 200
    desk.clock.time += timedelta(minutes=59)
    assert browser.get("/my-work").status_code == 303
    idle = desk.person(Role.OFFICER)
    desk.clock.time += timedelta(minutes=61)
    assert idle.get("/my-work").status_code == 303


def test_the_password_is_nowhere(desk: Desk) -> None:
    account, browser = desk.account(Role.OFFICER), desk.nobody()
    browser.log_in(account.username)
    browser.log_in(account.username + PASSWORD, PASSWORD)
    assert not any(PASSWORD in line.subject + line.username for line in desk.audit())
