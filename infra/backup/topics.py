"""Topics out of a cluster and into another one, with the same offsets: what refers to records by their offsets (versions, receipts, states, the warehouse) stays true.

Compacted topics keep the order of their records and not the offsets: nothing refers to those.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, NewTopic

from infra import kafka, lag, wait
from infra.backup import records
from infra.backup.records import Record
from infra.backup.runs import Run, leading, runs
from infra.settings import Settings

KEPT = ("credit.", "cdc.", "in.", "sweep.", "kafkasql", "registry-events", "_schemas", "live-windows-changelog")  # what a topic's name begins with; the registry keeps its schemas in a topic, too
AT_ONCE = 4
BLOCK = 50_000  # records in memory for one partition


@dataclass(frozen=True)
class Saved:
    """A partition in a backup: the offset after the last one, and how many records its file holds."""

    topic: str
    partition: int
    end: int
    count: int
    file: str
    sha256: str


def kept(names: Sequence[str]) -> list[str]:
    """Which of a cluster's topics belong into a backup."""
    return sorted(name for name in names if name.startswith(KEPT))


def configs(settings: Settings, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """What is set of each topic itself. Raises KafkaException."""
    client = kafka.admin(settings)  # must outlive its futures
    asked = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in names]
    answers = client.describe_configs(asked, request_timeout=kafka.TIMEOUT) if asked else {}
    return {place.name: {key: str(entry.value) for key, entry in future.result().items() if ConfigSource(entry.source) == ConfigSource.DYNAMIC_TOPIC_CONFIG} for place, future in answers.items()}


def save(settings: Settings, folder: Path, ends: Mapping[tuple[str, int], int]) -> list[Saved]:
    """Every partition up to its offset into a file each. Raises KafkaException."""

    def one(place: tuple[tuple[str, int], int]) -> Saved:
        (topic, partition), end = place
        name = f"topics/{topic}-{partition}.avro"
        count = records.save(settings, topic, partition, end, folder / name)
        return Saved(topic, partition, end, count, name, records.digest(folder / name))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, sorted(ends.items())))


def make(settings: Settings, partitions: Mapping[str, int], wanted: Mapping[str, Mapping[str, str]]) -> None:
    """Make the topics, without anything that would delete records while they are written. Raises KafkaException: one is there already."""
    meanwhile = {"cleanup.policy": "delete", "retention.ms": "-1"}
    client = kafka.admin(settings)  # must outlive its futures
    new = [NewTopic(name, count, 1, config={**wanted[name], **meanwhile}) for name, count in partitions.items()]
    for future in client.create_topics(new, operation_timeout=kafka.TIMEOUT).values() if new else ():
        future.result()


def settle(settings: Settings, wanted: Mapping[str, Mapping[str, str]]) -> None:
    """Give every topic its own settings. Raises KafkaException."""
    client = kafka.admin(settings)  # must outlive its futures
    changed = []
    for name, own in wanted.items():
        final: dict[str, str | None] = {"cleanup.policy": None, "retention.ms": None, **own}
        entries = [
            ConfigEntry(key, value or "", incremental_operation=AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET)
            for key, value in final.items() if key in ("cleanup.policy", "retention.ms")
        ]  # fmt: skip
        changed.append(ConfigResource(ConfigResource.Type.TOPIC, name, incremental_configs=entries))
    for future in client.incremental_alter_configs(changed, request_timeout=kafka.TIMEOUT).values() if changed else ():
        future.result()


