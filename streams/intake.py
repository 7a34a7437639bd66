"""The judge's side of its group: takes records into the buffers, keeps what is held within bounds, and says which partitions were gained."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from infra import kafka
from infra.settings import Settings
from streams.buffers import Buffers, Limits, Message, Place
from streams.mark import Refused

LOG = structlog.get_logger(__name__)
_SLICE = 10_000
_GONE = {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}
# Little is fetched ahead: what stands in the buffers is enough, and what is fetched of a paused partition is thrown away.
_FETCH = {"queued.min.messages": 20_000, "queued.max.messages.kbytes": 1 << 14, "fetch.message.max.bytes": 1 << 20}


def member(settings: Settings, group: str, name: str) -> Consumer:
    """A member of the group; one that comes under the name of a dead one has its partitions at once."""
    return kafka.consumer(settings, group, **_FETCH, **kafka.STEADY, **{"group.instance.id": name})


class Intake:
    """A member of the group. ``open_`` opens its consumer; ``lost`` is called with partitions that are about to be given up, while they are still ours."""

    def __init__(self, open_: Callable[[], Consumer], names: Sequence[str], limits: Limits, lost: Callable[[list[Place]], None]) -> None:
        self._open, self._names, self._on_lost = open_, names, lost
        self.buffers = Buffers(limits)
        self._gained: list[Place] = []
        self._paused: set[Place] = set()
        self.consumer = open_()

    def join(self) -> None:
        """Become a member."""
        self.consumer.subscribe(list(self._names), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)

    def rejoin(self) -> None:
        """Leave the group and join it anew; every partition is gained again."""
        self.close()
        self.consumer = self._open()
        self.join()

    def close(self) -> None:
        self.consumer.close()
        for place in self.buffers.places():
            self.buffers.forget(place)
        self._gained, self._paused = [], set()

    def gained(self) -> list[Place]:
        """Partitions that came to us since this was asked last. Nothing is read of them before `start`."""
        found, self._gained = self._gained, []
        return found

    def start(self, place: Place, offset: int) -> None:
        """Read on from there. Raises KafkaException when that cannot be done: join anew."""
        partition = TopicPartition(*place, offset)
        self.consumer.seek(partition)
        self.buffers.expect(place, offset)
        self.consumer.resume([partition])
        self._paused.discard(place)

    def assigned(self) -> set[Place]:
        """The partitions that are ours."""
        return {(each.topic, each.partition) for each in self.consumer.assignment()}

    def stop(self) -> list[Place]:
        """Read nothing any more, and drop what is held, until `start`; the partitions that are ours."""
        assigned = self.consumer.assignment()
        self.consumer.pause(assigned)
        places = [(each.topic, each.partition) for each in assigned]
        for place in places:
            self.buffers.forget(place)
        self._paused = set()
        return places

    def take(self) -> None:
        """Take what there is, until somebody's turn has come. Raises Refused when the next record is gone, KafkaException for what is fatal."""
        while True:
            arrived = time.monotonic()
            wait = self.buffers.wait(arrived)
            messages: list[Any] = self.consumer.consume(_SLICE, wait)
            self.buffers.add(_sound(messages), arrived)
            self._bound()
            if len(messages) < _SLICE:
                return

    def pass_time(self, seconds: float) -> None:
        """Stay a member for so long while nothing is judged."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            arrived = time.monotonic()
            self.buffers.add(_sound(self.consumer.consume(_SLICE, left)), arrived)
            self._bound()

    def _bound(self) -> None:
        """Pause what has more than its share of the memory, go on with what has little left."""
        full = self.buffers.full() - self._paused
        if full:
            self.consumer.pause([TopicPartition(*place) for place in full])
            self._paused |= full
        lean = self.buffers.lean() & self._paused
        if lean:
            self.consumer.resume([TopicPartition(*place) for place in lean])
            self._paused -= lean

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Nothing is read before it is known where to begin. Never from "the end": what librdkafka then asks the broker may be answered after `start`, and goes past everything that waits."""
        consumer.incremental_assign([TopicPartition(each.topic, each.partition, _end(consumer, each)) for each in partitions])
        consumer.pause(partitions)
        self._gained += [(each.topic, each.partition) for each in partitions]

    def _revoked(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        places = [(each.topic, each.partition) for each in partitions]
        self._on_lost(places)
        for place in places:
            self.buffers.forget(place)
            self._paused.discard(place)
        self._gained = [place for place in self._gained if place not in places]


def _end(consumer: Consumer, partition: TopicPartition) -> int:
    """Where the log ends now, as a number: nothing stands there yet, and it is no place out of range."""
    return int(consumer.get_watermark_offsets(TopicPartition(partition.topic, partition.partition), kafka.TIMEOUT)[1])


def _sound(messages: list[Message]) -> list[Message]:
    """The messages among what came; complains of the rest."""
    wrong = [message for message in messages if message.error() is not None]
    if not wrong:
        return messages
    for message in wrong:
        _complain(message)
    return [message for message in messages if message.error() is None]


def _complain(message: Message) -> None:
    fault: Any = message.error()
    place = f"{message.topic()}/{message.partition()}"
    if fault.code() in _GONE:
        raise Refused(
            f"{place}: the next record to judge is not in the log any more ({fault.str()}). Restart the judge: it says what is missing and what to do."
        )
    if kafka.ends_client(fault):
        raise KafkaException(fault)
    LOG.warning("the consumer reports", place=place, fault=fault.str())


__all__ = ["Intake"]
