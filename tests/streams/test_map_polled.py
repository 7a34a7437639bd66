"""Events as a poll writes them, read by map: what they say is what a followed table's events say; where and when is the poll's."""

import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.poll import event
from connectors.poll.comparison import CHANGED, CREATED, DELETED, READ, Change
from connectors.poll.event import Form, Numbered
from schemas import catalog, codec, envelope, sources
from streams import map_batch, map_feed
from streams.map_feed import Message, Site
from streams.map_shape import column_name

CATALOG = catalog.load()
SITE = Site("0" * 12, b"secret", ZoneInfo("Asia/Shanghai"))
TABLE = {
    "item": "xzxk", "delete": "withdraw", "columns": {"XK_WSH": "许可证号", "XK_XMMC": "xm_mc", "XK_XDR": "holder", "XK_JDRQ": "day"}, "constants": {"DFBM": "370100"},
    "formats": {"XK_JDRQ": "yyyyMMdd"}, "source_time": "at", "filter": {"column": "zt", "in": ["1"]},
}  # fmt: skip
DATABASE = {"kind": "postgres", "host": "h", "port": "1", "name": "d", "user": "u", "password": "${env:P}"}
SOURCE = sources.read({"source": "p", "department": "zjj", "database": DATABASE, "generation": 2, "capture": "poll", "tables": {"public.permit": TABLE}}, CATALOG)
(FEED,) = map_feed.captured({SOURCE.name: SOURCE}, CATALOG).values()
FORM = Form(SOURCE.tables["public.permit"], ("区", "id"))
SCHEMAS = dict(enumerate(topic.schema for topic in FORM.topics))
ROW = {"at": "2017-02-03 04:05:06.5", "day": "20170102", "holder": "甲", "xm_mc": "项目", "zt": "1", "许可证号": "W1"}


def image(**said: str | None) -> str:
    return json.dumps(ROW | said, ensure_ascii=False)


def said(*changes: Change, poll: int = 1_800_000_000_000, first: int = 0) -> list[dict]:
    batch = Numbered(poll, first, poll, changes)
    keys, values = (codec.encode(SCHEMAS[number], number, made) for number, made in ((0, event.keys(FORM, changes)), (1, event.values(FORM, SOURCE, batch))))
    messages = [Message(offset, 0, key, value) for offset, (key, value) in enumerate(zip(keys, values, strict=True))]
    found = map_batch.mapped(FEED, SITE, messages, SCHEMAS.__getitem__, 0)
    assert (found.held, found.rejections) == (None, [])
    schema = envelope.submission(FEED.item)
    return [record for frame in found.frames for record in codec.decode(codec.encode_frame(schema, 9, frame), lambda _id: schema).records]


def brief(records: list[dict]) -> list[tuple[str, str, str]]:
    return [(record["_operation"], record["XK_WSH"], record["_row"]) for record in records]


KEY = '["一",  "7"]'.replace("  ", "")


def test_a_row_says_what_its_columns_say_under_the_mapping() -> None:
    (one,) = said(Change(READ, KEY, None, image(), "last"))
    assert brief([one]) == [("upsert", "W1", KEY)]
    assert (one["XK_XMMC"], one["XK_XDR"], one["XK_JDRQ"], one["DFBM"]) == ("项目", "甲", "2017-01-02", "370100")
    assert one["_source_time"].isoformat() == "2017-02-02T20:05:06.500000+00:00", "a time without a zone is the site's"


@pytest.mark.parametrize("op", [READ, CREATED])
def test_when_a_row_was_changed_is_what_its_update_column_says_and_a_poll_never_guesses_it(op: str) -> None:
    (one,) = said(Change(op, KEY, None, image(at=None)))
    assert one["_source_time"] is None
    gone = said(Change(DELETED, KEY, image(), None))
    assert [record["_source_time"] for record in gone] == [None]


def test_a_changed_key_takes_the_old_record_back_and_a_deleted_row_its_own() -> None:
    records = said(Change(CHANGED, KEY, image(), image(许可证号="W2")), Change(DELETED, KEY, image(许可证号="W2"), None))
    assert brief(records) == [("withdraw", "W1", KEY), ("upsert", "W2", KEY), ("withdraw", "W2", KEY)]


def test_a_row_that_leaves_the_filter_is_taken_back_and_one_outside_is_nobodys() -> None:
    assert brief(said(Change(CHANGED, KEY, image(), image(zt="0")))) == [("withdraw", "W1", KEY)]
    assert said(Change(CREATED, KEY, None, image(zt=None))) == []


def test_a_deleted_row_of_which_hardly_anything_was_known_is_no_missing_before_image() -> None:
    blank = dict.fromkeys(ROW) | {"zt": "1"}
    assert len(said(Change(DELETED, KEY, json.dumps(blank), None))) == 1


def test_later_events_and_later_polls_have_later_places() -> None:
    polls = [said(*[Change(CREATED, KEY, None, image())] * 2, poll=poll, first=first) for poll, first in ((9, 0), (9, 2), (10, 0), (1_800_000_000_000, 0))]
    places = [record["_position"] for records in polls for record in records]
    assert places == sorted(set(places))
    assert all(place.startswith("00002/") for place in places)


def test_a_row_known_under_an_older_form_lacks_what_came_since() -> None:
    old = {name: text for name, text in ROW.items() if name != "zt"} | {"gone": "x"}
    assert brief(said(Change(CHANGED, KEY, json.dumps(old), image()))) == [("upsert", "W1", KEY)]


@given(st.text(min_size=1, max_size=8).filter(lambda name: not any(0xD800 <= ord(sign) < 0xE000 for sign in name)))
def test_a_columns_name_becomes_one_that_avro_allows_and_is_found_again(name: str) -> None:
    made = event.avro_name(name)
    assert column_name(made) == name
    assert made.isascii()
    assert made.replace("_", "a").isalnum()
    assert not made[0].isdigit()


@pytest.mark.parametrize(("name", "written"), [("permit_no", "permit_u005fno"), ("id", "id"), ("许", "_u8bb8"), ("2a", "_u0032a"), ("_u8bb8", "_u005fu8bb8")])
def test_names_are_written_as_debezium_writes_them(name: str, written: str) -> None:
    assert event.avro_name(name) == written
