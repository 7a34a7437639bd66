"""Confluent's wire format: byte 0, four bytes schema id, Avro. Records with fastavro, whole batches in columns with pyruhvro; both give the same bytes.

A batch may mix schema ids. What cannot be read is returned by its index with the reason, never raised; what cannot be *asked* (the registry is down) is raised, never called poison.
Leniencies of pyruhvro are closed here: it reads text that is not UTF-8, passes over bytes left behind a record, and writes a null inside a list as an empty text.
"""

import io
import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import fastavro
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyruhvro
from fastavro.read import SchemaResolutionError

from schemas import columnar, envelope

Schema = Mapping[str, Any]
# Schema by id; LookupError = there is certainly none (poison), anything else is passed on.
SchemaOf = Callable[[int], Schema]
Values = Sequence[bytes | None]
_UNREADABLE = (ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error, MemoryError, SchemaResolutionError)
_NAIVE, _UTC = pa.timestamp("ms"), pa.timestamp("ms", "UTC")


class Poison(ValueError):
    """A value that no schema reads; says why."""


@dataclass(frozen=True)
class Records:
    """What was read: ``records[n]`` stood at ``places[n]``; the others are in ``poison``, place → reason."""

    records: list[dict[str, Any]]
    places: list[int]
    poison: dict[int, str]


@dataclass(frozen=True)
class Columns:
    """What was read: row n of ``table`` stood at ``places[n]``, ascending; the others are in ``poison``, place → reason."""

    table: pa.Table
    places: list[int]
    poison: dict[int, str]

    @property
    def frame(self) -> pl.DataFrame:
        found = pl.from_arrow(self.table)
        assert isinstance(found, pl.DataFrame)
        return found


def header(schema_id: int) -> bytes:
    return struct.pack(">bI", 0, schema_id)


def schema_id(value: bytes | None) -> int:
    """The id a value names. Raises Poison when there is no value or no header."""
    if value is None:
        raise Poison("no value")
    if len(value) < 5 or value[0] != 0:
        raise Poison("not in the wire format: byte 0 and a schema id are missing")
    return int.from_bytes(value[1:5])


