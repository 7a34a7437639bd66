"""Whether what was changed in a database up to some place has come through: brought by Connect, or by a poll; mapped, judged, loaded. Until then a difference is only something that is on its way."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

from connectors.connect import Connect
from connectors.poll import hold, notes, process
from connectors.poll.notes import Polled
from connectors.sweep import scan
from connectors.sweep.scan import Place
from infra import lag
from infra.settings import Settings
from schemas import place, topics
from schemas.catalog import Item
from schemas.sources import Source, Table

EVERY = 0.5  # seconds
_FILE = re.compile(r".*\.(\d+)")


class Behind(Exception):
    """The feed did not come that far in time; the message says who is behind and what to do."""


@dataclass(frozen=True)
class Patience:
    """Seconds that a feed may take, and how a pause is made."""

    seconds: float = 180.0
    wait: Callable[[float], object] = Event().wait


class Feed(Protocol):
    """The way on which a source's changes come. Raises Behind, Unasked, ConnectFault, KafkaException."""

    @property
    def polled(self) -> scan.Polled | None:
        """For scans: whether the database's log is of no concern."""
        ...

    def come(self, item: Item, table: Table, place: Place) -> None:
        """Wait until everything is in the warehouse that had happened in the table when a scan noted that place."""
        ...

    def position(self, table: Table) -> str:
        """`_position` of rows that are looked at from now on: later than everything that was brought, earlier than all that is brought later."""
        ...

    def taken_back(self, table: Table, rows: Iterable[str]) -> None:
        """These rows' records were withdrawn beside the feed."""
        ...


@dataclass(frozen=True)
class Followed:
    """Connect reads the database's log."""

    settings: Settings
    source: Source
    connect: Connect
    patience: Patience
    polled: scan.Polled | None = None

    def come(self, item: Item, table: Table, place: Place) -> None:
        passed(self.connect, self.source, place, self.patience)
        loaded(self.settings, item, table, self.patience)

    def position(self, _table: Table) -> str:
        return position(self.source, stands(self.connect.offsets(self.source.name)) or (0, 0))

    def taken_back(self, table: Table, rows: Iterable[str]) -> None:
        """The log tells of them if they come again."""


@dataclass(frozen=True)
class Asked:
    """The table is asked what has changed: a poll is made here and now, so that nobody waits for the next one. It sees what polls see (`poll.blind`); what they do not is what is to be found."""

    settings: Settings
    source: Source
    patience: Patience
    polled: scan.Polled | None = scan.Polled()  # noqa: RUF009 -- frozen

    def come(self, item: Item, table: Table, _place: Place) -> None:
        process.now(self.settings, self.source, table)
        loaded(self.settings, item, table, self.patience)

    def position(self, table: Table) -> str:
        return asked_up_to(self.source, notes.read(self.settings, self.source.name).get(table.name, Polled()))

    def taken_back(self, table: Table, rows: Iterable[str]) -> None:
        hold.taken_back(self.settings, self.source, table, rows)


@contextmanager
def of(settings: Settings, source: Source, patience: Patience) -> Iterator[Feed]:
    """A source's. Raises ConnectFault."""
    if source.capture == "poll":
        yield Asked(settings, source, patience)
        return
    with Connect(settings.connect) as connect:
        yield Followed(settings, source, connect, patience)


def asked_up_to(source: Source, polled: Polled) -> str:
    """`_position` of what was seen after that poll and before the next."""
    return place.polled(source.generation, polled.poll)


def stands(offsets: Iterable[Mapping[str, Any]]) -> Place | None:
    """How far a connector has come, by Connect's list of {partition, offset}: the last commit it has seen, or the place in the binlog; None before its first change."""
    for each in offsets:
        found = each.get("offset") or {}
        if (commit := found.get("lsn_commit")) is not None:
            return 0, int(commit)
        if (file := _FILE.fullmatch(str(found.get("file") or ""))) is not None:
            return int(file[1]), int(found.get("pos") or 0)
    return None


def position(source: Source, stood: Place) -> str:
    """`_position` of what was seen while the connector stood there: later than all it had read, earlier than all it reads from there on."""
    file, at = stood
    return place.commit(source.generation, at) if source.database.kind == "postgres" else place.binlog(source.generation, file, at)


def passed(connect: Connect, source: Source, wanted: Place, patience: Patience) -> Place:
    """Wait until the connector is past a place of its database's log; where it stands then. Raises Behind, ConnectFault."""
    deadline = time.monotonic() + patience.seconds
    while True:
        stood = stands(connect.offsets(source.name))
        if stood is not None and stood >= wanted:
            return stood
        if time.monotonic() > deadline:
            raise Behind(f"{source.name}: its connector has not come past the place of the scan in {patience.seconds:.0f} s: nothing can be said. See `guiji connectors status`.")
        patience.wait(EVERY)


def loaded(settings: Settings, item: Item, table: Table, patience: Patience) -> None:
    """Wait until what stands in the table's topics now is mapped, judged and in the warehouse. Raises Behind, KafkaException."""
    steps = [
        (topics.MAP, [table.topic, topics.swept(table.source_id)]),
        (topics.JUDGE, [topics.submitted(item.code)]),
        (topics.LOADER, [topics.accepted(item.code), topics.rejected(item.code)]),
    ]
    deadline = time.monotonic() + patience.seconds
    for group, names in steps:
        left = lag.last_records(settings, names)
        while left := lag.short_of(settings, group, left):
            if time.monotonic() > deadline:
                topic = left[0].topic
                raise Behind(f"{table.source_id}: the {group} has not read {topic} to its end in {patience.seconds:.0f} s: nothing can be said. Does it run? Is the topic held (guiji status)?")
            patience.wait(EVERY)
