"""What one department entered by hand and what became of it: asked of the warehouse for its own pages, so every question names the department. Read-only; raises what `Warehouse.query` raises."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders import statements
from loaders.reconcile import canonical
from loaders.warehouse import Warehouse
from schemas.catalog import Item

Row = Mapping[str, Any]
OUTCOMES = ("accepted", "duplicate", "superseded", "rejected", "excluded")
ABOUT = ("_key", "_department", "_source", "_fingerprint", "_withdrawn", "_version", "_change", "_received_at")


@dataclass(frozen=True)
class Entered:
    """The questions, of one department and the source of what it entered."""

    warehouse: Warehouse
    department: str
    source: str

    def records(self, item: Item, skip: int, limit: int) -> tuple[Sequence[Row], int]:
        """A page of the records it entered, last heard of first: key, withdrawn, source and way of what stands, batch, at; and how many there are."""
        asked = {"department": self.department, "source": self.source, "item": item.code}
        total = int(self.warehouse.query(statements.of_item("entered_count", item), asked).value())
        return self.warehouse.query(statements.of_item("entered", item), {**asked, "skip": skip, "limit": limit}).dicts(), total

    def life(self, item: Item, key: str) -> Sequence[Row]:
        """Every event of one key that this department caused, oldest first; `detail` are reasons or warnings."""
        rows = self.warehouse.query(statements.of_item("entered_life", item), {"key": key, "department": self.department, "item": item.code}).dicts()
        return [{**row, "detail": json.loads(row["detail"] or "[]")} for row in rows]

    def versions(self, item: Item, key: str) -> list[Row]:
        """Every version of one key that this department made, oldest first; fields as text."""
        sql = f"SELECT {_columns(item)} FROM `{item.code}_history` FINAL WHERE _key = {{key:String}} AND _department = {{department:String}} ORDER BY _version"
        return self._texts(sql, item, {"key": key})

    def standing(self, item: Item, keys: Sequence[str]) -> dict[str, Row]:
        """By key, what stands or stood last of these, where it is this department's; fields as text."""
        sql = f"SELECT {_columns(item)} FROM `{item.code}` FINAL WHERE has({{keys:Array(String)}}, _key) AND _department = {{department:String}}"
        return {str(row["_key"]): row for row in self._texts(sql, item, {"keys": list(keys)})} if keys else {}

    def _texts(self, sql: str, item: Item, asked: dict[str, Any]) -> list[Row]:
        names = [field.name for field in item.fields]
        found = self.warehouse.query(sql, {**asked, "department": self.department}).dicts()
        return [{**row, **{name: canonical(row[name]) for name in names}} for row in found]


def outcomes(warehouse: Warehouse, batches: Sequence[str]) -> dict[str, str]:
    """By batch of one record, its outcome; batches nobody has judged are missing."""
    rows = warehouse.query(statements.text("batch_outcomes"), {"batches": list(batches)}).dicts() if batches else []
    return {row["batch"]: next(name for name in OUTCOMES if row[f"{name}_"]) for row in rows if any(row[f"{name}_"] for name in OUTCOMES)}


def _columns(item: Item) -> str:
    """Names from the catalogue and our own."""
    return ", ".join([*ABOUT, *(f"`{field.name}`" for field in item.fields)])