def encode(schema: Schema, schema_id: int, records: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Each record as wire bytes. Raises ValueError or TypeError when one does not fit: a fault of ours."""
    parsed, head = _parsed(_text(schema)), header(schema_id)
    return [head + _write(parsed, record) for record in records]


def decode_one(value: bytes | None, schema_of: SchemaOf, reader: Schema | None = None) -> dict[str, Any]:
    """One record, times as aware datetimes in UTC; with ``reader``, in that schema's shape. Raises Poison, and what ``schema_of`` raises besides LookupError."""
    number = schema_id(value)
    assert value is not None
    return _read(value, _known(number, schema_of), reader)


def decode(values: Values, schema_of: SchemaOf, reader: Schema | None = None) -> Records:
    """Many records of mixed schemas, in their order."""
    found = Records([], [], {})
    for place, value in enumerate(values):
        try:
            found.records.append(decode_one(value, schema_of, reader))
            found.places.append(place)
        except Poison as fault:
            found.poison[place] = str(fault)
    return found


def encode_frame(schema: Schema, schema_id: int, frame: pl.DataFrame | pa.Table) -> list[bytes]:
    """The rows of a frame as wire bytes; columns by name, a nullable one may be missing. Raises ValueError when the frame does not fit.

    For schemas without maps and bytes."""
    text = _text(schema)
    table = frame.to_arrow() if isinstance(frame, pl.DataFrame) else frame
    if not table.num_rows:
        return []
    (batch,) = _shaped(table, _arrow(text, _NAIVE), schema).combine_chunks().to_batches()
    return _written(batch, schema, header(schema_id))


def decode_frame(values: Values, schema_of: SchemaOf, reader: Schema) -> Columns:
    """Many values of mixed schemas as columns in the shape of ``reader`` (the newest schema): columns a writer did not know are null or the default."""
    groups, poison = grouped(values)
    tables, places = [], list[int]()
    for number, members in groups.items():
        try:
            table, good, bad = _group(members, [value for place in members if (value := values[place]) is not None], _known(number, schema_of))
            shaped = _shaped(table, _arrow(_text(reader), _UTC), reader)
        except Poison as fault:
            poison |= dict.fromkeys(members, str(fault))
            continue
        except (ValueError, pa.ArrowException) as fault:  # written with another record's schema
            poison |= dict.fromkeys(members, f"schema {number} does not fit the reader's: {fault}"[:300])
            continue
        poison |= bad
        tables.append(shaped)
        places += good
    if not tables:
        return Columns(_arrow(_text(reader), _UTC).empty_table(), [], poison)
    table = pa.concat_tables(tables)
    if len(tables) > 1:
        order = sorted(range(len(places)), key=places.__getitem__)
        table, places = table.take(order), [places[n] for n in order]
    return Columns(table, places, poison)


def grouped(values: Values) -> tuple[dict[int, list[int]], dict[int, str]]:
    """Places by schema id, and the places of values that name none, with the reason."""
    groups, poison = dict[int, list[int]](), dict[int, str]()
    heads = {value[:5] if value is not None else None for value in values}
    if len(heads) == 1 and (head := heads.pop()) is not None and len(head) == 5 and head[0] == 0:
        return {schema_id(head): list(range(len(values)))}, {}
    for place, value in enumerate(values):
        try:
            groups.setdefault(schema_id(value), []).append(place)
        except Poison as fault:
            poison[place] = str(fault)
    return groups, poison


def encode_states(schema_id: int, states: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """State records as wire bytes, in columns (3.5 times fastavro, measured)."""
    if not states:
        return []
    batch = pa.RecordBatch.from_pylist(list(states), schema=_arrow(_text(envelope.STATE), _NAIVE))
    return _written(batch, envelope.STATE, header(schema_id))


def decode_states(values: Values, schema_of: SchemaOf) -> Records:
    """State records as dicts, read in columns."""
    found = decode_frame(values, schema_of, envelope.STATE)
    return Records(found.table.to_pylist(), found.places, found.poison)


def _known(number: int, schema_of: SchemaOf) -> Schema:
    try:
        return schema_of(number)
    except LookupError as fault:
        raise Poison(f"schema {number} is not known") from fault


def _write(parsed: Any, record: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, parsed, record)
    return out.getvalue()


def _read(value: bytes, writer: Schema, reader: Schema | None = None) -> dict[str, Any]:
    rest = io.BytesIO(value)
    rest.seek(5)
    try:
        record = fastavro.schemaless_reader(rest, _parsed(_text(writer)), _parsed(_text(reader)) if reader is not None else None)
    except _UNREADABLE as fault:
        raise Poison(f"does not fit its schema: {type(fault).__name__}: {fault}"[:300]) from fault
    if rest.tell() != len(value):
        raise Poison(f"does not fit its schema: {len(value) - rest.tell()} bytes are left over")
    assert isinstance(record, dict)
    return record


def _group(places: list[int], values: Sequence[bytes], writer: Schema) -> tuple[pa.Table, list[int], dict[int, str]]:
    """Values of one schema: in columns when all are good, else the bad ones are found one by one."""
    text = _text(writer)
    batch = _columns([value[5:] for value in values], text)
    if batch is not None:
        return pa.Table.from_batches([batch]), places, {}
    records, good, poison = [], list[tuple[int, bytes]](), dict[int, str]()
    for place, value in zip(places, values, strict=True):
        try:
            records.append(_read(value, writer))
            good.append((place, value))
        except Poison as fault:
            poison[place] = str(fault)
    batch = _columns([value[5:] for _, value in good], text) if good else None
    table = pa.Table.from_pylist(records, schema=_arrow(text, _UTC)) if batch is None else pa.Table.from_batches([batch])
    return table, [place for place, _ in good], poison


def _columns(payloads: list[bytes], text: str) -> pa.RecordBatch | None:
    """None when columns cannot hold the schema or one of the payloads is bad."""
    form = columnar.form(text)
    if form is None:
        return None
    try:
        batch = pyruhvro.deserialize_array_threaded(payloads, form, 1)[0]
        batch.validate(full=True)
        again = pyruhvro.serialize_record_batch(batch, form, 1)
    except (ValueError, pa.ArrowException):
        return None
    read = sum(pc.sum(pc.binary_length(array)).as_py() or 0 for array in again)
    return columnar.restored(batch, text) if read == sum(map(len, payloads)) else None


def _written(batch: pa.RecordBatch, schema: Schema, head: bytes) -> list[bytes]:
    for field, column in zip(schema["fields"], batch.columns, strict=True):
        _refuse_nulls(column, field["type"], field["name"])
    return [head + value for array in pyruhvro.serialize_record_batch(batch, _text(schema), 1) for value in array.to_pylist()]


def _refuse_nulls(column: pa.Array, kind: Any, place: str) -> None:
    """Raises ValueError where a null stands and none may: pyruhvro writes an empty text or 0 for one inside a list or record."""
    if isinstance(kind, list):
        column, kind = column.drop_null(), next(each for each in kind if each != "null")
    if column.null_count:
        raise ValueError(f"{place} holds a null")
    if isinstance(kind, dict) and kind["type"] == "array":
        _refuse_nulls(column.flatten(), kind["items"], place)
    if isinstance(kind, dict) and kind["type"] == "record":
        for number, field in enumerate(kind["fields"]):
            _refuse_nulls(column.field(number), field["type"], f"{place}.{field['name']}")


def _shaped(table: pa.Table, target: pa.Schema, schema: Schema) -> pa.Table:
    """The table with exactly the target's columns and types. Raises ValueError when a column without a default is missing or a type does not fit."""
    defaults = {field["name"]: field["default"] for field in schema["fields"] if "default" in field}
    columns = []
    for field in target:
        if field.name in table.column_names:
            column = table.column(field.name)
            columns.append(column if column.type == field.type else column.cast(field.type))
        elif field.name not in defaults:
            raise ValueError(f"column {field.name} is missing")
        else:
            columns.append(pa.chunked_array([pa.repeat(pa.scalar(defaults[field.name], field.type), table.num_rows)]))
    return pa.table(columns, schema=target)


def _text(schema: Schema) -> str:
    """The schema as JSON, remembered per object: hot paths pass the same dict again and again, and nobody changes one."""
    known = _TEXTS.get(id(schema))
    if known is None or known[0] is not schema:
        if len(_TEXTS) > 1000:
            _TEXTS.clear()
        known = _TEXTS[id(schema)] = (schema, json.dumps(schema, ensure_ascii=False))
    return known[1]


_TEXTS: dict[int, tuple[Schema, str]] = {}


@lru_cache(1000)
def _parsed(text: str) -> Any:
    return fastavro.parse_schema(json.loads(text))


@lru_cache(1000)
def _arrow(text: str, moment: pa.DataType) -> pa.Schema:
    """The columns of a schema; times (top level) as ``moment``: pyruhvro writes them naive, readers get UTC."""
    fields = pyruhvro.avro_to_arrow_schema(text)
    return pa.schema([field.with_type(moment) if field.type == _NAIVE else field for field in fields])
