"""Decoded records become the rows of the contract's tables, in an order that makes the last table the witness."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from loaders import rows, table
from loaders.errors import Fatal
from loaders.topics import check
from schemas import catalog as catalogues
from schemas import codec, envelope

NOW = datetime(2017, 9, 1, 1, 2, 3, tzinfo=UTC)
CATALOG = catalogues.load()
STREAMS = rows.streams(CATALOG)


def example(schema: dict[str, Any]) -> dict[str, Any]:
    """One record with every field set."""
    return {field["name"]: value(field["type"], field["name"]) for field in schema["fields"]}


def value(kind: Any, name: str) -> Any:
    if isinstance(kind, list):
        return value(next(each for each in kind if each != "null"), name)
    if isinstance(kind, dict):
        known = {"array": lambda: [example(kind["items"])] * 2, "map": lambda: {"A": "1", "B": None}, "record": lambda: example(kind)}
        if kind["type"] in known:
            return known[kind["type"]]()
        return NOW if kind.get("logicalType") == "timestamp-millis" else NOW.date()
    return {"string": f"文{name}", "long": 7, "int": 3, "boolean": True, "bytes": b"\xff\x00"}[kind]


def decoded(stream: rows.Stream, number: int = 3) -> pa.Table:
    wire = codec.encode(stream.schema, 1, [example(dict(stream.schema))] * number)
    return codec.decode_frame(wire, lambda _: stream.schema, stream.schema).table


def places(number: int = 3) -> rows.Places:
    return rows.Places(pa.array([0] * number, pa.int64()), pa.array(range(number), pa.int64()), NOW)


@pytest.mark.parametrize("stream", STREAMS.values(), ids=lambda stream: stream.topic)
def test_rows_have_the_declared_columns_and_types(stream: rows.Stream) -> None:
    made = stream.make(decoded(stream), places())
    assert [declared for declared, _ in made] == list(stream.tables)
    for declared, found in made:
        assert [(field.name, field.type) for field in found.schema] == [(field.name, field.type) for field in declared.schema()]
        for field in declared.schema():
            assert found.column(field.name).null_count == 0, field.name


def test_a_receipts_echoes_are_exploded_with_its_place() -> None:
    stream = STREAMS["credit.receipts"]
    (_, echoes), (_, receipts) = stream.make(decoded(stream), places())
    assert (echoes.num_rows, receipts.num_rows) == (6, 3)
    assert echoes.column("_offset").to_pylist() == [0, 0, 1, 1, 2, 2]
    assert set(echoes.column("batch").to_pylist()) == {"文batch"}


def test_a_receipt_without_echoes_gives_none() -> None:
    schema = dict(envelope.RECEIPT)
    wire = codec.encode(schema, 1, [example(schema) | {"echoes": []}])
    frame = codec.decode_frame(wire, lambda _: schema, schema).table
    (_, echoes), (_, receipts) = rows.receipts(frame, places(1))
    assert (echoes.num_rows, receipts.num_rows) == (0, 1)


def test_a_rejection_keeps_what_was_said_and_its_raw_bytes() -> None:
    stream = next(stream for topic, stream in STREAMS.items() if topic.endswith(".rejected"))
    ((_, made),) = stream.make(decoded(stream, 1), places(1))
    row = made.to_pylist()[0]
    assert json.loads(row["fields"]) == {"A": "1", "B": None}
    assert [reason["message"] for reason in json.loads(row["reasons"])] == row["messages"] == ["文message"] * 2
    assert base64.b64decode(row["_raw"]) == b"\xff\x00"


def test_a_withdrawn_version_is_marked() -> None:
    stream = next(stream for topic, stream in STREAMS.items() if topic.endswith(".accepted"))
    schema = dict(stream.schema)
    wire = codec.encode(schema, 1, [example(schema) | {"_change": change} for change in ("new", "withdrawn")])
    made = stream.make(codec.decode_frame(wire, lambda _: schema, schema).table, places(2))
    assert [found.column("_withdrawn").to_pylist() for _, found in made] == [[0, 1], [0, 1]]


def test_a_column_that_old_writers_lack_is_null_where_it_may_be() -> None:
    declared = table.Table("t", ("a",), (table.Column("a", table.TEXT), table.Column("b", table.INTEGER, nullable=True)))
    assert rows._shape(declared, pa.table({"a": ["x"]}), {}).to_pylist() == [{"a": "x", "b": None}]
    with pytest.raises(ValueError, match="lack a"):
        rows._shape(declared, pa.table({"b": [1]}), {})


def test_topics_are_known_by_their_ids() -> None:
    assert check({"a": "1", "b": "2"}, {"a": "1"}) == ["b"]
    with pytest.raises(Fatal, match=r"a.*--forget"):
        check({"a": "2", "b": "2"}, {"a": "1"})


def test_a_declaration_about_no_item_has_a_blank_one() -> None:
    stream = STREAMS["credit.declarations"]
    wire = codec.encode(stream.schema, 1, [{**example(dict(stream.schema)), "item": item} for item in (None, "xzxk")])
    ((_, made),) = stream.make(codec.decode_frame(wire, lambda _: stream.schema, stream.schema).table, places(2))
    assert made.column("item").to_pylist() == ["", "xzxk"]
