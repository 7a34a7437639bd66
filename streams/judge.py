"""The judge: reads what was said, decides what stands, writes every outcome.

Guarantee: every committed record of a `submitted` topic gets exactly one outcome. Outcomes, states, receipts and the group's offset are committed in one Kafka transaction; readers with
read_committed see all of a batch or nothing. The copy of the state on disk is written after the commit. Whatever fails, the judge throws the producer away and restores from what is committed.
"""

import gc
import signal
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from infra import kafka
from infra.settings import Settings
from infra.slots import slot
from schemas import envelope, registry, topics
from schemas.catalog import Catalog
from schemas.registry import Registry
from streams import mark as marks
from streams import restore
from streams import state as states
from streams.decide import decide
from streams.examine import Bench, Messages, examine
from streams.mark import Refused
from streams.outputs import Outputs, Writer
from streams.readback import Reader, in_columns
from streams.restore import Seat
from streams.sayings import State
from streams.state import Broken
from streams.transaction import Failed, Transactions

LOG = structlog.get_logger(__name__)
GROUP = "judge"
BATCH, WAIT = 20_000, 0.2
_GONE = {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}
_PASSING = (KafkaException, kafka.Unavailable, registry.Unavailable, Broken)
Place = tuple[str, int]


@dataclass(frozen=True)
class Tools:
    """Who the judge works with; tests bring their own clock and group."""

    settings: Settings
    catalog: Catalog
    registry: Registry
    transactional_id: str
    group: str = GROUP
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    rows: int = BATCH


