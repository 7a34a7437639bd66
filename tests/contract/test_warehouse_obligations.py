"""The ledger out of a warehouse against a slow and obvious one over the same random history, on both warehouses, as of any moment."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from loaders import measures, obligations, rows
from loaders.loading import Loading
from loaders.obligations import Asked, Owing
from loaders.warehouse import Warehouse
from producers.declarations import Declaration
from schemas.departments import Assignment
from schemas.obligations import calendar, due, ledger
from schemas.obligations.ledger import Line
from schemas.topics import PROOFS
from tests.contract.conftest import CATALOG

ZONE = ZoneInfo("Asia/Shanghai")
STREAMS = rows.streams(CATALOG)
OWED = [Assignment(department, item, date(2015, 1, 1), None, date(2017, 9, 5)) for department in ("zjj", "gtj") for item in ("xzxk", "zyzg")]
OWING = Owing(CATALOG, OWED)
START, LAST = datetime(2017, 9, 25, tzinfo=ZONE), datetime(2017, 12, 20, tzinfo=ZONE)


@dataclass(frozen=True)
class Version:
    """One version of a record. ``clock`` is what its source says of when it was changed."""

    department: str
    item: str
    key: str
    dated: date
    change: str
    way: str
    clock: datetime | None
    received: datetime
    judged: datetime

    @property
    def delivered(self) -> date | None:
        moment = self.received if self.way != "cdc" or (self.clock and self.clock > self.received + timedelta(minutes=5)) else self.clock
        return moment.astimezone(ZONE).date() if moment else None


def history(seed: int) -> list[Version]:
    """Versions of a few keys: new, changed, withdrawn and back, by ways with and without a clock; sources whose clock runs ahead; judged minutes, or days, after they came."""
    dice, standing, found = random.Random(seed), dict[str, bool](), list[Version]()
    received = START
    while received < LAST:
        received += timedelta(minutes=dice.randrange(1, 40 * 60))
        department, item = dice.choice(["zjj", "gtj"]), dice.choice(["xzxk", "zyzg"])
        key = f'["{item}","{department}","{dice.randrange(12)}"]'
        change = "new" if key not in standing else dice.choice(["change", "change", "withdrawn", "promoted"]) if standing[key] else "new"
        standing[key] = change != "withdrawn"
        way = dice.choice(["cdc", "cdc", "excel", "form"])
        behind = dice.choice([timedelta(0), timedelta(days=1), timedelta(days=9), timedelta(minutes=-4), timedelta(minutes=-6), timedelta(days=-30)])
        clock = received - behind if way == "cdc" and dice.random() < 0.7 else None
        judged = received + dice.choice([timedelta(seconds=1), timedelta(days=2)])
        found.append(Version(department, item, key, received.astimezone(ZONE).date() - timedelta(days=dice.choice([0, 1, 5, 20, 60])), change, way, clock, received, judged))
    return found


def comparisons(seed: int) -> list[tuple[str, str, datetime, str]]:
    """Department, source, when it began, verdict."""
    dice = random.Random(seed)
    moments = sorted(START + timedelta(minutes=dice.randrange(86 * 24 * 60)) for _ in range(25))
    return [(*dice.choice([("zjj", "zjj_pg.permit"), ("gtj", "gtj_pg.a"), ("gtj", "gtj_pg.b")]), each, dice.choice(["equal", "equal", "differs"])) for each in moments]


def fill(warehouse: Warehouse, versions: Sequence[Version], proofs: Sequence[tuple[str, str, datetime, str]]) -> None:
    for item in ("xzxk", "zyzg"):
        for table in (item, f"{item}_history"):
            warehouse.command(f"TRUNCATE TABLE `{table}`")
        mine = [each for each in versions if each.item == item]
        _load(warehouse, STREAMS[f"credit.{item}.accepted"], [_accepted(at, each) for at, each in enumerate(mine)])
    for table in ("proofs", "rejected", "echoes"):
        warehouse.command(f"TRUNCATE TABLE `{table}`")
    _load(warehouse, STREAMS[PROOFS], [_proof(*each) for each in proofs])


def _load(warehouse: Warehouse, stream: rows.Stream, records: list[dict[str, Any]]) -> None:
    places = rows.Places(pa.array([0] * len(records), pa.int64()), pa.array(range(len(records)), pa.int64()), START)
    for _ in range(2 if records else 0):  # a replay changes nothing
        Loading(warehouse, stream).load(stream.make(pa.Table.from_pylist(records), places), START)


def _accepted(at: int, each: Version) -> dict[str, Any]:
    return {
        "_source": "s", "_department": each.department, "_way": each.way, "_batch": "b", "_line": at, "_row": None, "_ref": None, "_position": None,
        "_operation": "upsert", "_source_time": each.clock and each.clock.astimezone(UTC), "_received_at": each.received.astimezone(UTC), "_catalogue": "c", "_origin": None,
        "_key": each.key, "_fingerprint": "f", "_judged_at": each.judged.astimezone(UTC), "_version": at, "_change": each.change, "_warnings": None,
    } | {field.name: None for field in CATALOG[each.item].fields} | {CATALOG[each.item].dated_by: each.dated}  # fmt: skip


def _proof(department: str, source: str, began: datetime, verdict: str) -> dict[str, Any]:
    counts = dict.fromkeys(ledger_counts(), 0)
    ended = (began + timedelta(minutes=5)).astimezone(UTC)
    return {"source": source, "table": "t", "item": "xzxk", "department": department, "began": began.astimezone(UTC), "ended": ended, "position": None, **counts, "verdict": verdict, "why": None}


def ledger_counts() -> list[str]:
    known = {"source", "table", "item", "department", "began", "ended", "position", "verdict", "why"}
    return [field["name"] for field in STREAMS[PROOFS].schema["fields"] if field["name"] not in known]


def slowly(versions: Sequence[Version], proofs: Sequence[tuple[str, str, datetime, str]], nils: Sequence[Declaration], asked: Asked, line: Line) -> tuple[str, str, int]:
    """State, what met it, and records of one period, by going through everything that was known."""
    seen = [each for each in versions if each.judged < asked.until and (each.department, each.item) == (line.department, line.item)]
    days: list[tuple[date, date | None]] = []
    for key in {each.key for each in seen}:
        mine = [each for each in seen if each.key == key]
        if mine[-1].change != "withdrawn":
            days.append((mine[0].dated, mine[0].delivered))
            days += [(each.delivered or each.received.astimezone(ZONE).date(), each.delivered) for each in mine if each.change == "change"]
    spoken = [delivered for day, delivered in days if line.period.start <= day <= line.period.end]
    due_on = due.of_period(CATALOG[line.item].due, line.period, calendar.known(calendar.load(), asked.on)).day
    moments = [(each, "records") for each in spoken if each]
    for each in nils:
        on = each.declared_at.astimezone(ZONE).date()
        if each.declared_at < asked.until and (each.department, each.item) == (line.department, line.item) and each.about["of"] == line.period.of and on >= line.period.end:
            moments.append((on, "nil"))
    if None in spoken and (not moments or min(moments)[0] > due_on):
        met, by = date.min, "records"  # not known when: not late
    elif moments:
        met, by = min(moments)
    else:
        known = [each for each in proofs if each[2] + timedelta(minutes=5) < asked.until and each[0] == line.department and line.item == "xzxk"]
        last = {source: max((began for _, other, began, verdict in known if other == source and verdict == "equal"), default=None) for _, source, _, _ in known}
        proven = bool(last) and all(each and each.astimezone(ZONE).date() > line.period.end for each in last.values())
        met, by = (date.min, "proof") if proven else (date.max, "")
    if asked.on <= line.period.end:
        state = "未到期"
    elif by:
        state = "已上报" if met <= due_on else "超时"
    else:
        state = "待上报" if asked.on <= due_on else "漏报"
    return state, by, len(spoken)


def nil(department: str, item: str, of: str, at: datetime) -> Declaration:
    return Declaration("0" * 32, "nil", department, item, 1, {"of": of, "signed": True}, "li", at)


def test_the_ledger_is_what_going_through_everything_gives(warehouse: Warehouse) -> None:
    assert {state for seed in range(3) for state in compared(warehouse, seed)} == set(ledger.STATES)


def compared(warehouse: Warehouse, seed: int) -> set[str]:
    """The states that were seen."""
    versions, proofs = history(seed), comparisons(seed)
    fill(warehouse, versions, proofs)
    nils = [nil("zjj", "zyzg", "2017-10-01/2017-10-31", datetime(2017, 11, 3, 9, tzinfo=ZONE)), nil("gtj", "zyzg", "2017-11-01/2017-11-30", datetime(2017, 12, 19, 9, tzinfo=ZONE))]
    states = set[str]()
    for until in (datetime.combine(day, time(), ZONE) for day in (date(2017, 10, 20), date(2017, 11, 8), date(2017, 12, 1), date(2018, 1, 15))):
        asked = Asked(date(2017, 10, 1), date(2017, 12, 31), until)
        found = obligations.lines(warehouse, OWING, nils, asked)
        assert {(each.department, each.item) for each in found} == {(each.department, each.item) for each in OWED}
        for line in found:
            assert (line.state, line.met_by, line.records) == slowly(versions, proofs, nils, asked, line), line
            states.add(line.state)
    return states


def test_what_happens_later_changes_nothing_of_a_past_day(warehouse: Warehouse) -> None:
    versions, proofs = history(5), comparisons(5)
    until = datetime(2017, 11, 15, tzinfo=ZONE)
    asked = Asked(date(2017, 10, 1), date(2017, 11, 30), until, running=True)
    fill(warehouse, [each for each in versions if each.judged < until], [each for each in proofs if each[2] + timedelta(minutes=5) < until])
    then = obligations.lines(warehouse, OWING, [], asked)
    fill(warehouse, versions, proofs)
    later = [nil("zjj", "xzxk", each.period.of, until) for each in then]
    assert obligations.lines(warehouse, OWING, later, asked) == then


def test_one_department_and_one_item_are_asked_for(warehouse: Warehouse) -> None:
    fill(warehouse, history(6), comparisons(6))
    asked = Asked(date(2017, 10, 1), date(2017, 10, 31), datetime(2017, 12, 1, tzinfo=ZONE))
    everything = obligations.lines(warehouse, OWING, [], asked)
    one = obligations.lines(warehouse, OWING, [], Asked(asked.first, asked.last, asked.until, "zjj", "zyzg"))
    assert one == [each for each in everything if (each.department, each.item) == ("zjj", "zyzg")]
    assert [each.period.label for each in one] == ["2017-10"]


def test_records_behind_a_month_are_those_of_each_department_and_as_many_as_counted(warehouse: Warehouse) -> None:
    fill(warehouse, history(6), comparisons(6))
    asked = Asked(date(2017, 10, 1), date(2017, 12, 31), datetime(2018, 1, 15, tzinfo=ZONE), item="zyzg")
    everybody = list(measures.decided_records(warehouse, OWING.catalog, asked, 0, 100_000))
    counted = {row["department"]: 0 for row in everybody}
    for row in measures.decided(warehouse, OWING.catalog, asked):
        counted[row["department"]] += row["identities"]
    assert len(counted) > 1
    for department, number in counted.items():
        mine = list(measures.decided_records(warehouse, OWING.catalog, replace(asked, department=department), 0, 100_000))
        assert mine == [row for row in everybody if row["department"] == department]
        assert len(mine) == number
