"""The public front page: it stands without a warehouse, shows names as names; anybody learns how much was collected, and whose figures and tables they are only who may."""

from typing import Any

import pytest

from infra import held
from loaders import figures
from portal.accounts.roles import DEPARTMENTAL, Role
from tests.portal.desk import Desk

NAMES = ("received", "accepted", "duplicate", "superseded", "rejected", "excluded", "judged", "loaded")


def row(department: str, source: str, received: int, accepted: int) -> dict[str, Any]:
    return dict.fromkeys(NAMES, 0) | {"source": source, "department": department, "way": "api", "item": "xzxk", "received": received, "accepted": accepted}


@pytest.fixture
def delivered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(figures, "sources", lambda _house: [row("zjj", "zjj/erp", 1200, 1100), row("swj", "swj/oa", 34, 7)])
    told = {"department": "zjj", "table": "public.permit", "message": "表中已没有列 bh"}
    held.write(desk.settings, held.Notes(told={"cdc.zjj_pg.permit": told}))
    return desk


def test_it_says_what_is_not_well_and_where_to_go(desk: Desk) -> None:
    browser = desk.nobody()
    assert browser.get("/").status_code == 200
    assert "异常" in browser.page
    assert "还没有处理过的记录" in browser.page
    assert 'href="/api/docs?item=xzxk"' in browser.page
    assert 'href="/login"' in browser.page
    assert "set-cookie" not in browser.client.get("/").headers


def test_what_a_source_or_a_table_is_called_cannot_become_markup(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "sources", lambda _house: [row("zjj", "<script>", 1, 1)])
    held.write(desk.settings, held.Notes(told={"cdc.zjj_pg.permit": {"department": "zjj", "table": "permit", "message": "<b>"}}))
    text = desk.person(Role.CENTRE).get("/").text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;" in text


def test_who_is_logged_in_finds_the_way_back_to_his_work(desk: Desk) -> None:
    assert 'href="/my-work"' in desk.person(Role.OFFICER).get("/").text


def test_nobody_in_particular_sees_the_sum_and_no_departments_figures(delivered: Desk) -> None:
    page = delivered.nobody().get("/").text
    assert "2 个部门共报送 1,234 条，入库 1,107 条" in page
    for word in ("zjj/erp", "swj/oa", "public.permit"):
        assert word not in page


@pytest.mark.parametrize("role", sorted(DEPARTMENTAL))
def test_a_department_sees_its_own(delivered: Desk, role: Role) -> None:
    mine, other = delivered.person(role, "zjj").get("/").text, delivered.person(role, "swj").get("/").text
    assert ("zjj/erp" in mine, "public.permit" in mine, "swj/oa" in mine) == (True, True, False)
    assert ("zjj/erp" in other, "public.permit" in other, "swj/oa" in other) == (False, False, True)
    assert "本部门还没有处理过的记录" in delivered.person(role, "jyj").get("/").text


def test_who_runs_the_platform_sees_all(delivered: Desk) -> None:
    page = delivered.person(Role.OPERATOR).get("/").text
    assert all(word in page for word in ("zjj/erp", "swj/oa", "public.permit"))
