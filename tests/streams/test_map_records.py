"""What was asked beside a table's events is said as that table's: its row, its place, through the real wire format."""

from zoneinfo import ZoneInfo

import polars as pl

from connectors.sweep.ask import asking
from schemas import catalog, codec, envelope, identity
from streams import map_batch, map_feed
from streams.map_feed import Feed, Message, Site

CATALOG = catalog.load(catalog.DIRECTORY)
ITEM = CATALOG["xzxk"]
SITE = Site("0" * 12, b"secret", ZoneInfo("Asia/Shanghai"))
SWEPT, SAID = envelope.swept(ITEM), envelope.submission(ITEM)
TABLE = Feed("cdc.t_pg.permit", "t_pg.permit", "zjj", "cdc", ITEM, generation=3)
FEED = map_feed.beside(TABLE)


def mapped(frame: pl.DataFrame) -> tuple[list[dict], map_batch.Mapped]:
    values = codec.encode_frame(SWEPT, 1, frame)
    messages = [Message(offset, 1_600_000_000_000, b"", value) for offset, value in enumerate(values)]
    found = map_batch.mapped(FEED, SITE, messages, lambda _id: SWEPT, 0)
    records = [record for said in found.frames for record in codec.decode(codec.encode_frame(SAID, 9, said), lambda _id: SAID).records]
    return [record | {"_key": key} for record, key in zip(records, (key for said in found.frames for key in said["_key"]), strict=True)], found


def test_a_row_said_again_bears_its_tables_name_its_row_and_the_place_it_was_seen_at():
    fields = pl.DataFrame({"XK_WSH": ["W1", "W2"], "XK_XMMC": ["项目", ""], "XK_XDR": ["甲", "乙"]})
    said, found = mapped(asking(fields, "upsert", pl.Series(['["1"]', '["2"]']), "00003/000a/", [1_500_000_000_000, None]))
    assert [(each["_source"], each["_way"], each["_department"], each["_row"], each["_position"], each["_operation"]) for each in said] == [
        ("t_pg.permit", "cdc", "zjj", row, "00003/000a/", "upsert") for row in ('["1"]', '["2"]')
    ]
    assert said[0]["_key"] == identity.key(ITEM, "zjj", said[0], b"secret")
    assert said[1]["_key"] == identity.fallback_key(ITEM, "t_pg.permit", '["2"]', 2, "sweep.t_pg.permit#00000000"), "a blank is no value"
    assert (said[0]["_source_time"].timestamp(), said[1]["_source_time"]) == (1_500_000_000, None)
    assert (said[1]["_batch"], said[1]["_line"], said[1]["_origin"]) == ("sweep.t_pg.permit#00000000", 2, "sweep.t_pg.permit/0/1")
    (chunk,) = map_batch.chunks(FEED, found, {0: 0, 1: 0}, 0)
    assert (chunk["rows"], chunk["events"], chunk["source"], chunk["way"]) == (2, 2, "t_pg.permit", "cdc")


def test_a_row_taken_back_needs_no_more_than_its_key():
    fields = pl.DataFrame({"XK_WSH": ["W1"], "XK_XMMC": ["项目"], "XK_XDR": ["甲"]})
    (said,), _ = mapped(asking(fields, "withdraw", pl.Series(['["1"]']), None))
    assert (said["_operation"], said["_position"], said["_key"]) == ("withdraw", None, identity.key(ITEM, "zjj", said, b"secret"))


def test_an_operation_that_no_table_has_is_rejected():
    fields = pl.DataFrame({"XK_WSH": ["W1"], "XK_XMMC": ["项目"], "XK_XDR": ["甲"]})
    said, found = mapped(asking(fields, "explode", pl.Series(['["1"]']), None))
    assert (said, [each["_source"] for each in found.rejections], list(found.outcomes.values())) == ([], ["t_pg.permit"], [map_batch.UNREADABLE])
