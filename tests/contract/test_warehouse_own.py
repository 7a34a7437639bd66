"""What 我的工作 asks, on both warehouses, against the same random history kept in Python: nothing of another department is ever in an answer."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from loaders import figures
from loaders.own import Echoes, Own, Rejects
from loaders.rows import streams
from loaders.warehouse import Warehouse
from schemas.topics import PROOFS
from tests.contract.test_warehouse_declarations import NOW, load, said
from tests.contract.test_warehouse_figures import CATALOG, ITEM, SOURCES, START, Event, fill, history, open_ones
from tests.contract.test_warehouse_figures import _accepted as accepted
from tests.contract.test_warehouse_figures import _load as load_into

MINE = pytest.mark.parametrize(("source", "department", "way"), SOURCES)
EVERY = 10_000
SPLIT = START + timedelta(seconds=30 * 150)


@pytest.fixture(scope="module", params=[7])
def events(request: pytest.FixtureRequest, warehouse: Warehouse) -> list[Event]:
    made = history(request.param)
    fill(warehouse, made)
    warehouse.command("TRUNCATE TABLE declarations")
    return made


def local(moment: Any) -> str:
    return (moment + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


@MINE
def test_arrivals_are_counted_by_way_in_the_period_and_before_it(warehouse: Warehouse, events: list[Event], source: str, department: str, way: str) -> None:
    (row,) = Own(warehouse, department).arrivals({ITEM.code: local(SPLIT)}, local(SPLIT))
    mine = [event for event in events if event.department == department]
    ends = {batch: max(event.at for event in mine if event.batch == batch) for batch in {event.batch for event in mine}}
    assert (row["item"], row["way"], row["source"], row["said"], row["judged"]) == (ITEM.code, way, source, len(mine), len(mine))
    assert row["last"].startswith(local(max(ends.values())))
    for outcome in figures.OUTCOMES:
        wanted = Counter("now" if ends[event.batch] >= SPLIT else "before" for event in mine if event.outcome == outcome)
        assert (row[f"{outcome}_now"], row[f"{outcome}_before"]) == (wanted["now"], wanted["before"])
    starts = {batch: min(event.at for event in mine if event.batch == batch) for batch in ends}
    assert row["lately"] == sum(starts[event.batch] >= SPLIT for event in mine)
    assert Own(warehouse, "wjw").arrivals({}, local(SPLIT)) == []
    (early,) = Own(warehouse, department).arrivals({}, local(SPLIT))  # of an item without a period everything was before
    assert early["accepted_now"] == 0


@MINE
def test_open_and_closed_rejects_are_told_apart_and_by_department(warehouse: Warehouse, events: list[Event], source: str, department: str, way: str) -> None:
    own, left = Own(warehouse, department), open_ones(events)
    mine = {(event.batch, event.line) for event in events if event.department == department and event.outcome == "rejected"}
    rows = own.rejects(Rejects(), 0, EVERY)
    assert {(row["_batch"], row["_line"]) for row in rows} == mine & left
    assert own.count_rejects(Rejects()) == len(rows) > 0
    closed = own.rejects(Rejects(closed=True), 0, EVERY)
    assert {(row["_batch"], row["_line"]) for row in closed} == mine - left
    assert {row["state"] for row in rows} == {"open"}
    assert rows[0]["reasons"][0]["message"] == "不对"
    assert rows[0]["fields"] == {"X": "1", "Y": None}
    paged = [row["mark"] for skip in range(0, len(rows), 4) for row in own.rejects(Rejects(), skip, 4)]
    assert paged == [row["mark"] for row in rows]
    assert all(own.answered(row) is None for row in rows[:2])
    assert all(own.answered(row)["at"] >= row["_received_at"] for row in closed[:3])


def test_rejects_are_found_by_item_way_rule_batch_state_and_number(warehouse: Warehouse, events: list[Event]) -> None:
    own = Own(warehouse, "swj")
    one = own.rejects(Rejects(), 0, 1)[0]
    number = f"{one['_batch']}#{one['_line']}"
    exact = Rejects(item=ITEM.code, way="excel", rule=one["rules"][0], batch=one["_batch"], state="open", numbers=[number])
    assert [(row["_batch"], row["_line"]) for row in own.rejects(exact, 0, 5)] == [(one["_batch"], one["_line"])]
    others: list[dict[str, Any]] = [{"item": "nothing"}, {"way": "form"}, {"rule": "R-9"}, {"batch": "HZ0"}, {"numbers": []}, {"state": "fixed"}]
    for other in others:
        assert own.count_rejects(replace(exact, **other)) == 0
    assert Own(warehouse, "wjw").count_rejects(exact) == 0


def test_what_a_department_said_of_a_reject_stands_beside_it_and_the_last_word_counts(warehouse: Warehouse, events: list[Event]) -> None:
    own = Own(warehouse, "zjj")
    rows = own.rejects(Rejects(), 0, EVERY)
    mark = rows[0]["mark"]
    alike = [row for row in rows if row["mark"] == mark]  # the same text of the same row
    about = {"of": mark, "number": "B#1", "state": "fixed", "reason": "源头“已改”\\"}
    words = [about, about | {"state": "ignored"}]
    compact = [json.dumps(word, ensure_ascii=False, separators=(",", ":")) for word in words]
    warehouse.command("TRUNCATE TABLE declarations")
    load(warehouse, [said(n + 1, "reject", "zjj", ITEM.code, n + 1) | {"about": text} for n, text in enumerate(compact)])
    load(warehouse, [said(9, "reject", "gtj", ITEM.code, 7) | {"about": json.dumps(about | {"state": "open"}, separators=(",", ":"))}], first=2)
    found = own.rejects(Rejects(state="ignored"), 0, EVERY)
    assert [(row["mark"], row["version"], row["about"], row["by"]) for row in found] == [(mark, 2, words[1], "li")] * len(alike)
    assert found[0]["declared_at"][:10] == (NOW + timedelta(days=2)).date().isoformat()
    assert own.count_rejects(Rejects(state="open")) == len(rows) - len(alike)
    fresh = {mark: "fixed"}  # declared, on its way
    assert own.count_rejects(Rejects(state="fixed", fresh=fresh)) == len(alike)
    assert own.count_rejects(Rejects(state="ignored", fresh=fresh)) == 0
    warehouse.command("TRUNCATE TABLE declarations")


@MINE
def test_repeated_and_superseded_records_come_with_what_stands_instead(warehouse: Warehouse, events: list[Event], source: str, department: str, way: str) -> None:
    own = Own(warehouse, department)
    mine = [event for event in events if event.department == department and event.outcome in ("duplicate", "superseded")]
    rows, total = own.echoes(ITEM, Echoes(), 0, EVERY)
    assert total == len(rows) == len(mine)
    assert Counter((row["batch"], row["line"], row["outcome"], row["key"]) for row in rows) == Counter((e.batch, e.line, e.outcome, e.key) for e in mine)
    some, count = own.echoes(ITEM, Echoes("superseded", way, mine[-1].batch), 0, EVERY)
    assert len(some) == count == sum(e.outcome == "superseded" and e.batch == mine[-1].batch for e in mine)
    last = {event.key: event for event in events if event.outcome == "accepted"}
    keys = [row["key"] for row in rows]
    stands = own.stands(ITEM, keys)
    assert set(stands) == set(keys) & set(last)
    for key, row in stands.items():
        event = last[key]
        assert (row["department"], row["source"], row["batch"], row["line"]) == (event.department, SOURCES[event.source][0], event.batch, event.line)
        assert (row["way"], row["at"], bool(row["withdrawn"])) == (SOURCES[event.source][2], event.at, event.change == "withdrawn")
    assert own.stands(ITEM, []) == {}


@MINE
def test_own_records_are_found_by_a_key_field_or_a_receipt_row(warehouse: Warehouse, events: list[Event], source: str, department: str, way: str) -> None:
    own, secret = Own(warehouse, department), b"s" * 32
    mine = [event for event in events if event.department == department]
    for event in mine[:5]:
        assert event.key in own.keys(ITEM, f"{event.batch}#{event.line}", secret)
    other = next(event for event in events if event.department != department)
    assert own.keys(ITEM, f"{other.batch}#{other.line}", secret) == []
    part = json.loads(mine[0].key)[-1]
    assert set(own.keys(ITEM, part, secret)) == {event.key for event in mine if part in json.loads(event.key)[1:]}
    assert own.keys(ITEM, "", secret) == own.keys(ITEM, " ", secret) == own.keys(ITEM, "没有", secret) == []
    last = {event.key: event for event in events if event.outcome == "accepted"}
    wanted = {key: event for key, event in last.items() if event.department == department}
    rows, total = own.records(ITEM, None, 0, EVERY)
    assert total == len(rows) == len(wanted)
    assert {(row["_key"], row["_batch"], bool(row["_withdrawn"])) for row in rows} == {(key, event.batch, event.change == "withdrawn") for key, event in wanted.items()}
    assert [row["_key"] for skip in range(total) for row in own.records(ITEM, None, skip, 1)[0]] == [row["_key"] for row in rows]
    assert {row["_key"] for row in own.records(ITEM, list(last)[:3], 0, EVERY)[0]} == set(list(last)[:3]) & set(wanted)
    assert own.records(ITEM, [], 0, EVERY) == ([], 0)


def test_what_was_decided_in_a_month_is_counted_while_it_stands(warehouse: Warehouse, events: list[Event]) -> None:
    said_ = [("a", "2017-09-01", "new"), ("b", "2017-09-30", "new"), ("c", "2017-10-01", "new"), ("d", "2017-09-15", "withdrawn")]
    rows = [accepted(n, replace(events[0], key=key, change=change)) | {ITEM.dated_by: date.fromisoformat(day)} for n, (key, day, change) in enumerate(said_)]
    for table in (ITEM.code, f"{ITEM.code}_history"):
        warehouse.command(f"TRUNCATE TABLE `{table}`")
    load_into(warehouse, streams(CATALOG)[f"credit.{ITEM.code}.accepted"], rows)
    own = Own(warehouse, events[0].department)
    assert [own.decided(ITEM, month) for month in ("2017-08", "2017-09", "2017-10")] == [0, 2, 1]
    assert Own(warehouse, "wjw").decided(ITEM, "2017-09") == 0


def test_the_last_comparison_of_each_tapped_table_is_told(warehouse: Warehouse) -> None:
    warehouse.command("TRUNCATE TABLE proofs")
    stream = streams(CATALOG)[PROOFS]
    blank = {each["name"]: 0 for each in stream.schema["fields"]}
    records = [
        blank | {"source": f"zjj_pg.{table}", "table": table, "item": ITEM.code, "department": department, "began": at, "ended": at, "position": None, "verdict": verdict, "why": None}
        for table, department, at, verdict in (
            ("permit", "zjj", NOW, "differs"), ("permit", "zjj", NOW + timedelta(days=1), "equal"), ("fine", "zjj", NOW, "unknown"), ("other", "gtj", NOW, "differs"),
        )
    ]  # fmt: skip
    load_into(warehouse, stream, records)
    found = Own(warehouse, "zjj").proofs()
    assert {source: (row["found"], row["at"]) for source, row in found.items()} == {"zjj_pg.permit": ("equal", NOW + timedelta(days=1)), "zjj_pg.fine": ("unknown", NOW)}
    assert Own(warehouse, "wjw").proofs() == {}
