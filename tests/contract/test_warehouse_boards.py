"""The statement of every chart of the boards on both warehouses, as of any moment, against a slow and obvious computation over the same random history; and the lists behind their numbers."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from loaders import behind, completeness, statements
from loaders.behind import Scope
from loaders.obligations import Asked
from loaders.warehouse import Warehouse
from portal.boards.chart import Chart, charts
from portal.boards.drawing import statement
from tests.contract.test_warehouse_figures import CATALOG, ITEM, SOURCES, Event, fill, history
from tests.contract.test_warehouse_measures import ZONE, Seen, slowly_judged, untils
from tests.loaders.records import Records

OUTCOMES = ("accepted", "duplicate", "superseded", "rejected", "excluded")
DATED = ITEM.dated_by
BY = {"outcomes": "period", "departments": "department", "items": "item", "ways": "way", "sources": "source"}
JUDGED_BY = {"validity": "period", "validity_departments": "department", "validity_items": "item"}
OVER_HISTORY = {*BY, *JUDGED_BY, "rules", "ageing", "lag", "freshness", "pace"}
OVER_RECORDS = {"decided", "fields", "unlinked_departments", "unlinked_items"}
GRAINS = {"day": str, "week": lambda day: str(date.fromisoformat(day) - timedelta(days=date.fromisoformat(day).weekday())), "month": lambda day: day[:7]}
Grain = Callable[[str], str]


def events_of(seed: int) -> list[Event]:
    """A history over some weeks whose batches are judged at once, as the judge does it."""
    events = history(seed, every=timedelta(hours=3))
    ends = {event.batch: event.at for event in events}
    return [replace(event, at=ends[event.batch]) for event in events]


def asked(warehouse: Warehouse, name: str, scope: Scope, grain: str = "day") -> list[dict[str, Any]]:
    sql = statement(charts()[name], statements.filled(warehouse, scope.asked.items(CATALOG)), grain)
    return warehouse.query(sql, scope.parameters(sql)).dicts()


def scopes(events: Sequence[Event]) -> list[Scope]:
    """Everything; as it was once; some days; one department, way and source."""
    first, last = (event.at.astimezone(ZONE).date() for event in (events[0], events[-1]))
    early, late = untils(events)
    whole = Asked(first, last, late)
    some = replace(whole, first=first + timedelta(days=6), last=last - timedelta(days=6))
    return [Scope(whole), Scope(replace(whole, until=early)), Scope(some), Scope(replace(some, department="zjj", item=ITEM.code)), Scope(whole, way="excel"), Scope(whole, source="gsj/erp")]


class Told:
    """What of a history a scope asks for."""

    def __init__(self, events: Sequence[Event], scope: Scope) -> None:
        self.scope, self.seen = scope, Seen(events, scope.asked.until)

    def said(self, event: Event) -> bool:
        source, department, way = SOURCES[event.source]
        return self.scope.asked.department in ("", department) and self.scope.way in ("", way) and self.scope.source in ("", source)

    def within(self, day: str) -> bool:
        return self.scope.asked.first.isoformat() <= day <= self.scope.asked.last.isoformat()

    def judged(self) -> list[Event]:
        return [event for event in self.seen.events if self.said(event) and self.within(self.day(event))]

    def day(self, event: Event) -> str:
        return self.seen.judged(event).astimezone(ZONE).date().isoformat()

    def open(self) -> dict[tuple[str, str], Event]:
        """By identity the first of its rejections that are open."""
        mine = self.seen.open()
        found = {(SOURCES[event.source][1], event.key): [] for event in mine}
        for event in mine:
            found[SOURCES[event.source][1], event.key].append(event)
        first = {place: self.seen.first(events) for place, events in found.items()}
        return {place: event for place, event in first.items() if self.scope.asked.department in ("", place[0]) and self.scope.way in ("", SOURCES[event.source][2])}


def told(rows: Sequence[Mapping[str, Any]], chart: Chart) -> dict[str, dict[str, int]]:
    return {str(row[chart.label.column]): {name: value for name, value in row.items() if isinstance(value, int)} for row in rows}


def test_every_chart_with_a_statement_is_computed_slowly_here() -> None:
    assert {name for name, chart in charts().items() if not chart.ledger} == OVER_HISTORY | OVER_RECORDS


@pytest.mark.parametrize("name", charts())
def test_every_chart_asks_for_one_department_where_one_is_named(name: str) -> None:
    if not charts()[name].ledger:
        assert "{department:String}" in statement(charts()[name], [ITEM], "day")


@pytest.mark.parametrize("name", BY)
def test_what_was_received_and_what_became_of_it(warehouse: Warehouse, name: str) -> None:
    events = events_of(31)
    fill(warehouse, events)
    for scope in scopes(events):
        for grain, shortened in GRAINS.items():
            mine, expected = Told(events, scope), dict[str, Counter[str]]()
            for event in mine.judged():
                source, department, way = SOURCES[event.source]
                label = {"period": shortened(mine.day(event)), "department": department, "item": ITEM.code, "way": way, "source": source}[BY[name]]
                expected.setdefault(label, Counter(dict.fromkeys(("received", *OUTCOMES), 0))).update(("received", event.outcome))
            assert told(asked(warehouse, name, scope, grain), charts()[name]) == expected
        lists = [behind.count(warehouse, CATALOG, "messages", replace(scope, which=outcome)) for outcome in OUTCOMES]
        assert lists == [sum(event.outcome == outcome for event in mine.judged()) for outcome in OUTCOMES]
        numbers = [row["number"] for row in behind.rows(warehouse, CATALOG, "messages", scope, 0, 1000)]
        assert Counter(numbers) == Counter(f"{event.batch}#{event.line}" for event in mine.judged())


@pytest.mark.parametrize("name", JUDGED_BY)
def test_identities_are_judged_as_the_figures_have_it(warehouse: Warehouse, name: str) -> None:
    events = events_of(32)
    fill(warehouse, events)
    for scope in scopes(events)[:5]:
        for grain, shortened in GRAINS.items():
            mine, expected = Told(events, scope), dict[str, Counter[str]]()
            for (department, item, way, day, counted), number in slowly_judged(mine.seen).items():
                if mine.within(day) and scope.asked.department in ("", department) and scope.way in ("", way):
                    label = {"period": shortened(day), "department": department, "item": item}[JUDGED_BY[name]]
                    expected.setdefault(label, Counter()).update({counted: number, "valid": {"judged": number, "open": -number}.get(counted, 0)})
            found = told(asked(warehouse, name, scope, grain), charts()[name])
            assert found == {label: dict(counts) for label, counts in expected.items()}
        lists = {which: behind.count(warehouse, CATALOG, "judged", replace(scope, which=which)) for which in ("", "open", "valid", "first_try")}
        assert lists == {which: sum(row[which or "judged"] for row in found.values()) for which in lists}


def test_rules_and_ages_of_what_is_rejected(warehouse: Warehouse) -> None:
    events = events_of(33)
    fill(warehouse, events)
    for scope in scopes(events):
        mine = Told(events, scope)
        rejections = Counter(f"R-{event.line % 3}" for event in mine.judged() if event.outcome == "rejected")
        opened = {place: event for place, event in mine.open().items() if mine.said(event)}
        still = Counter(f"R-{event.line % 3}" for event in opened.values())
        found = told(asked(warehouse, "rules", scope), charts()["rules"])
        assert found == {rule: {"rejections": rejections[rule], "open": still[rule]} for rule in rejections | still}
        today = (scope.asked.until.astimezone(ZONE)).date()
        ages = Counter(_age((today - event.at.astimezone(ZONE).date()).days) for event in mine.open().values())
        assert told(asked(warehouse, "ageing", scope), charts()["ageing"]) == {age: {"open": number} for age, number in ages.items()}
        for age, number in ages.items():
            assert behind.count(warehouse, CATALOG, "open", replace(scope, which=age)) == number
        rows = behind.rows(warehouse, CATALOG, "open", replace(scope, rule="R-1"), 0, 1000)
        assert len(rows) == sum(event.line % 3 == 1 for event in mine.open().values())


def _age(days: int) -> str:
    return "0" if days <= 7 else "8" if days <= 30 else "31" if days <= 90 else "91"


def test_what_waits_and_how_fresh_sources_are(warehouse: Warehouse) -> None:
    events = events_of(34)
    ends = {event.batch: event.at for event in events}
    fill(warehouse, events)
    for until in (untils(events)[0] + timedelta(seconds=1), untils(events)[1]):
        scope = Scope(Asked(date(2017, 1, 1), date(2017, 12, 31), until))
        said, judged, newest = Counter[str](), Counter[str](), dict[str, datetime]()
        batches = set()
        for event in events:
            source = SOURCES[event.source][0]
            if ends[event.batch] < until:  # published when the batch began, which here is when it ended
                said[source] += 1
                newest[source] = max(newest.get(source, ends[event.batch]), ends[event.batch])
                late = ends[event.batch] + timedelta(seconds=1) >= until
                judged[source] += not late
                batches |= {event.batch} if late else set()
        found = told(asked(warehouse, "lag", scope), charts()["lag"])
        assert {source: (row["all_said"], row["all_judged"], row["waiting"]) for source, row in found.items()} == {s: (said[s], judged[s], said[s] - judged[s]) for s in said}
        assert sum(row["batches"] for row in found.values()) == behind.count(warehouse, CATALOG, "waiting", scope) == len(batches)
        fresh = {row["source"]: (row["newest"], row["hours"]) for row in asked(warehouse, "freshness", scope)}
        assert fresh == {s: (at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"), int((until.replace(microsecond=0) - at) / timedelta(hours=1))) for s, at in newest.items()}


def test_the_last_two_days_by_the_hour(warehouse: Warehouse) -> None:
    events = events_of(35)
    fill(warehouse, events)
    scope = Scope(Asked(date(2017, 1, 1), date(2017, 1, 2), events[-1].at + timedelta(hours=1)))
    expected = dict[str, Counter[str]]()
    for event in Told(events, scope).seen.events:
        at = event.at + timedelta(seconds=1)
        if at >= scope.asked.until - timedelta(hours=48):
            hour = at.astimezone(ZONE).strftime("%Y-%m-%d %H:00:00")
            expected.setdefault(hour, Counter({"received": 0, "accepted": 0, "rejected": 0})).update({"received": 1} | ({event.outcome: 1} if event.outcome in ("accepted", "rejected") else {}))
    assert told(asked(warehouse, "pace", scope), charts()["pace"]) == expected
    assert expected


@pytest.fixture
def records(warehouse: Warehouse) -> Any:
    made = Records(warehouse, CATALOG)
    fill(warehouse, [])
    yield made
    made.clear()


def test_records_by_the_day_they_are_dated_by_their_fields_and_their_subjects(warehouse: Warehouse, records: Records) -> None:
    item = CATALOG["xzxk"]
    for number in range(40):
        said = {"XK_JDRQ": date(2017, 10, 1 + number % 20), "XK_WSH": f"〔2017〕{number}号", "XK_XMMC": "无" if number % 3 else "许可", "XK_XDR": f"公司{number}", "_way": ("excel", "cdc")[number % 2]}
        said["XK_XDR_SHXYM"] = ("91110108551385082Q", "91370100163048738A")[number % 2]
        records.put("xzxk", f'["xzxk","zjj","{number}"]', **said)
    records.put("xzxk", '["xzxk","zjj","0"]', withdrawn=True, XK_JDRQ=date(2017, 10, 1))
    records.put("xzxk", '["xzxk","gsj","9"]', department="gsj", XK_JDRQ=date(2017, 10, 3), XK_XDR_SHXYM="91370100163048738A")
    records.link()
    whole = Scope(Asked(date(2017, 10, 1), date(2017, 10, 31), datetime(2018, 1, 1, tzinfo=ZONE), item="xzxk"))
    stands = [(number % 20 + 1, ("excel", "cdc")[number % 2]) for number in range(1, 40)] + [(3, "api")]
    for scope in (whole, replace(whole, way="cdc"), replace(whole, asked=replace(whole.asked, first=date(2017, 10, 5), last=date(2017, 10, 9)))):
        mine = Counter(f"2017-10-{day:02}" for day, way in stands if scope.way in ("", way) and scope.asked.first.day <= day <= scope.asked.last.day)
        rows = asked(warehouse, "decided", scope)
        assert {row["period"]: row["identities"] for row in rows} == mine
        assert sum(row["unknown"] for row in rows) == behind.count(warehouse, CATALOG, "decided", replace(scope, which="unknown"))
        assert behind.count(warehouse, CATALOG, "decided", scope) == sum(mine.values())
    fields = {row["field"]: row for row in asked(warehouse, "fields", whole)}
    assert {row["field"]: (row["filled"], row["applicable"]) for row in completeness.fields(warehouse, item, replace(whole.asked, department="zjj"))} == {
        row["field"]: (row["has"], row["ought"]) for row in asked(warehouse, "fields", replace(whole, asked=replace(whole.asked, department="zjj")))
    }
    assert (fields["XK_XMMC"]["has"], fields["XK_XMMC"]["ought"]) == (sum(number % 3 == 0 for number in range(1, 40)), 40)
    for field, row in fields.items():
        assert row["lacking"] == behind.count(warehouse, CATALOG, behind.LACKING, replace(whole, field=field))
    links = warehouse.query("SELECT department, place, subject FROM links FINAL WHERE standing = 1 AND person = 0").dicts()
    for department in ("zjj", "gsj"):
        scope = replace(whole, asked=replace(whole.asked, department=department))
        (row,) = asked(warehouse, "unlinked_departments", scope)
        theirs = [each for each in links if each["department"] == department]
        assert row["here"] == sum(each["place"] == "本市" for each in theirs) == behind.count(warehouse, CATALOG, "links", replace(scope, which="本市"))
        assert row["unlinked"] == sum(each["place"] == "本市" and not each["subject"] for each in theirs) == behind.count(warehouse, CATALOG, "links", replace(scope, which="未关联"))
        assert row["here"] + row["elsewhere"] + row["unknown"] == len(theirs) == behind.count(warehouse, CATALOG, "links", scope) > 0
        assert asked(warehouse, "unlinked_items", scope)[0]["unlinked"] == row["unlinked"]
