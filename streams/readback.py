"""Single submitted records read back at their offsets: the content of a promoted saying, which no state keeps."""

import time
from collections.abc import Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from infra import kafka
from infra.settings import Settings
from streams.examine import Messages, Submitted


class Gone(Exception):
    """The log no longer holds the record."""


class Reader:
    """A side consumer of its own; opened when first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer: Consumer | None = None

    def read(self, topic: str, places: Sequence[tuple[int, int]]) -> list[Submitted]:
        """The records at (partition, offset), in that order. Raises Gone, KafkaException when the broker does not answer."""
        if self._consumer is None:
            self._consumer = kafka.consumer(self._settings, "judge-readback", **{"queued.min.messages": 1})
        found = {place: self._one(self._consumer, topic, *place) for place in sorted(set(places))}
        return [found[place] for place in places]

    def _one(self, consumer: Consumer, topic: str, partition: int, offset: int) -> Submitted:
        consumer.assign([TopicPartition(topic, partition, offset)])
        deadline = time.monotonic() + kafka.TIMEOUT
        while time.monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is None:
                continue
            if message.error() is not None:
                raise KafkaException(message.error())
            if message.offset() != offset:
                raise Gone(f"{topic}/{partition} holds nothing at offset {offset}: the record that would stand again cannot be read back.")
            return submitted(message)
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    def close(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None


def submitted(message: Message) -> Submitted:
    """A message as a value."""
    partition, offset = message.partition(), message.offset()
    assert partition is not None
    assert offset is not None
    return Submitted(partition, offset, message.key(), message.value(), message.timestamp()[1])


def in_columns(batches: Sequence[Sequence[Message]]) -> Messages:
    """The messages of several partitions, one batch each."""
    messages = [message for batch in batches for message in batch]
    partitions = [batch[0].partition() or 0 for batch in batches for _ in batch]
    offsets: list[Any] = [message.offset() for message in messages]
    return Messages(partitions, offsets, [message.value() for message in messages], lambda n: submitted(messages[n]))


__all__ = ["Gone", "Reader", "in_columns", "submitted"]
