"""Every statement of `loaders/queries`, on both warehouses, against a slow and obvious computation over the same random history."""

import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loaders import figures, rows, statements
from loaders.loading import Loading
from loaders.warehouse import Warehouse
from schemas import catalog as catalogues
from schemas.catalog import Item

CATALOG = catalogues.load(Path(__file__).parents[2] / "schemas" / "avro")
ITEM: Item = next(iter(CATALOG.values()))
START = datetime(2017, 9, 1, 1, 0, tzinfo=UTC)
SOURCES = (("swj/excel", "swj", "excel"), ("zjj_pg.permit", "zjj", "cdc"), ("gsj/erp", "gsj", "api"))


@dataclass(frozen=True)
class Event:
    """One record and what became of it."""

    source: int
    batch: str
    line: int
    key: str
    row: str | None
    ref: str | None
    operation: str
    outcome: str
    at: datetime
    change: str

    @property
    def department(self) -> str:
        return SOURCES[self.source][1]


def history(seed: int, number: int = 300, every: timedelta = timedelta(seconds=30)) -> list[Event]:
    """Random sayings: few keys and rows, so that rejects are answered in every way, in the same batch and in later ones (one batch after another)."""
    dice, events, lines, source = random.Random(seed), [], Counter[str](), 0
    for n in range(number):
        source = dice.randrange(3) if n % 12 == 0 else source
        batch = f"B{source}-{n // 12}"
        lines[batch] += 1
        row = f'["{dice.randrange(12)}"]' if source == 1 else None
        ref = None
        if source == 2 and dice.random() < 0.5:
            ref = f"r{dice.randrange(10)}"
        elif source == 0 and events and dice.random() < 0.3:
            old = dice.choice(events)
            ref = f"{old.batch}#{old.line}"
        key = f'["{ITEM.code}","{dice.randrange(15)}"]' if dice.random() < 0.9 else f'["?","{ITEM.code}","{SOURCES[source][0]}","{batch}#{lines[batch]}"]'
        outcome = dice.choices(figures.OUTCOMES, (5, 2, 1, 5 if not key.startswith('["?"') else 50, 1))[0]
        operation = "withdraw" if dice.random() < 0.1 and outcome != "rejected" else "upsert"
        change = "withdrawn" if operation == "withdraw" else dice.choice(["new", "change"])
        events.append(Event(source, batch, lines[batch], key, row, ref, operation, outcome, START + n * every, change))
    return events


def fill(warehouse: Warehouse, events: Sequence[Event], *, forget: Sequence[Event] = ()) -> None:
    """Loads the history as the sink would; rows of ``forget`` are said and judged, and do not arrive."""
    for name in ("rejected", "receipts", "echoes", "batches", ITEM.code, f"{ITEM.code}_history"):
        warehouse.command(f"TRUNCATE TABLE `{name}`")
    kept = [event for event in events if event not in forget]
    streams = rows.streams(CATALOG)
    _load(warehouse, streams[f"credit.{ITEM.code}.accepted"], [_accepted(n, e) for n, e in enumerate(kept) if e.outcome == "accepted"])
    _load(warehouse, streams[f"credit.{ITEM.code}.rejected"], [_rejected(e) for e in kept if e.outcome == "rejected"])
    _load(warehouse, streams["credit.receipts"], [_receipt(batch, [e for e in events if e.batch == batch], forget) for batch in _batches(events)])
    _load(warehouse, streams["credit.batches"], [_chunk(batch, [e for e in events if e.batch == batch]) for batch in _batches(events)])


def _batches(events: Sequence[Event]) -> list[str]:
    return list(dict.fromkeys(event.batch for event in events))


def _load(warehouse: Warehouse, stream: rows.Stream, records: list[dict[str, Any]]) -> None:
    places = rows.Places(pa.array([0] * len(records), pa.int64()), pa.array(range(len(records)), pa.int64()), START)
    for _ in range(2 if records else 0):  # a replay changes nothing
        Loading(warehouse, stream).load(stream.make(pa.Table.from_pylist(records), places), START)


