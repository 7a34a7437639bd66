"""What stands behind the numbers of charts: lists of records of one form, and what one record went through. Read-only; raises what `Warehouse.query` raises.

A row of a list: `number` (回执行号; of a link the record's public number, of a batch the batch) `item` `department` `way` `source` `at` (local text) `key` `what` `more`, the last two by the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders import completeness, statements
from loaders.obligations import Asked
from loaders.parameters import wanted
from loaders.reconcile import canonical
from loaders.warehouse import Warehouse
from schemas.catalog import Catalog, Item

LISTS = {
    "messages": "behind_messages", "judged": "behind_judged", "decided": "behind_decided", "open": "behind_open", "waiting": "behind_waiting", "links": "behind_links",
}  # fmt: skip
LACKING = "lacking"  # asked of one item and one field
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Scope:
    """What is counted: the stretch of days, the moment, department and item of ``asked``; a way and a source, blank for all; ``which``, ``rule`` and ``field`` narrow a list."""

    asked: Asked
    way: str = ""
    source: str = ""
    which: str = ""
    rule: str = ""
    field: str = ""

    def parameters(self, sql: str) -> dict[str, Any]:
        """Those a statement has places for."""
        known = self.asked.parameters | {"way": self.way, "source": self.source, "which": self.which, "rule": self.rule}
        return {name: known[name] for name in wanted(sql) if name in known}


def rows(warehouse: Warehouse, catalog: Catalog, name: str, scope: Scope, skip: int, limit: int) -> Sequence[Row]:
    """A page of one of LISTS, or of LACKING."""
    sql = _sql(warehouse, catalog, name, scope)
    return warehouse.query(sql + "\nLIMIT {skip:UInt64}, {limit:UInt64}", scope.parameters(sql) | {"skip": skip, "limit": limit}).dicts()


def count(warehouse: Warehouse, catalog: Catalog, name: str, scope: Scope) -> int:
    """How long the list is."""
    sql = _sql(warehouse, catalog, name, scope)
    bare = sql[: sql.rindex("\nORDER BY")]
    return int(warehouse.query(f"SELECT count() AS n FROM (\n{bare}\n)", scope.parameters(sql)).value())


def versions(warehouse: Warehouse, item: Item, key: str, department: str = "") -> list[Row]:
    """Every version of a record, oldest first, fields as text; of one department's only, where one is named."""
    found = warehouse.query(statements.of_item("versions", item), {"key": key, "department": department}).dicts()
    return [{**row, **{field.name: canonical(row[field.name]) for field in item.fields}} for row in found]


def fields(item: Item) -> list[str]:
    """What LACKING can be asked of."""
    return [name for name, _ in completeness.units(item)]


def _sql(warehouse: Warehouse, catalog: Catalog, name: str, scope: Scope) -> str:
    if name == LACKING:
        return completeness.lacking(catalog[scope.asked.item], scope.field)
    return statements.composed(LISTS[name], statements.filled(warehouse, scope.asked.items(catalog)))
