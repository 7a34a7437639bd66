"""统一身份认证: a real code flow against a provider on loopback; who proves to be somebody is let in as the account he has, and as nobody else."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from portal.accounts.roles import Role
from tests.portal.accounts.provider import CLIENT, SECRET, Provider, running
from tests.portal.desk import BOTH, Browser, Desk

EMAIL = {"email": "Zhang@example.cn", "email_verified": True}


@pytest.fixture
def provider(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running() as found:
        chosen = {"oidc_issuer": found.address, "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr(SECRET)}
        desk.change(settings=desk.settings.model_copy(update=chosen))
        found.person = EMAIL
        yield found


def there(browser: Browser) -> str:
    """To the provider and with its answer to our door: the path to come back with."""
    away = browser.get("/login/oidc")
    assert away.status_code == 303, away.text
    back = urlsplit(httpx.get(away.headers["location"]).headers["location"])
    assert (back.netloc, back.path) == ("127.0.0.1:8000", "/login/oidc/back")
    return f"{back.path}?{back.query}"


@BOTH
def test_somebody_with_an_account_is_let_in_as_what_the_account_is(desk: Desk, provider: Provider) -> None:
    account, browser = desk.account(Role.REVIEWER, email="zhang@example.cn", must_change=True), desk.nobody()
    browser.get("/login")
    assert "用统一身份认证登录" in browser.page
    browser.follow(browser.get(there(browser)))
    assert account.name in browser.page
    assert "部门审核" in browser.page
    browser.get("/account/sessions")
    assert "统一身份认证" in browser.page
    (line,) = [line for line in desk.audit() if line.outcome == "done"]
    assert (line.action, line.username) == ("统一身份认证登录", account.username)


def test_the_way_out_carries_a_challenge_a_nonce_and_a_state_new_each_time(desk: Desk, provider: Provider) -> None:
    asked = [{name: values[0] for name, values in parse_qs(urlsplit(desk.nobody().get("/login/oidc").headers["location"]).query).items()} for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[0][name]) >= 43
        assert asked[0][name] != asked[1][name]
    assert asked[0]["code_challenge_method"] == "S256"
    assert asked[0]["scope"] == "openid profile email"


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"email": "nobody@example.cn", "email_verified": True}, "还没有账号"),
        ({"email": "zhang@example.cn"}, "没有核实过您的邮箱"),
        ({"email": "zhang@example.cn", "email_verified": "true"}, "没有核实过您的邮箱"),
        ({}, "没有核实过您的邮箱"),
        ({"email": "gone@example.cn", "email_verified": True}, "已停用"),
    ],
)
def test_whoever_has_no_account_gets_none(desk: Desk, provider: Provider, person: dict[str, object], words: str) -> None:
    desk.account(Role.OFFICER, email="zhang@example.cn")
    desk.account(Role.OFFICER, email="gone@example.cn", disabled_at=desk.clock())
    provider.person, browser = person, desk.nobody()
    assert browser.get(there(browser)).status_code == 401
    assert words in browser.page
    assert browser.get("/my-work").status_code == 303


def test_the_account_can_be_named_by_the_user_name_instead(desk: Desk, provider: Provider) -> None:
    settings = desk.app.state.site.settings
    desk.change(settings=settings.model_copy(update={"oidc_claim": "preferred_username"}))
    account, browser = desk.account(Role.OFFICER), desk.nobody()
    provider.person = {"preferred_username": account.username}
    assert browser.get(there(browser)).status_code == 303


@pytest.mark.parametrize("false", [{"aud": "another"}, {"iss": "http://127.0.0.1:1"}, {"nonce": "x"}, {"exp": int(time.time()) - 3600}, {"aud": [CLIENT, "another"], "azp": "another"}])
def test_a_token_that_is_not_for_us_lets_nobody_in(desk: Desk, provider: Provider, false: dict[str, object]) -> None:
    desk.account(Role.OFFICER, email="zhang@example.cn")
    provider.false, browser = false, desk.nobody()
    assert browser.get(there(browser)).status_code == 401
    assert "没有通过验证" in browser.page


def test_a_token_signed_by_somebody_else_lets_nobody_in(desk: Desk, provider: Provider) -> None:
    desk.account(Role.OFFICER, email="zhang@example.cn")
    provider.foreign_key, browser = True, desk.nobody()
    assert browser.get(there(browser)).status_code == 401
    assert "没有通过验证" in browser.page


def test_a_code_is_good_once_and_in_the_browser_that_was_sent_away(desk: Desk, provider: Provider) -> None:
    desk.account(Role.OFFICER, email="zhang@example.cn")
    browser, other = desk.nobody(), desk.nobody()
    path = there(browser)
    assert other.get(path).status_code == 401
    assert "不是从本站开始的" in other.page
    there(other)
    assert other.get(path).status_code == 401
    assert browser.get(path.replace("state=", "state=x")).status_code == 401
    assert browser.get(path).status_code == 303
    assert browser.get(path).status_code == 401


def test_a_provider_that_is_away_is_said_and_the_password_still_works(desk: Desk) -> None:
    desk.change(settings=desk.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT}))
    browser = desk.nobody()
    assert browser.get("/login/oidc").status_code == 401
    assert "没有应答" in browser.page
    assert browser.log_in(desk.account(Role.OFFICER).username).status_code == 303


def test_without_the_setting_there_is_no_such_way(desk: Desk) -> None:
    browser = desk.nobody()
    browser.get("/login")
    assert "/login/oidc" not in browser.page
    assert browser.get("/login/oidc").status_code == 404
    assert browser.get("/login/oidc/back?code=x&state=y").status_code == 404
