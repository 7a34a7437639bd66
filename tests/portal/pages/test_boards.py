"""看板 as people see them: what each number leads to, what a department sees, tables, SQL, files, one record's life."""

import csv
import html
import io
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from portal.accounts.roles import Role
from portal.boards.chart import BOARDS, charts, of, read
from portal.entry import places
from schemas import departments
from tests.contract.test_warehouse_figures import ITEM, SOURCES, Event
from tests.loaders.records import Records
from tests.portal.boards import site
from tests.portal.boards.site import NOW, STRETCH
from tests.portal.desk import Browser, Desk

_CELL = re.compile(r'<td class="n"><a href="(/boards/records\?[^"]+)">([^<]+)</a>')
KEY = '["xzxk","zjj","1"]'
UNITS = departments.load()
_TOTAL = re.compile(r"共 (\d+) 条")


@pytest.fixture
def events(desk: Desk, records: Records) -> Iterator[Sequence[Event]]:
    desk.clock.time = NOW
    yield site.busy(records.warehouse)
    site.quiet(records.warehouse)


def page(browser: Browser, board: str, more: str = "") -> str:
    path = "/boards" + ("" if board == "overview" else f"/{board}")
    assert browser.get(f"{path}?{STRETCH}{more}").status_code == 200, browser.page
    return browser.page


def numbers(text: str) -> list[tuple[str, int]]:
    """Each number on a board that leads to records, and where: of a rate its part."""
    found = [(html.unescape(link), shown) for link, shown in _CELL.findall(text)]
    return [(link, int(re.search(r"（(\d+)/", shown)[1] if "（" in shown else shown)) for link, shown in found]


def lines(browser: Browser, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.get(path).content.decode("utf-8-sig"))))


def test_every_number_leads_to_as_many_records(desk: Desk, events: Sequence[Event]) -> None:
    office, seen = desk.person(Role.OFFICE), 0
    for board in BOARDS:
        shown = page(office, board)
        for name in (chart.name for chart in of(board) if chart.counts):
            section = shown.split(f'id="chart-{name}"')[1].split("</section>")[0]
            for link, number in numbers(section)[:4]:
                office.get(link)
                assert (_TOTAL.search(office.page) or ["", "0"])[1] == str(number), (name, link)
                seen += 1
    assert seen > 40


def test_a_department_sees_its_own_and_never_anothers(desk: Desk, events: Sequence[Event]) -> None:
    officer, others = desk.person(Role.OFFICER, "zjj"), [source for source, department, _ in SOURCES if department != "zjj"]
    mine = sum(SOURCES[event.source][1] == "zjj" for event in events)
    for asked in ("", "&department=gsj"):
        shown = "".join(page(officer, board, asked) for board in BOARDS)
        assert "zjj_pg.permit" in shown
        assert not [name for name in (*others, *(UNITS[code].short for code in ("gsj", "swj"))) if name in shown]
        assert "全部部门" not in shown
        rows = lines(officer, f"/boards/export?chart=outcomes&form=csv&{STRETCH}{asked}")
        assert sum(int(row["收到"]) for row in rows) == mine
        listed = lines(officer, f"/boards/records/export?of=messages&form=csv&{STRETCH}{asked}")
        assert len(listed) == mine
        assert {row["部门"] for row in listed} == {UNITS["zjj"].short}
        for name in ("judged", "open", "waiting"):
            assert {row["部门"] for row in lines(officer, f"/boards/records/export?of={name}&form=csv&{STRETCH}{asked}")} <= {UNITS["zjj"].short}
        assert "'gsj'" not in officer.get(f"/boards/sql?chart=outcomes&{STRETCH}{asked}").text


def test_a_records_life_is_told_to_those_it_concerns(desk: Desk, events: Sequence[Event]) -> None:
    key = next(event.key for event in events if event.outcome == "rejected" and not event.key.startswith('["?"'))
    mine = [event for event in events if event.key == key]
    path = f"/boards/records/{ITEM.code}/{places.token(key)}"
    office = desk.person(Role.ANALYST)
    assert office.get(path).status_code == 200
    assert office.page.count("<tr>") - 1 == len(mine)
    assert "不对" in office.page
    officer = desk.person(Role.OFFICER, "zjj")
    officer.get(path)
    assert officer.page.count("<tr>") - 1 == sum(SOURCES[event.source][1] == "zjj" for event in mine)
    assert "gsj/erp" not in officer.page
    assert desk.person(Role.OFFICER, "gtj").get(path).status_code == 404
    assert office.get(f"/boards/records/{ITEM.code}/nonsense").status_code == 404
    assert office.get(f"/boards/records/none/{places.token(key)}").status_code == 404


def test_a_persons_number_in_a_sources_row_is_covered(desk: Desk, records: Records) -> None:
    records.put("xzxk", KEY, _row='["11010519491231002X"]', XK_WSH="文1")
    browser = desk.person(Role.ANALYST)
    browser.get(f"/boards/records/xzxk/{places.token(KEY)}")
    assert "11010519491231002X" not in browser.page
    assert "110105***********X" in browser.page


