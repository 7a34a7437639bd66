"""Who may poll a source: one process at a time, and whoever changes what its pollers know. Where that stands."""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import structlog

from connectors.poll import notes
from connectors.poll.state import State
from infra.settings import Settings
from schemas.sources import Source, Table

LOG = structlog.get_logger(__name__)
AGAIN = 0.5  # seconds
NEVER = Event().wait  # a pause that nobody ends


@contextmanager
def source(settings: Settings, name: str, wait: Callable[[float], object] = NEVER) -> Iterator[bool]:
    """Hold a source, as soon as nobody else does; False when ``wait`` was told to stop before. The operating system gives it back when its holder dies."""
    settings.slots.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.slots / f"poll-{name}", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        yield _locked(handle, name, wait)
    finally:
        os.close(handle)


def _locked(handle: int, name: str, wait: Callable[[float], object]) -> bool:
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                LOG.info("waits: another process polls it", source=name)
            told = True
            if wait(AGAIN):
                return False
        else:
            return True


def path(settings: Settings, table: Table) -> Path:
    """What is known of a table."""
    return settings.state / "polled" / f"{table.source_id}.db"


def forget(settings: Settings, table: Table) -> None:
    """A state that cannot be read: the next poll reads the whole table."""
    where = path(settings, table)
    for each in where.parent.glob(f"{where.name}*"):
        each.unlink()


def anew(settings: Settings, declared: Source, tables: Iterable[Table]) -> None:
    """The next poll, due at once, says these tables' every row."""
    with source(settings, declared.name):
        for table in tables:
            with State(path(settings, table)) as known:
                known.tell(replace(known.about, whole=False))
        _due(settings, declared, tables)


def let_through(settings: Settings, declared: Source, table: Table) -> int:
    """What the brake keeps of a table is right: with no fewer rows than at its last poll, what is missing is deleted at the next one, due at once. How many rows that are; 0: nothing is kept."""
    with source(settings, declared.name):
        polled = notes.read(settings, declared.name).get(table.name)
        if polled is None or not polled.missing:
            return 0
        with State(path(settings, table)) as known:
            known.tell(replace(known.about, passes=polled.rows))
        _due(settings, declared, [table])
        return polled.missing


def taken_back(settings: Settings, declared: Source, table: Table, rows: Iterable[str]) -> None:
    """What these rows said was taken back beside the polls: they are known no more, and one that comes again is new."""
    with source(settings, declared.name), State(path(settings, table)) as known:
        known.forget(rows)


def _due(settings: Settings, declared: Source, tables: Iterable[Table]) -> None:
    known = notes.read(settings, declared.name)
    names = {table.name for table in tables}
    notes.write(settings, declared, {name: replace(polled, next=0.0) if name in names else polled for name, polled in known.items()})
