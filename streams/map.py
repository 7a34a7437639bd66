"""`guiji map`: change events and bulk producers' records → submissions.

Guarantee: what an event says, the chunk that counts it and the group's offset are committed in one Kafka transaction: each event of a topic is mapped exactly once, whatever dies. Nothing is kept
between events. While the broker is away nothing is decided, and while the registry is away nothing whose schema is not known yet; a topic that cannot be read on is held, with the reason in the log
and in `<home>/state/map.json`, and the others go on.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as KafkaMessage

from infra import failpoint, kafka, slots, writing
from infra.brake import Brake
from infra.linger import Linger
from infra.settings import Settings
from schemas import catalog, codec, envelope, registry, sources, topics
from streams import map_batch, map_feed
from streams.asking import Asking
from streams.map_batch import Mapped
from streams.map_feed import Feed, Message, Site

LOG = structlog.get_logger(__name__)
GROUP = "map"
MESSAGES = 5_000
LINGER = Linger()
REST = 1.0  # seconds until the registry is asked again for a schema it could not say
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
            LOG.warning("opening anew", cause=str(fault), seconds=pause)
            stop.wait(pause)


class Setting:
    """What a map knows before it starts: catalogue, feeds, schema ids."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.catalog = catalog.load(settings.catalogue)
        self.feeds = map_feed.captured(sources.load(settings.sources, self.catalog), self.catalog)
        self.site = Site(self.catalog.version, settings.key_secret, ZoneInfo(settings.timezone))
        self.registry = registry.Registry(settings.registry)
        self.asking = Asking(self.registry.schema)
        self.submissions = {item.code: envelope.submission(item) for item in self.catalog.values()}
        self.brake = Brake(settings)

    def id(self, topic: str, schema: codec.Schema) -> int:
        return self.registry.id(topics.subject(topic), schema)

    def feed(self, topic: str) -> Feed | None:
        if topic not in self.feeds and (found := map_feed.arriving(topic, self.catalog)):
            self.feeds[topic] = found
        return self.feeds.get(topic)


