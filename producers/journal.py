"""What the door has already published: an index of the topic `credit.batches`, kept in SQLite beside the spool.

The topic is the truth and the index may lag behind it but never lead: it is written after a commit, or from the topic. Lost, or made for
a topic that was created anew, it is built again
from the topic's beginning.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS batch (
  batch TEXT PRIMARY KEY, source TEXT NOT NULL, department TEXT NOT NULL, item TEXT NOT NULL, digest TEXT,
  chunk INTEGER NOT NULL, rows INTEGER NOT NULL, complete INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS place (topic TEXT NOT NULL, next INTEGER NOT NULL);
"""
NOTE = """
INSERT INTO batch VALUES (:batch, :source, :department, :item, :digest, :chunk, :rows, :last)
ON CONFLICT (batch) DO UPDATE SET chunk = excluded.chunk, rows = batch.rows + excluded.rows, complete = excluded.complete
WHERE excluded.chunk > batch.chunk
"""


@dataclass(frozen=True)
class Progress:
    """How far a batch is published: its last committed chunk, the rows up to there, and whether that was the last one."""

    batch: str
    source: str
    department: str
    item: str
    digest: str | None
    chunk: int
    rows: int
    complete: bool


class Journal:
    """The index at `path`. Threads and processes may share it; every call is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(TABLES)

    def find(self, batch: str) -> Progress | None:
        with self._open() as connection:
            row = connection.execute("SELECT * FROM batch WHERE batch = ?", (batch,)).fetchone()
        if row is None:
            return None
        batch, source, department, item, digest, chunk, rows, complete = row
        return Progress(batch, source, department, item, digest, chunk, rows, bool(complete))

    def empty(self) -> bool:
        """True when the topic was never read into this index."""
        with self._open() as connection:
            return connection.execute("SELECT 1 FROM place").fetchone() is None

    def note(self, chunks: Iterable[Mapping[str, Any]]) -> None:
        """Committed chunks, a batch's in their order. A chunk noted before changes nothing."""
        with self._open() as connection:
            connection.executemany(NOTE, [_values(chunk) for chunk in chunks])

    def place(self, topic: str) -> int:
        """The offset to go on reading from; everything is forgotten first when `topic` (its id) is not the one that was read."""
        with self._open() as connection:
            row = connection.execute("SELECT topic, next FROM place").fetchone()
            if row is not None and row[0] == topic:
                return int(row[1])
            connection.execute("DELETE FROM batch")
            connection.execute("DELETE FROM place")
            connection.execute("INSERT INTO place VALUES (?, 0)", (topic,))
            return 0

    def read(self, topic: str, chunks: Iterable[Mapping[str, Any]], following: int) -> None:
        """Chunks read from the topic up to, not including, offset `following`."""
        with self._open() as connection:
            connection.executemany(NOTE, [_values(chunk) for chunk in chunks])
            connection.execute("UPDATE place SET next = max(next, ?) WHERE topic = ?", (following, topic))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            yield connection


def _values(chunk: Mapping[str, Any]) -> dict[str, Any]:
    return {name: chunk[name] for name in ("batch", "source", "department", "item", "digest", "chunk", "rows", "last")}