class Judge:
    """One member of the group. `run` until told to stop; `step` is one batch."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._names = {topics.submitted(code): code for code in tools.catalog}
        self._seats: dict[Place, Seat] = {}
        self._refused: BaseException | None = None
        self._reader = Reader(tools.settings)
        self._transactions = Transactions(tools.settings, tools.transactional_id)
        self._consumer: Consumer = kafka.consumer(tools.settings, tools.group)
        self.judged = 0

    @property
    def seats(self) -> Mapping[Place, Seat]:
        """The partitions it holds."""
        return self._seats

    def run(self, stop: threading.Event) -> None:
        """Judge until told to stop. Raises Refused, and what no repetition mends."""
        try:
            self._open(stop)
            self._consumer.subscribe(list(self._names), on_assign=self._gained, on_revoke=self._lost, on_lost=self._lost)
            while not stop.is_set():
                self._careful_step(stop)
        finally:
            self.close()

    def close(self) -> None:
        """Leave the group and close everything."""
        self._consumer.close()
        self._reader.close()
        self._transactions.close()
        for place in list(self._seats):
            self._seats.pop(place).store.close()

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
            self._hold(1.0)
        except (Failed, Broken, KafkaException) as fault:
            LOG.warning("the batch is given up; restoring from what is committed", fault=str(fault))
            if isinstance(fault, Broken):
                for seat in self._seats.values():
                    seat.store.clear()
            self._recover(stop)

    def step(self) -> int:
        """Judge what comes within 0.2 s, at most 20,000 records; how many they were."""
        messages = self._taken()
        if not messages:
            return 0
        now = self._tools.clock()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        outputs = Outputs()
        after = {place: (batch[-1].offset() or 0) + 1 for place, batch in messages.items()}
        for name in dict.fromkeys(topic for topic, _ in messages):
            self._judge_item(name, in_columns([batch for (topic, _), batch in messages.items() if topic == name]), now, outputs)
        self._commit(outputs, after)
        count = sum(map(len, messages.values()))
        self.judged += count
        return count

    def _taken(self) -> dict[Place, list[Message]]:
        """What came, by place, in order; of what is judged already nothing."""
        messages: list[Any] = self._consumer.consume(self._tools.rows, WAIT)  # a message that came has all that may be missing elsewhere
        self._check_gains()
        came: dict[Place, list[Any]] = defaultdict(list)
        for message in messages:
            if message.error() is None:
                came[message.topic(), message.partition()].append(message)
            else:
                _complain(message)
        found = {}
        for place, batch in came.items():
            seat = self._seats.get(place)
            if seat is not None and batch[0].offset() < seat.next:
                batch = [message for message in batch if message.offset() >= seat.next]
            if seat is not None and batch:
                found[place] = batch
        return found

    def _check_gains(self) -> None:
        """Tell what went wrong while partitions were gained; join again where that may mend it."""
        fault, self._refused = self._refused, None
        if isinstance(fault, _PASSING):
            LOG.warning("a partition could not be restored; joining the group again", fault=str(fault))
            self._rejoin()
            raise registry.Unavailable(str(fault)) from fault
        if fault is not None:
            raise fault

    def _judge_item(self, name: str, messages: Messages, now: datetime, outputs: Outputs) -> None:
        bench = self._bench(name)
        batch = examine(bench, messages, now)
        keys: dict[int, dict[str, None]] = {}
        for n, key in enumerate(batch.keys):
            if n not in batch.errors and not batch.excluded[n]:
                keys.setdefault(batch.partitions[n], {})[key] = None
        standing: dict[str, State] = {}
        for partition, wanted in keys.items():
            standing |= states.states(self._seats[name, partition].store, list(wanted), self._tools.registry.schema)
        writer = Writer(bench, self._tools.registry.id, lambda places: self._reader.read(name, places))
        writer.write(batch, decide(bench, batch, standing), now, outputs)

    def _bench(self, name: str) -> Bench:
        tools = self._tools
        generations = {partition: seat.mark.generation for (topic, partition), seat in self._seats.items() if topic == name}
        return Bench(
            tools.catalog[self._names[name]],
            tools.registry.schema,
            tools.settings.key_secret,
            tools.settings.timezone,
            tools.catalog.version,
            generations,
        )

    def _commit(self, outputs: Outputs, after: Mapping[Place, int]) -> None:
        written: dict[str, list[tuple[int | None, bytes, bytes]]] = {}
        for (name, partition), offset in after.items():
            seat = self._seats[name, partition]
            topic = topics.state(seat.item)
            schema_id = self._tools.registry.id(topics.subject(topic), envelope.STATE)
            written.setdefault(topic, []).append(
                (partition, marks.key(partition), marks.encode(replace(seat.mark, offset=offset), schema_id))
            )
        offsets = [TopicPartition(name, partition, offset) for (name, partition), offset in after.items()]
        placed = self._transactions.commit(outputs.messages, written, offsets, self._consumer)
        for place, offset in after.items():
            seat = self._seats[place]
            seat.next, seat.mark = offset, replace(seat.mark, offset=offset)
        for topic, rows in written.items():
            for number, key, value in rows:
                self._keep(outputs, topic, (number or 0, key, value), placed)

    def _keep(self, outputs: Outputs, topic: str, row: tuple[int, bytes, bytes], placed: Mapping[Place, int]) -> None:
        partition, key, value = row
        code = topic.split(".")[1]
        seat = self._seats[topics.submitted(code), partition]
        seat.store.write([*outputs.states.get((code, partition), ()), (key, value)], placed[topic, partition] + 1)

    def _gained(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Restore what was gained and read on from where it is judged. What may not be judged is told after the callback: exceptions do not pass through it."""
        try:
            for found in consumer.committed(partitions, timeout=kafka.TIMEOUT):
                self._seats[found.topic, found.partition] = self._restored(found)
            starts = [TopicPartition(each.topic, each.partition, self._seats[each.topic, each.partition].next) for each in partitions]
            consumer.incremental_assign(starts)
        except BaseException as fault:  # noqa: BLE001 -- librdkafka prints and drops what a callback raises; the next step raises it
            self._refused = fault

    def _restored(self, found: TopicPartition) -> Seat:
        return restore.seat(self._tools.settings, self._names[found.topic], found.partition, found.offset, self._tools.registry.schema)

    def _lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for each in partitions:
            seat = self._seats.pop((each.topic, each.partition), None)
            if seat is not None:
                seat.store.close()

    def _hold(self, seconds: float) -> None:
        """Wait as a member of the group, then read the batch again."""
        held = self._consumer.assignment()
        self._consumer.pause(held)
        self._consumer.poll(seconds)
        self._rewind()
        self._consumer.resume(self._consumer.assignment())

    def _rewind(self) -> None:
        """Read on from where it is judged; a partition that cannot be set back would lose records, so then the group is joined anew."""
        try:
            for (name, partition), seat in self._seats.items():
                self._consumer.seek(TopicPartition(name, partition, seat.next))
        except KafkaException as fault:
            LOG.warning("cannot read again; joining the group again", fault=str(fault))
            self._rejoin()

    def _recover(self, stop: threading.Event) -> None:
        """A new producer, then every partition from what is committed."""
        self._open(stop)
        places = list(self._seats)
        if stop.is_set() or not places:
            return
        try:
            for place in places:
                self._seats.pop(place).store.close()
            for found in self._consumer.committed([TopicPartition(*place) for place in places], timeout=kafka.TIMEOUT):
                self._seats[found.topic, found.partition] = self._restored(found)
            self._rewind()
        except _PASSING as fault:
            LOG.warning("not restored yet; leaving the group and joining again", fault=str(fault))
            self._rejoin()
            stop.wait(1)

    def _rejoin(self) -> None:
        for place in list(self._seats):
            self._seats.pop(place).store.close()
        self._consumer.close()
        self._consumer = kafka.consumer(self._tools.settings, self._tools.group)
        self._consumer.subscribe(list(self._names), on_assign=self._gained, on_revoke=self._lost, on_lost=self._lost)


def _complain(message: Message) -> None:
    fault: Any = message.error()
    place = f"{message.topic()}/{message.partition()}"
    if fault.code() in _GONE:
        raise Refused(
            f"{place}: the next record to judge is not in the log any more ({fault.str()}). Restart the judge: it says what is missing and what to do."
        )
    if fault.fatal():
        raise KafkaException(fault)
    LOG.warning("the consumer reports", place=place, fault=fault.str())


def run(settings: Settings, catalog: Catalog) -> None:
    """The process: judges until SIGTERM or SIGINT. Raises Refused when an operator must decide."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # Batches live shortly and hold no cycles: looking for some in every one of them takes a fifth of the judge's time.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    with slot(settings.slots, GROUP) as transactional_id, Registry(settings.registry) as found:
        Judge(Tools(settings, catalog, found, transactional_id)).run(stop)


__all__ = ["GROUP", "Judge", "Refused", "Tools", "run"]
