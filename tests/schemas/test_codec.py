"""The wire: both codecs write the same bytes and read the same records, poison is found by place, older schemas are read."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec, envelope
from schemas.catalog import load

CATALOG = load()
ITEM = CATALOG["xzxk"]
TEXT = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.just("济南市行政许可" * 700), st.just(""))
MOMENT = st.integers(-(10**12), 4 * 10**12).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
LONG = st.integers(-(2**63), 2**63 - 1)
PLAIN = {"string": TEXT, "long": LONG, "int": st.integers(-(2**31), 2**31 - 1), "boolean": st.booleans(), "bytes": st.binary(max_size=9)}
LOGICAL = {"date": st.dates(date(1000, 1, 1), date(2999, 12, 31)), "timestamp-millis": MOMENT}


def values(kind):
    if isinstance(kind, str):
        return PLAIN[kind]
    if isinstance(kind, list):
        return st.one_of(*(st.none() if each == "null" else values(each) for each in kind))
    if kind["type"] == "record":
        return st.fixed_dictionaries({field["name"]: values(field["type"]) for field in kind["fields"]})
    if kind["type"] == "array":
        return st.lists(values(kind["items"]), max_size=3)
    if kind["type"] == "map":
        return st.dictionaries(TEXT, values(kind["values"]), max_size=3)
    return LOGICAL[kind["logicalType"]]


FLAT = {f"{make.__name__}:{item.code}": make(item) for item in CATALOG.values() for make in (envelope.submission, envelope.acceptance, envelope.arriving)}
NESTED = {"receipt": envelope.RECEIPT, "chunk": envelope.CHUNK, "state": envelope.STATE}
SCHEMAS = {**FLAT, **NESTED}


def example(schema, **said):
    """A least record of a schema."""
    least = {"string": "x", "long": 1, "int": 1, "boolean": False}
    kinds = {field["name"]: field["type"] for field in schema["fields"]}
    record = {}
    for name, kind in kinds.items():
        if isinstance(kind, list):
            record[name] = None
        elif isinstance(kind, dict):
            record[name] = [] if kind["type"] == "array" else {} if kind["type"] == "map" else datetime(2017, 9, 1, tzinfo=UTC)
        else:
            record[name] = least[kind]
    return record | said


@pytest.mark.parametrize("name", SCHEMAS)
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_columns_and_records_are_the_same_bytes_both_ways(name, data) -> None:
    schema = SCHEMAS[name]
    records = data.draw(st.lists(values(schema), min_size=1, max_size=4))
    wire = codec.encode(schema, 77, records)
    read = codec.decode_frame(wire, {77: schema}.__getitem__, schema)
    assert (read.poison, read.places) == ({}, list(range(len(records))))
    assert read.table.to_pylist() == records
    assert codec.encode_frame(schema, 77, read.table) == wire
    if name in FLAT:
        assert codec.encode_frame(schema, 77, read.frame) == wire
    assert codec.decode(wire, {77: schema}.__getitem__).records == records


@settings(max_examples=25, deadline=None)
@given(records=st.lists(values(envelope.STATE), max_size=5))
def test_states_are_fastavros_bytes_and_come_back(records) -> None:
    wire = codec.encode_states(3, records)
    assert wire == codec.encode(envelope.STATE, 3, records)
    assert codec.decode_states(wire, {3: envelope.STATE}.__getitem__).records == records


@settings(max_examples=20, deadline=None)
@given(record=values(envelope.REJECTION))
def test_rejections_with_maps_and_bytes_become_columns(record) -> None:
    (wire,) = codec.encode(envelope.REJECTION, 4, [record])
    read = codec.decode_frame([wire], {4: envelope.REJECTION}.__getitem__, envelope.REJECTION).table.to_pylist()[0]
    assert read | {"fields": dict(read["fields"])} == record


def test_rejections_are_read_in_columns_unless_their_raw_bytes_are_no_text() -> None:
    text = codec._text(envelope.REJECTION)
    payloads = {raw: codec.encode(envelope.REJECTION, 4, [example(envelope.REJECTION, fields={"A": "甲", "B": None}, reasons=[], raw=raw)])[0][5:] for raw in (None, b"x", b"\xff")}
    assert codec._columns([payloads[b"\xff"]], text) is None
    read = codec._columns([payloads[None], payloads[b"x"]], text)
    assert read is not None
    assert read.to_pylist()[1]["fields"] == [("A", "甲"), ("B", None)]
    assert read.column("raw").to_pylist() == [None, b"x"]


def test_a_batch_of_old_and_new_schemas_is_read_in_the_newest() -> None:
    new = envelope.submission(ITEM)
    old = new | {"fields": new["fields"][:-1]}
    last = new["fields"][-1]["name"]
    wire = codec.encode(new, 2, [example(new, **{last: "新", "_batch": "b"})]) + codec.encode(old, 1, [example(old, _batch="a")])
    wire = [wire[1], wire[0], wire[1]]
    read = codec.decode_frame(wire, {1: old, 2: new}.__getitem__, new)
    assert read.places == [0, 1, 2]
    assert read.frame["_batch"].to_list() == ["a", "b", "a"]
    assert read.frame[last].to_list() == [None, "新", None]
    assert [each[last] for each in codec.decode(wire, {1: old, 2: new}.__getitem__, new).records] == [None, "新", None]


def test_a_new_field_with_a_default_of_its_own_gets_it() -> None:
    old = envelope.CHUNK | {"fields": [field for field in envelope.CHUNK["fields"] if field["name"] != "splits"]}
    (wire,) = codec.encode(old, 1, [example(old)])
    assert codec.decode_frame([wire], {1: old}.__getitem__, envelope.CHUNK).frame["splits"].to_list() == [0]


def test_bad_values_are_poison_by_place_and_the_rest_is_read() -> None:
    schema = envelope.acceptance(ITEM)
    good = codec.encode(schema, 7, [example(schema, _line=line) for line in range(5)])
    not_text = good[4].replace(b"\x02x", b"\x02\xff", 1)
    wire = [good[0], b"", None, b"\x01" + good[1][1:], good[1][:-9], good[2], good[3] + b"!", not_text, codec.header(9) + b"x", codec.header(7)]
    for read in (codec.decode_frame(wire, {7: schema}.__getitem__, schema), codec.decode(wire, {7: schema}.__getitem__)):
        assert read.places == [0, 5]
        assert set(read.poison) == {1, 2, 3, 4, 6, 7, 8, 9}
        assert "left over" in read.poison[6]
        assert "schema 9" in read.poison[8]
    assert codec.decode_frame(wire, {7: schema}.__getitem__, schema).frame["_line"].to_list() == [0, 2]


def test_a_record_of_another_kind_is_poison_to_one_who_wants_his_own() -> None:
    """It is sound by its own schema; the reader's schema cannot take it."""
    chunk, state = (codec.encode(schema, number, [example(schema)])[0] for number, schema in ((1, envelope.CHUNK), (2, envelope.STATE)))
    known = {1: envelope.CHUNK, 2: envelope.STATE}.__getitem__
    for read in (codec.decode([state, chunk], known, envelope.CHUNK), codec.decode_frame([state, chunk], known, envelope.CHUNK)):
        assert (read.places, set(read.poison)) == ([1], {0})