def restore(settings: Settings, folder: Path, saved: Sequence[Saved], compacted: frozenset[str]) -> None:
    """Write every partition into its new, empty topic. Raises KafkaException, and Displaced when a record does not come to stand where it stood."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(lambda one: _Writer(settings, one).write(folder / one.file, dense=one.topic in compacted), saved):
            pass


class Displaced(Exception):
    """A restored record has another offset than it had: somebody else wrote into the topic, or a transaction of ours failed. Restore once more, into an empty folder."""


class _Writer:
    """Writes one partition, in order, one thread."""

    def __init__(self, settings: Settings, saved: Saved) -> None:
        self._settings, self._saved = settings, saved
        self._plain: Producer = kafka.producer(settings)
        self._marking: Producer | None = None
        self._faults: list[str] = []
        self._marker = 0  # the offset after the last transaction's marker

    def write(self, path: Path, *, dense: bool) -> None:
        found = records.load(path)
        if dense:
            while block := list(islice(found, BLOCK)):
                self._records(self._plain, block, check=False)
            self._checked()
            return
        block, first = list(islice(found, BLOCK)), True
        while first or block:
            following = list(islice(found, BLOCK))
            offsets = [record["offset"] for record in block]
            end = following[0]["offset"] if following else self._saved.end
            if first:
                self._begin(leading(offsets, end))
                first = False
            for run in runs(offsets, end):
                self._run(block[run.first : run.last], run)
            block = following
        self._awaited()
        self._checked()
        if (reached := lag.ends(self._settings, [self._place])[self._place][1]) != self._saved.end:
            raise Displaced(f"{self._saved.topic}/{self._saved.partition} ends at {reached}, and ended at {self._saved.end}. {Displaced.__doc__}")

    @property
    def _place(self) -> tuple[str, int]:
        return self._saved.topic, self._saved.partition

    def _begin(self, gap: int) -> None:
        """Offsets before the first record: written and deleted."""
        if not gap:
            return
        self._fill(self._plain, gap)
        client = kafka.admin(self._settings)  # must outlive its futures
        for future in client.delete_records([TopicPartition(*self._place, gap)], operation_timeout=kafka.TIMEOUT).values():
            future.result()

    def _run(self, mine: Sequence[Record], run: Run) -> None:
        if not run.marked:
            self._awaited()
            self._records(self._plain, mine)
        if not run.gap:
            return
        producer = self._transactions()
        producer.begin_transaction()
        if run.marked:
            self._records(producer, mine)
            producer.commit_transaction(kafka.TIMEOUT)
        else:
            self._fill(producer, run.fillers)
            producer.abort_transaction(kafka.TIMEOUT)
        self._marker = mine[-1]["offset"] + 1 + run.gap

    def _awaited(self) -> None:
        """A commit is acknowledged before its marker stands: whoever writes next without a transaction would take the marker's place."""
        wait.until(lambda: lag.ends(self._settings, [self._place])[self._place][1], kafka.TIMEOUT, every=0.05, holds=lambda end: end >= self._marker)

    def _records(self, producer: Producer, mine: Sequence[Record], *, check: bool = True) -> None:
        for record in mine:
            self._produce(producer, record, record["offset"] if check else None)
        producer.flush()

    def _produce(self, producer: Producer, record: Record, offset: int | None) -> None:
        def told(fault: KafkaError | None, message: Any) -> None:
            if fault is not None or (offset is not None and message.offset() != offset):
                self._faults.append(str(fault or f"{message.offset()} instead of {offset}"))

        headers = [(header["name"], header["value"]) for header in record["headers"]]
        while True:
            try:
                producer.produce(self._saved.topic, record["value"], record["key"], self._saved.partition, on_delivery=told, timestamp=record["timestamp"], headers=headers)
            except BufferError:
                producer.poll(0.1)
            else:
                producer.poll(0)
                return

    def _fill(self, producer: Producer, count: int) -> None:
        empty: Record = {"value": None, "key": None, "timestamp": 0, "headers": []}
        for _ in range(count):
            self._produce(producer, empty, None)
        producer.flush()

    def _transactions(self) -> Producer:
        if self._marking is None:
            self._marking = kafka.producer(self._settings, f"restore-{self._saved.topic}-{self._saved.partition}")
            self._marking.init_transactions(kafka.TIMEOUT)
        return self._marking

    def _checked(self) -> None:
        if self._faults:
            raise Displaced(f"{self._saved.topic}/{self._saved.partition}: {self._faults[0]}, and {len(self._faults) - 1} more. {Displaced.__doc__}")


def groups(settings: Settings, places: Sequence[tuple[str, int]]) -> dict[str, list[dict[str, Any]]]:
    """Where each consumer group stands in these partitions, metadata included; groups that stand nowhere are left out. Raises KafkaException."""
    client = kafka.admin(settings)  # must outlive its futures
    names = sorted(group.group_id for group in client.list_consumer_groups(request_timeout=kafka.TIMEOUT).result().valid)
    found = {name: [place for place in kafka.standing(settings, name, places) if place.offset >= 0] for name in names}
    return {name: [{"topic": each.topic, "partition": each.partition, "offset": each.offset, "metadata": each.metadata or ""} for each in mine] for name, mine in found.items() if mine}


def place(settings: Settings, stands: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Set groups without members to where they stood. Raises KafkaException."""
    for name, mine in stands.items():
        member = kafka.consumer(settings, name)
        try:
            for done in member.commit(offsets=[TopicPartition(**each) for each in mine], asynchronous=False) or ():
                if done.error:
                    raise KafkaException(done.error)
        finally:
            member.close()
