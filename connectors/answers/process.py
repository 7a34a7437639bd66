"""`guiji connectors answer`: what became of each row is written back beside it, in every front-end database whose source file names an account for that (`receipts`).

Guarantee: every outcome is mirrored, and mirrored right whatever dies: offsets are committed after the database has taken them, and what is repeated replaces nothing newer and is counted once. So a
lost offset needs no guess, either: reading starts at the beginning. A thread and a consumer a source: a database that is away, or slow, holds none of the others.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from connectors import access
from connectors.access import Unasked
from connectors.answers import loads, replaced, said
from connectors.answers.replaced import Rival, Teller
from connectors.answers.tables import KEPT_DAYS, Tables
from connectors.front.session import opened
from infra import kafka, slots
from infra.readback import Gone, Reader
from infra.settings import Settings
from schemas import catalog, codec, departments, registry, sources, topics
from schemas.catalog import Catalog
from schemas.faults import CatalogFault
from schemas.registry import Registry
from schemas.sources import Source, SourceFault, Table
from schemas.words import OUTCOMES

LOG = structlog.get_logger(__name__)
BATCH = 1_000  # messages that are written together
LOOK, FIRST_PAUSE, LONGEST_PAUSE, SWEEP = 3.0, 2.0, 60.0, 3600.0  # seconds
PASSING = (Unasked, KafkaException, kafka.Unavailable, registry.Unavailable, Gone)
# Repeats do nothing, so the beginning is always a right place to start. Small buffers: there is one consumer a source.
_OURS = {"auto.offset.reset": "earliest", "queued.min.messages": 1_000, "queued.max.messages.kbytes": 8_192, "fetch.message.max.bytes": 1 << 20} | kafka.STEADY


class Absent(Unasked):
    """A topic is not there yet."""


@dataclass(frozen=True)
class Followed:
    """A source that is being answered."""

    source: Source
    thread: Thread
    stop: Event


@dataclass(frozen=True)
class Desk:
    """What answers need besides: the catalogue, ``names`` of departments by code, the site's zone, and ``read``, which reads records back: topic, (partition, offset) … → messages, in that order."""

    items: Catalog
    names: Mapping[str, str]
    zone: ZoneInfo
    read: Callable[[str, Sequence[tuple[int, int]]], Sequence[Message]]

    def teller(self, item: str) -> Teller:
        return Teller(self.items[item], self.names, self.zone)


class Answerer:
    """Writes what some messages say into one source's database. ``schema_of``: a schema by its id."""

    def __init__(self, source: Source, tables: Tables, schema_of: codec.SchemaOf, desk: "Desk") -> None:
        self._source, self._tables, self._schema_of, self._desk = source, tables, schema_of, desk

    def take(self, messages: Sequence[Message]) -> None:
        """Raises what the database raises; then nothing of a table whose turn had not come is written, and all may be taken again."""
        for table in self._source.tables.values():
            mine = table.source_id.encode()
            concerned = [message for message in messages if mine in (message.value() or b"")]
            records = list(self._records([message for message in concerned if message.topic() != topics.state(table.item)], table.source_id))
            answers = [answer for topic, _, record in records for answer in _answers(topic, record)]
            rivals = self._rivals([message for message in concerned if message.topic() == topics.state(table.item)], table.source_id)
            stored = self._tables.stored(table, {*(answer.row for answer in answers), *map(said.key, rivals)})
            answers += self._replaced(table, rivals, {row for row, answer in stored.items() if answer.outcome == OUTCOMES["superseded"]})
            receipts = [(offset, record) for topic, offset, record in records if topic == topics.RECEIPTS]
            self._tables.write(table, said.changed(stored, answers), loads.counted(self._tables.newest(table), receipts, self._desk.zone) if receipts else [])

    def _rivals(self, messages: Sequence[Message], source: str) -> dict[str, tuple[int, Rival]]:
        """Row → partition and the newest that is known of it."""
        found = codec.decode_states([message.value() for message in messages], self._schema_of)
        rivals = dict[str, tuple[int, Rival]]()
        for place, state in zip(found.places, found.records, strict=True):
            message = messages[place]
            told = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
            for each in replaced.rivals(state, source, told):
                if each.row not in rivals or rivals[each.row][1].told <= told:
                    rivals[each.row] = int(message.partition() or 0), each
        return rivals

    def _replaced(self, table: Table, rivals: Mapping[str, tuple[int, Rival]], given_way: Collection[str]) -> list[said.Answer]:
        """Their answers. That another source says the same is news only to a row that had given way."""
        wanted = [(partition, rival) for row, (partition, rival) in rivals.items() if not rival.same or said.key(row) in given_way]
        places = [(partition, offset) for partition, rival in wanted for offset in (rival.own, rival.stands)]
        if not places:
            return []
        found = codec.decode([message.value() for message in self._desk.read(topics.submitted(table.item), places)], self._schema_of)
        teller, records = self._desk.teller(table.item), dict(zip(found.places, found.records, strict=True))
        return [teller.answer(rival, records[2 * n], records[2 * n + 1]) for n, (_, rival) in enumerate(wanted) if 2 * n in records and 2 * n + 1 in records]

    def _records(self, messages: Sequence[Message], source: str) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
        """(topic, offset, record) of what is this source's. What cannot be read is left to those who account for it."""
        found = codec.decode([message.value() for message in messages], self._schema_of)
        for place, record in zip(found.places, found.records, strict=True):
            topic = str(messages[place].topic())
            if record["source" if topic == topics.RECEIPTS else "_source"] == source:
                yield topic, int(messages[place].offset() or 0), record


