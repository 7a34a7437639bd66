"""Grafana's dashboard as code: every panel's statement is run on the embedded engine and counts what is there. Grafana itself did not run here."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.warehouse import Warehouse
from tests.contract.test_warehouse_boards import events_of
from tests.contract.test_warehouse_figures import SOURCES, fill

FOLDER = Path(__file__).parents[2] / "infra" / "grafana"
BOARD = json.loads((FOLDER / "guiji.json").read_text(encoding="utf-8"))
PANELS = {panel["title"]: panel for panel in BOARD["panels"]}


def asked(warehouse: Warehouse, title: str, first: datetime, last: datetime) -> list[dict[str, Any]]:
    """What a panel shows of a stretch of time; the macros are put in as the plugin does it."""
    (target,) = PANELS[title]["targets"]
    sql, start, end = target["rawSql"], int(first.timestamp()), int(last.timestamp())
    for column in ("judged_at", "_judged_at"):
        sql = sql.replace(f"$__timeFilter({column})", f"{column} >= toDateTime({start}) AND {column} <= toDateTime({end})")
        sql = sql.replace(f"$__timeInterval({column})", f"toStartOfInterval(toDateTime({column}), INTERVAL 3600 second)")
    assert "$" not in sql
    return warehouse.query(sql).dicts()


@pytest.fixture
def modern(warehouse: Warehouse) -> Warehouse:
    if not warehouse.capability.date32:
        pytest.skip("Grafana's plugin wants a newer server")
    return warehouse


def test_every_panel_counts_what_is_there(modern: Warehouse) -> None:
    events = events_of(51)
    fill(modern, events)
    first, last = events[0].at, events[-1].at.replace(year=2018)
    outcomes = Counter(event.outcome for event in events)
    rows = asked(modern, "收到的记录和处理结果", first, last)
    assert [sum(row[name] for row in rows) for name in ("入库", "重复", "被取代", "退回", "不在范围")] == [
        outcomes[name] for name in ("accepted", "duplicate", "superseded", "rejected", "excluded")
    ]
    ways = Counter(SOURCES[event.source][2] for event in events)
    received = Counter[str]()
    for row in asked(modern, "各归集方式收到的记录", first, last):
        received[row["way"]] += row["received"]
    assert received == ways
    sources = Counter(SOURCES[event.source][0] for event in events)
    assert {row["source"]: row["received"] for row in asked(modern, "各信源的吞吐量", first, last)} == sources
    assert {row["source"] for row in asked(modern, "新鲜度：各信源最近一批距今", first, last)} == set(sources)
    assert sum(row["rejections"] for row in asked(modern, "退回原因", first, last)) == outcomes["rejected"]
    assert asked(modern, "等待判定：已收到、尚未判定", first, last) == []


def test_every_panel_is_of_the_data_source_that_is_provisioned_and_no_secret_is_in_it() -> None:
    (source,) = yaml.safe_load((FOLDER / "datasources.yaml").read_text(encoding="utf-8"))["datasources"]
    assert all(part["datasource"] == {"type": source["type"], "uid": source["uid"]} for panel in PANELS.values() for part in (panel, *panel["targets"]))
    assert len(PANELS) == len(BOARD["panels"]) == 6
    assert source["secureJsonData"]["password"].startswith("$")
    assert yaml.safe_load((FOLDER / "dashboards.yaml").read_text(encoding="utf-8"))["providers"][0]["type"] == "file"
