"""What each change event says, event by event, through the real wire format."""

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from schemas import catalog, codec, envelope, formats, sources
from schemas.image import UNAVAILABLE
from schemas.registry import NotFound, Unavailable
from streams import map_batch, map_feed
from streams.map_feed import Feed, Message, Site

CATALOG = catalog.load(catalog.DIRECTORY)
SITE = Site("0" * 12, b"secret", ZoneInfo("Asia/Shanghai"))
SPEC = {
    "source": "t_pg",
    "department": "zjj",
    "database": {"kind": "postgres", "host": "h", "port": "1", "name": "d", "user": "u", "password": "${env:P}"},
    "generation": 3,
    "tables": {
        "public.permit": {
            "item": "xzxk",
            "delete": "withdraw",
            "columns": {"XK_WSH": "no", "XK_XMMC": "name", "XK_XDR": "holder", "XK_JDRQ": "day", "XK_SPLB": "kind"},
            "constants": {"DFBM": "370100"}, "codes": {"XK_SPLB": {"01": "普通"}},
            "source_time": "at", "filter": {"column": "status", "in": ["1"]},
        }
    },
}
SOURCE = sources.read(SPEC, CATALOG)
(FEED,) = map_feed.captured({SOURCE.name: SOURCE}, CATALOG).values()


def _maybe(name: str, kind: object = "string") -> dict[str, object]:
    return {"name": name, "type": ["null", kind], "default": None}


DATE, ZONED = ({"type": "string", "connect.name": f"io.debezium.time.{name}"} for name in ("IsoDate", "ZonedTimestamp"))


def declared(kind: str, length: int) -> dict:
    return {"type": "string", "connect.parameters": {"__debezium.source.column.type": kind, "__debezium.source.column.length": str(length)}}


COLUMNS = [{"name": "id", "type": "long"}, *map(_maybe, ("no", "name", "holder", "kind", "status")), _maybe("day", DATE), _maybe("at", ZONED)]
SEQUENCED = [_maybe("sequence"), _maybe("lsn", "long")]
BINLOG = [_maybe("file"), _maybe("pos", "long"), _maybe("row", "int"), _maybe("sequence")]


def _envelope(columns: list, places: list) -> dict:
    value = {"type": "record", "name": "Value", "fields": columns}
    source = {"type": "record", "name": "Source", "fields": [{"name": "ts_ms", "type": "long"}, _maybe("snapshot"), *places]}
    fields = [_maybe("before", value), _maybe("after", "Value"), {"name": "source", "type": source}, {"name": "op", "type": "string"}]
    return {"type": "record", "name": "Envelope", "namespace": "t", "fields": fields}


KEY = {"type": "record", "name": "Key", "fields": [{"name": "id", "type": "long"}]}
SCHEMAS = {
    1: _envelope(COLUMNS, SEQUENCED),
    2: KEY,
    3: _envelope(COLUMNS, BINLOG),
    4: _envelope([column for column in COLUMNS if column["name"] != "holder"], SEQUENCED),
    5: envelope.arriving(CATALOG["xzxk"]),
    6: {"type": "record", "name": "Else", "fields": [_maybe("x")]},
    7: _envelope([*COLUMNS, _maybe("extra", declared("VARCHAR", 9))], SEQUENCED),
    8: _envelope([_maybe("name", declared("VARCHAR", 20)) if column["name"] == "name" else column for column in COLUMNS], SEQUENCED),
    9: _envelope([_maybe("name", declared("VARCHAR", 5)) if column["name"] == "name" else column for column in COLUMNS], SEQUENCED),
}


def _schema_of(number: int) -> dict:
    if number not in SCHEMAS:
        raise NotFound(str(number))
    return SCHEMAS[number]


def _row(**said: object) -> dict:
    row = {"id": 1, "no": "W1", "name": "项目", "holder": "甲", "kind": "01", "status": "1", "day": "2017-01-01Z", "at": "2017-02-03T04:05:06Z"}
    return row | said


def _event(op: str, before: dict | None, after: dict | None, offset: int, number: int = 1, moved: bool = False, **source: object) -> Message:
    place = {"ts_ms": 1_500_000_000_000 + offset, "snapshot": "false", "sequence": f'["100","{offset + 200}"]', "lsn": offset} | source
    said = after or before
    value = codec.encode(SCHEMAS[number], number, [{"before": before, "after": after, "source": place, "op": op}])[0]
    key = codec.encode(KEY, 2, [{"id": said["id"]}])[0] if said else None
    return Message(offset, 1_600_000_000_000, key, value, moved)


