"""The warehouse's tables as values: what the contract says of them, for every item, before any dialect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from schemas.catalog import Catalog, Item
from schemas.envelope import COUNTS

TEXT, NAME, DATE, MOMENT, CLOCK, INTEGER, FLAG, TEXTS = "text", "name", "date", "moment", "clock", "integer", "flag", "texts"
ARROW: Mapping[str, pa.DataType] = {
    TEXT: pa.string(), NAME: pa.string(), DATE: pa.date32(), MOMENT: pa.timestamp("ms", "UTC"), CLOCK: pa.timestamp("ms", "UTC"),
    INTEGER: pa.int64(), FLAG: pa.uint8(), TEXTS: pa.list_(pa.string()),
}  # fmt: skip
FIELD_KINDS = {"string": TEXT, "decimal-text": TEXT, "date": DATE, "timestamp-millis": MOMENT, "long": INTEGER}


@dataclass(frozen=True, slots=True)
class Column:
    """``kind``: TEXT, NAME (text of few values), DATE, MOMENT (a source's time, of any century), CLOCK (our own time), INTEGER, FLAG, TEXTS."""

    name: str
    kind: str
    nullable: bool = False
    place: bool = False  # names an offset or a version: grows steadily, is searched by range


@dataclass(frozen=True, slots=True)
class Table:
    """A ReplacingMergeTree; ``version`` names the column by which the newest row of a key stays (None: any, they are equal)."""

    name: str
    order: tuple[str, ...]
    columns: tuple[Column, ...]
    version: str | None = None

    def schema(self) -> pa.Schema:
        """The Arrow form of its rows before a server's dialect."""
        return pa.schema([pa.field(column.name, ARROW[column.kind], column.nullable) for column in self.columns])


def _texts(*names: str, nullable: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, TEXT, nullable) for name in names)


def _names(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, NAME) for name in names)


def _integers(*names: str, nullable: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, INTEGER, nullable) for name in names)


def _clocks(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, CLOCK) for name in names)


ENVELOPE = (
    *_names("_source", "_department", "_way"), *_texts("_batch"), *_integers("_line"), *_texts("_row", "_ref", "_position", nullable=True),
    *_names("_operation"), Column("_source_time", MOMENT, nullable=True), *_clocks("_received_at"), *_names("_catalogue"), *_texts("_origin", nullable=True),
)  # fmt: skip
PLACE = (Column("_partition", INTEGER), Column("_offset", INTEGER, place=True), Column("_loaded_at", CLOCK))

REJECTED = Table(
    "rejected",
    ("_item", "_partition", "_offset"),
    (
        *ENVELOPE, *_names("_item"), *_texts("_key", "_fingerprint"), *_clocks("_judged_at"), *_names("_by"), *_texts("fields"),
        Column("rules", TEXTS), Column("reason_fields", TEXTS), Column("messages", TEXTS), *_texts("reasons"), *_texts("_raw", nullable=True), *PLACE,
    ),
)  # fmt: skip
RECEIPTS = Table(
    "receipts",
    ("_partition", "_offset"),
    (
        *_texts("batch"), *_names("source", "department", "way", "item"),
        *_integers("partition", "first_offset", "last_offset", "accepted", "duplicate", "superseded", "rejected", "excluded"),
        *_clocks("received_from", "received_to", "judged_at"), *_names("by"), *_integers("bytes", nullable=True), *PLACE,
    ),
)  # fmt: skip
ECHOES = Table(
    "echoes",
    ("batch", "line", "operation", "_partition", "_offset"),
    (
        *_texts("batch"), *_names("source", "department", "way", "item"), *_integers("line"), *_names("outcome"), *_texts("key"),
        *_texts("row", "ref", nullable=True), *_names("operation"), *_integers("stands", nullable=True), *_texts("fingerprint", nullable=True),
        *_clocks("received_to", "judged_at"), *PLACE,
    ),
)  # fmt: skip
BATCHES = Table(
    "batches",
    ("batch", "chunk"),
    (
        *_texts("batch"), *_names("source", "department", "way", "item"), *_integers("chunk", "first_line", "rows"), *_integers("total", nullable=True),
        Column("last", FLAG), *_texts("digest", "idempotency_key", "name", "by", nullable=True), *_clocks("received_at", "published_at"),
        *_integers("events", "outside", "housekeeping", "unreadable", "splits"), *PLACE,
    ),
    version="published_at",
)  # fmt: skip
# A declaration that was published twice has the same id and counts once.
DECLARATIONS = Table(
    "declarations",
    ("kind", "department", "item", "id"),
    (*_texts("id"), *_names("kind", "department", "item"), *_integers("version"), *_texts("about", "by"), *_clocks("declared_at"), *PLACE),
)
# What a comparison of a tapped table with the warehouse found.
PROOFS = Table(
    "proofs",
    ("source", "_partition", "_offset"),
    (
        *_names("source", "table", "item", "department"), *_clocks("began", "ended"), *_texts("position", nullable=True), *_integers(*COUNTS),
        *_names("verdict"), *_texts("why", nullable=True), *PLACE,
    ),
)  # fmt: skip
UNLOADABLE = Table(
    "unloadable",
    ("topic", "_partition", "_offset"),
    (*_names("topic"), *_texts("why", "raw"), *PLACE),
)
TOPICS = Table("topics", ("topic",), (*_texts("topic", "topic_id"), *_clocks("seen_at")), version="seen_at")
# Whose names and codes (subjects), and which record is about whom: made from the items' tables, and made anew from them when truncated.
SUBJECT_NAMES = Table(
    "subject_names",
    ("value", "kind", "item", "key"),
    (*_texts("value"), *_names("kind", "item"), *_texts("key"), Column("_version", INTEGER, place=True), *_integers("_partition"), Column("_offset", INTEGER, place=True)),
    version="_version",
)
LINKS = Table(
    "links",
    ("item", "key"),
    (
        *_names("item"), *_texts("key"), Column("_version", INTEGER, place=True), *_names("department"), *_texts("code", "regno", "orgcode", "name"),
        Column("person", FLAG), Column("standing", FLAG), *_texts("subject"), *_names("register", "by", "place"), *_integers("_partition"),
        Column("_offset", INTEGER, place=True),
    ),
    version="_version",
)  # fmt: skip
FIXED = (REJECTED, RECEIPTS, ECHOES, BATCHES, DECLARATIONS, PROOFS, UNLOADABLE, TOPICS, SUBJECT_NAMES, LINKS)


def current(item: Item) -> Table:
    """The item's newest versions: ask with FINAL and ``_withdrawn = 0``."""
    return Table(item.code, ("_key",), _item_columns(item), version="_version")


def history(item: Item) -> Table:
    """Every version of the item's records."""
    return Table(f"{item.code}_history", ("_key", "_version"), _item_columns(item), version="_version")


def of(catalog: Catalog) -> Iterator[Table]:
    """All tables of a catalogue."""
    for item in catalog.values():
        yield current(item)
        yield history(item)
    yield from FIXED


def _item_columns(item: Item) -> tuple[Column, ...]:
    return (
        *ENVELOPE, *_texts("_key"), Column("_version", INTEGER, place=True), *_texts("_fingerprint"), *_names("_change"), *_texts("_warnings", nullable=True),
        *_clocks("_judged_at"), *(Column(field.name, FIELD_KINDS[field.kind], nullable=True) for field in item.fields), Column("_withdrawn", FLAG), *PLACE,
    )  # fmt: skip
