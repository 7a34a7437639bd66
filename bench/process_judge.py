"""The judge as a process under a group that is told: `judge` as `guiji` runs it, and `judge_at_least_once`, the same loop without transactions, to see what they cost."""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

from confluent_kafka import Consumer, Producer, TopicPartition

from infra import kafka, log
from infra.settings import get
from schemas import catalog as catalogues
from streams import judge as judging
from streams.transaction import Messages, Transactions


class _Plain:
    """An idempotent producer with the methods of a transaction that do nothing."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    def begin_transaction(self) -> None: ...

    def send_offsets_to_transaction(self, *_offsets: object) -> None: ...

    def commit_transaction(self, *_seconds: object) -> None: ...


class AtLeastOnce(Transactions):
    """The same writing without transactions; the group's place is committed by the consumer, after everything is written."""

    def open(self) -> None:
        self.close()
        self._producer = _Plain(kafka.producer(self._settings))  # type: ignore[assignment]  # it has what is asked of a producer here

    def commit(self, messages: Messages, marks: Messages, offsets: list[TopicPartition], consumer: Consumer) -> dict[tuple[str, int], int]:
        placed = super().commit(messages, marks, offsets, consumer)
        consumer.commit(offsets=offsets, asynchronous=False)
        return placed


def judge(group: str) -> None:
    settings = get()
    with patch.object(judging, "Tools", partial(judging.Tools, group=group)), log.process(sys.argv[1]) as stop:
        judging.run(settings, catalogues.load(settings.catalogue), stop)


def judge_at_least_once(group: str) -> None:
    with patch.object(judging, "Transactions", AtLeastOnce):
        judge(group)


PROCESSES: dict[str, Callable[[str], None]] = {"judge": judge, "judge_at_least_once": judge_at_least_once}

if __name__ == "__main__":
    PROCESSES[sys.argv[1]](sys.argv[2])
