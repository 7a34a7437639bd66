"""Change events of one tapped table → what was said. Pure.

| event | said |
|---|---|
| read in a snapshot, created, changed | upsert |
| deleted | withdraw of what stood before; counted only, where the table's deletes are housekeeping |
| changed, the record's key with it | withdraw of the old key, upsert of the new one: two records of one event |
| the filter lets the old row pass, not the new one | withdraw |
| the filter lets neither pass | counted as outside |
| its status says that the row is not ready | counted as outside; what it said before stands, unless the record's key changed or the row was deleted: withdraw |
| truncated | counted as housekeeping: rows gone without names are never withdrawn by guess; a reload says each of them again, a full reconciliation finds the rest |
| deleted, from a table that its owner empties and fills anew (`load: reload`) | counted as housekeeping: what is not there any more when the load has ended is found then (connectors/sweep) |
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from schemas import identity
from schemas.image import UNAVAILABLE, Image, filled, image, texts
from schemas.place import moment
from schemas.text import column_name
from streams.map_feed import Feed, Held, Message, Site, line
from streams.map_position import PLACES, polled, position, snapshot
from streams.map_shape import columns

SENT, OUTSIDE, HOUSEKEEPING = "sent", "outside", "housekeeping"


@dataclass(frozen=True)
class Said:
    """``frame``: the submission's columns, `_key` and `_offset`, in order of events; ``outcomes[n]`` of event n; ``held``: why event `held.offset` and all after it wait."""

    frame: pl.DataFrame
    outcomes: list[str]
    held: Held | None = None


@dataclass(frozen=True)
class Pick:
    """One record to send: of event ``event``, from its before or after side."""

    event: int
    old: bool
    operation: str


def changes(feed: Feed, site: Site, envelope: Mapping[str, Any], events: pl.DataFrame, rows: Sequence[str | None], messages: Sequence[Message]) -> Said:
    """Events of one envelope schema, which has every needed column; row n of ``events`` with primary key ``rows[n]`` and message n. Those before one that cannot be told are mapped, the rest held."""
    table = feed.table
    assert table is not None
    kinds = {name: column.kind for name, column in columns(envelope).items()}
    sides = {side: _named(events[side]) for side in ("before", "after")}
    present = {side: events[side].is_not_null().to_list() for side in sides}
    before, after = (texts(sides[side], table.needed, kinds) for side in ("before", "after"))
    after = filled(after, before)
    wait = _first_untold(events, rows, before, after)
    if wait is not None:
        held = _incomplete(feed, messages[wait].offset)
        told = changes(feed, site, envelope, events[:wait], rows[:wait], messages[:wait]) if wait else Said(pl.DataFrame(), [])
        return Said(told.frame, told.outcomes, held)
    old, new = image(table, before, present["before"]), image(table, after, present["after"])
    keys = _keys(feed, site, old), _keys(feed, site, new)
    picks, outcomes = _picks(feed, events["op"].to_list(), (old, new), keys, messages)
    return Said(_frame(feed, site, picks, (old, new), keys, Context(_places(events["source"]), rows, messages)), outcomes)


@dataclass(frozen=True)
class Context:
    """By event: Debezium's source block, the primary key, the message."""

    sources: Sequence[Mapping[str, Any]]
    rows: Sequence[str | None]
    messages: Sequence[Message]


def _places(source: pl.Series) -> Sequence[Mapping[str, Any]]:
    """What is needed of the source blocks: building all of them is slow."""
    found = source.struct.unnest()
    return found.select(name for name in PLACES if name in found.columns).to_dicts()


def _named(side: pl.Series) -> pl.DataFrame:
    """One side's columns by their own names."""
    return side.struct.unnest().rename(column_name)


def _incomplete(feed: Feed, offset: int) -> Held:
    return Held(
        offset,
        f"{feed.topic}: the event at offset {offset} does not say what the row was before. The table needs full before images "
        "(PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL; MariaDB: binlog_row_image=FULL). Set them, have the table read anew, and move map past the events without.",
        "数据库日志里没有这张表修改前的内容，变更暂停归集，已收到的不会丢失。请数据库管理员重新执行归集方提供的授权脚本（整行日志），并联系归集方。",
    )


def _first_untold(events: pl.DataFrame, rows: Sequence[str | None], before: pl.DataFrame, after: pl.DataFrame) -> int | None:
    """The first event whose old row, or a long value, is not there. A delete that carries no more values than the primary key has carries nothing but it, unless a poll
    says so, which knows the whole row."""
    ops, old = events["op"], events["before"]
    changed_blind = ops.is_in(["u", "d"]) & old.is_null()
    bare = pl.Series([False] * len(ops))
    if (ops == "d").any() and "poll" not in events["source"].struct.fields:
        filled_columns = old.struct.unnest().select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int64)))[:, 0]
        bare = (ops == "d") & (filled_columns <= pl.Series([len(json.loads(row)) if row else 0 for row in rows], dtype=pl.Int64))
    unlogged = [column.eq(UNAVAILABLE).fill_null(value=False) for frame in (before, after) for column in frame]
    untold = (changed_blind | bare).to_list()
    for column in unlogged:
        for place in column.arg_true():
            untold[place] = True
    return next((place for place, there in enumerate(untold) if there), None)


