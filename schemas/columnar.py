"""Schemas as pyruhvro takes them, which panics on maps and bytes. On the wire a map is an array of pairs, and bytes are written as text is: a schema that says so has the same bytes."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pyarrow as pa

_PAIR = {"type": "record", "name": "Pair", "fields": [{"name": "key", "type": "string"}]}


@lru_cache(1000)
def form(text: str) -> str | None:
    """The schema in that form, itself where it needs none; None where a map or bytes stand deeper than in a field of the record. JSON in, JSON out."""
    schema = json.loads(text)
    fields = [{**field, "type": _swapped(field["type"])} for field in schema["fields"]]
    if any(_holds_map_or_bytes(field["type"]) for field in fields):
        return None
    changed = any(old["type"] != new["type"] for old, new in zip(schema["fields"], fields, strict=True))
    return json.dumps({**schema, "fields": fields}, ensure_ascii=False) if changed else text


def restored(batch: pa.RecordBatch, text: str) -> pa.RecordBatch:
    """Columns read by `form` as the schema itself says: maps and bytes."""
    for name, restore in _changes(text):
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, name, restore(batch.column(place)))
    return batch


@lru_cache(1000)
def _changes(text: str) -> list[tuple[str, Callable[[pa.Array], pa.Array]]]:
    kinds = [(field["name"], _plain(field["type"])) for field in json.loads(text)["fields"]]
    return [(name, _map) if _is_map(kind) else (name, _bytes) for name, kind in kinds if _is_map(kind) or kind == "bytes"]


def _map(pairs: pa.ListArray) -> pa.MapArray:
    entries = pairs.values
    return pa.MapArray.from_arrays(pairs.offsets, entries.field("key"), entries.field("value"))


def _bytes(said: pa.Array) -> pa.Array:
    return said.cast(pa.binary())


def _swapped(kind: Any) -> Any:
    if isinstance(kind, list):
        return [_swapped(each) for each in kind] if not any(map(_is_map, kind)) else kind
    if _is_map(kind):
        return {"type": "array", "items": {**_PAIR, "fields": [*_PAIR["fields"], {"name": "value", "type": kind["values"]}]}}
    return "string" if kind == "bytes" else kind


def _plain(kind: Any) -> Any:
    """What it is when it is not null."""
    return next(each for each in kind if each != "null") if isinstance(kind, list) else kind


def _is_map(kind: Any) -> bool:
    return isinstance(kind, dict) and kind["type"] == "map"


def _holds_map_or_bytes(kind: Any) -> bool:
    if isinstance(kind, str):
        return kind == "bytes"
    if isinstance(kind, list):
        return any(map(_holds_map_or_bytes, kind))
    if kind["type"] == "record":
        return any(_holds_map_or_bytes(field["type"]) for field in kind["fields"])
    if kind["type"] == "array":
        return _holds_map_or_bytes(kind["items"])
    return kind["type"] in ("map", "bytes", "fixed") or (not isinstance(kind["type"], str) and _holds_map_or_bytes(kind["type"]))


__all__ = ["form", "restored"]
