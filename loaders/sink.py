"""From the topics into the warehouse. Delivery guarantee: every record exactly once, on every server, whatever dies in between.

Rows carry the partition and offset they came from. Offsets are committed only after the rows of all tables stand; what was inserted and not
committed comes again, and after every assignment, and after every insert whose answer was lost, the tables are read back and only the missing rows
go in. A zombie's late insert repeats rows that `FINAL` shows once. An unavailable warehouse is waited for with the partitions
paused, so memory stays bounded, and a schema that the registry cannot say makes only its topic wait; a single record that cannot be loaded is written to `unloadable` with the reason;
tables that do not fit, and topics that were made anew, stop the sink with the remedy.
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from threading import Event

from confluent_kafka import KafkaException

from infra import failpoint, kafka, metrics
from infra.brake import Brake
from infra.measured import seldom, written
from infra.settings import Settings
from infra.slots import instance, slot
from loaders import ddl, measured, presence, statements, subjects, table, topics
from loaders.decoding import Decoder
from loaders.errors import SchemaRefused, Unavailable
from loaders.intake import Intake, Member, Message, Rebalanced, Size
from loaders.loading import Loading
from loaders.rows import Stream, streams
from loaders.warehouse import Warehouse, own
from schemas import registry
from schemas.catalog import Catalog

log = logging.getLogger("guiji.loader")
SIZE = Size()
REST = 1.0  # seconds until a topic is read again whose schema the registry could not say
_FIRST, _LONGEST = 0.2, 10.0
_VIEW_RACE, _ATTEMPTS = {57, 60}, 20  # old servers cannot replace a view: two loaders that start at once drop each other's


@dataclass
class Progress:
    """What the sink has done since it started, for status pages: rows inserted, batches, why it waits (None: it does not), topics that are held, and those that wait alone, with the reason."""

    rows: int = 0
    batches: int = 0
    last: datetime | None = None
    waiting: str | None = None
    held: dict[str, str] = field(default_factory=dict)
    resting: dict[str, str] = field(default_factory=dict)
    _patience: float = field(default=_FIRST, repr=False)

    def flow(self, rows: int, now: datetime) -> None:
        self.rows, self.batches, self.last, self.waiting, self._patience = self.rows + rows, self.batches + 1, now, None, _FIRST
        metrics.INSERTED_ROWS.add(rows)
        metrics.INSERTED_BATCHES.add()
        metrics.LOADER_WAITS.set(0)

    @property
    def trouble(self) -> str | None:
        """What is to be told somebody; None when all is well."""
        return self.waiting or "; ".join([*self.held.values(), *self.resting.values()]) or None

    def stall(self, why: str) -> float:
        """Notes why it must wait and says for how long: twice as long each time, at most ten seconds."""
        self.waiting, pause = why, self._patience
        metrics.LOADER_WAITS.set(1)
        self._patience = min(self._patience * 2, _LONGEST)
        return pause


class Sink:
    """The loop. ``size`` bounds a batch; make one per thread. Without a ``member`` it takes this machine's next free place in the group."""

    def __init__(self, settings: Settings, catalog: Catalog, warehouse: Warehouse, size: Size = SIZE, member: Member | None = None) -> None:
        self._settings, self._catalog, self._warehouse = settings, catalog, warehouse
        self._size, self._member = size, member
        self._streams: Mapping[str, Stream] = streams(catalog)
        self._loadings = {name: Loading(warehouse, stream) for name, stream in self._streams.items()}
        self._decoder = Decoder(settings)
        self._brake = Brake(settings)
        self._generation = -1
        self.progress = Progress()

    def run(self, stop: Event) -> None:
        """Loads until ``stop`` is set. Raises Fatal and SchemaRefused with the remedy; every other stop of the warehouse is waited out."""
        begin = self._prepared(stop)
        if begin is None:
            return
        with contextlib.nullcontext(self._member) if self._member else member(self._settings, self._streams) as mine:
            self._loop(Intake(self._settings, list(self._streams), lambda topic, partition: begin[topic].get(partition), mine), stop)

    def _loop(self, intake: Intake, stop: Event) -> None:
        try:
            while not stop.is_set():
                try:
                    self._batch(intake, stop)
                except Rebalanced:
                    log.info("partitions changed hands; reading on from the committed offsets")
        finally:
            intake.close()
            self._decoder.close()

    def _prepared(self, stop: Event) -> Mapping[str, Mapping[int, int]] | None:
        """Tables, views and topic ids in order; then where to begin, per topic and partition. None when stopped while waiting for the servers."""
        while not stop.is_set():
            try:
                prepare(self._warehouse, self._catalog)
                live = topics.ids(self._settings, list(self._streams))
                fresh = topics.check(live, topics.known(self._warehouse))
                topics.remember(self._warehouse, {name: live[name] for name in fresh}, datetime.now(UTC))
                return {name: presence.resume(self._warehouse, stream) for name, stream in self._streams.items()}
            except (Unavailable, kafka.Unavailable, KafkaException) as error:
                stop.wait(self._stalled(error))
        return None

    def _batch(self, intake: Intake, stop: Event) -> None:
        messages = intake.take(self._size, wait=self._size.linger.seconds)
        if not messages:
            return
        if intake.generation != self._generation:
            self._generation = intake.generation
            for loading in self._loadings.values():
                loading.forget()
        by_topic: dict[str, list[Message]] = {}
        for message in messages:
            by_topic.setdefault(message.topic(), []).append(message)
        loaded = 0
        for name, mine in by_topic.items():
            rows = self._patiently(intake, stop, name, mine)
            if rows is None:
                return
            loaded += rows
        failpoint.point("sink.inserted")
        idle = self.progress.held.keys() | self.progress.resting.keys()
        after = {(m.topic(), m.partition()): m.offset() + 1 for m in messages if m.topic() not in idle}
        if self._commit(intake, stop, after):
            failpoint.point("sink.committed")
            self.progress.flow(loaded, datetime.now(UTC))

    def _patiently(self, intake: Intake, stop: Event, name: str, messages: list[Message]) -> int | None:
        """Loads one topic's messages, waiting as long as it takes; None when stopped meanwhile (nothing is committed then)."""
        loading, stream = self._loadings[name], self._streams[name]
        while not stop.is_set():
            now = datetime.now(UTC)
            try:
                frame, places, misfits = self._decoder.decode(stream, messages, now)
                self.progress.resting.pop(name, None)
                if why := self._brake.press(name, frame.num_rows, [(each.partition, each.offset) for each in misfits]):
                    return self._hold(intake, name, why)
                if misfits:
                    loading.record(misfits, now)
                return loading.load(stream.make(frame, places), now)
            except registry.Unavailable as error:
                self.progress.resting[name] = str(error)
                log.warning("%s waits; the other topics go on: %s", name, error)
                intake.rest(messages, REST)
                return 0
            except Unavailable as error:
                intake.hold(self._stalled(error))
        return None

    def _hold(self, intake: Intake, name: str, why: str) -> int:
        """Loads nothing of a topic any more until somebody has looked; no row of it went in."""
        remedy = f"{why}. Is the registry another one? If they are to be set aside all the same, run `guiji load --let-through {name}` and start the loader again."
        log.error("held: %s", remedy)
        self.progress.held[name] = remedy
        metrics.LOADER_HOLDS.set(1, name)
        intake.leave(name)
        return 0

    def _commit(self, intake: Intake, stop: Event, after: Mapping[tuple[str, int], int]) -> bool:
        while not stop.is_set():
            try:
                intake.commit(after)
            except kafka.Unavailable as error:
                intake.hold(self._stalled(error))
            else:
                return True
        return False

    def _stalled(self, error: Exception) -> float:
        pause = self.progress.stall(str(error))
        log.warning("waiting %.1f s: %s", pause, error)
        return pause


