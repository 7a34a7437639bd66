"""A second reader: a thread with a read_committed consumer that reads topics from their beginning while the test happens."""

import threading
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from confluent_kafka import OFFSET_BEGINNING, Message, TopicPartition

from infra import kafka
from schemas import topics
from tests.failures import ledger
from tests.streams.judging import Court
from tests.waiting import eventually

Place = tuple[str, int, int]  # topic, partition, offset


class Watch:
    """Reads the outcomes of an item as they become visible; use as a context manager around what happens. It outlives the broker's deaths."""

    def __init__(self, court: Court) -> None:
        self._court = court
        self._names = {topics.accepted(court.item.code): court.item.partitions, topics.rejected(court.item.code): court.item.partitions, topics.RECEIPTS: 1}
        self.seen: list[Place] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._consumer = kafka.consumer(court.settings, f"watch-{uuid4().hex}")

    def __enter__(self) -> Self:
        self._consumer.assign([TopicPartition(name, number, OFFSET_BEGINNING) for name, count in self._names.items() for number in range(count)])
        self._thread.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def faults(self) -> list[str]:
        """What it saw that it should not have, and what it should have seen and did not. Called inside the block, when all is settled."""
        final = [place for name, count in self._names.items() for number in range(count) for place in self._committed(name, number)]
        eventually(lambda: set(final) <= set(self.seen), told="the second reader does not come to the end")
        return ledger.watched("second reader", [place for place in self.seen if place[0] != topics.RECEIPTS or place in set(final)], final)

    def _committed(self, name: str, number: int) -> list[Place]:
        return [_place(message) for message in kafka.read_to_end(self._court.settings, name, number)]

    def _read(self) -> None:
        while not self._stop.is_set():
            for message in self._consumer.consume(1_000, 0.2):
                if message.error() is None:
                    self.seen.append(_place(message))


def _place(message: Message | Any) -> Place:
    return message.topic(), message.partition(), message.offset()


def judged(court: Court, sent: list[Any], bad: Collection[ledger.Id] = frozenset()) -> list[str]:
    """The ledger of an item's topics."""
    return ledger.judged([each for each in sent if isinstance(each, dict)], bad, court.accepted(), court.rejected(), court.receipts())