def _mapped(*messages: Message, feed: Feed = FEED, shape: int | None = None) -> tuple[list[dict], map_batch.Mapped]:
    found = map_batch.mapped(feed, SITE, messages, _schema_of, 0, shape)
    schema = envelope.submission(feed.item)
    records = [record for frame in found.frames for record in codec.decode(codec.encode_frame(schema, 9, frame), lambda _id: schema).records]
    keys = [key for frame in found.frames for key in frame["_key"]]
    return [record | {"_key": key} for record, key in zip(records, keys, strict=True)], found


def _counts(found: map_batch.Mapped, messages: tuple[Message, ...], feed: Feed = FEED) -> dict:
    (chunk,) = map_batch.chunks(feed, found, {message.offset: message.time for message in messages}, 0)
    assert chunk["events"] + chunk["splits"] == chunk["rows"] + chunk["outside"] + chunk["housekeeping"]
    return {name: chunk[name] for name in ("rows", "events", "outside", "housekeeping", "unreadable", "splits")}


def test_a_snapshot_row_is_an_upsert_without_a_position_and_with_the_rows_own_time():
    (said,), _ = _mapped(_event("r", None, _row(), 7, snapshot="first"))
    assert (said["_operation"], said["_position"], said["_row"], said["_line"]) == ("upsert", None, '["1"]', 8)
    assert said["_source_time"].isoformat() == "2017-02-03T04:05:06+00:00"
    assert (said["XK_WSH"], said["XK_JDRQ"], said["XK_SPLB"], said["DFBM"]) == ("W1", "2017-01-01", "普通", "370100")
    assert (said["_batch"], said["_origin"]) == ("cdc.t_pg.permit#00000000", "cdc.t_pg.permit/0/7")


def test_a_change_has_its_commits_time_and_a_place_under_its_generation():
    (said,), _ = _mapped(_event("c", None, _row(kind="99"), 0))
    assert said["_position"] == f"00003/{100:016x}/{200:016x}"
    assert said["_source_time"].timestamp() == 1_500_000_000
    assert said["XK_SPLB"] == "99", "a code nobody translated goes through as it is"


def test_a_delete_withdraws_what_stood_before():
    (said,), _ = _mapped(_event("d", _row(), None, 0))
    assert (said["_operation"], said["XK_WSH"], said["_row"]) == ("withdraw", "W1", '["1"]')


def test_a_delete_that_is_housekeeping_is_counted_unless_the_row_only_moved():
    feed = replace(FEED, table=replace(FEED.table, delete="housekeeping"))
    messages = (_event("d", _row(), None, 0), _event("d", _row(id=2), None, 1, moved=True))
    said, found = _mapped(*messages, feed=feed)
    assert [record["_row"] for record in said] == ['["2"]']
    assert _counts(found, messages, feed) == {"rows": 1, "events": 2, "outside": 0, "housekeeping": 1, "unreadable": 0, "splits": 0}


def test_a_changed_key_withdraws_the_old_one_first():
    messages = (_event("u", _row(), _row(no="W2"), 0),)
    said, found = _mapped(*messages)
    assert [(record["_operation"], record["XK_WSH"], record["_line"]) for record in said] == [("withdraw", "W1", 1), ("upsert", "W2", 1)]
    assert said[0]["_key"] != said[1]["_key"]
    assert _counts(found, messages) == {"rows": 2, "events": 1, "outside": 0, "housekeeping": 0, "unreadable": 0, "splits": 1}


def test_a_key_that_was_incomplete_has_nothing_to_withdraw():
    said, _ = _mapped(_event("u", _row(no=None), _row(), 0))
    assert [record["_operation"] for record in said] == ["upsert"]


def test_an_incomplete_key_falls_back_to_the_row():
    (said,), _ = _mapped(_event("c", None, _row(no=""), 0))
    assert json.loads(said["_key"]) == ["?", "xzxk", "t_pg.permit", '["1"]']


@pytest.mark.parametrize(
    ("was", "stays", "operations", "outside"),
    [("1", "1", ["upsert"], 0), ("1", "0", ["withdraw"], 0), ("0", "1", ["upsert"], 0), ("0", "0", [], 1), ("0", None, [], 1)],
)
def test_the_filter_decides_by_both_sides(was: str, stays: str | None, operations: list[str], outside: int):
    event = _event("u", _row(status=was), _row(status=stays), 0) if stays else _event("d", _row(status=was), None, 0)
    said, found = _mapped(event)
    assert [record["_operation"] for record in said] == operations
    assert _counts(found, (event,))["outside"] == outside