class Session:
    """One consumer and one transactional producer; after any error both are thrown away."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._held: dict[str, str] = {}
        self._resting: dict[str, float] = {}
        self._open = ExitStack()

    def __enter__(self) -> "Session":
        settings = self._setting.settings
        kafka.ensure(settings, [topics.feed(name) for name, feed in self._setting.feeds.items() if feed.table])
        name = self._open.enter_context(slots.slot(settings.slots, "map"))
        self._producer: Producer = kafka.producer(settings, name)
        self._producer.init_transactions(kafka.TIMEOUT)
        there = [topic for topic in kafka.partitions(settings) if topic in self._setting.feeds or topic.startswith("in.")]
        self._consumer: Consumer = kafka.consumer(settings, GROUP, **kafka.STEADY, **{"group.instance.id": slots.instance(name, there)})
        self._open.callback(self._consumer.close)
        self._consumer.subscribe([*self._setting.feeds, r"^in\..+"], on_assign=self._assigned)
        self._note()
        return self

    def __exit__(self, *_ended: object) -> None:
        self._open.close()

    def step(self) -> int:
        """Map what has come, in one transaction; the number of messages."""
        self._wake()
        messages = self._good(self._taken())
        if not messages:
            return 0
        done = self._map(messages)
        if not done:
            return len(messages)
        self._producer.begin_transaction()
        offsets = [self._write(feed, found, messages) for feed, found, messages in done]
        writing.send_offsets(self._producer, offsets, self._consumer)
        self._producer.flush(kafka.TIMEOUT)
        failpoint.point("map.produced")
        self._producer.commit_transaction(kafka.TIMEOUT)
        failpoint.point("map.committed")
        for feed, found, _ in done:
            if found.held:
                self._hold(feed.topic, found.held)
        return len(messages)

    def _taken(self) -> list[KafkaMessage]:
        """What has come, with what comes while it waits for more."""
        began, taken = time.monotonic(), self._consumer.consume(MESSAGES, LINGER.seconds)
        while len(taken) < MESSAGES and (left := began + LINGER.of(len(taken)) - time.monotonic()) > 0:
            taken += self._consumer.consume(MESSAGES - len(taken), left)
        return list(taken)

    def _good(self, messages: Iterable[KafkaMessage]) -> list[KafkaMessage]:
        good = []
        for message in messages:
            fault, topic = message.error(), message.topic() or ""
            if fault is None:
                if topic not in self._held:
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
                self._hold(topic, f"{topic}: names no item of the catalogue (in.<department>.<client>.<item>); its records wait.")
                continue
            plain = [_plain(message, feed) for message in group]
            try:
                found = map_batch.mapped(feed, self._setting.site, plain, self._setting.asking.schema, now)
            except registry.Unavailable as fault:
                self._rest(topic, plain[0].offset, str(fault))
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
        told = map_batch.receipts(feed, found, received, now)
        self._records(topics.RECEIPTS, envelope.RECEIPT, [receipt["batch"] for receipt in told], told)
        return TopicPartition(feed.topic, 0, found.next_offset)

    def _records(self, topic: str, schema: codec.Schema, keys: Sequence[str], records: Sequence[Mapping[str, Any]]) -> None:
        if records:
            self._produce(topic, keys, codec.encode(schema, self._setting.id(topic, schema), records))

    def _produce(self, topic: str, keys: Sequence[str], values: Sequence[bytes]) -> None:
        writing.produce(self._producer, topic, [{"key": key, "value": value} for key, value in zip(keys, values, strict=True)])

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Go on where the group stood; a topic it never read from its beginning; a topic whose offset is lost is held."""
        lost = list[str]()
        known = kafka.committed(self._setting.settings, GROUP, [(place.topic, place.partition) for place in partitions])
        for place in partitions:
            place.offset = known[place.topic, place.partition]
            if place.offset < 0:
                place.offset = OFFSET_BEGINNING
                if self._was_read(place.topic):
                    lost.append(place.topic)
        consumer.incremental_assign(partitions)
        for topic in lost:
            self._hold(topic, _gone(topic))

    def _was_read(self, topic: str) -> bool:
        """Whether a chunk of this topic was ever written. Read from the first chunk on: only ever needed when the group has no offset."""
        mark = f"{topic}#".encode()
        return any(bytes(message.key() or b"").startswith(mark) for message in kafka.read_to_end(self._setting.settings, topics.BATCHES))

    def _rest(self, topic: str, offset: int, why: str) -> None:
        """Read a topic from there again, a second later."""
        LOG.warning("waiting; nothing is rejected for this, and the other topics go on", topic=topic, fault=why)
        self._consumer.pause([TopicPartition(topic, 0)])
        self._consumer.seek(TopicPartition(topic, 0, offset))
        self._resting[topic] = time.monotonic() + REST

    def _wake(self) -> None:
        due = {topic for topic, until in self._resting.items() if until <= time.monotonic()}
        for topic in due:
            del self._resting[topic]
        if due:
            self._consumer.resume([place for place in self._consumer.assignment() if place.topic in due])

    def _hold(self, topic: str, why: str) -> None:
        if self._held.get(topic) != why:
            LOG.error("held", topic=topic, why=why)
        self._held[topic] = why
        self._consumer.pause([place for place in self._consumer.assignment() if place.topic == topic])
        self._note()

    def _note(self) -> None:
        path = self._setting.settings.state / "map.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps({"held": self._held}, ensure_ascii=False))
        draft.rename(path)


def held(settings: Settings) -> dict[str, str]:
    """Topics that wait, each with the reason and what to do, as the running (or last) map noted them."""
    try:
        found: dict[str, str] = json.loads((settings.state / "map.json").read_text())["held"]
    except (FileNotFoundError, ValueError, KeyError):
        return {}
    return found


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