def prepare(warehouse: Warehouse, catalog: Catalog) -> None:
    """Makes or widens the tables and makes the views anew. Raises SchemaRefused when the tables do not fit the catalogue."""
    for difference in ddl.apply(warehouse, list(table.of(catalog))):
        log.info("table %s %s: mended", difference.table, difference.what)
    for attempt in range(_ATTEMPTS):
        try:
            for statement in statements.views(catalog, warehouse.capability):
                warehouse.command(statement)
        except SchemaRefused as error:
            if error.code not in _VIEW_RACE or attempt == _ATTEMPTS - 1:
                raise
        else:
            return


def run(settings: Settings, catalog: Catalog, stop: Event, size: Size = SIZE) -> None:
    """Opens the warehouse and loads, and links records to subjects, until ``stop`` is set: the whole of `guiji load`."""
    warehouse = own(settings)
    with subjects.running(warehouse, catalog), written(settings, "load", [seldom(partial(measured.look, warehouse))]):
        Sink(settings, catalog, warehouse, size).run(stop)


@contextlib.contextmanager
def member(settings: Settings, topics: Iterable[str]) -> Iterator[Member]:
    """A name in the loader group that this process holds until it dies, and the next one on this machine takes over."""
    with slot(settings.slots, "loader") as name:
        yield Member(instance=instance(name, topics))
