"""Our own loops as processes, each under a group that is told: `map`, `judge`, `load` as `guiji` runs them, and two with one thing changed, to see what it costs."""

import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from threading import Event
from typing import Any
from unittest.mock import patch

from confluent_kafka import Consumer, Producer, TopicPartition

from infra import kafka, log
from infra.settings import get
from loaders import loading, presence, sink, subjects
from loaders.intake import Member
from loaders.warehouse import own
from schemas import catalog as catalogues
from streams import judge as judging
from streams import map as mapping
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


def map_(group: str) -> None:
    with patch.object(mapping, "GROUP", group):
        mapping.run(get(), _stop())


def judge(group: str) -> None:
    settings = get()
    with patch.object(judging, "Tools", partial(judging.Tools, group=group)):
        judging.run(settings, catalogues.load(settings.catalogue))


def judge_at_least_once(group: str) -> None:
    """Without transactions."""
    with patch.object(judging, "Transactions", AtLeastOnce):
        judge(group)


def load(group: str) -> None:
    settings, stop = get(), _stop()
    catalog, warehouse = catalogues.load(settings.catalogue), own(settings)
    with subjects.running(warehouse, catalog):
        sink.Sink(settings, catalog, warehouse, member=Member(group)).run(stop)


def load_unprotected(group: str) -> None:
    """Without replay protection: nothing is read back, and blocks have no tokens."""
    with ExitStack() as changed:
        for module, name, instead in ((presence, "furthest", _nothing), (loading, "_token", lambda *_rows: "")):
            changed.enter_context(patch.object(module, name, instead))
        load(group)


def _stop() -> Event:
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _nothing(*_asked: object) -> dict[int, int]:
    return {}


PROCESSES: dict[str, Callable[[str], None]] = {"map": map_, "judge": judge, "judge_at_least_once": judge_at_least_once, "load": load, "load_unprotected": load_unprotected}

if __name__ == "__main__":
    log.configure(sys.argv[1])
    PROCESSES[sys.argv[1]](sys.argv[2])
