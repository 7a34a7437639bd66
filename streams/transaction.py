"""One transaction of the judge: what it says and how far it read, together or not at all.

After any fault the producer is thrown away: librdkafka cannot tell whether an uncertain commit happened, but the group's offset and the mark can.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from infra import failpoint, gate, kafka, metrics, writing
from infra.settings import Settings

Row = tuple[int | None, bytes, bytes]  # partition (None: by the key), key, value
Messages = Mapping[str, Sequence[Row]]
WRITER = "judge"


class Failed(Exception):
    """The transaction failed or nobody knows: restore from what is committed."""


class Transactions:
    """Makes transactions under one transactional id."""

    def __init__(self, settings: Settings, transactional_id: str) -> None:
        self._settings, self._id = settings, transactional_id
        self._producer: Producer | None = None

    def open(self) -> None:
        """Fence whoever had the id and end its transaction. Raises Failed when the broker does not answer."""
        self.close()
        try:
            self._producer = kafka.producer(self._settings, self._id)
            self._producer.init_transactions(kafka.TIMEOUT)
        except KafkaException as fault:
            self.close()
            raise Failed(f"the broker does not let {self._id} begin: {fault}") from fault

    def close(self) -> None:
        if self._producer is not None:
            self._producer.purge()
        self._producer = None

    def commit(self, messages: Messages, marks: Messages, offsets: list[TopicPartition], consumer: Consumer) -> dict[tuple[str, int], int]:
        """Write all and commit; (state topic, partition) → the offset of its mark. Raises Failed."""
        assert self._producer is not None
        try:
            with gate.passing(self._settings):
                placed = self._commit(self._producer, messages, marks, offsets, consumer)
        except (KafkaException, BufferError) as fault:
            metrics.TRANSACTIONS.add(1, WRITER, "failed")
            raise Failed(str(fault)) from fault
        metrics.TRANSACTIONS.add(1, WRITER, "committed")
        return placed

    def _commit(
        self, producer: Producer, messages: Messages, marks: Messages, offsets: list[TopicPartition], consumer: Consumer
    ) -> dict[tuple[str, int], int]:
        placed: dict[tuple[str, int], int] = {}

        def note(fault: Any, message: Any) -> None:
            if fault is None:
                placed[message.topic(), message.partition()] = message.offset()

        producer.begin_transaction()
        failpoint.point("judge.begin")
        for topic, rows in messages.items():
            _produce(producer, topic, rows)
        for topic, rows in marks.items():
            for partition, key, value in rows:
                producer.produce(topic, value, key, partition if partition is not None else -1, on_delivery=note)
        producer.flush()
        failpoint.point("judge.produced")
        writing.send_offsets(producer, offsets, consumer)
        failpoint.point("judge.offsets")
        producer.commit_transaction(kafka.TIMEOUT)
        failpoint.point("judge.committed")
        return placed


def _produce(producer: Producer, topic: str, rows: Sequence[Row]) -> None:
    """Queue all rows."""
    writing.produce(
        producer, topic, [{"key": key, "value": value} if partition is None else {"key": key, "value": value, "partition": partition} for partition, key, value in rows]
    )


__all__ = ["Failed", "Messages", "Row", "Transactions"]
