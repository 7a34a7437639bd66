"""The door's two ends at Kafka: pieces go in by transactions, progress comes out of `credit.batches`.

A transaction holds the records and the chunks that count them. After any error the producer is thrown away: the next one takes over its
transactional id, which ends whatever was open,
and what was committed is read from the topic before anything is published again.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import Any

from confluent_kafka import KafkaException, Producer

from infra import failpoint, gate, kafka, metrics, slots
from infra.settings import Settings
from producers.journal import Journal
from producers.publisher import Piece, batch_key
from producers.spool import Cargo
from schemas import codec, registry
from schemas.envelope import CHUNK
from schemas.topics import BATCHES, DECLARATIONS, submitted

BLOCK = 10_000
WRITER = "door"


class KafkaOutlet:
    """Publishes for one home. Not for several threads. Every error of the broker comes as `infra.kafka.Unavailable`; `patience` is in seconds."""

    def __init__(self, settings: Settings, chunk_id: int, schema_of: codec.SchemaOf, patience: float = kafka.TIMEOUT) -> None:
        self._settings, self._chunk_id, self._schema_of, self._patience = settings, chunk_id, schema_of, patience
        self._held = ExitStack()
        self._producer: Producer | None = None

    def publish(self, pieces: Sequence[Piece]) -> list[dict[str, Any]]:
        """Commit the pieces in one transaction; the chunks as committed. Raises Unavailable when the outcome is failure or unknown:
        `catch_up` tells which.
        """
        chunks = [piece.chunk(int(time.time() * 1000)) for piece in pieces]
        values = codec.encode(CHUNK, self._chunk_id, chunks)
        self._commit(lambda producer: _produce(producer, pieces, values))
        failpoint.point("door.chunk")
        metrics.TRANSACTION_RECORDS.add(sum(chunk["rows"] for chunk in chunks), WRITER)
        return chunks

    def declare(self, said: Sequence[Cargo]) -> None:
        """Commit declarations in one transaction. Raises Unavailable when the outcome is failure or unknown: then they are to be published again, a repeat does no harm."""
        self._commit(lambda producer: _declare(producer, said))
        failpoint.point("door.declared")

    def catch_up(self, journal: Journal) -> None:
        """As `read`, after a dead predecessor's transaction is ended; else its time-out would have to be awaited."""
        try:
            if self._producer is None:
                self._open()
        except KafkaException as fault:
            self.close()
            raise kafka.Unavailable(f"opening a producer: {fault}") from fault
        self.read(journal)

    def read(self, journal: Journal) -> None:
        """Note in the journal every chunk committed up to now."""
        try:
            topic = kafka.identity(self._settings, BATCHES)[0]
            messages = kafka.read_to_end(self._settings, BATCHES, start=journal.place(topic))
            while block := list(islice(messages, BLOCK)):
                found = codec.decode([message.value() for message in block], self._schema_of, CHUNK)
                journal.read(topic, _of_the_door(found.records), (block[-1].offset() or 0) + 1)
        except (KafkaException, registry.Unavailable) as fault:
            raise kafka.Unavailable(f"reading {BATCHES}: {fault}") from fault

    def close(self) -> None:
        """Let the producer and its transactional id go; an open transaction is ended by whoever takes the id next."""
        self._producer = None
        self._held.close()

    def _commit(self, fill: Callable[[Producer], None]) -> None:
        try:
            producer = self._producer or self._open()
            with gate.passing(self._settings):
                producer.begin_transaction()
                fill(producer)
                failpoint.point("door.chunk")
                producer.commit_transaction()
            metrics.TRANSACTIONS.add(1, WRITER, "committed")
        except (KafkaException, BufferError) as fault:
            metrics.TRANSACTIONS.add(1, WRITER, "failed")
            self.close()
            raise kafka.Unavailable(f"publishing: {fault}") from fault

    def _open(self) -> Producer:
        name = self._held.enter_context(slots.slot(self._settings.slots, "door"))
        producer = kafka.producer(self._settings, name)
        producer.init_transactions(self._patience)
        self._producer = producer
        return producer


def _produce(producer: Producer, pieces: Sequence[Piece], chunks: Sequence[bytes]) -> None:
    for piece, chunk in zip(pieces, chunks, strict=True):
        topic = submitted(piece.header.item)
        for cargo in piece.cargo:
            producer.produce(topic, cargo.value, cargo.key)
        producer.produce(BATCHES, chunk, batch_key(piece))
        producer.poll(0)


def _declare(producer: Producer, said: Sequence[Cargo]) -> None:
    for each in said:
        producer.produce(DECLARATIONS, each.value, each.key)
        producer.poll(0)


def _of_the_door(chunks: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Batches of tapped tables are map's own affair."""
    return (chunk for chunk in chunks if "#" not in chunk["batch"])
