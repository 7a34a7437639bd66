"""Single records read back at their offsets."""

import time
from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from infra import kafka
from infra.settings import Settings


class Gone(Exception):
    """The log no longer holds the record."""


class Reader:
    """A side consumer of its own; opened when first needed."""

    def __init__(self, settings: Settings, group: str) -> None:
        self._settings, self._group = settings, group
        self._consumer: Consumer | None = None

    def read(self, topic: str, places: Sequence[tuple[int, int]]) -> list[Message]:
        """The records at (partition, offset), in that order. Raises Gone, KafkaException when the broker does not answer."""
        if self._consumer is None:
            self._consumer = kafka.consumer(self._settings, self._group, **{"queued.min.messages": 1})
        found = {place: _one(self._consumer, topic, *place) for place in sorted(set(places))}
        return [found[place] for place in places]

    def close(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None


def _one(consumer: Consumer, topic: str, partition: int, offset: int) -> Message:
    consumer.assign([TopicPartition(topic, partition, offset)])
    deadline = time.monotonic() + kafka.TIMEOUT
    while time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is None:
            continue
        if (fault := message.error()) is not None:
            raise KafkaException(fault)
        if message.offset() != offset:
            raise Gone(f"{topic}/{partition} holds nothing at offset {offset}: what was said there cannot be read back.")
        return message
    raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
