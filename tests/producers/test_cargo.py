"""A row's bytes are the same whether it comes alone or among thousands, and read back as they were said."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from producers.cargo import FEW, Form, cargo
from producers.spool import Cargo, Header
from producers.submission import Row
from schemas import catalog, codec, envelope

ITEM = catalog.load()["xzxk"]
SCHEMA = envelope.submission(ITEM)
FORM = Form(ITEM, SCHEMA, 7, "0123456789ab", b"secret")
HEADER = Header("HZA", "swj/excel", "swj", "excel", "xzxk", "d", 1_500_000_000_000, None, None, None)
TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FAULT = {"rule": "R-FILE-01", "message": "两行不同"}


def made(rows: list[Row]) -> list[Cargo]:
    return list(cargo(FORM, HEADER, iter(rows)))


def read(one: Cargo) -> dict[str, Any]:
    return codec.decode_one(one.value, lambda _: SCHEMA)


@given(
    st.dictionaries(st.sampled_from([field.name for field in ITEM.fields]), TEXT),
    st.sampled_from(["upsert", "retract", "assert"]),
    TEXT,
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_alone_and_among_many_the_bytes_are_the_same(fields: dict[str, str | None], operation: str, ref: str | None, faulty: bool) -> None:
    row = Row(3, fields, operation, ref, [FAULT] if faulty else [])
    (alone,) = made([row])
    assert made([row] * FEW)[0] == alone
    record = read(alone)
    assert {name: record[name] for name in fields} == fields
    assert (record["_line"], record["_operation"], record["_ref"]) == (3, operation, ref)
    assert json.loads(record["_faults"] or "[]") == ([FAULT] if faulty else [])
    assert int(record["_received_at"].timestamp() * 1000) == HEADER.received_at


def test_rows_are_taken_by_blocks_not_all_at_once() -> None:
    taken = 0

    def rows() -> Iterator[Row]:
        nonlocal taken
        for line in range(1, 20_001):
            taken += 1
            yield Row(line, {"XK_WSH": str(line)})

    assert [next(iter(cargo(FORM, HEADER, rows()))).line, taken] == [1, 5_000]


def test_a_record_too_large_for_the_broker_is_cut_and_says_so() -> None:
    (one,) = made([Row(1, {"XK_NR": "长" * 200_000, "XK_WSH": "一号"})])
    record = read(one)
    assert len(record["XK_NR"]) == 200
    assert record["XK_WSH"] == "一号"
    assert json.loads(record["_faults"])[0]["rule"] == "R-DOOR-01"
