"""Messages of one topic → everything map writes about them: submissions, rejections of what cannot be read, their receipts, and the chunks that count it all. Pure but for schemas asked by id."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import polars as pl

from schemas import codec, identity
from schemas.image import rows as row_texts
from schemas.image import texts
from schemas.reason import Reason
from schemas.text import column_name
from streams.map_feed import Feed, Held, Message, Site, line
from streams.map_records import arrived
from streams.map_shape import added, columns, kinds_of, lacking, meaning_other, narrowed
from streams.map_table import HOUSEKEEPING, OUTSIDE, SENT, Said, changes

UNREADABLE = "unreadable"


@dataclass
class Mapped:
    """``frames`` as of `Said`; ``outcomes`` by offset; ``records``: how many records an offset gave; ``next_offset`` is where to go on; ``held`` why not; ``shape``: id of the schema that was mapped
    last; ``noted``: columns that came to the table."""

    next_offset: int
    frames: list[pl.DataFrame] = field(default_factory=list)
    rejections: list[dict[str, Any]] = field(default_factory=list)
    outcomes: dict[int, str] = field(default_factory=dict)
    records: dict[int, int] = field(default_factory=dict)
    held: Held | None = None
    shape: int | None = None
    noted: list[str] = field(default_factory=list)


def mapped(feed: Feed, site: Site, messages: Sequence[Message], schema_of: codec.SchemaOf, now: int, shape: int | None = None) -> Mapped:
    """Messages in order of offset, after events of the schema with id ``shape``, if any. Raises what ``schema_of`` raises besides LookupError: then nothing is known and all is to be done again."""
    found = Mapped(messages[0].offset, shape=shape)
    for run in _runs(messages):
        if found.held is None:
            _run(feed, site, run, schema_of, found, now)
    return found


def chunks(feed: Feed, found: Mapped, received: Mapping[int, int], now: int) -> list[dict[str, Any]]:
    """The said leg: one record a batch and transaction, numbered by the first event's place in the batch. ``received``: time by offset."""
    counted = []
    for batch, group in groupby(sorted(found.outcomes), key=feed.batch):
        offsets = list(group)
        outcomes = [found.outcomes[offset] for offset in offsets]
        rows = sum(found.records.get(offset, 0) for offset in offsets)
        sent = sum(outcome in (SENT, UNREADABLE) for outcome in outcomes)
        counts = {"rows": rows, "events": len(offsets), "splits": rows - sent}
        counts |= {name: outcomes.count(name) for name in (OUTSIDE, HOUSEKEEPING, UNREADABLE)}
        place = {"chunk": line(offsets[0]) - 1, "first_line": line(offsets[0]), "received_at": received[offsets[0]], "published_at": now}
        counted.append(_who(feed, batch) | counts | place | {"total": None, "last": False, "digest": None, "idempotency_key": None, "name": None, "by": None})
    return counted


def receipts(feed: Feed, found: Mapped, messages: Iterable[Message], now: int) -> list[dict[str, Any]]:
    """The judged leg of what map itself rejected."""
    made, by_offset = [], {message.offset: message for message in messages}
    bad = sorted(offset for offset, outcome in found.outcomes.items() if outcome == UNREADABLE)
    for batch, group in groupby(bad, key=feed.batch):
        offsets = list(group)
        times, size = [by_offset[offset].time for offset in offsets], sum(len(by_offset[offset].value or b"") for offset in offsets)
        counts = dict.fromkeys(("accepted", "duplicate", "superseded", "excluded"), 0) | {"rejected": len(offsets), "echoes": []}
        where = {"partition": 0, "first_offset": offsets[0], "last_offset": offsets[-1], "by": "map"}
        made.append(_who(feed, batch) | counts | where | {"received_from": min(times), "received_to": max(times), "judged_at": now, "bytes": size})
    return made


def _who(feed: Feed, batch: str) -> dict[str, Any]:
    return {"batch": batch, "source": feed.source, "department": feed.department, "way": feed.way, "item": feed.item.code}