def _envelope(event: Event) -> dict[str, Any]:
    source, department, way = SOURCES[event.source]
    return {
        "_source": source, "_department": department, "_way": way, "_batch": event.batch, "_line": event.line, "_row": event.row, "_ref": event.ref,
        "_position": None, "_operation": event.operation, "_source_time": None, "_received_at": event.at, "_catalogue": "c", "_origin": None,
        "_key": event.key, "_fingerprint": "f", "_judged_at": event.at + timedelta(seconds=1),
    }  # fmt: skip


def _accepted(n: int, event: Event) -> dict[str, Any]:
    return _envelope(event) | {"_version": n, "_change": event.change, "_warnings": None} | {field.name: None for field in ITEM.fields}


def _rejected(event: Event) -> dict[str, Any]:
    reason = {"rule": f"R-{event.line % 3}", "severity": "error", "field": "X", "title": None, "value": None, "message": "不对", "remedy": "改"}
    return _envelope(event) | {"_item": ITEM.code, "_by": "judge", "fields": [("X", "1"), ("Y", None)], "reasons": [reason], "raw": b"\xff"}


def _receipt(batch: str, events: Sequence[Event], forget: Sequence[Event]) -> dict[str, Any]:
    source, department, way = SOURCES[events[0].source]
    counts = Counter(event.outcome for event in events)
    echoes = [
        {"line": e.line, "outcome": e.outcome, "key": e.key, "row": e.row, "ref": e.ref, "operation": e.operation, "stands": None}
        for e in events if e.outcome not in {"accepted", "rejected"} and e not in forget
    ]  # fmt: skip
    return {
        "batch": batch, "source": source, "department": department, "way": way, "item": ITEM.code, "partition": 0, "first_offset": 0, "last_offset": 1,
        **{name: counts[name] for name in figures.OUTCOMES}, "echoes": echoes or [{**dict.fromkeys(("row", "ref", "stands")), "line": 0}][:0],
        "received_from": events[0].at, "received_to": events[-1].at, "judged_at": events[-1].at + timedelta(seconds=1), "by": "judge",
        "bytes": 100 * len(events),
    }  # fmt: skip


def _chunk(batch: str, events: Sequence[Event]) -> dict[str, Any]:
    source, department, way = SOURCES[events[0].source]
    return {
        "batch": batch, "source": source, "department": department, "way": way, "item": ITEM.code, "chunk": 0, "first_line": 1, "rows": len(events),
        "total": len(events), "last": True, "digest": None, "idempotency_key": None, "name": "a.xlsx", "by": "张三", "received_at": events[0].at,
        "published_at": events[0].at, **dict.fromkeys(("events", "outside", "housekeeping", "unreadable", "splits"), 0),
    }  # fmt: skip


def open_ones(events: Sequence[Event]) -> set[tuple[str, int]]:
    """The contract's sentence, word by word."""
    left = set()
    for at, bad in enumerate(events):
        if bad.outcome != "rejected":
            continue
        later = [e for e in events[at + 1 :] if e.batch != bad.batch or e.line > bad.line]
        if not any(answers(event, bad) for event in later):
            left.add((bad.batch, bad.line))
    return left


def answers(event: Event, bad: Event) -> bool:
    same_source = event.source == bad.source
    return (
        (event.key == bad.key and (event.outcome != "rejected" or same_source))
        or (same_source and bad.row is not None and event.row == bad.row)
        or (same_source and bad.ref is not None and event.ref == bad.ref)
        or event.ref == f"{bad.batch}#{bad.line}"
    )


