"""Single submitted records read back at their offsets: the content of a promoted saying, which no state keeps."""

from collections.abc import Sequence
from typing import Any

from confluent_kafka import Message

from infra import readback
from infra.settings import Settings
from streams.examine import Messages, Submitted


class Reader:
    """A side consumer of its own; opened when first needed."""

    def __init__(self, settings: Settings) -> None:
        self._reader = readback.Reader(settings, "judge-readback")

    def read(self, topic: str, places: Sequence[tuple[int, int]]) -> list[Submitted]:
        """The records at (partition, offset), in that order. Raises readback.Gone, KafkaException when the broker does not answer."""
        return [submitted(message) for message in self._reader.read(topic, places)]

    def close(self) -> None:
        self._reader.close()


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


__all__ = ["Reader", "in_columns", "submitted"]
