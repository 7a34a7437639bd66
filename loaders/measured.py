"""What the warehouse knows about the flow, as metrics: counts of batches, receipts and tables, so that no death and no repeat can make them wrong."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from infra import metrics
from loaders import figures, statements
from loaders.warehouse import Warehouse

SETTLING = timedelta(minutes=10)  # a batch may be under way so long


def look(warehouse: Warehouse, now: datetime | None = None) -> None:
    """Ask and set. Raises what the warehouse raises; before its tables are made, too."""
    _sources(warehouse)
    _open_rejects(warehouse)
    rows = warehouse.query(statements.text("measured_newest")).dicts()
    metrics.NEWEST.replace({(row["department"], row["source"], row["way"], row["item"]): float(row["newest"]) for row in rows})
    _imbalance(warehouse, now or datetime.now(UTC))
    metrics.PARTS.replace({(row["table"],): float(row["parts"]) for row in warehouse.query(statements.text("measured_parts")).dicts()})
    metrics.UNLOADABLE.set(float(warehouse.query("SELECT count() FROM unloadable FINAL").value()))


def _sources(warehouse: Warehouse) -> None:
    said, judged, loaded = Counter[tuple[str, ...]](), Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in figures.sources(warehouse):
        who = row["department"], row["source"], row["way"], row["item"]
        said[who] += row["received"]
        loaded[who] += row["loaded"]
        judged.update({(*who, outcome): row[outcome] for outcome in figures.OUTCOMES})
    metrics.SAID.replace(said)
    metrics.JUDGED.replace(judged)
    metrics.LOADED.replace(loaded)


def _open_rejects(warehouse: Warehouse) -> None:
    found = Counter[tuple[str, ...]]()
    for row in figures.reasons(warehouse):
        found[row["department"], row["item"], row["rule"]] += row["open"]
    metrics.OPEN_REJECTS.replace(found)


def _imbalance(warehouse: Warehouse, now: datetime) -> None:
    row = warehouse.query(statements.text("measured_balance"), {"since": figures.local(now - SETTLING)}).dicts()[0]
    metrics.UNBALANCED.set(float(row["batches"]))
    metrics.UNBALANCED_RECORDS.replace({("judged",): float(row["judged_"] or 0), ("loaded",): float(row["loaded_"] or 0)})
