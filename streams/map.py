"""`guiji map`: change events and bulk producers' records → submissions.

Guarantee: what an event says, the chunk that counts it and the group's offset are committed in one Kafka transaction: each event of a topic is mapped exactly once, whatever dies. Nothing is kept
between events. While the broker is away nothing is decided, and while the registry is away nothing whose schema is not known yet; a topic with much to say waits while much of its item is not
judged yet (infra.ahead); one that cannot be read on is held, with the reason in the log and in `<home>/state/map.json`, and the others go on. A changed source file is taken while they do;
what it held is opened again.

The offset's metadata says of which schema the last mapped event was and which source file mapped it, so that a change of the table is seen across a restart, too.
"""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby
from threading import Event
from typing import Any

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as KafkaMessage

from infra import ahead, failpoint, gate, held, kafka, metrics, slots, writing
from infra.linger import Linger
from infra.settings import Settings
from schemas import codec, envelope, registry, topics
from streams import map_batch
from streams.map_batch import Mapped
from streams.map_feed import Feed, Held, Message
from streams.map_setting import Setting

LOG = structlog.get_logger(__name__)
GROUP = topics.MAP
BESIDE = ("in.", "sweep.")  # topics that are there when somebody made them: bulk producers', and what is asked beside tables' events
MESSAGES = 5_000
LINGER = Linger()
REST = 1.0  # seconds until a topic is read again whose schema the registry could not say, or whose item has too much to be judged already
BACK_OFF = (1.0, 2.0, 5.0, 10.0)
_PASSING = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._PARTITION_EOF)


def run(settings: Settings, stop: Event) -> None:
    """Map until told to stop. After an error of broker or registry everything is opened anew, later each time; what was not committed is done again.

    Raises CatalogFault, SourceFault, registry.NotFound (register the catalogue first)."""
    setting = Setting(settings)
    failures = 0
    while not stop.is_set():
        try:
            with Session(setting) as session:
                while not stop.is_set():
                    session.step()
                    failures = 0
        except (KafkaException, BufferError, kafka.Unavailable, registry.Unavailable) as fault:
            pause = BACK_OFF[min(failures, len(BACK_OFF) - 1)]
            failures += 1
            metrics.TRANSACTIONS.add(1, GROUP, "failed")
            LOG.warning("opening anew", cause=str(fault), seconds=pause)
            stop.wait(pause)


