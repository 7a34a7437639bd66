"""The judge: reads what was said, decides what stands, writes every outcome.

Guarantee: every committed record of a `submitted` topic gets exactly one outcome. Outcomes, states, receipts and the group's offset are committed in one Kafka transaction; readers with
read_committed see all of a batch or nothing. The copy of the state on disk is written after the commit. Whatever fails, the judge throws the producer away and restores from what is committed.
"""

import contextlib
import gc
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog
from confluent_kafka import KafkaException, TopicPartition

from infra import kafka, metrics
from infra.settings import Settings
from infra.slots import instance, slot
from schemas import envelope, registry, topics
from schemas.asking import Asking
from schemas.catalog import Catalog
from schemas.registry import Registry
from schemas.sayings import State
from streams import mark as marks
from streams import restore
from streams import state as states
from streams.buffers import Limits, Message, Place
from streams.decide import decide
from streams.examine import Bench, Examined, examine
from streams.intake import Intake, member
from streams.mark import Mark, Refused
from streams.outputs import Outputs, Writer
from streams.readback import Reader, in_columns
from streams.restore import Seat
from streams.seats import Seats
from streams.state import Broken
from streams.transaction import WRITER, Failed, Row, Transactions

LOG = structlog.get_logger(__name__)
GROUP = topics.JUDGE
LIMITS = Limits()
REST = 1.0  # seconds until the registry is asked again for a schema it could not say
_PASSING = (KafkaException, kafka.Unavailable, registry.Unavailable, Broken)


@dataclass(frozen=True)
class Tools:
    """Who the judge works with; tests bring their own clock, group and limits."""

    settings: Settings
    catalog: Catalog
    registry: Registry
    transactional_id: str
    group: str = GROUP
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    limits: Limits = LIMITS


