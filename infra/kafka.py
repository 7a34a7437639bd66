"""Kafka: the one place where clients are configured and topics are made.

Consumers read committed data only and never choose an offset by themselves; producers are idempotent, transactional ones are fenced by their id. After an uncertain outcome of a commit or abort a
transactional producer must be thrown away (librdkafka has no KIP-890): close it and ask for a new one.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, OffsetSpec

from infra import wait
from infra.settings import Settings

TIMEOUT = 15.0
TRANSACTION_MS = 15_000
SESSION_MS = 10_000
LONGEST_TRANSACTION = 90.0  # seconds; producers' own default is 60


class Topic(Protocol):
    """What is declared of a topic."""

    @property
    def name(self) -> str: ...
    @property
    def partitions(self) -> int: ...
    @property
    def config(self) -> Mapping[str, str]: ...


def ends_client(fault: KafkaError) -> bool:
    """Whether a client can never be used again after it: another one must be opened. librdkafka wraps such a fault in `_FATAL`, which does not call itself fatal."""
    return bool(fault.fatal()) or fault.code() in (KafkaError._FATAL, KafkaError.FENCED_INSTANCE_ID)


class Unavailable(Exception):
    """The broker does not answer; try again later."""


def _base(settings: Settings) -> dict[str, Any]:
    if not settings.kafka:
        raise Unavailable("No broker is configured: run `guiji up`, or set GUIJI_KAFKA.")
    return {"bootstrap.servers": settings.kafka, "socket.keepalive.enable": True, "log_level": 3}


def producer(settings: Settings, transactional_id: str | None = None, **extra: Any) -> Producer:
    """An idempotent producer; with an id, a transactional one (the caller calls `init_transactions`)."""
    config = _base(settings) | {
        "enable.idempotence": True,
        "partitioner": "murmur2_random",
        "compression.type": "lz4",
        "linger.ms": 5,
        "batch.size": 1 << 20,
        "message.max.bytes": 8 << 20,
        "queue.buffering.max.messages": 1_000_000,
        "queue.buffering.max.kbytes": 1 << 19,
        "message.timeout.ms": TRANSACTION_MS - 5_000,
    }
    if transactional_id:
        config |= {"transactional.id": transactional_id, "transaction.timeout.ms": TRANSACTION_MS}
    return Producer(config | extra)


# For a member that stays: a fetch that finds nothing waits so long at the broker. What comes meanwhile ends it at once; a partition that is taken up again waits for its end.
STEADY = {"fetch.wait.max.ms": 500}


def consumer(settings: Settings, group: str, **extra: Any) -> Consumer:
    """A consumer that reads committed data, commits nothing by itself and refuses to guess an offset."""
    return Consumer(
        _base(settings)
        | {
            "group.id": group,
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "partition.assignment.strategy": "cooperative-sticky",
            "allow.auto.create.topics": False,
            "session.timeout.ms": SESSION_MS,
            "heartbeat.interval.ms": 2_000,
            "max.poll.interval.ms": 300_000,
            "topic.metadata.refresh.interval.ms": 5_000,
            "fetch.wait.max.ms": 100,
            "fetch.message.max.bytes": 8 << 20,
            "queued.min.messages": 100_000,
            "queued.max.messages.kbytes": 1 << 17,
        }
        | extra
    )


def admin(settings: Settings) -> AdminClient:
    return AdminClient(_base(settings))


def partitions(settings: Settings, seconds: float = TIMEOUT) -> dict[str, int]:
    """Every topic of the cluster with its number of partitions. Raises Unavailable after so many seconds."""
    try:
        found = admin(settings).list_topics(timeout=seconds)
    except KafkaException as fault:
        raise Unavailable(f"The broker at {settings.kafka} does not answer.") from fault
    return {name: len(topic.partitions) for name, topic in found.topics.items()}


def ensure(settings: Settings, topics: Iterable[Topic]) -> list[str]:
    """Create the declared topics that are missing; the names of those created. Existing ones are left as they are: `compare` tells what differs."""
    present = partitions(settings)
    missing = [topic for topic in topics if topic.name not in present]
    if not missing:
        return []
    wanted = [NewTopic(topic.name, topic.partitions, 1, config=dict(topic.config)) for topic in missing]
    created = []
    client = admin(settings)  # must outlive its futures
    for name, future in client.create_topics(wanted, operation_timeout=TIMEOUT).items():
        try:
            future.result()
            created.append(name)
        except KafkaException as fault:
            if fault.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
    return created


def delete(settings: Settings, names: Sequence[str]) -> None:
    """Delete these topics where they are there; they are gone when this returns. Raises KafkaException."""
    present = partitions(settings)
    client = admin(settings)  # must outlive its futures
    for future in client.delete_topics([name for name in names if name in present], operation_timeout=TIMEOUT).values() if set(names) & set(present) else ():
        future.result()
    wait.until(lambda: not set(names) & set(partitions(settings)), TIMEOUT)


def newest(settings: Settings, topics: Iterable[str]) -> dict[str, float]:
    """When the newest message of each topic's first partition was written, in epoch seconds; topics without any, or that are not there, are left out. Raises KafkaException."""
    present = partitions(settings)
    client = admin(settings)  # must outlive its futures
    asked = {TopicPartition(topic, 0): OffsetSpec.max_timestamp() for topic in topics if topic in present}  # type: ignore[no-untyped-call]  # the client leaves it without types
    answers = {place.topic: future.result() for place, future in client.list_offsets(asked, request_timeout=TIMEOUT).items()} if asked else {}
    return {topic: answer.timestamp / 1000 for topic, answer in answers.items() if answer.timestamp > 0}