@pytest.mark.parametrize("seed", range(4))
def test_open_rejects_are_those_nothing_has_answered(warehouse: Warehouse, seed: int) -> None:
    events = history(seed)
    fill(warehouse, events)
    found = figures.rejects(warehouse, figures.Rejects(limit=1000))
    assert {(row["_batch"], row["_line"]) for row in found} == open_ones(events)
    assert len(found) == len(open_ones(events)) > 0
    assert found[0]["reasons"][0]["message"] == "不对"
    assert found[0]["fields"] == {"X": "1", "Y": None}
    of_one = figures.rejects(warehouse, figures.Rejects(department="zjj", limit=1000))
    assert {row["_department"] for row in of_one} <= {"zjj"}
    paged = [row for skip in range(0, len(found), 5) for row in figures.rejects(warehouse, figures.Rejects(skip=skip, limit=5))]
    assert [(row["_batch"], row["_line"]) for row in paged] == [(row["_batch"], row["_line"]) for row in found]


def test_every_source_adds_up_and_the_balance_is_clean(warehouse: Warehouse) -> None:
    events = history(7)
    fill(warehouse, events)
    expected = {
        SOURCES[n][0]: {"received": sum(e.source == n for e in events)} | {o: sum(e.source == n and e.outcome == o for e in events) for o in figures.OUTCOMES}
        for n in range(3)
    }  # fmt: skip
    found = {row["source"]: row for row in figures.sources(warehouse)}
    assert {source: {name: row[name] for name in ("received", *figures.OUTCOMES)} for source, row in found.items()} == expected
    assert all(row["received"] == row["judged"] == row["loaded"] for row in found.values())
    assert figures.balance(warehouse) == []
    assert len(figures.balance(warehouse, everything=True)) == len(_batches(events))


@pytest.mark.parametrize("outcome", ["accepted", "rejected", "duplicate"])
def test_one_record_that_does_not_arrive_breaks_the_balance(warehouse: Warehouse, outcome: str) -> None:
    events = history(8)
    lost = next(event for event in events if event.outcome == outcome)
    fill(warehouse, events, forget=[lost])
    (row,) = figures.balance(warehouse)
    assert (row["batch"], row["said"] - row["loaded"], row["said"] - row["judged"]) == (lost.batch, 1, 0)


def test_throughput_counts_by_the_hour_of_judgement(warehouse: Warehouse) -> None:
    events = history(9)
    fill(warehouse, events)
    expected, waits = Counter[tuple[str, str]](), defaultdict[tuple[str, str], list[float]](list)
    for batch in _batches(events):
        mine = [event for event in events if event.batch == batch]
        hour = (mine[-1].at + timedelta(seconds=1, hours=8)).strftime("%Y-%m-%d %H:00:00")
        expected[hour, SOURCES[mine[0].source][0]] += len(mine)
        waits[hour, SOURCES[mine[0].source][0]] += [(mine[-1].at - mine[0].at).total_seconds() + 1] * len(mine)
    found = figures.throughput(warehouse, START, START + timedelta(days=1))
    assert {(row["hour"], row["source"]): row["received"] for row in found} == expected
    assert all(row["received"] == sum(row[name] for name in figures.OUTCOMES) for row in found)
    assert all(row["bytes"] == 100 * row["received"] for row in found)
    for row in found:
        waited = sorted(waits[row["hour"], row["source"]])
        assert [row["p50"], row["p95"], row["p99"]] == pytest.approx([waited[math.ceil(level * len(waited)) - 1] for level in (0.5, 0.95, 0.99)])
    assert figures.throughput(warehouse, START - timedelta(days=1), START) == []


def test_a_trace_tells_every_event_of_a_key(warehouse: Warehouse) -> None:
    events = history(10)
    fill(warehouse, events)
    key = Counter(event.key for event in events).most_common(1)[0][0]
    found = figures.trace(warehouse, ITEM, key)
    mine = [e for e in events if e.key == key]
    assert Counter((row["batch"], row["line"], row["source"], row["operation"]) for row in found) == Counter(
        (e.batch, e.line, SOURCES[e.source][0], e.operation) for e in mine
    )
    assert sum(row["what"] == "rejected" and row["detail"][0]["message"] == "不对" for row in found) == sum(e.outcome == "rejected" for e in mine)
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)


