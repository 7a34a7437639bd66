"""`guiji connectors poll`: every source with `capture: poll`, each in a thread of its own, so that one that fails, or takes long, holds no other.

A source is polled by one process at a time: whoever holds it (`hold`). Whoever comes second finds what was polled meanwhile, and when the next poll is due, in what the first one noted. A table that
fails is asked again after 10, 20, 40 … s, at most after `every`; the other tables of its source go on. Changed source files are taken within seconds; while one is broken, all are taken as they were.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import structlog

from connectors import access
from connectors.poll import hold, notes
from connectors.poll.notes import Polled
from connectors.poll.outlet import Outlet
from connectors.poll.reading import reading
from connectors.poll.state import State
from connectors.poll.table import Outcome, Poll
from infra import kafka
from infra.settings import Settings
from schemas import catalog, sources, topics
from schemas.catalog import Catalog
from schemas.sources import Source, SourceFault, Table

LOG = structlog.get_logger(__name__)
LOOK = 3.0  # seconds between two looks at the source files, and at what is due


def polled(found: Mapping[str, Source]) -> dict[str, Source]:
    """Those that are asked, not followed."""
    return {name: source for name, source in found.items() if source.capture == "poll"}


class Stopped(Exception):
    """The process is to end; the poll is given up, and begun anew by whoever comes next."""


@dataclass
class Poller:
    """One process's work. ``stop``: when set, no further page is asked for."""

    settings: Settings
    stop: Event
    sources: dict[str, Source] = field(default_factory=dict)

    def once(self, source: Source, *, due: bool = False, only: str = "") -> dict[str, Polled]:
        """Poll a source's tables, or those that are ``due``, or that one; what is noted of all of them then."""
        with hold.source(self.settings, source.name, self.stop.wait) as held:
            known = notes.read(self.settings, source.name)
            for name, table in source.tables.items():
                before = known.get(name, Polled())
                if held and not self.stop.is_set() and only in ("", name) and (not due or before.next <= time.time()):
                    known[name] = self._table(source, table, before)
                    notes.write(self.settings, source, known)
            return known

    def _table(self, source: Source, table: Table, before: Polled) -> Polled:
        began = time.time()
        try:
            outcome = self._poll(source, table)
        except Stopped:
            return before
        except Exception as fault:  # whatever it is, it is this table's alone: it is told, and tried again later
            if isinstance(fault, sqlite3.DatabaseError) and not isinstance(fault, sqlite3.OperationalError):
                hold.forget(self.settings, table)
            found = before.failed(source, str(fault) or repr(fault), time.time())
            expected = isinstance(fault, access.Unasked)
            LOG.warning("failed", topic=table.topic, cause=found.fault, failures=found.failures, again=round(found.next - time.time()), exc_info=not expected)
            return found
        found = before.succeeded(source, outcome, began, time.time())
        LOG.info("polled", topic=table.topic, rows=found.rows, events=dict(found.events), seconds=round(found.seconds, 1), missing=found.missing)
        return found

    def _poll(self, source: Source, table: Table) -> Outcome:
        settings = self.settings
        kafka.ensure(settings, [topics.feed(table.topic)])
        topic, _ = kafka.identity(settings, table.topic)
        said_before = kafka.watermarks(settings, table.topic, 0)[1] > 0
        at = max(int(time.time() * 1000), int(kafka.newest(settings, [table.topic]).get(table.topic, 0.0) * 1000) + 1)
        where = access.of(source.database, {**os.environ, **settings.secrets()})
        with State(hold.path(settings, table)) as known, Outlet(settings, source) as outlet:
            if known.lost:
                LOG.error("state lost: the whole table is read anew", topic=table.topic, cause=known.lost)
            known.of(source.generation, topic)
            asked = reading(where, table, known.about, ZoneInfo(settings.timezone), self._wait)
            poll = Poll(table, known, outlet, at)
            poll.finish(asked.form)
            outcome = poll.run(asked)
            outcome.again = outcome.anew and said_before
            return outcome

    def _wait(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise Stopped

    def follow(self, name: str) -> None:
        """A source's thread: until it is told to stop, or the source is polled no more."""
        while not self.stop.is_set() and (source := self.sources.get(name)):
            known = notes.read(self.settings, name)
            due = min((known.get(table, Polled()).next for table in source.tables), default=0.0)
            if due <= time.time():
                self.once(source, due=True)
            self.stop.wait(LOOK)


def now(settings: Settings, source: Source, table: Table) -> Polled:
    """Poll a table at once, in this process, whoever else polls it at other times. Raises Unasked where it fails."""
    found = Poller(settings, Event()).once(source, only=table.name)[table.name]
    if found.fault:
        raise access.Unasked(f"{table.source_id} cannot be polled, so nothing can be said: {found.fault}")
    return found


def once(settings: Settings, stop: Event) -> list[Polled]:
    """Poll each source one time, whether it is due or not; what is noted of every table then. Raises SourceFault, CatalogFault."""
    poller = Poller(settings, stop, polled(sources.load(settings.sources, catalog.load(settings.catalogue))))
    with ThreadPoolExecutor(max(1, len(poller.sources))) as pool:
        return [polled for found in pool.map(poller.once, poller.sources.values()) for polled in found.values()]


def run(settings: Settings, stop: Event) -> None:
    """Poll until told to stop. Raises SourceFault where the files are broken at the start, CatalogFault."""
    items = catalog.load(settings.catalogue)
    poller, seen = Poller(settings, stop, polled(sources.load(settings.sources, items))), _stamps(settings.sources)
    threads: dict[str, threading.Thread] = {}
    while not stop.is_set():
        for name in poller.sources:
            if name not in threads or not threads[name].is_alive():
                threads[name] = threading.Thread(target=poller.follow, args=(name,), name=name)
                threads[name].start()
        stop.wait(LOOK)
        if (stamps := _stamps(settings.sources)) != seen:
            seen = stamps
            poller.sources = _taken(settings, items, poller.sources)
    for thread in threads.values():
        thread.join()


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.glob("*.yaml")}


def _taken(settings: Settings, items: Catalog, before: dict[str, Source]) -> dict[str, Source]:
    try:
        found = polled(sources.load(settings.sources, items))
    except SourceFault as fault:
        LOG.error("sources are broken, polled as they were", why=str(fault))
        return before
    LOG.info("sources taken anew", polled=sorted(found))
    return found
