"""Records that come as records, not as change events: a bulk producer's, and what was asked beside a table's events (`sweep.`). Pure."""

from collections.abc import Sequence

import polars as pl

from schemas import codec, envelope, identity
from streams.map_feed import Feed, Message, Site, line
from streams.map_table import SENT, Said, stamped

OPERATIONS = ("upsert", "withdraw", "assert")


def arrived(feed: Feed, site: Site, run: Sequence[Message], schema_of: codec.SchemaOf) -> tuple[Said, list[int], dict[int, str]]:
    """What they say, where it stood in ``run``, and what could not be read. Fields and operation are the record's own; so are a producer's reference, a table's row and place. The rest is stamped."""
    columns = codec.decode_frame([message.value for message in run], schema_of, envelope.swept(feed.item) if feed.swept else envelope.arriving(feed.item))
    operations = [operation or "upsert" for operation in columns.table.column("_operation").to_pylist()] if columns.places else []
    good = [n for n, operation in enumerate(operations) if operation in OPERATIONS]
    poison = columns.poison | {
        columns.places[n]: f"_operation must be one of {', '.join(OPERATIONS)}" for n, operation in enumerate(operations) if operation not in OPERATIONS
    }
    places = [columns.places[n] for n in good]
    if not places:
        return Said(pl.DataFrame(), []), [], poison
    frame, messages = columns.frame[good], [run[place] for place in places]
    frame = frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)) for name in frame.columns if frame.schema[name] == pl.String)
    if feed.swept:
        frame = frame.with_columns(pl.col("_source_time").dt.replace_time_zone(None))
    rows = frame["_row"].to_list() if feed.swept else [None] * len(messages)
    keys = [
        key or identity.fallback_key(feed.item, feed.source, row, line(message.offset), feed.batch(message.offset))
        for key, row, message in zip(identity.keys(feed.item, feed.department, frame, site.secret), rows, messages, strict=True)
    ]
    said = frame.with_columns(pl.Series("_operation", [operations[n] for n in good], pl.String), pl.Series("_key", keys, pl.String))
    return Said(stamped(feed, site, said, messages), [SENT] * len(places)), places, poison
