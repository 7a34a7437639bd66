"""From decoded records to the rows of the tables they belong to, in the order in which they must be inserted.

The last table of each list is the witness: an offset that stands there stands in all of them. Pure; columns in, columns out.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.table import BATCHES, DECLARATIONS, ECHOES, PROOFS, RECEIPTS, REJECTED, Table, current, history
from schemas import envelope, topics
from schemas.catalog import Catalog, Item

Made = Sequence[tuple[Table, pa.Table]]


@dataclass(frozen=True, slots=True)
class Places:
    """Where each record of a decoded frame stood: partition and offset per record, and when it is being loaded."""

    partitions: pa.Array
    offsets: pa.Array
    loaded_at: datetime

    def columns(self) -> dict[str, pa.Array]:
        moment = pa.scalar(self.loaded_at, pa.timestamp("ms", "UTC"))
        return {"_partition": self.partitions, "_offset": self.offsets, "_loaded_at": pa.repeat(moment, len(self.offsets))}

    def take(self, at: pa.Array) -> "Places":
        return Places(self.partitions.take(at), self.offsets.take(at), self.loaded_at)


@dataclass(frozen=True, slots=True)
class Stream:
    """One topic: its newest schema, its tables in the order of insertion (the witness last), and how records become rows.

    ``item`` where a table is shared by items.
    """

    topic: str
    schema: Mapping[str, Any]
    tables: tuple[Table, ...]
    make: Callable[[pa.Table, Places], Made]
    item: str | None = None

    @property
    def witness(self) -> Table:
        return self.tables[-1]


def streams(catalog: Catalog) -> dict[str, Stream]:
    """All topics the sink reads, by name."""
    found = [
        Stream(topics.RECEIPTS, envelope.RECEIPT, (ECHOES, RECEIPTS), receipts),
        Stream(topics.BATCHES, envelope.CHUNK, (BATCHES,), batches),
        Stream(topics.DECLARATIONS, envelope.DECLARATION, (DECLARATIONS,), declarations),
        Stream(topics.PROOFS, envelope.PROOF, (PROOFS,), proofs),
    ]
    for item in catalog.values():
        found += [_accepted(item), Stream(topics.rejected(item.code), envelope.REJECTION, (REJECTED,), rejected, item.code)]
    return {stream.topic: stream for stream in found}


def _accepted(item: Item) -> Stream:
    now, ever = current(item), history(item)
    return Stream(topics.accepted(item.code), envelope.acceptance(item), (now, ever), lambda frame, places: accepted(now, ever, frame, places))


def accepted(now: Table, ever: Table, frame: pa.Table, places: Places) -> Made:
    """Acceptances → the same rows for the current table and the history."""
    withdrawn = pc.equal(frame.column("_change"), "withdrawn").cast(pa.uint8())
    rows = _shape(ever, frame, {"_withdrawn": withdrawn, **places.columns()})
    return [(now, rows), (ever, rows)]


def rejected(frame: pa.Table, places: Places) -> Made:
    """Rejections → one row each, the reasons as JSON and as arrays to search in."""
    reasons: list[list[dict[str, Any]]] = [each or [] for each in frame.column("reasons").to_pylist()]
    fields = [_mapping(each) for each in frame.column("fields").to_pylist()]
    computed = {
        "fields": pa.array([_json(each) for each in fields], pa.string()),
        "reasons": pa.array([_json(each) for each in reasons], pa.string()),
        "rules": _each(reasons, "rule"),
        "reason_fields": _each(reasons, "field"),
        "messages": _each(reasons, "message"),
        "_raw": pa.array([None if raw is None else base64.b64encode(raw).decode() for raw in frame.column("raw").to_pylist()], pa.string()),
    }
    return [(REJECTED, _shape(REJECTED, frame, {**computed, **places.columns()}))]


def receipts(frame: pa.Table, places: Places) -> Made:
    """Receipts → their echoes, one row each, and the receipts themselves."""
    lists = frame.column("echoes").combine_chunks()
    of = pc.list_parent_indices(lists)
    each = pc.list_flatten(lists)
    inner = {f.name: pc.struct_field(each, f.name) for f in each.type}
    outer = {name: frame.column(name).take(of) for name in ("batch", "source", "department", "way", "item", "received_to", "judged_at")}
    echoes = _shape(ECHOES, pa.table({**outer, **inner}), places.take(of).columns())
    return [(ECHOES, echoes), (RECEIPTS, _shape(RECEIPTS, frame, places.columns()))]


def batches(frame: pa.Table, places: Places) -> Made:
    """Chunks → the said leg."""
    return [(BATCHES, _shape(BATCHES, frame, {"last": frame.column("last").cast(pa.uint8()), **places.columns()}))]


def declarations(frame: pa.Table, places: Places) -> Made:
    """Declarations, one row each; those about no item have a blank one."""
    return [(DECLARATIONS, _shape(DECLARATIONS, frame, {"item": pc.fill_null(frame.column("item"), ""), **places.columns()}))]


def proofs(frame: pa.Table, places: Places) -> Made:
    """Comparisons of tapped tables with the warehouse, one row each."""
    return [(PROOFS, _shape(PROOFS, frame, places.columns()))]


def _shape(table: Table, frame: pa.Table, computed: Mapping[str, pa.Array]) -> pa.Table:
    """The declared columns in their order and types; a nullable one that the writer did not know yet is null."""
    columns = []
    for field in table.schema():
        if field.name in computed:
            column = computed[field.name]
        elif field.name in frame.column_names:
            column = frame.column(field.name)
        elif field.nullable:
            column = pa.nulls(frame.num_rows, field.type)
        else:
            raise ValueError(f"records for table {table.name} lack {field.name}")
        columns.append(column if column.type == field.type else column.cast(field.type))
    return pa.table(columns, names=[field.name for field in table.schema()])


def _mapping(value: Any) -> dict[str, Any]:
    """A decoded map: a dict already, or pairs, or structs of key and value."""
    if value is None or isinstance(value, dict):
        return value or {}
    return {(e["key"] if isinstance(e, dict) else e[0]): (e["value"] if isinstance(e, dict) else e[1]) for e in value}


def _each(reasons: Sequence[Sequence[Mapping[str, Any]]], name: str) -> pa.Array:
    return pa.array([[str(reason.get(name) or "") for reason in row] for row in reasons], pa.list_(pa.string()))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
