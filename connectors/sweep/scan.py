"""A tapped table read in the database itself, page by page in the order of its primary key: the texts are those which an event of the same row would bring (docs/fidelity.md).

Cheap for the department: a page is one question along the primary key's index, in a read-only transaction of its own that lasts as long as the page takes; never more than `Pace.rate` rows a second.
So pages are not of one moment: who finds a difference looks at the row again (`rows`).
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import polars as pl

from connectors import ask_binlog, ask_postgres, prepare_binlog, prepare_postgres
from connectors.access import Access, Unasked
from connectors.sweep import columns_binlog, columns_postgres
from connectors.sweep.column import Column, Shape
from schemas.image import rows as row_texts
from schemas.sources import Table

Place = tuple[int, int]
ASKED = ("postgres", "mariadb", "mysql")
NOWHERE: Place = (0, 0)


@dataclass(frozen=True)
class Pace:
    """``rows`` of a page; ``rate``: rows a second at most; ``wait``: how a pause is made (a process that may be told to stop gives its event's)."""

    rows: int = 50_000
    rate: int = 50_000
    wait: Callable[[float], object] = Event().wait


@dataclass(frozen=True)
class Page:
    """Row n of ``texts`` (every column the mapping needs, by its own name, as text; nothing is null) is the source's row ``rows[n]`` (`_row`; null in a table without a primary key).

    ``place``: how far the log was when all of it had been read: (0, log sequence number), or (number of the binlog, place in it). ``last``: where the next page begins; None after the last one.
    """

    rows: pl.Series
    texts: pl.DataFrame
    place: Place
    last: str | None


@dataclass(frozen=True)
class Polled:
    """A table whose database's log is of no concern: every page's place is `NOWHERE`. ``since``: only rows whose `poll.column` has this value (as the scan writes it) or a higher one."""

    since: str | None = None


def pages(access: Access, table: Table, after: str | None = None, pace: Pace | None = None, polled: Polled | None = None) -> Iterator[Page]:
    """All rows after the row ``after`` (from the first on, without). A table without a primary key is one page. Raises Unasked, Refused."""
    pace = pace or Pace()
    with _opened(access, table) as session:
        if polled:
            session = replace(session, place=lambda: NOWHERE, since=_since(session.shape, table, polled.since))
        while True:
            began = time.monotonic()
            page = _page(session, table, after, pace.rows)
            yield page
            if page.last is None:
                return
            after = page.last
            if (left := page.texts.height / pace.rate - (time.monotonic() - began)) > 0:
                pace.wait(left)


def rows(access: Access, table: Table, wanted: Sequence[str], polled: Polled | None = None) -> Page:
    """These rows (`_row`) as they are now, those that are there. For some thousands at once. Raises Unasked, Refused."""
    with _opened(access, table) as session:
        order, values = _key(session.shape), ", ".join(f"({', '.join(_literals(session.shape, row))})" for row in wanted)
        frame = session.read(f" WHERE ({', '.join(order)}) IN ({values})")
        return Page(*_split(session.shape, table, frame), NOWHERE if polled else session.place(), None)


@dataclass(frozen=True)
class Look:
    """``key``: columns of the primary key, in their order; ``newest``: the highest value of `poll.column`, where the table is polled by one and has any."""

    key: tuple[str, ...]
    newest: str | None = None


def look(access: Access, table: Table, before: str | None = None) -> Look:
    """What must be known before a table is polled; with ``before``, the highest value that is not above it. Cheap where the column has an index. Raises Unasked, Refused."""
    with _opened(access, table) as session:
        if table.poll.column is None:
            return Look(session.shape.key)
        column = session.shape.columns[table.poll.column]
        limit = f" AND {column.order} <= {column.literal(before)}" if before else ""
        frame = session.read(f" WHERE {column.order} IS NOT NULL{limit} ORDER BY {column.order} DESC LIMIT 1")
        return Look(session.shape.key, column.done(frame[column.name])[0] if frame.height else None)


@dataclass(frozen=True)
class _Session:
    """``read``: what stands behind the table's name in a question → the shape's columns; ``place``: how far the log is; ``since``: a condition of every page."""

    kind: str
    shape: Shape
    read: Callable[[str], pl.DataFrame]
    place: Callable[[], Place]
    since: str = ""


def _since(shape: Shape, table: Table, text: str | None) -> str:
    if text is None or table.poll.column is None:
        return ""
    column = shape.columns[table.poll.column]
    return f"{column.order} >= {column.literal(text)}"


def _page(session: _Session, table: Table, after: str | None, size: int) -> Page:
    shape, order = session.shape, _key(session.shape)
    conditions = [session.since] * bool(session.since) + ([_beyond(session.kind, order, _literals(shape, after))] if after is not None else [])
    where = f" WHERE ({') AND ('.join(conditions)})" if conditions else ""
    frame = session.read(f"{where} ORDER BY {', '.join(order)} LIMIT {size}" if order else "")
    found, texts = _split(shape, table, frame)
    return Page(found, texts, session.place(), found[-1] if order and frame.height == size else None)


def _split(shape: Shape, table: Table, frame: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    made = pl.DataFrame([shape.columns[name].done(frame[name]) for name in frame.columns])
    found = row_texts(made.select(shape.key)) if shape.key else pl.Series("_row", [None] * frame.height, pl.String)
    return found, made.select(pl.when(pl.col(name) != "").then(pl.col(name)) for name in sorted(table.needed))


def _key(shape: Shape) -> list[str]:
    return [shape.columns[name].order for name in shape.key]


def _literals(shape: Shape, row: str) -> list[str]:
    return [shape.columns[name].literal(text) for name, text in zip(shape.key, json.loads(row), strict=True)]


def _beyond(kind: str, order: Sequence[str], values: Sequence[str]) -> str:
    """Behind that key. MariaDB finds its way along an index by the first column's own condition only."""
    if kind == "postgres":
        return f"({', '.join(order)}) > ({', '.join(values)})"
    steps = [" AND ".join([*(f"{order[m]} = {values[m]}" for m in range(n)), f"{order[n]} > {values[n]}"]) for n in range(len(order))]
    return f"{order[0]} >= {values[0]} AND (({') OR ('.join(steps)}))"


@contextmanager
def _opened(access: Access, table: Table) -> Iterator[_Session]:
    if access.kind not in ASKED:
        raise Unasked(f"{access.kind}: no such database can be asked here")
    with _postgres(access, table) if access.kind == "postgres" else _binlog(access, table) as session:
        yield session


def _shaped(table: Table, columns: Iterable[Column], key: Sequence[str]) -> Shape:
    there = {column.name: column for column in columns}
    if not there:
        raise Unasked(f"there is no table {table.name}, or this account may not see it")
    if missing := sorted(table.asked - there.keys()):
        raise Unasked(f"{table.name} has no column {', '.join(missing)}: correct the source's file")
    return Shape(tuple(key), {name: there[name] for name in dict.fromkeys([*key, *sorted(table.asked)])})


def _ordered(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in sorted((row for row in rows if row["place"] is not None), key=lambda row: int(row["place"]))]


@contextmanager
def _postgres(access: Access, table: Table) -> Iterator[_Session]:
    with ask_postgres.asking(access) as asked:
        for name, value in columns_postgres.SESSION.items():
            asked.rows("SELECT set_config(%s, %s, false)", (name, value))
        told = asked.rows(columns_postgres.COLUMNS, prepare_postgres.place(table.name))
        shape = _shaped(table, map(columns_postgres.column, told), _ordered(told))
        said = ", ".join(["1", *(column.said for column in shape.columns.values())])

        def read(rest: str) -> pl.DataFrame:
            return _frame(shape, asked.copied(f"SELECT {said} FROM {prepare_postgres.named(table)}{rest}"))

        yield _Session(access.kind, shape, read, lambda: (0, asked.log_place()))


@contextmanager
def _binlog(access: Access, table: Table) -> Iterator[_Session]:
    with ask_binlog.asking(access) as asked:
        asked.rows("SET SESSION time_zone = '+00:00'")
        told = asked.rows(columns_binlog.COLUMNS, (access.name, table.short))
        shape = _shaped(table, map(columns_binlog.column, told), _ordered(told))
        cells = ", ".join(f"""IFNULL(CONCAT('"', REPLACE({column.said}, '"', '""'), '"'), '')""" for column in shape.columns.values())

        def read(rest: str) -> pl.DataFrame:
            return _frame(shape, b"\n".join(asked.lines(f"SELECT CONCAT_WS(',', '1', {cells}) FROM {prepare_binlog.quoted(access.name, table.short)}{rest}")))

        yield _Session(access.kind, shape, read, asked.log_place)


def _frame(shape: Shape, csv: bytes) -> pl.DataFrame:
    """Lines of CSV, each value in quotes and a NULL without, as columns of text. The first is never null, so that no line is empty."""
    names = ["\0", *shape.columns]
    schema = dict.fromkeys(names, pl.String)
    return (pl.read_csv(csv, has_header=False, schema=schema) if csv else pl.DataFrame(schema=schema)).drop("\0")