@pytest.mark.parametrize(
    ("was", "stays", "operations"),
    [
        (None, "1", ["upsert"]), (None, "0", []), ("0", "1", ["upsert"]), ("1", "0", []), ("1", "2", []), ("0", "0", []), ("1", "9", ["withdraw"]), ("0", "9", ["withdraw"]),
        ("9", "9", []), ("9", "0", []), ("9", "1", ["upsert"]), ("1", None, ["withdraw"]), ("0", None, ["withdraw"]), ("9", None, []),
    ],
)  # fmt: skip
def test_what_a_row_said_stands_while_its_status_says_that_it_is_not_ready(was: str | None, stays: str | None, operations: list[str]):
    feed = replace(FEED, table=replace(FEED.table, filter=sources.Filter("status", ("1",), ("9",))))
    sides = [None if value is None else _row(status=value) for value in (was, stays)]
    messages = (_event("c" if was is None else "d" if stays is None else "u", *sides, 0),)
    said, found = _mapped(*messages, feed=feed)
    assert [record["_operation"] for record in said] == operations
    assert _counts(found, messages, feed)["outside"] == (not operations)


@pytest.mark.parametrize(("was", "stays", "operations"), [("0", "0", ["withdraw"]), ("1", "0", ["withdraw"]), ("0", "1", ["withdraw", "upsert"])])
def test_a_key_that_changes_before_the_row_is_ready_again_takes_the_old_record_back(was: str, stays: str, operations: list[str]):
    feed = replace(FEED, table=replace(FEED.table, filter=sources.Filter("status", ("1",), ("9",))))
    said, _ = _mapped(_event("u", _row(status=was), _row(status=stays, no="W2"), 0), feed=feed)
    assert [(record["_operation"], record["XK_WSH"]) for record in said] == [(operation, "W1" if operation == "withdraw" else "W2") for operation in operations]


def test_a_format_is_read_on_both_sides_and_a_value_of_another_form_goes_through_verbatim():
    feed = replace(FEED, table=replace(FEED.table, formats={"XK_JDRQ": formats.DateFormat("yyyyMMdd")}, columns={**FEED.table.columns, "XK_JDRQ": "kind"}, codes={}))
    said, _ = _mapped(_event("u", _row(kind="20170102"), _row(kind="2017012"), 0), _event("d", _row(kind="20170102"), None, 1), feed=feed)
    assert [record["XK_JDRQ"] for record in said] == ["2017012", "2017-01-02"]


def test_a_truncate_and_a_tombstone_are_housekeeping():
    messages = (_event("t", None, None, 0), Message(1, 0, b"k", None))
    said, found = _mapped(*messages)
    assert said == []
    assert _counts(found, messages)["housekeeping"] == 2


def test_interleaved_transactions_keep_the_order_of_their_commits():
    early, late = _event("u", _row(), _row(kind="02"), 0, sequence='["500","300"]'), _event("u", _row(), _row(kind="03"), 1, sequence='["900","250"]')
    said, _ = _mapped(early, late)
    assert said[0]["_position"] < said[1]["_position"]


def test_without_a_commit_before_there_is_no_position():
    (said,), _ = _mapped(_event("u", _row(), _row(kind="02"), 0, sequence='[null,"250"]'))
    assert said["_position"] is None


def test_binlog_places_compare_as_numbers_across_files_and_rows():
    places = [("bin.000002", 99, 0), ("bin.000002", 100, 0), ("bin.000002", 100, 10), ("bin.000010", 4, 0)]
    events = [_event("u", _row(), _row(), n, 3, file=file, pos=pos, row=row, sequence=None) for n, (file, pos, row) in enumerate(places)]
    said, _ = _mapped(*events)
    positions = [record["_position"] for record in said]
    assert positions == sorted(positions)
    assert len(set(positions)) == 4


def test_a_long_value_that_was_not_logged_comes_from_before():
    (said,), found = _mapped(_event("u", _row(), _row(name=UNAVAILABLE), 0))
    assert (said["XK_XMMC"], found.held) == ("项目", None)


@pytest.mark.parametrize("blind", [_event("u", None, _row(), 1), _event("u", _row(name=UNAVAILABLE), _row(name=UNAVAILABLE), 1), _event("d", {"id": 1}, None, 1)])
def test_a_table_without_before_images_is_held_from_that_event_on(blind: Message):
    said, found = _mapped(_event("c", None, _row(), 0), blind, _event("c", None, _row(), 2))
    assert len(said) == 1
    assert (found.next_offset, list(found.outcomes)) == (1, [0])
    assert "REPLICA IDENTITY FULL" in str(found.held)


def test_a_mapped_column_that_is_gone_holds_the_table():
    gone = {name: value for name, value in _row().items() if name != "holder"}
    said, found = _mapped(_event("c", None, _row(), 0), _event("c", None, gone, 1, 4), _event("c", None, _row(), 2))
    assert len(said) == 1
    assert found.next_offset == 1
    assert "holder" in str(found.held)