class Session:
    """One consumer and one transactional producer; after any error both are thrown away."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._notes = held.Notes(noted=held.read(setting.settings).noted, broken=setting.sources.broken)
        self._mended_by_file: set[str] = set()
        self._shapes: dict[str, int] = {}
        self._subscribed: set[str] | None = None
        self._resting: dict[str, float] = {}
        self._open = ExitStack()

    def __enter__(self) -> "Session":
        settings = self._setting.settings
        name = self._open.enter_context(slots.slot(settings.slots, "map"))
        self._producer: Producer = kafka.producer(settings, name)
        self._producer.init_transactions(kafka.TIMEOUT)
        there = [*self._setting.sources.feeds, *(topic for topic in kafka.partitions(settings) if topic.startswith(BESIDE))]
        self._consumer: Consumer = kafka.consumer(settings, GROUP, **kafka.STEADY, **{"group.instance.id": slots.instance(name, there)})
        self._open.callback(self._consumer.close)
        self._subscribe()
        self._note()
        return self

    def _subscribe(self) -> None:
        """To the tables of the source files, what is asked beside their events, and whatever bulk producers there are."""
        tables = set(self._setting.sources.feeds)
        if tables != self._subscribed:
            kafka.ensure(self._setting.settings, [topics.feed(name) for name in sorted(tables)])
            self._consumer.subscribe([*tables, *(rf"^{re.escape(each)}.+" for each in BESIDE)], on_assign=self._assigned)
            self._subscribed = tables

    def __exit__(self, *_ended: object) -> None:
        self._open.close()

    def step(self) -> int:
        """Map what has come, in one transaction; the number of messages."""
        if (changed := self._setting.sources.look()) is not None:
            self._renewed(changed)
        self._wake()
        messages = self._good(self._taken())
        if not messages:
            return 0
        done = self._map(messages)
        if not done:
            return len(messages)
        with gate.passing(self._setting.settings):
            self._producer.begin_transaction()
            offsets = [self._write(feed, found, messages) for feed, found, messages in done]
            writing.send_offsets(self._producer, offsets, self._consumer)
            self._producer.flush(kafka.TIMEOUT)
            failpoint.point("map.produced")
            self._producer.commit_transaction(kafka.TIMEOUT)
        failpoint.point("map.committed")
        metrics.TRANSACTIONS.add(1, GROUP, "committed")
        metrics.TRANSACTION_RECORDS.add(sum(len(mine) for _, _, mine in done), GROUP)
        for feed, found, _ in done:
            self._after(feed, found)
        return len(messages)

    def _taken(self) -> list[KafkaMessage]:
        """What has come, with what comes while it waits for more."""
        began, taken = time.monotonic(), self._consumer.consume(MESSAGES, LINGER.seconds)
        while len(taken) < MESSAGES and (left := began + LINGER.of(len(taken)) - time.monotonic()) > 0:
            taken += self._consumer.consume(MESSAGES - len(taken), left)
        return list(taken)

    def _after(self, feed: Feed, found: Mapped) -> None:
        """What is to be remembered of a topic once its messages are committed."""
        if found.shape is not None:
            self._shapes[feed.topic] = found.shape
        if found.noted:
            self._notes.noted[feed.topic] = f"new columns, which nothing is mapped from: {', '.join(found.noted)}"
            LOG.info("noted", topic=feed.topic, what=self._notes.noted[feed.topic])
            self._note()
        if found.held:
            self._hold(feed.topic, found.held)

    def _renewed(self, changed: Sequence[str]) -> None:
        """Source files changed: what one of them held is read again from where it stood; their tables' shapes are taken as they are from here on."""
        found = self._setting.sources
        if found.broken != self._notes.broken:
            LOG.error("sources are broken, the mapping stays as it was", why=found.broken) if found.broken else LOG.info("sources are sound again")
        self._notes.broken = found.broken
        for topic in changed:
            self._shapes.pop(topic, None)
            self._notes.noted.pop(topic, None)
        if changed:
            LOG.info("sources taken anew", topics=changed)
        self._subscribe()
        for topic in set(changed) & self._mended_by_file:
            self._reopen(topic)
        self._note()

    def _reopen(self, topic: str) -> None:
        self._mended_by_file.discard(topic)
        self._notes.held.pop(topic, None)
        self._notes.told.pop(topic, None)
        mine = [place for place in self._consumer.assignment() if place.topic == topic]
        for place in kafka.standing(self._setting.settings, GROUP, [(place.topic, place.partition) for place in mine]):
            self._consumer.seek(TopicPartition(place.topic, place.partition, OFFSET_BEGINNING if place.offset < 0 else place.offset))
        self._consumer.resume(mine)

    def _good(self, messages: Iterable[KafkaMessage]) -> list[KafkaMessage]:
        good = []
        for message in messages:
            fault, topic = message.error(), message.topic() or ""
            if fault is None:
                if topic not in self._notes.held:
                    good.append(message)
            elif fault.code() == KafkaError._AUTO_OFFSET_RESET:
                self._hold(topic, _gone(topic))
            elif fault.code() not in _PASSING:
                raise KafkaException(fault)
        return good

    def _map(self, messages: Sequence[KafkaMessage]) -> list[tuple[Feed, Mapped, list[Message]]]:
        done, now = [], _now()
        for topic, group in groupby(sorted(messages, key=lambda message: message.topic() or ""), key=lambda message: message.topic() or ""):
            feed = self._setting.feed(topic)
            if feed is None:
                self._hold(topic, f"{topic}: names no item of the catalogue (in.<department>.<client>.<item>), or no table of a source file (sweep.<source>.<table>); its records wait.")
                continue
            plain = [_plain(message, feed) for message in group]
            if len(plain) > ahead.LITTLE and self._setting.full(feed):
                self._rest(topic, plain[0].offset)
                continue
            try:
                found = map_batch.mapped(feed, self._setting.site, plain, self._setting.asking.schema, now, self._shapes.get(topic))
            except registry.Unavailable as fault:
                LOG.warning("waiting; nothing is rejected for this, and the other topics go on", topic=topic, fault=str(fault))
                self._rest(topic, plain[0].offset)
                continue
            unreadable = [(0, offset) for offset, outcome in found.outcomes.items() if outcome == map_batch.UNREADABLE]
            if why := self._setting.brake.press(topic, len(found.outcomes) - len(unreadable), unreadable):
                self._hold(topic, f"{why}. Ask its owner; if they are to be rejected all the same, run `guiji map --let-through {topic}` and start map again.")
                continue
            done.append((feed, found, plain))
        return done

    def _write(self, feed: Feed, found: Mapped, messages: Sequence[Message]) -> TopicPartition:
        """Everything about one topic's messages into the open transaction; the offset to commit."""
        setting, now, code = self._setting, _now(), feed.item.code
        received = {message.offset: message.time for message in messages}
        schema = setting.submissions[code]
        submitted = topics.submitted(code)
        for frame in found.frames:
            values = codec.encode_frame(schema, setting.id(submitted, schema), frame)
            self._produce(submitted, frame["_key"].to_list(), values)
        made = map_batch.chunks(feed, found, received, now)
        self._records(topics.BATCHES, envelope.CHUNK, [f"{chunk['batch']}/{chunk['chunk']:06d}" for chunk in made], made)
        self._records(topics.rejected(code), envelope.REJECTION, [each["_key"] for each in found.rejections], found.rejections)
        told = map_batch.receipts(feed, found, messages, now)
        self._records(topics.RECEIPTS, envelope.RECEIPT, [receipt["batch"] for receipt in told], told)
        return TopicPartition(feed.topic, 0, found.next_offset, metadata="" if found.shape is None else f"{found.shape} {feed.digest}")

    def _records(self, topic: str, schema: codec.Schema, keys: Sequence[str], records: Sequence[Mapping[str, Any]]) -> None:
        if records:
            self._produce(topic, keys, codec.encode(schema, self._setting.id(topic, schema), records))

    def _produce(self, topic: str, keys: Sequence[str], values: Sequence[bytes]) -> None:
        writing.produce(self._producer, topic, [{"key": key, "value": value} for key, value in zip(keys, values, strict=True)])

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Go on where the group stood; a topic it never read from its beginning; a topic whose offset is lost is held."""
        places = kafka.standing(self._setting.settings, GROUP, [(place.topic, place.partition) for place in partitions])
        new = [place for place in places if place.offset < 0]
        lost = self._were_read(place.topic for place in new)
        for place in new:
            place.offset = OFFSET_BEGINNING
        for place in places:
            if (shape := _shape(place, self._setting.feed(place.topic))) is not None:
                self._shapes[place.topic] = shape
        consumer.incremental_assign(places)
        for topic in sorted(lost):
            self._hold(topic, _gone(topic))

    def _were_read(self, asked: Iterable[str]) -> set[str]:
        """Those topics of which a chunk was ever written. Read from the first chunk on, once for all: only ever needed when the group has no offset."""
        names = set(asked)
        chunks = kafka.read_to_end(self._setting.settings, topics.BATCHES) if names else ()
        return names & {bytes(message.key() or b"").decode(errors="replace").partition("#")[0] for message in chunks}

    def _rest(self, topic: str, offset: int) -> None:
        """Read a topic from there again, a second later."""
        self._consumer.pause([TopicPartition(topic, 0)])
        self._consumer.seek(TopicPartition(topic, 0, offset))
        self._resting[topic] = time.monotonic() + REST

    def _wake(self) -> None:
        due = {topic for topic, until in self._resting.items() if until <= time.monotonic()}
        for topic in due:
            del self._resting[topic]
        if due:
            self._consumer.resume([place for place in self._consumer.assignment() if place.topic in due])

    def _hold(self, topic: str, why: Held | str) -> None:
        """Read no further. What the mapping or the database is to be mended for is opened again when the source's file changes, the rest by a start."""
        feed, said = self._setting.feed(topic), str(why)
        if self._notes.held.get(topic) != said:
            LOG.error("held", topic=topic, why=said)
        self._notes.held[topic] = said
        if isinstance(why, Held) and feed and feed.table:
            self._mended_by_file.add(topic)
            self._notes.told[topic] = {"department": feed.department, "table": feed.table.name, "message": why.told}
        self._consumer.pause([place for place in self._consumer.assignment() if place.topic == topic])
        self._note()

    def _note(self) -> None:
        held.write(self._setting.settings, self._notes)


def _shape(place: TopicPartition, feed: Feed | None) -> int | None:
    """Id of the schema of the last mapped event, where the file that mapped it is still the same."""
    number, _, digest = str(place.metadata or "").partition(" ")
    return int(number) if number.isdigit() and feed and feed.digest == digest else None


def _gone(topic: str) -> str:
    return (
        f"{topic}: was read before, but the group's offset is lost or points to nothing (offsets deleted, the topic made anew, or its records expired). "
        "Reading from the start would count records twice, from the end would lose some. "
        "Find the last batch of this topic in the warehouse, set the group's offset after it, and start map again; if events are gone, have the table read anew."
    )


def _plain(message: KafkaMessage, feed: Feed) -> Message:
    keeps = feed.table is not None and feed.table.delete != "withdraw"
    moved = keeps and any(header[0] == "__debezium.newkey" for header in message.headers() or ())
    return Message(int(message.offset() or 0), int(message.timestamp()[1]), _bytes(message.key()), _bytes(message.value()), moved)


def _bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _now() -> int:
    return int(time.time() * 1000)