def _runs(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Neighbours of one schema id."""
    for _, group in groupby(messages, key=lambda message: (message.value or b"")[:5]):
        yield list(group)


def _run(feed: Feed, site: Site, run: list[Message], schema_of: codec.SchemaOf, found: Mapped, now: int) -> None:
    if run[0].value is None:  # a tombstone says nothing about a record
        found.outcomes |= {message.offset: HOUSEKEEPING for message in run}
        found.next_offset = run[-1].offset + 1
        return
    if feed.table is not None and (held := _reshaped(feed, run, schema_of, found)):
        found.held, found.next_offset = held, held.offset
        return
    said, places, poison = (arrived if feed.table is None else _captured)(feed, site, run, schema_of)
    found.held = said.held
    wait = said.held.offset if said.held else None
    found.outcomes |= {run[place].offset: outcome for place, outcome in zip(places, said.outcomes, strict=False)}
    if said.frame.height:
        found.frames.append(said.frame)
        for offset in said.frame["_offset"]:
            found.records[offset] = found.records.get(offset, 0) + 1
    for place, why in poison.items():
        message = run[place]
        if wait is None or message.offset < wait:
            found.outcomes[message.offset], found.records[message.offset] = UNREADABLE, 1
            found.rejections.append(rejection(feed, site, message, why, now))
    found.next_offset = run[-1].offset + 1 if wait is None else wait


def _reshaped(feed: Feed, run: Sequence[Message], schema_of: codec.SchemaOf, found: Mapped) -> Held | None:
    """Why these events must wait, when the table is not what the mapping was made for. What cannot be read is nobody's shape and told elsewhere."""
    try:
        number = codec.schema_id(run[0].value)
        new = columns(schema_of(number))
        old = columns(schema_of(found.shape)) if found.shape not in (None, number) else new
    except (codec.Poison, LookupError):
        return None
    if not new:
        return None
    assert feed.table is not None
    if missing := sorted(feed.table.needed - new.keys()):
        return lacking(feed, run[0].offset, missing)
    if narrower := narrowed(old, new, feed.table.needed):
        return meaning_other(feed, run[0].offset, narrower)
    found.shape = number
    found.noted += added(old, new)
    return None


def _captured(feed: Feed, site: Site, run: Sequence[Message], schema_of: codec.SchemaOf) -> tuple[Said, list[int], dict[int, str]]:
    try:
        writer = schema_of(codec.schema_id(run[0].value))
        names = {each["name"] for each in writer.get("fields", ())}
    except (codec.Poison, LookupError) as fault:
        return Said(pl.DataFrame(), []), [], dict.fromkeys(range(len(run)), str(fault) or "schema unknown")
    if not {"before", "after", "source", "op"} <= names:
        return Said(pl.DataFrame(), []), [], dict.fromkeys(range(len(run)), "not a change event")
    columns = codec.decode_frame([message.value for message in run], schema_of, writer)
    if not columns.places:
        return Said(pl.DataFrame(), []), [], columns.poison
    rows, bad = _rows([run[place].key for place in columns.places], schema_of)
    good = [n for n in range(len(rows)) if n not in bad]
    poison = columns.poison | {columns.places[n]: f"key: {why}" for n, why in bad.items()}
    places = [columns.places[n] for n in good]
    if not places:
        return Said(pl.DataFrame(), []), [], poison
    frame = columns.frame if not bad else columns.frame[good]
    return changes(feed, site, writer, frame, [rows[n] for n in good], [run[place] for place in places]), places, poison


def _rows(keys: Sequence[bytes | None], schema_of: codec.SchemaOf) -> tuple[list[str | None], dict[int, str]]:
    """Primary keys as text, and what is wrong with the others. No key (a table without one, a truncate) is None."""
    found: list[str | None] = [None] * len(keys)
    there = [n for n, key in enumerate(keys) if key is not None]
    groups, poison = codec.grouped([keys[n] for n in there])
    wrong = {there[n]: why for n, why in poison.items()}
    for number, members in groups.items():
        try:
            schema = schema_of(number)
        except LookupError:
            wrong |= {there[n]: f"schema {number} is not known" for n in members}
            continue
        columns = codec.decode_frame([keys[there[n]] for n in members], schema_of, schema)
        if columns.places:
            kinds = kinds_of(schema)
            key = texts(columns.frame.rename(column_name), kinds, kinds)
            for place, row in zip(columns.places, row_texts(key.select(list(kinds))), strict=True):
                found[there[members[place]]] = row
        wrong |= {there[members[place]]: why for place, why in columns.poison.items()}
    return found, wrong


def rejection(feed: Feed, site: Site, message: Message, why: str, now: int) -> dict[str, Any]:
    """What could not be read, with its bytes, for its owner. ``why`` is the decoder's own word: no value of a record in it."""
    batch, number = feed.batch(message.offset), line(message.offset)
    envelope_part = {
        "_source": feed.source, "_department": feed.department, "_way": feed.way, "_batch": batch, "_line": number, "_row": None, "_ref": None, "_position": None,
        "_operation": "upsert", "_source_time": None, "_received_at": message.time, "_catalogue": site.catalogue, "_origin": f"{feed.topic}/0/{message.offset}",
    }  # fmt: skip
    reason = Reason(
        "R-READ-01", "error", None, None, None,
        f"读不懂这条记录（{feed.topic}，偏移量 {message.offset}）：{why}"[:500],
        "原始字节已保存；请检查写入方使用的 Avro 模式，改正后重新发送这条记录。",
    )  # fmt: skip
    key = identity.fallback_key(feed.item, feed.source, None, number, batch)
    mine = {"_item": feed.item.code, "_key": key, "_fingerprint": identity.verbatim_fingerprint({"raw": (message.value or b"").hex()})}
    return envelope_part | mine | {"_judged_at": now, "_by": "map", "fields": {}, "reasons": [reason.record()], "raw": message.value}