def test_a_new_column_is_noted_and_nothing_else():
    said, found = _mapped(_event("c", None, _row(), 0), _event("c", None, _row(extra="x"), 1, 7), _event("c", None, _row(extra="x"), 2, 7))
    assert (len(said), found.held, found.shape, found.noted) == (3, None, 7, ["extra varchar(9)"])


def test_a_mapped_column_that_means_something_else_holds_the_table_across_batches_too():
    wide, narrow = _event("c", None, _row(), 0, 8), _event("c", None, _row(), 1, 9)
    said, found = _mapped(wide, narrow)
    assert (len(said), found.next_offset, found.shape) == (1, 1, 8)
    assert "name: varchar(20) → varchar(5)" in str(found.held)
    assert "varchar(5)" in found.held.told
    said, found = _mapped(narrow, shape=8)
    assert (said, found.next_offset, list(found.outcomes)) == ([], 1, [])
    said, found = _mapped(narrow)
    assert (len(said), found.held, found.shape) == (1, None, 9), "what was never seen otherwise is the table as it is"
    assert len(_mapped(wide, shape=9)[0]) == 1, "wider again"


def test_what_cannot_be_read_is_rejected_with_its_bytes_and_the_rest_goes_on():
    broken = [Message(1, 5, None, b"\x00\x00\x00\x00\x01\xff"), Message(2, 5, None, b"nothing"), Message(3, 5, None, b"\x00\x00\x00\x00\x63x")]
    other = Message(4, 5, None, codec.encode(SCHEMAS[6], 6, [{"x": "y"}])[0])
    messages = (_event("c", None, _row(), 0), *broken, other, _event("c", None, _row(id=2), 5))
    said, found = _mapped(*messages)
    assert [record["_row"] for record in said] == ['["1"]', '["2"]']
    assert [each["raw"] for each in found.rejections] == [message.value for message in (*broken, other)]
    assert _counts(found, messages) == {"rows": 6, "events": 6, "outside": 0, "housekeeping": 0, "unreadable": 4, "splits": 0}
    (receipt,) = map_batch.receipts(FEED, found, messages, 0)
    assert (receipt["rejected"], receipt["first_offset"], receipt["last_offset"], receipt["by"], receipt["bytes"]) == (4, 1, 4, "map", sum(len(each["raw"]) for each in found.rejections))
    assert codec.encode(envelope.REJECTION, 1, found.rejections)
    assert codec.encode(envelope.RECEIPT, 1, [receipt])


def test_a_registry_that_is_away_decides_nothing():
    def away(_number: int) -> dict:
        raise Unavailable("away")

    with pytest.raises(Unavailable):
        map_batch.mapped(FEED, SITE, [_event("c", None, _row(), 0)], away, 0)


def test_batches_change_with_the_bucket_of_offsets():
    messages = tuple(_event("c", None, _row(id=n), n) for n in (9_998, 9_999, 10_000, 25_000))
    said, found = _mapped(*messages)
    assert [(record["_batch"][-1], record["_line"]) for record in said] == [("0", 9_999), ("0", 10_000), ("1", 1), ("2", 5_001)]
    chunks = map_batch.chunks(FEED, found, {message.offset: message.time for message in messages}, 0)
    assert [(chunk["batch"][-1], chunk["chunk"], chunk["rows"]) for chunk in chunks] == [("0", 9_998, 2), ("1", 0, 1), ("2", 5_000, 1)]
    assert codec.encode(envelope.CHUNK, 1, chunks)


def test_a_bulk_producer_is_who_its_topic_says():
    feed = map_feed.arriving("in.swj.gold3.xzxk", CATALOG)
    assert feed is not None
    records = [{"XK_WSH": "W1", "XK_XMMC": "", "_ref": "r1"}, {"_operation": "withdraw", "XK_WSH": "W2"}, {"_operation": "drop", "XK_WSH": "W3"}]
    messages = tuple(Message(n, 5, None, value) for n, value in enumerate(codec.encode(SCHEMAS[5], 5, records)))
    said, found = _mapped(*messages, feed=feed)
    assert [(each["_source"], each["_department"], each["_way"], each["_operation"], each["_ref"], each["XK_XMMC"]) for each in said] == [
        ("swj/gold3", "swj", "api", "upsert", "r1", None),
        ("swj/gold3", "swj", "api", "withdraw", None, None),
    ]
    assert _counts(found, messages, feed)["unreadable"] == 1
    assert map_feed.arriving("in.swj.gold3.nothing", CATALOG) is None