class Judge:
    """One member of the group. `run` until told to stop; `step` is one batch.

    While a batch is being committed the next one is judged already, over what stands after it. A commit that fails takes both with it: everything is restored from what is committed.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._names = {topics.submitted(code): code for code in tools.catalog}
        self._seats = Seats(self._committed, self._restored)
        self._intake = Intake(lambda: member(tools.settings, tools.group, instance(tools.transactional_id, self._names)), list(self._names), tools.limits, self._lost)
        self._reader = Reader(tools.settings)
        self._asking = Asking(tools.registry.schema)
        self._transactions = Transactions(tools.settings, tools.transactional_id)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._pending: _Pending | None = None
        self._failed: Failed | None = None
        self.judged = 0

    @property
    def seats(self) -> Mapping[Place, Seat]:
        """The partitions it judges."""
        return self._seats

    def run(self, stop: threading.Event) -> None:
        """Judge until told to stop. Raises Refused, and what no repetition mends."""
        try:
            self._open(stop)
            self._intake.join()
            while not stop.is_set():
                self._careful_step(stop)
        finally:
            self.close()

    def close(self) -> None:
        """Leave the group and close everything; a batch that is being committed is finished before."""
        self._writer.shutdown(wait=True)
        self._intake.close()
        self._asking.close()
        self._reader.close()
        self._transactions.close()
        self._seats.close()

    def _open(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self._transactions.open()
            except Failed as fault:
                LOG.warning("waiting for the broker", fault=str(fault))
                stop.wait(1)
            else:
                return

    def _careful_step(self, stop: threading.Event) -> None:
        try:
            self.step()
        except (registry.Unavailable, kafka.Unavailable) as fault:
            LOG.warning("waiting; nothing is rejected for this", fault=str(fault))
            self._intake.pass_time(1.0)
        except (Failed, Broken, KafkaException) as fault:
            LOG.warning("the batch is given up; restoring from what is committed", fault=str(fault))
            if isinstance(fault, Broken):
                for seat in self._seats.values():
                    seat.store.clear()
            self._recover(stop, anew=isinstance(fault, KafkaException) and kafka.ends_client(fault.args[0]))

    def step(self) -> None:
        """Judge what has come, at most 20,000 records, when it is somebody's turn."""
        self._intake.take()
        if self._failed is not None:
            fault, self._failed = self._failed, None
            raise fault
        self._seat()
        turn = self._intake.buffers.turn(time.monotonic())
        if not turn:
            self._settle()
            return
        try:
            self._judge(turn)
        except (registry.Unavailable, kafka.Unavailable):
            self._intake.buffers.put_back(turn, 0.0)
            raise

    def _seat(self) -> None:
        """Begin to restore what was gained; read on where a partition is restored."""
        self._seats.gain(self._intake.gained())
        for place, found in self._seats.arrived():
            try:
                self._intake.start(place, found.result().next)
            except _PASSING as fault:
                LOG.warning("a partition could not be restored; trying again", place=place, fault=str(fault))
                self._intake.pass_time(1.0)
                if place in self._intake.assigned():
                    self._seats.gain([place])

    def _judge(self, turn: Mapping[Place, list[Message]]) -> None:
        now = self._tools.clock()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        cases = []
        for name in dict.fromkeys(topic for topic, _ in turn):
            bench, mine = self._bench(name), {place: batch for place, batch in turn.items() if place[0] == name}
            try:
                cases.append((name, bench, examine(bench, in_columns(list(mine.values())), now)))
            except registry.Unavailable as fault:
                LOG.warning("waiting; nothing is rejected for this, and the other items go on", topic=name, fault=str(fault))
                self._intake.buffers.put_back(mine, 0.0)
                self._intake.buffers.rest(name, time.monotonic() + REST)
                turn = {place: batch for place, batch in turn.items() if place[0] != name}
        outputs = Outputs()
        for name, bench, batch in cases:
            self._decide(name, bench, batch, now, outputs)
        self._settle()
        if not turn:
            return
        reached = {place: replace(self._seats[place].mark, offset=(batch[-1].offset() or 0) + 1) for place, batch in turn.items()}
        committed = self._writer.submit(self._commit, outputs, reached, self._encoded(reached))
        self._pending = _Pending(reached, sum(map(len, turn.values())), outputs.states, committed)

    def _decide(self, name: str, bench: Bench, batch: Examined, now: datetime, outputs: Outputs) -> None:
        keys: dict[int, dict[str, None]] = {}
        for n, key in enumerate(batch.keys):
            if n not in batch.errors and not batch.excluded[n]:
                keys.setdefault(batch.partitions[n], {})[key] = None
        standing: dict[str, State] = {}
        for partition, wanted in keys.items():
            ahead = self._pending.states.get((bench.item.code, partition), {}) if self._pending else {}
            standing |= states.states(self._seats[name, partition].store, list(wanted), self._tools.registry.schema, ahead)
        writer = Writer(bench, self._tools.registry.id, lambda places: self._reader.read(name, places))
        writer.write(batch, decide(bench, batch, standing), now, outputs)

    def _bench(self, name: str) -> Bench:
        tools = self._tools
        generations = {partition: seat.mark.generation for (topic, partition), seat in self._seats.items() if topic == name}
        return Bench(
            tools.catalog[self._names[name]],
            self._asking.schema,
            tools.settings.key_secret,
            tools.settings.timezone,
            tools.catalog.version,
            generations,
        )

    def _encoded(self, reached: Mapping[Place, Mark]) -> dict[Place, Row]:
        """The marks as rows of their state topics."""
        found: dict[Place, Row] = {}
        for (name, partition), mark in reached.items():
            schema_id = self._tools.registry.id(topics.subject(topics.state(self._names[name])), envelope.STATE)
            found[name, partition] = (partition, marks.key(partition), marks.encode(mark, schema_id))
        return found

    def _commit(self, outputs: Outputs, reached: Mapping[Place, Mark], rows: Mapping[Place, Row]) -> None:
        """In the writer's thread: the transaction, then the copies on disk. Raises Failed, Broken."""
        by_topic: dict[str, list[Row]] = {}
        for (name, _), row in rows.items():
            by_topic.setdefault(topics.state(self._names[name]), []).append(row)
        offsets = [TopicPartition(*place, mark.offset) for place, mark in reached.items()]
        placed = self._transactions.commit(outputs.messages, by_topic, offsets, self._intake.consumer)
        for (name, partition), (_, key, value) in rows.items():
            code = self._names[name]
            kept = outputs.states.get((code, partition), {})
            self._seats[name, partition].store.write([*kept.items(), (key, value)], placed[topics.state(code), partition] + 1)

    def _settle(self) -> None:
        """Wait for the batch that is being committed. Raises Failed, Broken."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        pending.committed.result()
        for place, mark in pending.reached.items():
            seat = self._seats[place]
            seat.next, seat.mark = mark.offset, mark
        self.judged += pending.count
        metrics.TRANSACTION_RECORDS.add(pending.count, WRITER)

    def _committed(self, places: list[Place]) -> Mapping[Place, int]:
        return kafka.committed(self._tools.settings, self._tools.group, places)

    def _restored(self, place: Place, committed: int) -> Seat:
        return restore.seat(self._tools.settings, self._names[place[0]], place[1], committed, self._tools.registry.schema)

    def _lost(self, places: list[Place]) -> None:
        """Partitions go: what is being committed of them is committed first, or is not; nothing of theirs is written afterwards."""
        try:
            self._settle()
        except (Failed, Broken) as fault:  # the next step recovers
            self._failed = Failed(str(fault))
        for place in places:
            self._seats.lose(place)

    def _recover(self, stop: threading.Event, *, anew: bool) -> None:
        """A new producer, then every partition from what is committed; ``anew``: as a new member of the group."""
        with contextlib.suppress(Failed, Broken):  # of a batch that is given up
            self._settle()
        self._open(stop)
        if stop.is_set():
            return
        self._seats.clear()
        if anew:
            self._intake.rejoin()
        else:
            self._seats.gain(self._intake.stop())


@dataclass(frozen=True)
class _Pending:
    """A batch that is being committed, the marks it leaves, and the states: (item, partition) → key → wire bytes."""

    reached: Mapping[Place, Mark]
    count: int
    states: Mapping[tuple[str, int], Mapping[bytes, bytes]]
    committed: Future[None]


def run(settings: Settings, catalog: Catalog, stop: threading.Event) -> None:
    """The process: judges until told to stop. Raises Refused when an operator must decide."""
    # Batches live shortly and hold no cycles: looking for some in every one of them takes a fifth of the judge's time.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    with slot(settings.slots, GROUP) as transactional_id, Registry(settings.registry) as found:
        Judge(Tools(settings, catalog, found, transactional_id)).run(stop)


__all__ = ["GROUP", "Judge", "Refused", "Tools", "run"]
