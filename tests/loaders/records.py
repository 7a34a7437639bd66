"""Versions of records in a warehouse, as the sink loads them, and their links to subjects."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from loaders import rows
from loaders.loading import Loading
from loaders.subjects import Subjects
from loaders.warehouse import Warehouse
from schemas.catalog import Catalog

NOW = datetime(2017, 9, 1, tzinfo=UTC)


class Records:
    """A warehouse to which versions of records come; each item has one partition here."""

    def __init__(self, warehouse: Warehouse, catalog: Catalog) -> None:
        self.warehouse, self.catalog, self.offset = warehouse, catalog, dict.fromkeys(catalog, 0)
        self._streams = rows.streams(catalog)

    def clear(self) -> None:
        """Empty the tables that were filled."""
        for item, offset in self.offset.items():
            for table in (item, f"{item}_history") if offset else ():
                self.warehouse.command(f"TRUNCATE TABLE `{table}`")
        for table in ("subject_names", "links"):
            self.warehouse.command(f"TRUNCATE TABLE `{table}`")
        self.offset = dict.fromkeys(self.catalog, 0)

    def put(self, item: str, key: str, *, department: str = "zjj", withdrawn: bool = False, **said: Any) -> str:
        """One version of a record; its public number."""
        self.put_all(item, [(key, said)], department=department, withdrawn=withdrawn)
        return f"{item}-0-{self.offset[item] - 1}"

    def put_all(self, item: str, said: Sequence[tuple[str, Mapping[str, Any]]], *, department: str = "zjj", withdrawn: bool = False) -> None:
        """Versions of records, in one block. `_department` in what is said goes before `department`."""
        first = self.offset[item]
        self.offset[item] += len(said)
        places = range(first, self.offset[item])
        records = [self._record(item, at, key, withdrawn=withdrawn) | {"_department": department} | dict(fields) for at, (key, fields) in zip(places, said, strict=True)]
        stream = self._streams[f"credit.{item}.accepted"]
        where = rows.Places(pa.array([0] * len(records), pa.int64()), pa.array(places, pa.int64()), NOW)
        Loading(self.warehouse, stream).load(stream.make(pa.Table.from_pylist(records), where), NOW)

    def link(self) -> None:
        """Bring the links up to date."""
        Subjects(self.warehouse, self.catalog).bring()

    def _record(self, item: str, at: int, key: str, *, withdrawn: bool) -> dict[str, Any]:
        return {
            "_source": "s", "_way": "api", "_batch": "b", "_line": at + 1, "_row": None, "_ref": None, "_position": None, "_operation": "upsert",
            "_source_time": None, "_received_at": NOW, "_catalogue": "c", "_origin": None, "_key": key, "_version": at, "_fingerprint": "f",
            "_change": "withdrawn" if withdrawn else "new", "_warnings": None, "_judged_at": NOW,
        } | {field.name: None for field in self.catalog[item].fields}  # fmt: skip
