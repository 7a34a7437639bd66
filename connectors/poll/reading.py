"""What a poll asks of the database: the whole table, or the rows changed of late. One session at a time, which only reads; its pace is the source file's."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import polars as pl

from connectors.access import Access, Unasked
from connectors.poll.event import Form
from connectors.poll.state import About
from connectors.poll.table import Reading
from connectors.sweep import scan
from schemas.sources import Table

PAGE = 10_000  # rows in memory at once


def reading(access: Access, table: Table, about: About, zone: ZoneInfo, wait: Callable[[float], object]) -> Reading:
    """``wait`` makes the pauses, and is called after each page; what it raises ends the reading. Raises Unasked, also while its rows are taken."""
    poll, look = table.poll, scan.look(access, table)
    if not look.key:
        raise Unasked(f"{table.name} has no primary key: its rows cannot be told apart from one poll to the next. Its owner must name the columns of one (ALTER TABLE … ADD PRIMARY KEY).")
    newest, now = look.newest, datetime.now(UTC)
    if newest and ahead(newest, now, zone):
        # Rows changed until then would be passed over.
        newest = scan.look(access, table, _written(now, zone, zoned=newest.endswith("Z"))).newest
    since = earlier(about.newest, poll.overlap) if poll.column and about.whole and about.newest else None
    pages = scan.pages(access, table, pace=scan.Pace(min(PAGE, poll.rate), poll.rate, wait), polled=scan.Polled(since))
    return Reading(Form(table, look.key), _rows(pages, wait), since is None, newest or about.newest)


def _rows(pages: Iterator[scan.Page], wait: Callable[[float], object]) -> Iterator[dict[str, str]]:
    for page in pages:
        yield images(page.rows, page.texts)
        wait(0)


def images(keys: pl.Series, texts: pl.DataFrame) -> dict[str, str]:
    """Each row as a JSON object of texts, by its key."""
    lines = texts.write_ndjson().removesuffix("\n").split("\n") if texts.height else []  # a text may have line ends of other kinds
    return dict(zip(keys, lines, strict=True))


def ahead(text: str, now: datetime, zone: tzinfo) -> bool:
    """Whether a time lies in the future, or at none that a calendar has; one without a zone is the site's."""
    found = _moment(text)
    return found is None or (found if found.tzinfo else found.replace(tzinfo=zone)) > now


def earlier(text: str, seconds: int) -> str | None:
    """A time so many seconds before, written like it; None where there is none."""
    found = _moment(text)
    try:
        return None if found is None else _written(found - timedelta(seconds=seconds), found.tzinfo, zoned=text.endswith("Z"))
    except OverflowError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _written(moment: datetime, zone: tzinfo | None, *, zoned: bool) -> str:
    """As the scan writes times: with a zone in UTC, with a Z; without one as the calendar has it."""
    if zoned:
        return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    local = moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment
    return local.isoformat(sep=" ")