def test_a_key_is_found_by_what_people_know_of_a_record(warehouse: Warehouse) -> None:
    events = history(10)
    fill(warehouse, events)
    secret = b"s" * 32
    one = events[0]
    assert one.key in figures.keys(warehouse, ITEM, f"{one.batch}#{one.line}", secret)
    part = json.loads(one.key)[-1]
    holding = {e.key for e in events if part in json.loads(e.key)[1:]}
    assert set(figures.keys(warehouse, ITEM, part, secret)) == holding
    assert figures.keys(warehouse, ITEM, one.key, secret) == [one.key]
    assert figures.keys(warehouse, ITEM, part[:-1] + "～", secret) == []
    assert figures.keys(warehouse, ITEM, " ", secret) == []


def test_a_batchs_outcomes_come_by_line_and_in_pages(warehouse: Warehouse) -> None:
    events = history(11)
    fill(warehouse, events)
    batch = Counter(event.batch for event in events).most_common(1)[0][0]
    mine = [event for event in events if event.batch == batch]
    page, records = figures.outcomes(warehouse, batch, ITEM, limit=2), []
    assert page.counts == {name: sum(e.outcome == name for e in mine) for name in figures.OUTCOMES}
    assert page.settled
    while page.next is not None:
        records += page.records
        page = figures.outcomes(warehouse, batch, ITEM, after=page.next, limit=2)
    records += page.records
    assert [(row["line"], row["outcome"], row["ref"]) for row in records] == [(e.line, e.outcome, e.ref) for e in mine]
    unknown = figures.outcomes(warehouse, "HZ0", ITEM)
    assert (unknown.settled, unknown.said, unknown.records) == (False, 0, [])


def test_rates_stand_beside_their_numbers(warehouse: Warehouse) -> None:
    events = history(12)
    fill(warehouse, events)
    left = open_ones(events)
    for row in figures.rates(warehouse):
        mine = [e for e in events if e.department == row["department"]]
        standing = {e.key for e in mine if e.outcome != "rejected" and e.outcome != "excluded" and e.operation != "withdraw"}
        unanswered = {e.key for e in mine if (e.batch, e.line) in left}
        received = len(mine)
        assert row["received"] == received
        assert row["入库率"] == sum(e.outcome == "accepted" for e in mine) / received
        assert row["更新率"] == sum(e.outcome == "accepted" and e.change == "change" for e in mine) / received
        assert (row["judged"], row["open"]) == (len(standing | unanswered), len(unanswered))
        assert row["合规率"] + row["疑问率"] == pytest.approx(1)
    assert len(figures.rates(warehouse)) == 3


def test_reasons_are_counted_by_rule(warehouse: Warehouse) -> None:
    events = history(13)
    fill(warehouse, events)
    left = open_ones(events)
    expected = Counter((SOURCES[e.source][0], f"R-{e.line % 3}") for e in events if e.outcome == "rejected")
    still = Counter((SOURCES[e.source][0], f"R-{e.line % 3}") for e in events if (e.batch, e.line) in left)
    found = figures.reasons(warehouse)
    assert {(row["source"], row["rule"]): row["rejections"] for row in found} == expected
    assert {(row["source"], row["rule"]): row["open"] for row in found if row["open"]} == still


def test_nothing_divided_by_nothing_is_no_rate(warehouse: Warehouse) -> None:
    fill(warehouse, [event for event in history(14) if event.outcome == "excluded"][:1])
    (row,) = figures.rates(warehouse)
    assert (row["judged"], row["合规率"], row["疑问率"]) == (0, None, None)
    assert row["入库率"] == 0


def test_every_file_of_sql_is_used() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(figures.__file__).parent.glob("*.py"))
    for path in statements.FOLDER.glob("*.sql"):
        assert json.dumps(path.stem) in source, path.name
