"""分析台 as an analyst uses it: a statement run, exported, saved, opened and deleted; what is wrong told with its line; the dictionary."""

import pytest

from loaders import table
from portal.accounts.roles import Role
from portal.analysis.views import HIDDEN_OF_ENVELOPE, views
from portal.pages.analysis import EXAMPLE, PATH
from tests.loaders.records import Records
from tests.portal.desk import CATALOG, Browser, Desk

COUNT = "SELECT department, count() AS n FROM (SELECT _department AS department FROM xzxk) GROUP BY department"


@pytest.fixture
def analyst(desk: Desk, records: Records) -> Browser:
    for number in range(3):
        records.put("xzxk", f'["xzxk","zjj","{number}"]', XK_WSH=f"=文{number}", XK_XDR_SFZ="11010519491231002X")
    browser = desk.person(Role.ANALYST)
    browser.get(PATH)
    return browser


def test_a_statement_is_run_shown_and_taken_away(analyst: Browser) -> None:
    assert analyst.post(PATH, sql=COUNT).status_code == 200
    assert "结果（1 行）" in analyst.page
    assert "<td>zjj</td>" in analyst.page
    assert COUNT in analyst.page
    assert analyst.client.post(f"{PATH}/export?form=csv", data={"_form": analyst.token, "sql": COUNT}).content.decode("utf-8-sig").split() == ["department,n", "zjj,3"]
    file = analyst.client.post(f"{PATH}/export?form=csv", data={"_form": analyst.token, "sql": "SELECT XK_WSH, XK_XDR_SFZ FROM xzxk ORDER BY 1"}).content.decode("utf-8-sig")
    assert "'=文0" in file
    assert "19491231" not in file
    assert analyst.client.post(f"{PATH}/export?form=xlsx", data={"_form": analyst.token, "sql": EXAMPLE}).content[:2] == b"PK"


def test_what_is_wrong_is_told_with_its_line_and_nothing_is_lost(desk: Desk, analyst: Browser) -> None:
    for path in (PATH, f"{PATH}/export?form=csv"):
        analyst.post(path, sql="SELECT *\nFROM system.tables")
        assert "第 2 行：不能查询“system.tables”" in analyst.page
        assert "FROM system.tables</textarea>" in analyst.page
    analyst.post(PATH, sql="")
    assert "没有语句" in analyst.page
    assert desk.audit()[-2].subject == "SELECT * FROM system.tables"
    analyst.post(PATH, sql="SELECT '11010519491231002X' FROM xzxk")
    assert "19491231" not in desk.audit()[-1].subject


def test_statements_are_saved_for_everybody_at_the_desk(desk: Desk, analyst: Browser) -> None:
    answer = analyst.post(f"{PATH}/saved", name="各部门 条数", sql=COUNT)
    analyst.follow(answer)
    assert "已保存：各部门 条数" in analyst.page
    assert COUNT in analyst.page
    other = desk.person(Role.CENTRE)
    other.get(PATH)
    assert "各部门 条数" in other.page
    path = answer.headers["location"]
    assert other.get(path).status_code == 200
    assert other.post(f"{path}/delete").status_code == 303
    assert analyst.get(path).status_code == 404
    for name, sql in (("", COUNT), ("x", ""), ("x" * 81, COUNT), ("x", "y" * 20_001)):
        assert analyst.post(f"{PATH}/saved", name=name, sql=sql).status_code == 422
    assert analyst.get(f"{PATH}/saved/99999").status_code == 404


def test_the_dictionary_has_every_view_and_column_in_words(analyst: Browser) -> None:
    analyst.get(f"{PATH}/dictionary")
    made = views(CATALOG())
    assert all(f"?view={name}" in analyst.page and view.title in analyst.page for name, view in made.items())
    for name in ("xzxk", "xzcf_history", "receipts", "rejected", "links"):
        analyst.get(f"{PATH}/dictionary?view={name}")
        assert all(f"<code>{column.name}</code>" in analyst.page and column.about for column in made[name].columns)
    for item in CATALOG().values():
        shown = {column.name for column in made[item.code].columns}
        assert {field.name for field in item.fields} <= shown
        assert not shown & HIDDEN_OF_ENVELOPE
        assert shown - {"_record"} <= {column.name for column in table.current(item).columns}


def test_a_department_has_no_desk(desk: Desk) -> None:
    for role in (Role.OFFICER, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR):
        browser = desk.person(role)
        assert browser.get(PATH).status_code == browser.get(f"{PATH}/dictionary").status_code == 403
        assert "分析台" not in browser.page.split("<main")[0]


def test_without_the_warehouse_it_is_said(desk: Desk) -> None:
    browser = desk.person(Role.ANALYST)
    assert browser.get(PATH).status_code == 200
    assert browser.post(PATH, sql=EXAMPLE).status_code == 503