def test_every_chart_shows_its_sql_which_runs_as_it_is_and_comes_as_a_file(desk: Desk, records: Records, events: Sequence[Event]) -> None:
    office = desk.person(Role.OFFICE)
    for name, chart in charts().items():
        for item in ("", f"&item={ITEM.code}"):
            office.get(f"/boards/sql?chart={name}&{STRETCH}{item}")
            assert ("SELECT" in office.page and "{until" not in office.page) or (chart.needs and not item)
        shown = office.page.split("<pre>")[1].split("</pre>")[0]
        rows = lines(office, f"/boards/export?chart={name}&form=csv&{STRETCH}&item={ITEM.code}")
        wanted = [chart.label.title, *(each.title for each in (*chart.texts, *chart.values))] + [f"{each.title}{part}" for each in chart.rates for part in ("", "分子", "分母")]
        assert not rows or set(rows[0]) == set(wanted)
        assert chart.ledger or len(records.warehouse.query(shown)) == len(rows)
        assert office.get(f"/boards/export?chart={name}&form=xlsx&{STRETCH}").content[:2] == b"PK"
    assert office.get("/boards/sql?chart=none").status_code == 404


def test_rates_are_shown_with_both_numbers_and_nothing_of_nothing_is_none(desk: Desk, events: Sequence[Event]) -> None:
    office = desk.person(Role.OFFICE)
    assert re.search(r"\d+\.\d%（\d+/\d+）", page(office, "quality"))
    assert "没有数据" in page(office, "quality", "&department=none")
    assert '<td class="n">—</td>' in page(office, "timeliness", "&from=2017-10-01")  # nothing of it is due yet


def test_the_calendar_counts_the_periods_of_the_ledger(desk: Desk, events: Sequence[Event]) -> None:
    desk.clock.time = NOW + timedelta(days=60)
    office, asked = desk.person(Role.OFFICE), "from=2017-10-01&to=2017-11-30"
    by_day = lines(office, f"/boards/export?chart=due&form=csv&{asked}")
    by_department = lines(office, f"/boards/export?chart=due_departments&form=csv&{asked}")
    ledger = [line for month in ("2017-10", "2017-11") for line in lines(office, f"/status/export?form=csv&month={month}")]
    for rate, status in (("按时率", None), ("漏报率", "漏报率"), ("超时率", "超时率")):
        total = sum(int(row[f"{rate}分子"]) for row in by_day)
        assert total == sum(int(row[f"{rate}分子"]) for row in by_department)
        assert status is None or total == sum(int(line[f"{status}分子"]) for line in ledger)
    assert sum(int(row["应报"]) for row in by_day) == sum(int(line["漏报率分母"]) for line in ledger) > 0
    day = by_day[0]["截止日"]
    listed = lines(office, f"/boards/records/export?of=periods&due={day}&which=漏报&form=csv&{asked}")
    assert len(listed) == int(by_day[0]["漏报率分子"]) > 0


@pytest.mark.parametrize("said", ["from=2017-13-01", "from=2017-10-02&to=2017-10-01", "grain=hour", "from=2015-01-01&to=2017-01-01", "from=0001-01-01", "as_of=x"])
def test_an_address_that_asks_for_nothing_sensible_is_told(desk: Desk, records: Records, said: str) -> None:
    browser = desk.person(Role.CENTRE)
    assert browser.get(f"/boards?{said}").status_code == 422
    assert "日期" in browser.page or "分段" in browser.page


def test_lists_that_there_are_not_and_fields_that_there_are_not(desk: Desk, records: Records) -> None:
    browser = desk.person(Role.CENTRE)
    assert browser.get("/boards/records?of=none").status_code == 404
    for asked in ({}, {"item": "xzxk"}, {"item": "xzxk", "field": "x') OR 1"}):
        assert browser.get(f"/boards/records?{urlencode({'of': 'lacking', **asked})}").status_code == 422


def test_quotes_in_an_address_are_values_and_no_sql(desk: Desk, events: Sequence[Event]) -> None:
    office = desk.person(Role.OFFICE)
    for name in ("department", "item", "way", "source"):
        said = urlencode({name: "') OR 1=1 -- {until:String}"})
        assert lines(office, f"/boards/export?chart=outcomes&form=csv&{STRETCH}&{said}") == []


def test_without_the_warehouse_it_is_said(desk: Desk) -> None:
    browser = desk.person(Role.CENTRE)
    for path in ("/boards", "/boards/timeliness", "/boards/records", "/boards/sql", f"/boards/records/xzxk/{places.token('x')}"):
        assert browser.get(path).status_code == 503


def test_a_new_chart_is_one_description_and_one_statement(tmp_path) -> None:
    described = "title: 新\nboards: {overview: 1}\nlabel: {column: way, title: 方式, is: way}\nform: bars\nunit: 条\nabout: 无\nvalues:\n  - {column: n, title: 条数}\n"
    (tmp_path / "new.yaml").write_text(described, encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "new.yaml")
    (tmp_path / "new.sql").write_text("SELECT way, count() AS n FROM (${receipts_within}) GROUP BY way", encoding="utf-8")
    assert read(tmp_path / "new.yaml").values[0].title == "条数"
    (tmp_path / "new.yaml").write_text(described + "colour: red\n", encoding="utf-8")
    with pytest.raises(ValueError, match="colour"):
        read(tmp_path / "new.yaml")


def test_every_chart_stands_on_a_board_and_every_board_has_one() -> None:
    assert all(chart.boards and set(chart.boards) <= set(BOARDS) for chart in charts().values())
    assert all(of(board) for board in BOARDS)

