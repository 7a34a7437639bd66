"""A polled table's events in the form in which Debezium writes those of a followed one: key, `before`, `after`, `source`, `op`. Pure.

Every value is the text that `connectors.sweep.scan` makes of it; so no column has a type of its own to be read by. `source` has `poll` and `row`: the number of the poll, and of the event in it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.poll.comparison import Change
from schemas.sources import Source, Table
from schemas.topics import NONE, THIRTY_DAYS, Topic, subject

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*")


@dataclass(frozen=True)
class Keys(Topic):
    """The topic's keys as a subject of their own."""

    @property
    def subject(self) -> str:
        return subject(self.name).removesuffix("-value") + "-key"


@dataclass(frozen=True)
class Form:
    """The two schemas of a table: ``keys`` are the columns of its primary key, in their order; of the row there is what the mapping reads."""

    table: Table
    keys: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        return sorted(self.table.needed)

    @property
    def key(self) -> dict[str, Any]:
        fields = [{"name": avro_name(name), "type": "string"} for name in self.keys]
        return {"type": "record", "name": "Key", "namespace": self._namespace, "fields": fields}

    @property
    def value(self) -> dict[str, Any]:
        row = {"type": "record", "name": "Value", "fields": [_maybe(avro_name(name)) for name in self.columns]}
        fields = [_maybe("before", row), _maybe("after", "Value"), {"name": "source", "type": _SOURCE}, {"name": "op", "type": "string"}, _maybe("ts_ms", "long")]
        return {"type": "record", "name": "Envelope", "namespace": self._namespace, "fields": fields}

    @property
    def _namespace(self) -> str:
        return f"{self.table.source}.{self.table.name}"

    @property
    def topics(self) -> list[Topic]:
        """What is registered: any change of the table's columns is let in."""
        kinds: list[tuple[type[Topic], dict[str, Any]]] = [(Keys, self.key), (Topic, self.value)]
        return [kind(self.table.topic, retention_ms=THIRTY_DAYS, compatibility=NONE, schema=schema) for kind, schema in kinds]


def _maybe(name: str, kind: Any = "string") -> dict[str, Any]:
    return {"name": name, "type": ["null", kind], "default": None}


_SOURCE = {
    "type": "record",
    "name": "Source",
    "fields": [
        *({"name": name, "type": "string"} for name in ("connector", "name", "db", "table", "snapshot")),
        *({"name": name, "type": "long"} for name in ("ts_ms", "poll", "row")),
    ],
}


def avro_name(column: str) -> str:
    """A column's name as Debezium writes it (`avro_unicode`): whatever Avro does not allow, and the underscore, as `_uXXXX`, a UTF-16 unit each."""
    if _PLAIN.fullmatch(column):
        return column
    units = column.encode("utf-16-be", "surrogatepass")
    pairs = [int.from_bytes(units[n : n + 2]) for n in range(0, len(units), 2)]
    plain = [unit < 128 and chr(unit).isalnum() and (n > 0 or not chr(unit).isdigit()) for n, unit in enumerate(pairs)]
    return "".join(chr(unit) if fits else f"_u{unit:04x}" for unit, fits in zip(pairs, plain, strict=True))


@dataclass(frozen=True)
class Numbered:
    """A batch of changes with its place: the first of them is event ``first`` of poll ``poll``, which began at ``at`` (epoch milliseconds)."""

    poll: int
    first: int
    at: int
    changes: Sequence[Change]


def keys(form: Form, changes: Iterable[Change]) -> list[dict[str, Any]]:
    names = [avro_name(name) for name in form.keys]
    return [dict(zip(names, json.loads(change.key), strict=True)) for change in changes]


def values(form: Form, source: Source, batch: Numbered) -> list[dict[str, Any]]:
    """The envelopes of a batch."""
    names = {name: avro_name(name) for name in form.columns}
    place = {"connector": "poll", "name": source.name, "db": source.database.name, "table": form.table.short, "ts_ms": batch.at, "poll": batch.poll}
    return [
        {
            "before": _row(names, change.before),
            "after": _row(names, change.after),
            "source": place | {"snapshot": change.mark, "row": batch.first + number},
            "op": change.op,
            "ts_ms": batch.at,
        }
        for number, change in enumerate(batch.changes)
    ]


def _row(names: Mapping[str, str], image: str | None) -> dict[str, str | None] | None:
    """A row of an earlier form has columns that are read no more, and lacks those that came since."""
    if image is None:
        return None
    said = json.loads(image)
    return {name: said.get(column) for column, name in names.items()}
