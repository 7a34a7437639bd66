"""The wire schemas: plain Avro as dicts, without attributes of ours, the same bytes of JSON for the same catalogue.

Nullable fields have the default null, so a schema may gain one and stay compatible both ways.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Schema = dict[str, Any]
NAMESPACE = "credit"
DATE: Schema = {"type": "int", "logicalType": "date"}
TIMESTAMP: Schema = {"type": "long", "logicalType": "timestamp-millis"}
# Wire form of the catalogue's kinds; decimals travel as their canonical text (not every Avro library knows them).
KINDS: Mapping[str, Any] = {"string": "string", "decimal-text": "string", "date": DATE, "timestamp-millis": TIMESTAMP, "long": "long"}


class Field(Protocol):
    """What is needed of a catalogue's field."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Item(Protocol):
    """What is needed of a catalogue's item."""

    @property
    def code(self) -> str: ...
    @property
    def fields(self) -> Sequence[Field]: ...


def submission(item: Item) -> Schema:
    """What was said, verbatim: the envelope, `_faults`, every field of the item as nullable text."""
    return _record(f"{item.code}_submitted", [*ENVELOPE, _maybe("_faults", "string"), *(_maybe(field.name, "string") for field in item.fields)])


def acceptance(item: Item) -> Schema:
    """What stands, typed: the envelope, the judgement, every field of the item in its wire form, nullable."""
    return _record(f"{item.code}_accepted", [*ENVELOPE, *_JUDGEMENT, *(_maybe(field.name, KINDS[field.kind]) for field in item.fields)])


def arriving(item: Item) -> Schema:
    """What a bulk producer writes to its own `in.` topic: `_operation`, `_ref`, the item's fields as text, all nullable."""
    return _record(f"{item.code}_in", [_maybe(name, "string") for name in ("_operation", "_ref", *(field.name for field in item.fields))])


def swept(item: Item) -> Schema:
    """What is asked beside a table's events, in its `sweep.` topic: `_operation` (upsert, withdraw), the source's row, the place and time it was seen at, the item's fields as text, all nullable."""
    texts = [_maybe(name, "string") for name in ("_operation", "_row", "_position", *(field.name for field in item.fields))]
    return _record(f"{item.code}_sweep", [*texts, _maybe("_source_time", TIMESTAMP)])


def _record(name: str, fields: Sequence[Schema]) -> Schema:
    return {"type": "record", "namespace": NAMESPACE, "name": name, "fields": list(fields)}


def _inner(name: str, fields: Sequence[Schema]) -> Schema:
    """A record inside another, in its namespace: named again there, the registry would hand back a schema that differs from ours."""
    return {"type": "record", "name": name, "fields": list(fields)}


def _field(name: str, kind: Any) -> Schema:
    return {"name": name, "type": kind}


def _maybe(name: str, kind: Any) -> Schema:
    return {"name": name, "type": ["null", kind], "default": None}


def _all(kind: Any, names: str) -> list[Schema]:
    return [_field(name, kind) for name in names.split()]


def _list(name: str, of: Schema) -> Schema:
    return _field(name, {"type": "array", "items": of})


ENVELOPE: Sequence[Schema] = (
    *_all("string", "_source _department _way _batch"),
    _field("_line", "long"),
    *(_maybe(name, "string") for name in ("_row", "_ref", "_position")),
    _field("_operation", "string"),
    _maybe("_source_time", TIMESTAMP),
    _field("_received_at", TIMESTAMP),
    _field("_catalogue", "string"),
    _maybe("_origin", "string"),
)

_JUDGEMENT: Sequence[Schema] = (
    _field("_key", "string"),
    _field("_version", "long"),
    *_all("string", "_fingerprint _change"),
    _maybe("_warnings", "string"),
    _field("_judged_at", TIMESTAMP),
)

REASON = _inner(
    "Reason",
    [
        *_all("string", "rule severity"),
        *(_maybe(name, "string") for name in ("field", "title", "value")),
        *_all("string", "message remedy"),
    ],
)

REJECTION = _record(
    "Rejection",
    [
        *ENVELOPE,
        *_all("string", "_item _key _fingerprint"),
        _field("_judged_at", TIMESTAMP),
        _field("_by", "string"),
        _field("fields", {"type": "map", "values": ["null", "string"]}),
        _list("reasons", REASON),
        _maybe("raw", "bytes"),
    ],
)

ECHO = _inner(
    "Echo",
    [
        _field("line", "long"),
        *_all("string", "outcome key"),
        *(_maybe(name, "string") for name in ("row", "ref")),
        _field("operation", "string"),
        _maybe("stands", "long"),
        _maybe("fingerprint", "string"),
    ],
)

RECEIPT = _record(
    "Receipt",
    [
        *_all("string", "batch source department way item"),
        _field("partition", "int"),
        *_all("long", "first_offset last_offset accepted duplicate superseded rejected excluded"),
        _list("echoes", ECHO),
        *_all(TIMESTAMP, "received_from received_to judged_at"),
        _field("by", "string"),
        _maybe("bytes", "long"),
    ],
)

CHUNK = _record(
    "Chunk",
    [
        *_all("string", "batch source department way item"),
        _field("chunk", "int"),
        *_all("long", "first_line rows"),
        _maybe("total", "long"),
        _field("last", "boolean"),
        *(_maybe(name, "string") for name in ("digest", "idempotency_key", "name", "by")),
        *_all(TIMESTAMP, "received_at published_at"),
        *({"name": name, "type": "long", "default": 0} for name in ("events", "outside", "housekeeping", "unreadable", "splits")),
    ],
)

# What a comparison of a tapped table with the warehouse found: the proof that everything arrived.
COUNTS = ("rows", "outside", "waiting", "equal", "missing", "extra", "different", "superseded", "retracted", "rejected", "excluded", "kept", "moving", "asked")
PROOF = _record(
    "Proof",
    [
        *_all("string", "source table item department"),
        *_all(TIMESTAMP, "began ended"),
        _maybe("position", "string"),
        *({"name": name, "type": "long", "default": 0} for name in COUNTS),
        _field("verdict", "string"),
        _maybe("why", "string"),
    ],
)

# What departments and the office declare and published figures follow: one record a statement, never changed; `about` is JSON, its form told by `kind`.
DECLARATION = _record(
    "Declaration",
    [*_all("string", "id kind department"), _maybe("item", "string"), _field("version", "long"), *_all("string", "about by"), _field("declared_at", TIMESTAMP)],
)

SAYING = _inner(
    "Saying",
    [
        _field("source", "string"),
        _maybe("row", "string"),
        _field("way", "string"),
        *(_maybe(name, "string") for name in ("fingerprint", "position")),
        _field("offset", "long"),
        _maybe("source_time", "long"),
        _field("asserted", "boolean"),
    ],
)

MARK = _inner(
    "Mark",
    [
        *_all("long", "offset"),
        _field("generation", "int"),
        *_all("string", "topic_id cluster_id"),
        _field("partitions", "int"),
    ],
)

STATE = _record(
    "State",
    [
        _field("version", "long"),
        _field("standing", "int"),
        _field("retracted", "boolean"),
        _maybe("fingerprint", "string"),
        _list("sayings", SAYING),
        _maybe("mark", MARK),
    ],
)
