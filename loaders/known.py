"""What stands of given keys, who has said what of them, and what one batch changed: asked of the warehouse by the thousand. Read-only; raises what `Warehouse.query` raises."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from loaders import statements
from loaders.capability import ZONE
from loaders.warehouse import Warehouse
from schemas.catalog import Item

Row = Mapping[str, Any]
AT_ONCE = 60_000  # bytes of keys in one question; a server takes 256 kB


def stands(warehouse: Warehouse, item: Item, keys: Sequence[str]) -> list[Row]:
    """The last version of those keys that have one: source, row, way, fingerprint, operation, withdrawn, batch, times."""
    return _asked(warehouse, "stands", item, keys)


def words(warehouse: Warehouse, item: Item, keys: Sequence[str]) -> list[Row]:
    """The last word of every source row about each key; fingerprint None: that it is gone."""
    return _asked(warehouse, "words", item, keys, {"item": item.code})


def versions(warehouse: Warehouse, item: Item, batch: str) -> Sequence[Row]:
    """The versions one batch made, oldest first."""
    return warehouse.query(statements.of_item("batch_versions", item), {"batch": batch}).dicts()


def before(warehouse: Warehouse, item: Item, keys: Sequence[str], batch: str) -> list[Row]:
    """The newest version of each key that another batch made, whole."""
    return _asked(warehouse, "before_batch", item, keys, {"batch": batch})


def current(warehouse: Warehouse, item: Item, keys: Sequence[str]) -> list[Row]:
    """The last version of each key, whole."""
    return _asked(warehouse, "current_rows", item, keys)


def said_in(warehouse: Warehouse, batch: str) -> Sequence[Row]:
    """Whose a batch is: its source, department, way and item; empty when there is none."""
    sql = "SELECT DISTINCT source, department, way, item, name FROM batches FINAL WHERE batch = {batch:String}"
    return warehouse.query(sql, {"batch": batch}).dicts()


def milliseconds(value: object) -> int | None:
    """A source's time as the warehouse has it (a time, or local text on old servers) in milliseconds since 1970."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value)).replace(tzinfo=ZoneInfo(ZONE))
    return round(moment.timestamp() * 1000)


def _asked(warehouse: Warehouse, name: str, item: Item, keys: Sequence[str], more: Mapping[str, str] | None = None) -> list[Row]:
    statement = statements.of_item(name, item)
    return [row for some in _cut(keys) for row in warehouse.query(statement, {"keys": some, **(more or {})}).dicts()]


def _cut(keys: Sequence[str]) -> Iterator[list[str]]:
    some, size = list[str](), 0
    for key in keys:
        if size > AT_ONCE:
            yield some
            some, size = [], 0
        some.append(key)
        size += len(key.encode()) + 4
    if some:
        yield some
