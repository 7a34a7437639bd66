"""When a source is compared, and what is told of its proofs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.sweep import proof, runs
from connectors.sweep.feed import position, stands
from connectors.sweep.reconcile import Compared, Options
from infra.settings import Settings
from schemas import place, sources
from tests.connectors.sweep.test_ledger import CATALOG, SPEC, TABLE

SOURCE = sources.read(SPEC, CATALOG)
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2017, 9, 2, 3, 0, tzinfo=ZONE)
LONG_AGO = NOW - timedelta(days=9)


def last(ended: datetime, verdict: str = "equal", **counts: int) -> dict[str, dict[str, Any]]:
    return {"s.t": {"source": "s.t", "table": "t", "ended": ended.astimezone(UTC), "verdict": verdict, "outside": 0, "missing": 0, "extra": 0, "different": 0, "why": "away", **counts}}


@pytest.mark.parametrize(
    ("known", "now", "waits"),
    [
        (last(NOW - timedelta(hours=1)), NOW, True),
        (last(NOW - timedelta(minutes=10)), NOW, False),
        (last(NOW - timedelta(minutes=10)), NOW + timedelta(hours=20), False),
        (last(NOW - timedelta(minutes=10)), NOW + timedelta(days=1), True),
        (last(NOW - timedelta(hours=23)), NOW - timedelta(hours=1), False),
        (last(NOW - timedelta(minutes=10), "unknown"), NOW, False),
        (last(NOW - timedelta(minutes=10), "unknown"), NOW + timedelta(hours=2), True),
        ({}, NOW, True),
    ],
)
def test_a_source_is_compared_once_after_each_stroke_of_its_hour(known: dict[str, Any], now: datetime, waits: bool) -> None:
    assert bool(runs.due([SOURCE], known, now, LONG_AGO)) == waits


def test_a_new_source_waits_for_its_first_hour_and_one_that_says_never_for_none() -> None:
    assert not runs.due([SOURCE], {}, NOW, NOW - timedelta(minutes=10))
    assert runs.due([SOURCE], {}, NOW, NOW - timedelta(minutes=40))
    unasked = replace(SOURCE, database=replace(SOURCE.database, kind="oracle"))
    assert not runs.due([replace(SOURCE, reconcile=None), unasked], {}, NOW, LONG_AGO)
    assert runs.due([replace(SOURCE, capture="poll")], {}, NOW, LONG_AGO)
    assert sources.read({**SPEC, "reconcile": "never"}, CATALOG).reconcile is None
    assert sources.read({**SPEC, "reconcile": "23:05"}, CATALOG).reconcile == "23:05"


def test_watch_compares_one_source_at_a_time_and_goes_on_after_whatever_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stop, done = Event(), list[tuple[str, list[str]]]()

    def run(_settings: Settings, source: sources.Source, tables: Sequence[sources.Table], _options: Options) -> tuple[list[Compared], list[str]]:
        done.append((source.name, [table.name for table in tables]))
        if len(done) == 1:
            raise RuntimeError("the warehouse is away")
        stop.set()
        return [], []

    other = replace(SOURCE, name="o", tables={"t": replace(TABLE, source="o")})
    monkeypatch.setattr(runs, "EVERY", 0.001)
    monkeypatch.setattr(runs, "run", run)
    monkeypatch.setattr(runs.sources, "load", lambda *_: {"s": SOURCE, "o": other})
    monkeypatch.setattr(runs.proof, "last", lambda _settings: last(LONG_AGO) if len(done) < 1 else last(datetime.now(UTC)) | {"o.t": last(LONG_AGO)["s.t"]})
    runs.daily(Settings(home=tmp_path), stop)
    assert done == [("s", ["t"]), ("o", ["t"])]


def test_what_is_not_well_with_proofs_is_told_with_what_to_do() -> None:
    now = NOW.timestamp()
    assert list(proof.dangers(last(NOW).values(), now)) == []
    ((told, remedy),) = proof.dangers(last(NOW, "differs", missing=3).values(), now)
    assert "3 missing" in told
    assert "guiji reconcile s --table t --repair" in remedy
    assert [told for told, _ in proof.dangers(last(NOW - timedelta(days=3), "unknown").values(), now)] == ["s.t could not be compared: away", "s.t was last compared 3 days ago"]
    shown = proof.shown([*last(NOW, outside=7).values(), *last(NOW, "differs").values()])
    assert shown is not None
    assert shown.startswith("differs, ")
    assert shown.endswith("7 rows outside the filter")
    assert proof.shown([]) is None


def test_where_a_connector_stands_is_read_from_what_connect_keeps() -> None:
    postgres = [{"partition": {"server": "s"}, "offset": {"lsn": 300, "lsn_commit": 200, "lsn_proc": 300, "txId": 7}}]
    assert stands(postgres) == (0, 200)
    assert position(SOURCE, (0, 200)) == place.commit(1, 200)
    binlog = [{"partition": {"server": "s"}, "offset": {"file": "bin.000012", "pos": 99, "row": 1}}]
    assert stands(binlog) == (12, 99)
    assert position(replace(SOURCE, database=replace(SOURCE.database, kind="mariadb"), generation=3), (12, 99)) == place.binlog(3, 12, 99)
    assert stands([{"partition": {}, "offset": None}]) is None
