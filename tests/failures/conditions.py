"""What a process must survive, brought about inside it: short sessions, small buffers, a stop (not a death) at a named point."""

import itertools
import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from infra import kafka
from loaders.native import Native
from streams.transaction import Transactions

Patches = Callable[[], list[tuple[str, Any]]]
_INSERT, _COMMIT = Native.insert, Transactions._commit


def _short(_name: str) -> Patches:
    """A member that is not heard of for three seconds, or does not poll for six, is given up."""
    before = kafka.consumer

    def consumer(settings: Any, group: str, **extra: Any) -> Any:
        return before(settings, group, **extra, **{"session.timeout.ms": 3_000, "heartbeat.interval.ms": 500, "max.poll.interval.ms": 6_000})

    return lambda: [("infra.kafka.consumer", consumer)]


def _small(_name: str) -> Patches:
    """Little is fetched ahead: 4 MB."""
    before = kafka.consumer

    def consumer(settings: Any, group: str, **extra: Any) -> Any:
        return before(settings, group, **extra | {"queued.max.messages.kbytes": 4_096, "fetch.message.max.bytes": 1 << 20})

    return lambda: [("infra.kafka.consumer", consumer)]


def _stop_at(name: str) -> Patches:
    """`stop=judge.begin`: at the first passing of the point the process stops (SIGSTOP)."""
    wanted, passed = name.partition("=")[2], []

    def point(at: str) -> None:
        if at == wanted and not passed:
            passed.append(at)
            os.kill(os.getpid(), signal.SIGSTOP)

    return lambda: [("infra.failpoint.point", point)]


def _stop_before_insert(_name: str) -> Patches:
    """The process stops before its first insert of history, when it already knows what is missing."""
    passed: list[str] = []

    def insert(self: Native, table: str, rows: Any, token: str | None = None) -> None:
        if table.endswith("_history") and not passed:
            passed.append(table)
            os.kill(os.getpid(), signal.SIGSTOP)
        _INSERT(self, table, rows, token)

    return lambda: [("loaders.native.Native.insert", insert)]


def _lose_a_commit(_name: str) -> Patches:
    """The second commit happens, and its answer is lost."""
    commits = itertools.count()

    def commit(self: Transactions, *rest: Any) -> Any:
        placed = _COMMIT(self, *rest)
        if next(commits) == 1:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the answer is lost"))
        return placed

    return lambda: [("streams.transaction.Transactions._commit", commit)]


CONDITIONS: Mapping[str, Callable[[str], Patches]] = {"short": _short, "small": _small, "stop": _stop_at, "stop before insert": _stop_before_insert,
                                                      "small chunks": lambda _name: lambda: [("producers.publisher.CHUNK_ROWS", 50)],
                                                      "lose a commit's answer": _lose_a_commit}  # fmt: skip