def compare(settings: Settings, topics: Iterable[Topic]) -> list[str]:
    """What differs between the declared topics and the live ones, one sentence each; empty when nothing does."""
    declared, live = list(topics), partitions(settings)
    differences = [f"{topic.name}: missing" for topic in declared if topic.name not in live]
    present = [topic for topic in declared if topic.name in live]
    configs = _configs(settings, [topic.name for topic in present])
    for topic in present:
        if live[topic.name] != topic.partitions:
            differences.append(f"{topic.name}: has {live[topic.name]} partitions, declared {topic.partitions}")
        for name, wanted in topic.config.items():
            found = configs[topic.name].get(name)
            if found != wanted:
                differences.append(f"{topic.name}: {name} is {found}, declared {wanted}")
    return differences


def undeclared(settings: Settings, topics: Iterable[Topic], prefix: str = "credit.") -> list[str]:
    """Live topics that nothing declares, of those whose names are ours alone, one sentence each: what an item that was taken out of the catalogue left behind, or a slip of somebody's hand."""
    declared = {topic.name for topic in topics}
    return [f"{name}: not declared" for name in sorted(partitions(settings)) if name.startswith(prefix) and name not in declared]


def _configs(settings: Settings, names: list[str]) -> dict[str, dict[str, str | None]]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in names]
    client = admin(settings)
    answers = client.describe_configs(resources, request_timeout=TIMEOUT)
    return {resource.name: {key: entry.value for key, entry in future.result().items()} for resource, future in answers.items()}


def identity(settings: Settings, name: str) -> tuple[str, int]:
    """The id the cluster gave a topic, another one after it was deleted and created anew, and its number of partitions. Raises KafkaException."""
    client = admin(settings)
    found = client.describe_topics(TopicCollection([name]), request_timeout=TIMEOUT)[name].result()
    return str(found.topic_id), len(found.partitions)


def cluster_id(settings: Settings) -> str:
    client = admin(settings)
    return str(client.describe_cluster(request_timeout=TIMEOUT).result().cluster_id)


def watermarks(settings: Settings, topic: str, partition: int) -> tuple[int, int]:
    """First offset kept, and the offset after the last, of open transactions too: asked with read_committed, the broker would tell only how far committed data is readable."""
    reader = consumer(settings, "watermarks", **{"isolation.level": "read_uncommitted"})
    try:
        return wait.patiently(lambda: _watermarks(reader, TopicPartition(topic, partition)), NoLeader, TIMEOUT)
    finally:
        reader.close()


class NoLeader(KafkaException):
    """A partition that was just made, or whose broker was just started, has no leader yet."""


def _watermarks(reader: Consumer, place: TopicPartition) -> tuple[int, int]:
    try:
        low, high = reader.get_watermark_offsets(place, timeout=TIMEOUT)
    except KafkaException as fault:
        if fault.args[0].code() in (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE):
            raise NoLeader(fault.args[0]) from fault
        raise
    return low, high


def committed(settings: Settings, group: str, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """The group's offsets, negative where it has none, as `standing` gives them."""
    return {(found.topic, found.partition): int(found.offset) for found in standing(settings, group, places)}


def standing(settings: Settings, group: str, places: Sequence[tuple[str, int]]) -> list[TopicPartition]:
    """Where the group stands, the metadata of its commits included. Transactions that may still move an offset are waited for. Raises KafkaException."""
    with _asking(settings, group, "read_committed") as reader:
        return _standing(reader, places)


def behind(settings: Settings, group: str, places: Sequence[tuple[str, int]]) -> int:
    """Records that stand in these partitions and the group has not read yet; all of them where it never read. Raises KafkaException."""
    with _asking(settings, group, "read_uncommitted") as reader:
        ends = [_watermarks(reader, TopicPartition(*place))[1] for place in places]
        return sum(ends) - sum(max(0, int(found.offset)) for found in _standing(reader, places))


@contextmanager
def _asking(settings: Settings, group: str, isolation: str) -> Iterator[Consumer]:
    """One who asks for a group's offsets and does not join it. An AdminClient may not ask: while a group's coordinator moves or starts, librdkafka 2.16 ends the whole process (its issue 5040)."""
    reader = consumer(settings, group, **{"isolation.level": isolation})
    try:
        yield reader
    finally:
        reader.close()


def _standing(reader: Consumer, places: Sequence[tuple[str, int]]) -> list[TopicPartition]:
    found = reader.committed([TopicPartition(*place) for place in places], timeout=TIMEOUT) if places else []
    for place in found:
        if place.error:
            raise KafkaException(place.error)
    return found


def read_to_end(settings: Settings, topic: str, partition: int = 0, start: int = OFFSET_BEGINNING) -> Iterator[Message]:
    """Every committed message up to the high watermark taken now. Waits for transactions that are open below it, so that nothing decided later is missed.

    Raises KafkaException when nothing comes for longer than a transaction may stay open: the broker is away."""
    reader = consumer(settings, "read-to-end", **{"enable.partition.eof": True})
    try:
        _, end = watermarks(settings, topic, partition)
        reader.assign([TopicPartition(topic, partition, start)])
        last = time.monotonic()
        while _position(reader, topic, partition) < end:
            messages = reader.consume(10_000, 0.2)
            if messages:
                last = time.monotonic()
            elif time.monotonic() - last > LONGEST_TRANSACTION:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            for message in messages:
                fault = message.error()
                if fault is None:
                    if _offset(message) >= end:
                        return
                    yield message
                elif fault.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(fault)
                elif _offset(message) >= end:
                    return
    finally:
        reader.close()


def _position(reader: Consumer, topic: str, partition: int) -> int:
    return int(reader.position([TopicPartition(topic, partition)])[0].offset)


def _offset(message: Message) -> int:
    """The offset, which every message from a broker has (and at the end of a partition, the next one)."""
    offset = message.offset()
    return 0 if offset is None else offset