def test_a_batch_of_nothing_but_poison_has_the_readers_columns() -> None:
    schema = envelope.submission(ITEM)
    read = codec.decode_frame([None, b"x"], {}.__getitem__, schema)
    assert (read.table.num_rows, read.places, set(read.poison)) == (0, [], {0, 1})
    assert read.frame.columns == [field["name"] for field in schema["fields"]]


def test_a_registry_that_is_down_is_raised_and_never_poison() -> None:
    def down(number: int):
        raise ConnectionError(number)

    schema = envelope.submission(ITEM)
    wire = codec.encode(schema, 7, [example(schema)])
    for read in (codec.decode, lambda *told: codec.decode_frame(*told, schema)):
        with pytest.raises(ConnectionError):
            read(wire, down)


def test_what_does_not_fit_is_not_written() -> None:
    schema = envelope.submission(ITEM)
    frame = pl.DataFrame([example(schema)], schema_overrides={field.name: pl.String for field in ITEM.fields})
    assert codec.encode_frame(schema, 7, frame.drop("XK_WSH")) == codec.encode(schema, 7, [example(schema)])
    with pytest.raises(ValueError, match="_batch is missing"):
        codec.encode_frame(schema, 7, frame.drop("_batch"))
    with pytest.raises(ValueError, match="_batch"):
        codec.encode_frame(schema, 7, frame.with_columns(_batch=pl.lit(None, pl.String)))
    assert codec.encode_frame(schema, 7, frame.clear()) == []


@pytest.mark.parametrize("wrong", [{"source": None}, {"asserted": None}, {"offset": None}])
def test_a_null_inside_a_saying_is_not_written_as_an_empty_text(wrong) -> None:
    saying = {"source": "a", "row": None, "way": "cdc", "fingerprint": None, "position": None, "offset": 1, "source_time": None, "asserted": False}
    state = {"version": 1, "standing": 0, "retracted": False, "fingerprint": None, "sayings": [saying], "mark": None}
    assert len(codec.encode_states(1, [state])) == 1
    with pytest.raises(ValueError, match=f"sayings.{next(iter(wrong))} holds a null"):
        codec.encode_states(1, [state | {"sayings": [saying, saying | wrong]}])
