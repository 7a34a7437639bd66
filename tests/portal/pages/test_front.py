"""The public front page without a warehouse: it stands, says what is not well, and shows names as names."""

import pytest

from infra import held
from loaders import figures
from portal.accounts.roles import Role
from tests.portal.desk import Desk


def test_it_says_what_is_not_well_and_where_to_go(desk: Desk) -> None:
    browser = desk.nobody()
    assert browser.get("/").status_code == 200
    assert "异常" in browser.page
    assert "还没有处理过的记录" in browser.page
    assert 'href="/api/docs?item=xzxk"' in browser.page
    assert 'href="/login"' in browser.page
    assert "set-cookie" not in browser.client.get("/").headers


def test_what_a_source_or_a_table_is_called_cannot_become_markup(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("department", "way", "item", "received", "accepted", "duplicate", "superseded", "rejected", "excluded", "loaded")
    monkeypatch.setattr(figures, "sources", lambda _warehouse: [dict.fromkeys(names, "x") | {"source": "<script>"}])
    held.write(desk.settings, held.Notes(told={"cdc.zjj_pg.permit": {"department": "zjj", "table": "permit", "message": "<b>"}}))
    text = desk.nobody().get("/").text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;" in text


def test_who_is_logged_in_finds_the_way_back_to_his_work(desk: Desk) -> None:
    assert 'href="/my-work"' in desk.person(Role.OFFICER).get("/").text
