"""A submission's rows as the records that go to Kafka: key and value bytes, made once, when they are taken in."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from schemas.catalog import Item

from producers import faults
from producers.spool import Cargo, Header
from producers.submission import Row
from schemas import codec, identity

BLOCK = 5_000
MAX_CHARACTERS = 100_000
CUT = 200


@dataclass(frozen=True)
class Form:
    """What a row of one item is written with: its wire schema and that schema's id, the catalogue's version, the secret for personal
    parts of keys.
    """

    item: Item
    schema: Mapping[str, Any]
    schema_id: int
    catalogue: str
    secret: bytes


def cargo(form: Form, header: Header, rows: Iterable[Row]) -> Iterator[Cargo]:
    """The rows in order, encoded by blocks of 5,000."""
    rows = iter(rows)
    while block := [_bounded(row) for row in islice(rows, BLOCK)]:
        keys = [key(form, header, row) for row in block]
        values = codec.encode(form.schema, form.schema_id, [record(form, header, row) for row in block])
        yield from (Cargo(row.line, name.encode(), value) for row, name, value in zip(block, keys, values, strict=True))


def key(form: Form, header: Header, row: Row) -> str:
    """The record's identity; source and line when its key fields are incomplete."""
    complete = identity.key(form.item, header.department, row.fields, form.secret)
    return complete or identity.incomplete(form.item, header.source, f"{row.line}@{header.batch}")


def record(form: Form, header: Header, row: Row) -> dict[str, Any]:
    """The Submission record of a row. Excel, form, API: the source's time is the time of receipt."""
    said = json.dumps(list(row.faults), ensure_ascii=False) if row.faults else None
    envelope = {
        "_source": header.source,
        "_department": header.department,
        "_way": header.way,
        "_batch": header.batch,
        "_line": row.line,
        "_row": None,
        "_ref": row.ref,
        "_position": None,
        "_operation": row.operation,
        "_source_time": header.received_at,
        "_received_at": header.received_at,
        "_catalogue": form.catalogue,
        "_origin": None,
        "_faults": said,
    }
    return envelope | {field.name: row.fields.get(field.name) for field in form.item.fields}


def _bounded(row: Row) -> Row:
    """A record no broker would take is cut short and says so: one monstrous row must not stop its batch."""
    if sum(len(value) for value in row.fields.values() if value) <= MAX_CHARACTERS:
        return row
    cut = {name: value if value is None else value[:CUT] for name, value in row.fields.items()}
    return Row(row.line, cut, row.operation, row.ref, [*row.faults, faults.monstrous(MAX_CHARACTERS, CUT)])