def _keys(feed: Feed, site: Site, side: Image) -> list[str | None]:
    """Keys of the events that have this side."""
    if not any(side.present):
        return [None] * len(side.present)
    places = [n for n, there in enumerate(side.present) if there]
    found = identity.keys(feed.item, feed.department, side.fields if len(places) == len(side.present) else side.fields[places], site.secret)
    keys: list[str | None] = [None] * len(side.present)
    for place, key in zip(places, found, strict=True):
        keys[place] = key
    return keys


def _picks(
    feed: Feed, ops: Sequence[str], sides: tuple[Image, Image], keys: tuple[list[str | None], list[str | None]], messages: Sequence[Message]
) -> tuple[list[Pick], list[str]]:
    assert feed.table is not None
    (old, new), keeps, reloaded = sides, feed.table.delete == HOUSEKEEPING, feed.table.reload is not None
    picks, outcomes = list[Pick](), list[str]()
    for n, op in enumerate(ops):
        # A row that is not ready may have said something before, and what it said stands.
        was, stays = old.present[n] and (old.inside[n] or old.waiting[n]), new.present[n] and (new.inside[n] or new.waiting[n])
        if op not in "crud" or (op == "d" and (reloaded or (was and keeps and not messages[n].moved))):
            outcomes.append(HOUSEKEEPING)
            continue
        # A key that was incomplete has nothing standing under it.
        split = was and stays and keys[0][n] is not None and keys[0][n] != keys[1][n]
        before = len(picks)
        if was and (split or not stays):
            picks.append(Pick(n, old=True, operation="withdraw"))
        if stays and new.inside[n]:
            picks.append(Pick(n, old=False, operation="upsert"))
        outcomes.append(SENT if len(picks) > before else OUTSIDE)
    return picks, outcomes


def _frame(
    feed: Feed, site: Site, picks: Sequence[Pick], sides: tuple[Image, Image], keys: tuple[list[str | None], list[str | None]], context: Context
) -> pl.DataFrame:
    height = len(context.messages)
    fields = pl.concat([side.fields for side in sides])[[pick.event + (0 if pick.old else height) for pick in picks]]
    chosen = [context.messages[pick.event] for pick in picks]
    sources = [context.sources[pick.event] for pick in picks]
    rows = [context.rows[pick.event] for pick in picks]
    times = [_time(pick, source, sides, site) for pick, source in zip(picks, sources, strict=True)]
    said = {
        "_row": pl.Series(rows, dtype=pl.String),
        "_position": pl.Series([position(source, feed.generation) if row else None for source, row in zip(sources, rows, strict=True)], dtype=pl.String),
        "_operation": pl.Series([pick.operation for pick in picks], dtype=pl.String),
        "_source_time": pl.Series(times, dtype=pl.Int64).cast(pl.Datetime("ms")),
        "_key": pl.Series(
            [
                keys[not pick.old][pick.event] or identity.fallback_key(feed.item, feed.source, row, line(message.offset), feed.batch(message.offset))
                for pick, row, message in zip(picks, rows, chosen, strict=True)
            ],
            dtype=pl.String,
        ),
    }
    return stamped(feed, site, fields.with_columns(**said), chosen)


def _time(pick: Pick, source: Mapping[str, Any], sides: tuple[Image, Image], site: Site) -> int | None:
    """When the row was changed: the commit's time; of rows that were only read, what their update column says. Nobody knows when a row went that a poll missed."""
    if polled(source) and pick.old:
        return None
    if polled(source) or snapshot(source):
        return moment(sides[not pick.old].times[pick.event], site.zone)
    return source.get("ts_ms") or None


def stamped(feed: Feed, site: Site, said: pl.DataFrame, messages: Sequence[Message]) -> pl.DataFrame:
    """The rest of the envelope: who speaks, from which place."""
    return said.with_columns(
        pl.lit(feed.source).alias("_source"),
        pl.lit(feed.department).alias("_department"),
        pl.lit(feed.way).alias("_way"),
        pl.lit(site.catalogue).alias("_catalogue"),
        pl.Series("_batch", [feed.batch(message.offset) for message in messages], pl.String),
        pl.Series("_offset", [message.offset for message in messages], pl.Int64),
        pl.Series("_line", [line(message.offset) for message in messages], pl.Int64),
        pl.Series("_origin", [f"{feed.topic}/0/{message.offset}" for message in messages], pl.String),
        pl.Series("_received_at", [message.time for message in messages], pl.Int64).cast(pl.Datetime("ms")),
    )
