"""From the spool to Kafka: chunks of at most 5,000 rows, each in one transaction with the record of its progress.

Guarantee: every spooled row is committed exactly once, in the order of acknowledgement, whatever dies in between. A row and the chunk
that counts it are committed together; who takes over
reads `credit.batches` for the last committed chunk and goes on after it. Small submissions share a transaction.

Where too much of an item waits to be judged already (infra.ahead), a large submission waits in the spool, with everything its source acknowledged after it; others pass it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Event
from typing import Any, Protocol

import structlog

from infra.ahead import LITTLE
from producers.journal import Journal
from producers.spool import Bale, Cargo, Header, Spool

LOG = structlog.get_logger(__name__)
CHUNK_ROWS = 5_000
NO_EVENTS = dict.fromkeys(("events", "outside", "housekeeping", "unreadable", "splits"), 0)


@dataclass(frozen=True)
class Piece:
    """One chunk of one batch. `number` counts a batch's chunks from 0."""

    bale: Bale
    header: Header
    number: int
    cargo: Sequence[Cargo]
    last: bool

    def chunk(self, now: int) -> dict[str, Any]:
        """What goes to credit.batches, published at `now` (milliseconds)."""
        header = self.header
        said = {
            name: getattr(header, name)
            for name in ("batch", "source", "department", "way", "item", "digest", "idempotency_key", "name", "by")
        }
        counts = {
            "chunk": self.number,
            "first_line": self.cargo[0].line,
            "rows": len(self.cargo),
            "total": self.bale.rows,
            "last": self.last,
        }
        return {**said, **counts, **NO_EVENTS, "received_at": header.received_at, "published_at": now}


class Outlet(Protocol):
    """Where pieces go: all of them committed in one transaction, or none."""

    def publish(self, pieces: Sequence[Piece]) -> Sequence[dict[str, Any]]: ...


Full = Callable[[str], bool]  # whether too much of an item waits to be judged


def transactions(spool: Spool, journal: Journal, full: Full) -> Iterator[list[Piece]]:
    """What is waiting and may go, cut into transactions. Batches that are complete already are dropped on the way."""
    waiting: list[Piece] = []
    rows = 0
    held = set[str]()  # sources whose next submission waits

    def waits(bale: Bale, header: Header) -> bool:
        if bale.rows > LITTLE and full(header.item):
            held.add(header.source)
        return header.source in held

    for bale in spool.pending():
        for piece in _pieces(spool, journal, bale, waits):
            if waiting and rows + len(piece.cargo) > CHUNK_ROWS:
                yield waiting
                waiting, rows = [], 0
            waiting.append(piece)
            rows += len(piece.cargo)
    if waiting:
        yield waiting


def _pieces(spool: Spool, journal: Journal, bale: Bale, waits: Callable[[Bale, Header], bool]) -> Iterator[Piece]:
    header, progress = bale.header(), journal.find(bale.batch)
    if progress is not None and (progress.digest, progress.item) != (header.digest, header.item):
        LOG.error("another body was published under this receipt; the file is set aside", batch=bale.batch, file=str(bale.path))
        bale.path.rename(bale.path.with_suffix(".conflict"))
        return
    if progress is not None and progress.complete:
        spool.drop(bale)
        return
    number, done = (0, 0) if progress is None else (progress.chunk + 1, progress.rows)
    cargo = bale.cargo(after=done)
    while not waits(bale, header) and (block := list(islice(cargo, CHUNK_ROWS))):
        done += len(block)
        yield Piece(bale, header, number, block, last=done >= bale.rows)
        number += 1


def publish(spool: Spool, journal: Journal, outlet: Outlet, stop: Event, full: Full = lambda _item: False) -> int:
    """Publish everything that waits and may go, or until told to stop; the number of rows. The caller holds `spool.publishing` and has caught the
    journal up with the topic.
    """
    rows = 0
    for pieces in transactions(spool, journal, full):
        if stop.is_set():
            break
        journal.note(outlet.publish(pieces))
        rows += sum(len(piece.cargo) for piece in pieces)
        for piece in pieces:
            if piece.last:
                LOG.info("published", receipt=piece.bale.batch, item=piece.header.item, rows=piece.bale.rows)
                spool.drop(piece.bale)
    return rows


def batch_key(piece: Piece) -> bytes:
    """The Kafka key of a chunk."""
    return f"{piece.header.batch}/{piece.number:06d}".encode()


__all__ = ["CHUNK_ROWS", "Full", "Outlet", "Piece", "batch_key", "publish", "transactions"]
