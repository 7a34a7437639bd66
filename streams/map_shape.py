"""What a tapped table's columns are, and whether a change of them leaves the text of its values as it was. Pure.

Debezium tells each column's declared type, length and scale (`column.propagate.source.type`). A column that nothing is mapped from may change as it likes; one more is noted. A mapped one must be
there and must not have become narrower or of another family: databases convert the rows that stand there without a change event for any of them (ALTER TABLE), so what was captured before no
longer is what the table says, and what comes from now on means something else.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from streams.map_feed import Feed, Held

_ESCAPE = re.compile(r"_u([0-9a-f]{4})")
_UNLIMITED = 131089
_PARAMETER = "__debezium.source.column."
_TIME = "io.debezium.time."
# Type names of both databases, without brackets and UNSIGNED, by what their values look like as text.
_FAMILIES = {
    "text": "CHAR BPCHAR VARCHAR TEXT TINYTEXT MEDIUMTEXT LONGTEXT NCHAR NVARCHAR NAME CITEXT ENUM SET JSON JSONB UUID XML INET INET4 INET6",
    "whole": "TINYINT SMALLINT INT2 SMALLSERIAL MEDIUMINT INT INTEGER INT4 SERIAL BIGINT INT8 BIGSERIAL",
    "decimal": "NUMERIC DECIMAL DEC FIXED",
    "float": "FLOAT FLOAT4 REAL DOUBLE FLOAT8",
    "moment": "TIMESTAMP DATETIME",
    "zoned": "TIMESTAMPTZ",
}
_FAMILY = {name: family for family, names in _FAMILIES.items() for name in names.split()}
_BITS = {"TINYINT": 8, "SMALLINT": 16, "INT2": 16, "SMALLSERIAL": 16, "MEDIUMINT": 24, "BIGINT": 64, "INT8": 64, "BIGSERIAL": 64, "FLOAT8": 64, "DOUBLE": 64}
# What a family may become and still say the same: every old text is a text of the new one, too.
_WIDENS = {"whole": {"decimal", "text"}, "decimal": {"text"}, "float": {"text"}, "uuid": {"text"}}


@dataclass(frozen=True)
class Column:
    """``kind``: the Connect type's name; ``declared``: the database's name of its type in capitals, "" where it was not told; ``length`` and ``scale`` as declared there."""

    kind: str | None
    declared: str = ""
    length: int | None = None
    scale: int | None = None

    def __str__(self) -> str:
        told = (self.length, self.scale if self.scale or self.family == "decimal" else None)
        size = ",".join(str(each) for each in told if each is not None)
        return (self.declared or self.kind or "text").lower() + (f"({size})" if size else "")

    @property
    def family(self) -> str:
        base = self.declared.split("(")[0].split(" ")[0]
        if base == "TIMESTAMP" and self.kind == f"{_TIME}ZonedTimestamp":  # MariaDB's is a point in time
            return "zoned"
        return _FAMILY.get(base, base or str(self.kind))

    @property
    def bits(self) -> int:
        return _BITS.get(self.declared.split("(")[0].split(" ")[0], 32)


def columns(envelope: Mapping[str, Any]) -> dict[str, Column]:
    """A table's columns by name, out of an envelope's schema; empty where it is none."""
    kinds = {field["name"]: field["type"] for field in envelope.get("fields", ())}
    for side in ("before", "after"):
        for kind in _options(kinds.get(side)):
            if isinstance(kind, dict) and kind.get("type") == "record":
                return {column_name(field["name"]): _column(field["type"]) for field in kind["fields"]}
    return {}


def kinds_of(record: Mapping[str, Any]) -> dict[str, str | None]:
    """A record's columns by name, each with its Connect type's name."""
    return {column_name(field["name"]): _column(field["type"]).kind for field in record["fields"]}


def column_name(name: str) -> str:
    """The column's own name, out of one that Avro allows: `_uXXXX` stands for a UTF-16 unit, the underscore's own included."""
    if "_u" not in name:
        return name
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), name).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def narrowed(old: Mapping[str, Column], new: Mapping[str, Column], needed: Iterable[str]) -> list[str]:
    """Each needed column whose text no longer means the same: `name: from → to`."""
    return [f"{name}: {old[name]} → {new[name]}" for name in sorted(needed) if name in old and name in new and not _says_the_same(old[name], new[name])]


def added(old: Mapping[str, Column], new: Mapping[str, Column]) -> list[str]:
    """Columns that are new, with their types."""
    return [f"{name} {column}" for name, column in new.items() if name not in old]


def lacking(feed: Feed, offset: int, missing: Sequence[str]) -> Held:
    """Mapped columns that are gone."""
    names = ", ".join(missing)
    return Held(
        offset,
        f"{feed.topic}: the table has no column {names} any more, which the mapping reads. Correct the source's file: map takes it as soon as it is saved; the events wait.",
        f"表中已没有归集用到的列 {names}（删除或改名），这张表暂停归集，已收到的变更都在等待，不会丢失。请告知归集方新的列名；恢复前请不要再改动这张表的结构。",
    )


def meaning_other(feed: Feed, offset: int, narrower: Sequence[str]) -> Held:
    """Mapped columns whose type changed so that their text no longer means the same."""
    what = "; ".join(narrower)
    return Held(
        offset,
        f"{feed.topic}: mapped columns changed their type ({what}). The database has converted the rows that stand in the table without telling of it. Correct the source's file (a comment that says "
        f"why it is right is enough): map takes it as soon as it is saved; the events wait. Then have the table read anew (guiji connectors snapshot {feed.source.partition('.')[0]}).",
        f"归集用到的列改了类型（{what}），原有的数据可能已被数据库改写，这张表暂停归集，已收到的变更都在等待，不会丢失。请告知归集方改动的原因和新旧取值的对应关系。",
    )


def _says_the_same(old: Column, new: Column) -> bool:
    if old.family != new.family:
        return new.family in _WIDENS.get(old.family, ())
    if old.family in ("whole", "float"):
        # A sign that goes takes the negative numbers with it; one that comes takes the upper half.
        return new.bits >= old.bits and ("UNSIGNED" in old.declared) == ("UNSIGNED" in new.declared)
    if old.family == "decimal":
        return new.length is None or (old.length is not None and _digits(new) >= _digits(old) and (new.scale or 0) >= (old.scale or 0))
    return (new.length or 0) >= (old.length or 0) if old.length and new.length else True


def _digits(column: Column) -> int:
    """Digits before the point."""
    return (column.length or 0) - (column.scale or 0)


def _column(kind: Any) -> Column:
    about: Mapping[str, Any] = next((each for each in _options(kind) if isinstance(each, dict)), {})
    told = about.get("connect.parameters", {})
    found = Column(about.get("connect.name"), str(told.get(f"{_PARAMETER}type", "")).upper(), _number(told.get(f"{_PARAMETER}length")), _number(told.get(f"{_PARAMETER}scale")))
    # PostgreSQL's numeric without a size: 0 in a snapshot, the largest there is in the stream.
    return replace(found, length=None, scale=None) if found.family == "decimal" and found.length in (0, _UNLIMITED) else found


def _number(text: Any) -> int | None:
    return int(text) if text is not None and str(text).lstrip("-").isdigit() else None


def _options(kind: Any) -> list[Any]:
    return kind if isinstance(kind, list) else [kind]
