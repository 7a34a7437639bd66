"""Protections switched off, one seam each, to show that a test fails without them: `python -m tests.failures.unprotected NAMES MODULE ARGUMENTS…` runs a process so.

Other names (in `conditions`) bring about what should be survived: short sessions, a process that stops at a point.
"""

import runpy
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import numpy as np

from infra import failpoint, kafka
from loaders import decoding, errors
from loaders.native import Native
from schemas import codec, registry
from streams import mark
from streams.transaction import Failed, Transactions
from tests.failures.conditions import CONDITIONS, Patches

_COMMIT, _INSERT, _ASK, _TRANSACTION = Transactions._commit, Native.insert, registry.Registry._ask, Transactions.commit


class Outside:
    """A transactional producer's face on a plain one: what is produced is there at once, offsets are committed by themselves afterwards."""

    def __init__(self, plain: Any, consumer: Any) -> None:
        self._plain, self._consumer, self._offsets = plain, consumer, []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def begin_transaction(self) -> None:
        pass

    def send_offsets_to_transaction(self, offsets: list[Any], *_rest: Any) -> None:
        self._offsets = offsets

    def commit_transaction(self, _seconds: float) -> None:
        self._consumer.commit(offsets=self._offsets, asynchronous=False)


class Deaf:
    """A transactional producer that tells the broker no offsets, and so not which member of the group it is."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    def send_offsets_to_transaction(self, *_rest: Any) -> None:
        pass


def _plain(self: Transactions, producer: Any, messages: Any, marks: Any, offsets: Any, consumer: Any) -> Any:
    outside: Any = Outside(kafka.producer(self._settings), consumer)
    return _COMMIT(self, outside, messages, marks, offsets, consumer)


def _without_offsets(self: Transactions, producer: Any, *rest: Any) -> Any:
    deaf: Any = Deaf(producer)
    return _COMMIT(self, deaf, *rest)


def _said_again(self: Transactions, *rest: Any) -> Any:
    """A commit nobody answered is taken for failed, and repeated from memory."""
    try:
        return _TRANSACTION(self, *rest)
    except Failed:
        self.open()
        return _TRANSACTION(self, *rest)


def _trusting(_name: str, _partition: int, known: Any, committed: int, _topic: Any, kept: tuple[int, int]) -> int:
    """The group's offset, whatever the state says; where there is none, the end, as `auto.offset.reset=latest` has it."""
    return committed if committed >= 0 else kept[1]


def _from_the_start(_name: str, _partition: int, known: Any, committed: int, _topic: Any, kept: tuple[int, int]) -> int:
    """The group's offset, whatever the state says; where there is none, the beginning."""
    return max(committed, kept[0])


def _lost_is_done(self: Native, *rest: Any) -> None:
    try:
        _INSERT(self, *rest)
    except errors.Unavailable:
        return


def _away_is_unknown(self: registry.Registry, *rest: Any) -> Any:
    try:
        return _ASK(self, *rest)
    except registry.Unavailable as fault:
        raise registry.NotFound(str(fault)) from fault


def _one_spoils_all(places: list[int], values: Any, writer: Any) -> Any:
    batch = codec._columns([value[5:] for value in values], codec._text(writer))
    if batch is None:
        raise codec.Poison("one of these cannot be read")
    return codec.pa.Table.from_batches([batch]), places, {}


def _handed_over(self: Any, pieces: Any) -> list[dict[str, Any]]:
    """Handed to the client is taken for published; what the broker does not take within a second is gone."""
    producer = kafka.producer(self._settings, **{"message.timeout.ms": 1_000})
    chunks = [piece.chunk(0) for piece in pieces]
    for piece in pieces:
        for cargo in piece.cargo:
            producer.produce(f"credit.{piece.header.item}.submitted", cargo.value, cargo.key)
    producer.flush(3)
    return chunks


def _idle(_self: Any, seconds: float) -> None:
    """Waits and does not poll."""
    threading.Event().wait(seconds)


_HOARD: list[Any] = []


def _hoarding(self: Any, seconds: float) -> None:
    """Polls, and takes all there is."""
    _HOARD.extend(self._consumer.consume(100_000, seconds))


def _nothing_there(_warehouse: Any, _stream: Any, _table: Any, rows: Any) -> Any:
    return np.zeros(rows.num_rows, dtype=bool)


SEAMS: Mapping[str, Patches] = {
    "presence": lambda: [("loaders.presence.standing", _nothing_there)],
    "lost answers": lambda: [("loaders.native.Native.insert", _lost_is_done)],
    "patience": lambda: [("loaders.errors._TRANSIENT", errors._TRANSIENT - {252})],
    "polling": lambda: [("loaders.intake.Intake.hold", _idle)],
    "pausing": lambda: [("loaders.intake.Intake.hold", _hoarding)],
    "writers' schemas": lambda: [("loaders.decoding.codec.decode_frame", _as_the_reader)],
    "transactions": lambda: [("streams.transaction.Transactions._commit", _plain), ("streams.mark.begin", _from_the_start)],
    "group's offset": lambda: [("streams.transaction.Transactions._commit", _without_offsets), ("streams.mark.begin", _from_the_start)],
    "unknown outcome": lambda: [("streams.transaction.Transactions.commit", _said_again)],
    "mark": lambda: [("streams.mark.begin", _trusting)],
    "catching up": lambda: [("streams.restore._catch_up", lambda *_: None), ("streams.mark.begin", _trusting)],
    "registry's silence": lambda: [("schemas.registry.Registry._ask", _away_is_unknown)],
    "one by one": lambda: [("schemas.codec._group", _one_spoils_all)],
    "journal": lambda: [("producers.journal.Journal.find", lambda *_: None)],
    "publishing": lambda: [("producers.outlet.KafkaOutlet.publish", _handed_over)],
}
_DECODE = decoding.codec.decode_frame


def _as_the_reader(values: Any, _schema_of: Any, reader: Any) -> Any:
    """Every value read as if its writer knew the newest schema."""
    return _DECODE(values, lambda _number: reader, reader)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """These protections are off (and these conditions hold) inside the block."""
    with ExitStack() as open_:
        for name in filter(None, names):
            found: Callable[[], list[tuple[str, Any]]] = SEAMS[name] if name in SEAMS else CONDITIONS[name.split("=")[0]](name)
            for target, replacement in found():
                open_.enter_context(mock.patch(target, replacement))
        yield


if __name__ == "__main__":
    assert failpoint.point is not None
    assert mark.begin is not None
    names, module = sys.argv[1].split(","), sys.argv[2]
    sys.argv = sys.argv[2:]
    with without(*names):
        runpy.run_module(module, run_name="__main__", alter_sys=True)
