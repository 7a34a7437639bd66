"""The sink's side of Kafka: takes messages in batches, keeps polling while it must wait, commits what was loaded.

An eager assignor on purpose: at every rebalance all partitions are given anew with offsets chosen here, so a batch taken before it is simply dropped.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from infra import kafka
from infra.linger import Linger
from infra.settings import Settings
from loaders.errors import Fatal
from schemas.topics import LOADER

Message = Any  # confluent_kafka's stubs let every part of a message be None; a message without an error has them all
log = logging.getLogger("guiji.loader")
GROUP = LOADER
LINGER = Linger(longest=1.0)
_SLICE = 1000
_LOST = {KafkaError.ILLEGAL_GENERATION, KafkaError.UNKNOWN_MEMBER_ID, KafkaError.REBALANCE_IN_PROGRESS, KafkaError.FENCED_INSTANCE_ID,
         KafkaError._ASSIGNMENT_LOST, KafkaError._NO_OFFSET}  # fmt: skip
_WRONG = {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED}
_GONE = {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is taken at once: rows, bytes of their values, and how long the first of them waits for others."""

    rows: int = 25_000
    bytes: int = 32 << 20
    linger: Linger = LINGER


@dataclass(frozen=True, slots=True)
class Member:
    """Who the sink is to the broker. With an ``instance``, a restarted process takes its dead predecessor's partitions at once (static membership)."""

    group: str = GROUP
    instance: str | None = None

    def config(self) -> dict[str, Any]:
        return {"group.instance.id": self.instance} if self.instance else {}


class Rebalanced(Exception):
    """Partitions changed hands: what was taken and not committed belongs to whoever has them now."""


class Intake:
    """A member of the loader group over ``topics``; ``begin(topic, partition)`` gives the offset where the group has none (None: the beginning)."""

    def __init__(self, settings: Settings, topics: Sequence[str], begin: Callable[[str, int], int | None], member: Member) -> None:
        self._settings, self._topics, self._begin, self._member = settings, topics, begin, member
        self.generation = 0
        self._left: set[str] = set()
        self._consumer = self._joined()

    def _joined(self) -> Consumer:
        own = {"partition.assignment.strategy": "range", "queued.max.messages.kbytes": 1 << 16, **kafka.STEADY, **self._member.config()}
        consumer: Consumer = kafka.consumer(self._settings, self._member.group, **own)
        consumer.subscribe(list(self._topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)
        return consumer

    def take(self, size: Size, *, wait: float) -> list[Message]:
        """Up to ``size``; empty when nothing came within ``wait`` seconds. Raises Fatal when the group's offset is no longer in the topic, else Rebalanced."""
        taken = self._checked(self._consumer.consume(1, wait))
        generation, weight, began = self.generation, sum(map(_weight, taken)), time.monotonic()
        while taken and len(taken) < size.rows and weight < size.bytes and (left := began + size.linger.of(len(taken)) - time.monotonic()) > 0:
            more = self._checked(self._consumer.consume(min(_SLICE, size.rows - len(taken)), left))
            taken += more
            weight += sum(map(_weight, more))
            self._stay(generation)
        return taken

    def hold(self, seconds: float) -> None:
        """Waits while staying in the group and taking nothing. Raises Rebalanced when partitions changed hands meanwhile."""
        generation, assigned = self.generation, self._consumer.assignment()
        self._consumer.pause(assigned)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._consumer.poll(min(left, 0.2))
            self._stay(generation)
        self._consumer.resume([each for each in assigned if each.topic not in self._left])

    def leave(self, topic: str) -> None:
        """Take nothing of this topic any more."""
        self._left.add(topic)
        self._consumer.pause([each for each in self._consumer.assignment() if each.topic == topic])

    def commit(self, after: Mapping[tuple[str, int], int]) -> None:
        """Commits the offset after the last loaded record of each partition. Raises Rebalanced when they are no longer ours, Unavailable when nobody answers."""
        offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in after.items()]
        if not offsets:
            return
        try:
            failed = next((found.error for found in self._consumer.commit(offsets=offsets, asynchronous=False) if found.error), None)
        except KafkaException as error:
            failed = error.args[0]
        if failed is None:
            return
        if failed.code() in _LOST:
            self.rewind()
            raise Rebalanced
        raise kafka.Unavailable(f"The offsets could not be committed: {failed.str()}")

    def rewind(self) -> None:
        """Reads on from the committed offsets: what was taken since is dropped."""
        if assigned := self._consumer.assignment():
            self._assigned(self._consumer, assigned)

    def _stay(self, generation: int) -> None:
        if generation != self.generation:
            self.rewind()
            raise Rebalanced

    def close(self) -> None:
        self._consumer.close()

    def _rejoin(self, fault: KafkaError) -> None:
        """The group takes this member for another one (the broker lost its memory of it): joins anew. Raises Rebalanced."""
        log.warning("joining the group anew: %s", fault.str())
        self._consumer.close()
        self.generation += 1
        self._consumer = self._joined()
        raise Rebalanced

    def _checked(self, messages: list[Message]) -> list[Message]:
        for fault, message in ((message.error(), message) for message in messages if message.error() is not None):
            if fault.code() in _GONE:
                raise Fatal(
                    f"The loader's offset is not in {message.topic()}/{message.partition()} any more ({fault.str()}): the topic lost records before they "
                    "were loaded, or was made anew. Compare with `guiji reconcile`, then set the offset of group `loader` by hand."
                )
            if kafka.ends_client(fault):
                self._rejoin(fault)
            if fault.code() in _WRONG:
                raise KafkaException(fault)
            log.warning("%s/%s: %s", message.topic(), message.partition(), fault.str())
        return [message for message in messages if message.error() is None and message.topic() not in self._left]

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.generation += 1
        committed = kafka.committed(self._settings, self._member.group, [(each.topic, each.partition) for each in partitions])
        for each in partitions:
            offset = committed[each.topic, each.partition]
            known = offset if offset >= 0 else self._begin(each.topic, each.partition)
            each.offset = OFFSET_BEGINNING if known is None else known
        consumer.assign(partitions)
        consumer.pause([each for each in partitions if each.topic in self._left])

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.generation += 1
        consumer.unassign()


def _weight(message: Any) -> int:
    return len(message.value() or b"")
