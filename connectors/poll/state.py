"""What is known of a polled table: each row's digest and last image, and how far its polls are. One SQLite file a table under `<home>/state/polled`, for the one process that holds the source.

Guarantee: changes are written down (`note`) before they are sent and taken over (`settle`) afterwards, each at once or not at all. Whoever finds changes written down and not taken over sends them
again, the same events with the same numbers. A file that is lost, or cannot be read, costs a reading of the whole table; what was deleted before that is found by comparing that reading.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from connectors.poll.comparison import DELETED, Change, digest

PAGE = 1_000  # rows whose images are in memory at once
_TABLES = """
CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, digest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS images (id INTEGER PRIMARY KEY, image BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS pending (number INTEGER PRIMARY KEY, op TEXT NOT NULL, key TEXT NOT NULL, before TEXT, after TEXT, mark TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS about (only INTEGER PRIMARY KEY CHECK (only = 1), said TEXT NOT NULL);
"""


@dataclass(frozen=True)
class About:
    """``poll``: number of the last one, and ``at``, epoch milliseconds, when it began; ``number``: events of it so far. ``whole``: the table was read to its end once. ``generation`` and ``topic``
    (the id that the cluster gave it): of what was sent. ``newest``: highest value of the update column. ``passes``: a shrunken table with at least so many rows is
    right."""

    poll: int = 0
    at: int = 0
    number: int = 0
    whole: bool = False
    generation: int = 0
    topic: str = ""
    newest: str | None = None
    passes: int | None = None


class State:
    """Opened by one process at a time. Everything but `seen` is on disk."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.lost = ""
        try:
            self._open(path)
        except sqlite3.OperationalError:  # no room, no right, or somebody else has it: nothing is wrong with what stands there
            raise
        except sqlite3.DatabaseError as fault:
            self._database.close()
            self.lost = f"{path} could not be read ({fault}) and was made anew"
            for each in path.parent.glob(f"{path.name}*"):
                each.unlink()
            self._open(path)
        self._seen = bytearray()
        self._last = 0

    def _open(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._database.close()

    @property
    def about(self) -> About:
        row = self._database.execute("SELECT said FROM about").fetchone()
        said = json.loads(row[0]) if row else {}
        return About(**{each.name: said[each.name] for each in fields(About) if each.name in said})

    def tell(self, about: About) -> None:
        self._database.execute("INSERT OR REPLACE INTO about VALUES (1, ?)", (json.dumps(asdict(about)),))

    def of(self, generation: int, topic: str) -> None:
        """What is known was sent under this generation into this topic; else nothing is known to be there, and the whole table is to be said again."""
        about = self.about
        if (about.generation, about.topic) != (generation, topic):
            self.tell(replace(about, generation=generation, topic=topic, whole=False, newest=None))

    def count(self) -> int:
        """Rows that are known."""
        return int(self._database.execute("SELECT count(*) FROM rows").fetchone()[0])

    # ---- one comparison ----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Nothing is seen yet: a bit for each row that is known now."""
        self._last = int(self._database.execute("SELECT coalesce(max(id), 0) FROM rows").fetchone()[0])
        self._seen = bytearray(self._last // 8 + 1)

    def seen(self, keys: Iterable[str]) -> dict[str, bytes]:
        """These rows are there; digests of those that are known."""
        rows = self._database.execute("SELECT id, key, digest FROM rows WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),)).fetchall()
        for number, _, _ in rows:
            if number <= self._last:
                self._seen[number >> 3] |= 1 << (number & 7)
        return {key: known for _, key, known in rows}

    def unseen(self) -> Iterator[dict[str, str]]:
        """Rows that were known at the beginning and are not seen, with their images, some at a time; those may be taken away meanwhile."""
        gone = list(self._unseen())
        for first in range(0, len(gone), PAGE):
            yield self._images("id", gone[first : first + PAGE])

    def missing(self) -> int:
        """How many those are."""
        return sum(1 for _ in self._unseen())

    def _unseen(self) -> Iterator[int]:
        known = self._database.execute("SELECT id FROM rows WHERE id <= ? ORDER BY id", (self._last,))
        return (number for (number,) in known if not self._seen[number >> 3] & 1 << (number & 7))

    def images(self, keys: Iterable[str]) -> dict[str, str]:
        """Last images of those among these rows that are known."""
        return self._images("key", list(keys))

    def _images(self, by: str, values: list[int] | list[str]) -> dict[str, str]:
        question = f"SELECT key, image FROM rows JOIN images USING (id) WHERE {by} IN (SELECT value FROM json_each(?))"
        return {key: zlib.decompress(image).decode() for key, image in self._database.execute(question, (json.dumps(values),))}

    def forget(self, keys: Iterable[str]) -> None:
        """Nothing is known of these rows any more."""
        named = json.dumps(list(keys))
        with self._at_once():
            self._database.execute("DELETE FROM images WHERE id IN (SELECT id FROM rows WHERE key IN (SELECT value FROM json_each(?)))", (named,))
            self._database.execute("DELETE FROM rows WHERE key IN (SELECT value FROM json_each(?))", (named,))

    # ---- what is sent ------------------------------------------------------------------------------------------------

    def note(self, changes: Mapping[int, Change]) -> None:
        """Write changes down, by their numbers in the poll, before they are sent."""
        rows = [(number, change.op, change.key, change.before, change.after, change.mark) for number, change in changes.items()]
        with self._at_once():
            self._database.executemany("INSERT INTO pending VALUES (?, ?, ?, ?, ?, ?)", rows)

    def pending(self) -> dict[int, Change]:
        """What was written down and not taken over."""
        return {row[0]: Change(*row[1:]) for row in self._database.execute("SELECT number, op, key, before, after, mark FROM pending ORDER BY number")}

    def settle(self) -> None:
        """What was written down has been sent: that is how the table is."""
        made = self.pending()
        with self._at_once():
            for change in made.values():
                self._take(change)
            self._database.execute("DELETE FROM pending")
            if made:
                self._database.execute("UPDATE about SET said = json_set(said, '$.number', ?)", (max(made) + 1,))

    def _take(self, change: Change) -> None:
        if change.op == DELETED or change.after is None:
            self._database.execute("DELETE FROM images WHERE id IN (SELECT id FROM rows WHERE key = ?)", (change.key,))
            self._database.execute("DELETE FROM rows WHERE key = ?", (change.key,))
            return
        question = "INSERT INTO rows (key, digest) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET digest = excluded.digest RETURNING id"
        ((number,),) = self._database.execute(question, (change.key, digest(change.after))).fetchall()
        self._database.execute("INSERT OR REPLACE INTO images VALUES (?, ?)", (number, zlib.compress(change.after.encode(), 1)))

    def _at_once(self) -> "_Transaction":
        return _Transaction(self._database)


class _Transaction:
    """All of it or nothing."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")
