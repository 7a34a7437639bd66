"""Errors are Chinese pages for people and JSON for programs; strict headers go with all of them."""


import pytest
from structlog.testing import CapturingLogger

from portal.accounts.roles import Role
from portal.frame import errors
from producers import api_errors
from tests.portal.desk import Desk


def test_nothing_there_is_a_page_with_what_to_do(desk: Desk) -> None:
    browser = desk.nobody()
    assert browser.get("/nothing").status_code == 404
    for words in ("找不到这个页面", "请核对地址", "回到首页"):
        assert words in browser.page
    assert browser.client.get("/nothing").json()["error"]["code"] == "not_found"


def test_a_fault_of_ours_is_a_page_without_a_word_about_the_inside_and_is_logged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, log = desk.person(Role.OFFICER), CapturingLogger()
    monkeypatch.setattr(api_errors, "LOG", log)
    desk.change(now=lambda: 1 / 0)
    answer = browser.get("/my-work")
    assert answer.status_code == 500
    assert "平台内部出错" in browser.page
    assert "ZeroDivision" not in answer.text
    assert [call.kwargs["path"] for call in log.calls] == ["/my-work"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_what_a_role_may_not_is_said_with_whom_to_ask(desk: Desk) -> None:
    browser = desk.person(Role.ANALYST)
    browser.get("/people")
    assert "“分析”不能使用这个页面" in browser.page
    assert "归集中心" in browser.page


def test_every_error_has_words() -> None:
    assert all(all(words) for words in errors.WORDS.values())
    assert {403, 404, 429, 500} <= set(errors.WORDS)


def test_programs_get_json_although_they_say_they_like_html(desk: Desk) -> None:
    answer = desk.nobody().client.get("/api/v1/items", headers={"accept": "text/html"})
    assert answer.json()["error"]["code"] == "unauthorized"


def test_pages_run_nothing_inline_and_are_kept_nowhere(desk: Desk) -> None:
    for path in ("/login", "/", "/nothing"):
        answer = desk.nobody().get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<style" not in answer.text
        assert " style=" not in answer.text
        assert "onclick" not in answer.text
    assert "'unsafe-inline'" in desk.nobody().get("/api/docs").headers["content-security-policy"]


def test_a_form_that_is_too_big_is_refused_unread(desk: Desk) -> None:
    browser = desk.nobody()
    browser.get("/login")
    assert browser.post("/login", username="x" * (65 << 10), password="x").status_code == 413
    assert "过大" in browser.page


def test_a_file_in_a_form_is_not_taken(desk: Desk) -> None:
    browser = desk.nobody()
    browser.get("/login")
    answer = browser.client.post("/login", data={"_form": browser.token}, files={"username": ("a.txt", b"x")}, headers={"accept": "text/html"})
    assert answer.status_code < 500
    assert answer.status_code >= 400


def test_htmx_is_led_to_the_log_in_as_a_whole(desk: Desk) -> None:
    answer = desk.nobody().client.get("/people?text=x", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login?next=/people%3Ftext%3Dx")
