"""What the warehouse tells as metrics, on both warehouses, against a slow and obvious computation over the same random history."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from infra import metrics
from infra.metrics import Metric
from loaders import figures, measured, rows
from loaders.warehouse import Warehouse
from schemas.envelope import COUNTS
from schemas.topics import PROOFS
from tests.contract.test_warehouse_figures import CATALOG, ITEM, SOURCES, START, _load, fill, history, open_ones


def values(metric: Metric) -> dict[tuple[str, ...], float]:
    (found,) = (family for family in metrics.families() if metrics.family(metric).name == family.name)
    return {tuple(sample.labels[name] for name in metric.labels): sample.value for sample in found.samples if sample.value}


@pytest.mark.parametrize("seed", range(2))
def test_records_are_those_of_batches_receipts_and_tables(warehouse: Warehouse, seed: int) -> None:
    metrics.forget()
    events = history(seed)
    fill(warehouse, events)
    measured.look(warehouse)
    who = {n: (department, source, way, ITEM.code) for n, (source, department, way) in enumerate(SOURCES)}
    said = Counter(who[event.source] for event in events)
    assert values(metrics.SAID) == values(metrics.LOADED) == said
    assert values(metrics.JUDGED) == Counter((*who[event.source], event.outcome) for event in events)
    left = open_ones(events)
    assert values(metrics.OPEN_REJECTS) == Counter((event.department, ITEM.code, f"R-{event.line % 3}") for event in events if (event.batch, event.line) in left)
    newest = {who[n]: max(next(e.at for e in events if e.batch == event.batch) for event in events if event.source == n).timestamp() for n in range(3)}
    assert values(metrics.NEWEST) == newest
    assert values(metrics.UNBALANCED) == {}
    assert sum(values(metrics.PARTS).values()) == warehouse.query("SELECT count() FROM system.parts WHERE active AND database = currentDatabase()").value()


@pytest.mark.parametrize("outcome", figures.OUTCOMES)
def test_what_does_not_arrive_is_an_imbalance_once_its_batch_is_old(warehouse: Warehouse, outcome: str) -> None:
    metrics.forget()
    events = history(3)
    lost = next(event for event in events if event.outcome == outcome)
    fill(warehouse, events, forget=[lost])
    published = next(event.at for event in events if event.batch == lost.batch)
    measured.look(warehouse, published + measured.SETTLING - timedelta(seconds=1))
    assert values(metrics.UNBALANCED) == {}, "it may be under way"
    measured.look(warehouse, START + timedelta(days=1))
    assert values(metrics.UNBALANCED) == {(): 1}
    assert values(metrics.UNBALANCED_RECORDS) == {("loaded",): 1}


def test_who_was_heard_last_by_which_way_with_the_proofs_of_tapped_databases(warehouse: Warehouse) -> None:
    events = history(2)
    fill(warehouse, events)
    warehouse.command("TRUNCATE TABLE `proofs`")
    expected: dict[tuple[str, str], datetime] = {}
    for batch in {event.batch for event in events}:
        first = next(event for event in events if event.batch == batch)
        _, department, way = SOURCES[first.source]
        expected[department, way] = max(expected.get((department, way), first.at), first.at)
    assert figures.heard(warehouse) == expected
    at = {"equal": START + timedelta(days=3), "different": START + timedelta(days=4)}
    proofs = [
        dict.fromkeys(COUNTS, 0) | {"source": "s", "table": "t", "item": ITEM.code, "department": "gsj", "began": ended, "ended": ended, "position": None, "verdict": verdict, "why": None}
        for verdict, ended in at.items()
    ]  # fmt: skip
    _load(warehouse, rows.streams(CATALOG)[PROOFS], proofs)
    assert figures.heard(warehouse) == expected | {("gsj", "cdc"): at["equal"]}, "a comparison that found a difference is no word of the department's"
    warehouse.command("TRUNCATE TABLE `proofs`")