def _answers(topic: str, record: Mapping[str, Any]) -> Iterator[said.Answer]:
    if topic == topics.RECEIPTS:
        yield from said.echoed(record)
    else:
        answer = said.rejected(record) if topic.endswith(".rejected") else said.accepted(record)
        yield from [answer] if answer else []


def run(settings: Settings, stop: Event) -> None:
    """Answer until told to stop; source files are looked at every few seconds. Raises SourceFault where they are broken at the start, slots.Occupied."""
    with slots.alone(settings.slots / "answer", "A `guiji connectors answer` of this home"):
        _run(settings, stop)


def _run(settings: Settings, stop: Event) -> None:
    followed: dict[str, Followed] = {}
    wanted = answered(settings)
    while not stop.is_set():
        _end(each for name, each in followed.items() if wanted.get(name) != each.source)
        followed = {name: followed[name] if name in followed and followed[name].source == source else _begun(settings, source) for name, source in wanted.items()}
        stop.wait(LOOK)
        try:
            wanted = answered(settings)
        except (SourceFault, CatalogFault) as fault:
            LOG.warning("source files are broken, the former ones stand", cause=str(fault))
    _end(followed.values())


def answered(settings: Settings) -> dict[str, Source]:
    """The sources whose departments are answered where they work."""
    found = sources.load(settings.sources, catalog.load(settings.catalogue), departments.load())
    return {name: source for name, source in found.items() if source.receipts}


def _begun(settings: Settings, source: Source) -> Followed:
    stop = Event()
    thread = Thread(target=_patient, args=(settings, source, stop), name=f"answer {source.name}", daemon=True)
    thread.start()
    return Followed(source, thread, stop)


def _end(followed: Iterable[Followed]) -> None:
    ending = list(followed)
    for each in ending:
        each.stop.set()
    for each in ending:
        each.thread.join()


def _patient(settings: Settings, source: Source, stop: Event) -> None:
    """Follow one source, and again after any fault, later each time."""
    pause = FIRST_PAUSE
    while not stop.is_set():
        began = time.monotonic()
        try:
            follow(settings, source, stop)
        except PASSING as fault:
            LOG.warning("cannot answer", source=source.name, cause=str(fault))
        except Exception:  # the loop that owns this source: a mistake of ours must not end its answers in silence
            LOG.exception("a mistake in answering", source=source.name)
        pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
        stop.wait(pause)


def follow(settings: Settings, source: Source, stop: Event) -> None:
    """Answer one source until told to stop. Raises what is in PASSING."""
    assert source.receipts is not None
    zone = ZoneInfo(settings.timezone)
    where = access.of(sources.answering(source), settings.secrets())
    names = {code: department.name for code, department in departments.load().items()}
    with (
        Registry(settings.registry) as schemas,
        _consumer(settings, source) as consumer,
        opened(where) as session,
        closing(Reader(settings, "answer-readback")) as reader,
    ):
        tables, swept = Tables(session, source.database.kind, zone), 0.0
        answerer = Answerer(source, tables, schemas.schema, Desk(catalog.load(settings.catalogue), names, zone, reader.read))
        while not stop.is_set():
            messages = consumer.consume(BATCH, 0.5)
            if fault := next((message.error() for message in messages if message.error()), None):
                raise KafkaException(fault)
            if messages:
                with session.together():
                    answerer.take(messages)
                consumer.commit(offsets=_after(messages), asynchronous=False)
            elif time.monotonic() - swept > SWEEP:
                swept = time.monotonic()
                for table in source.tables.values():
                    tables.sweep(table, datetime.now(UTC) - timedelta(days=KEPT_DAYS))


def group(source: Source) -> str:
    """Who reads for a source."""
    return f"answer.{source.name}"


def read(source: Source) -> list[str]:
    """The topics that its answers come from."""
    items = {table.item for table in source.tables.values()}
    return [topics.RECEIPTS, *(name(item) for item in sorted(items) for name in (topics.accepted, topics.rejected, topics.state))]


@contextmanager
def _consumer(settings: Settings, source: Source) -> Iterator[Consumer]:
    """Reads, from where this source's answers stand, its items' outcomes and all receipts."""
    wanted = read(source)
    there = kafka.partitions(settings)
    if missing := [topic for topic in wanted if topic not in there]:
        raise Absent(f"There is no topic {', '.join(missing)} yet: run `guiji up`.")
    consumer = kafka.consumer(settings, group(source), **_OURS)
    try:
        consumer.assign([TopicPartition(topic, partition) for topic in wanted for partition in range(there[topic])])
        yield consumer
    finally:
        consumer.close()


def _after(messages: Sequence[Message]) -> list[TopicPartition]:
    """Where to go on, by partition."""
    ends = {(str(message.topic()), int(message.partition() or 0)): int(message.offset() or 0) + 1 for message in messages}
    return [TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()]
