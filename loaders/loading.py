"""Bringing one topic's decoded records into its tables, exactly once on every server.

Where a row may be there already (a repeat after a crash, an insert whose answer was lost) the tables are read back first and only the missing
rows are inserted. A refused block is halved until the row at fault stands alone; that row is written to `unloadable` and the others go in.
"""

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from loaders import presence
from loaders.dialect import adapt, beyond
from loaders.errors import DataRefused, Unavailable
from loaders.rows import Made, Stream
from loaders.table import UNLOADABLE, Table
from loaders.warehouse import Warehouse

log = logging.getLogger("guiji.loader")


@dataclass(frozen=True, slots=True)
class Misfit:
    """A record that cannot be loaded: where it stood, why, and what it was (text)."""

    partition: int
    offset: int
    why: str
    raw: str


class Loading:
    """Loads the records of one topic. ``doubtful_until`` per partition: up to this offset rows may be there already."""

    def __init__(self, warehouse: Warehouse, stream: Stream) -> None:
        self._warehouse, self._stream = warehouse, stream
        self._doubtful_until: dict[int, int] | None = None
        self._run = secrets.token_bytes(16)
        self._adapted: tuple[pa.Table, pa.Table] | None = None

    def forget(self) -> None:
        """Partitions changed hands: what stands there must be read anew before the next insert."""
        self._doubtful_until = None

    def load(self, made: Made, loaded_at: datetime) -> int:
        """Inserts what is missing; returns how many rows went in. Raises Unavailable (call again, nothing doubles) or SchemaRefused."""
        if self._doubtful_until is None:
            self._doubtful_until = self._read_back()
        try:
            return sum(self._table(table, rows, loaded_at) for table, rows in made)
        except Unavailable:
            self._doubtful_until = None  # the answer was lost: perhaps it was applied
            raise
        finally:
            self._adapted = None

    def record(self, misfits: Sequence[Misfit], loaded_at: datetime) -> None:
        """Writes records to `unloadable`; the same one twice is one row."""
        for misfit in misfits:
            log.error("unloadable: %s/%s/%s: %s", self._stream.topic, misfit.partition, misfit.offset, misfit.why)
        rows = [
            {"topic": self._stream.topic, "why": m.why, "raw": m.raw, "_partition": m.partition, "_offset": m.offset, "_loaded_at": loaded_at}
            for m in misfits
        ]  # fmt: skip
        self._insert(UNLOADABLE, pa.Table.from_pylist(rows, schema=UNLOADABLE.schema()))

    def _read_back(self) -> dict[int, int]:
        until: dict[int, int] = {}
        for table in self._stream.tables:
            for partition, offset in presence.furthest(self._warehouse, self._stream, table).items():
                until[partition] = max(offset, until.get(partition, -1))
        return until

    def _table(self, table: Table, rows: pa.Table, loaded_at: datetime) -> int:
        rows = self._missing(table, rows)
        whys = beyond(rows, table, self._warehouse.capability)
        if any(whys):
            held = np.array([why is None for why in whys], dtype=bool)
            self.record([_misfit(rows, at, why) for at, why in enumerate(whys) if why], loaded_at)
            rows = rows.filter(pa.array(held))
        return self._halving(table, rows, loaded_at)

    def _missing(self, table: Table, rows: pa.Table) -> pa.Table:
        if not rows.num_rows or not self._is_doubtful(rows):
            return rows
        return rows.filter(pa.array(~presence.standing(self._warehouse, self._stream, table, rows)))

    def _is_doubtful(self, rows: pa.Table) -> bool:
        until = self._doubtful_until or {}
        partitions, offsets = rows.column("_partition").to_numpy(), rows.column("_offset").to_numpy()
        return any(bool((offsets[partitions == partition] <= offset).any()) for partition, offset in until.items())

    def _halving(self, table: Table, rows: pa.Table, loaded_at: datetime) -> int:
        if not rows.num_rows:
            return 0
        try:
            self._insert(table, rows)
        except DataRefused as error:
            return self._halves(table, rows, loaded_at, error)
        return int(rows.num_rows)

    def _halves(self, table: Table, rows: pa.Table, loaded_at: datetime, error: DataRefused) -> int:
        if rows.num_rows == 1:
            self.record([_misfit(rows, 0, str(error))], loaded_at)
            return 0
        left = rows.filter(pa.array(~presence.standing(self._warehouse, self._stream, table, rows)))  # a view behind the table may refuse late
        middle = left.num_rows // 2
        if not middle:
            return self._halving(table, left, loaded_at) if left.num_rows < rows.num_rows else 0
        return self._halving(table, left.slice(0, middle), loaded_at) + self._halving(table, left.slice(middle), loaded_at)

    def _insert(self, table: Table, rows: pa.Table) -> None:
        if self._adapted is None or self._adapted[0] is not rows:  # the same rows often go into two tables
            self._adapted = rows, adapt(rows, table, self._warehouse.capability)
        self._warehouse.insert(table.name, self._adapted[1], _token(self._run, table, rows))


def _misfit(rows: pa.Table, at: int, why: str) -> Misfit:
    row = rows.slice(at, 1).to_pylist()[0]
    return Misfit(row["_partition"], row["_offset"], why, f"batch {row.get('_batch') or row.get('batch')} line {row.get('_line') or row.get('line')}")


def _token(run: bytes, table: Table, rows: pa.Table) -> str:
    """Names a block by this run and the places its rows came from: a repeat of an insert that the server is still busy with adds nothing.

    Another run has other tokens: rows that an operator removed must come back when they are loaded again.
    """
    digest = hashlib.sha256(run + table.name.encode())
    digest.update(rows.column("_partition").to_numpy().tobytes())
    digest.update(rows.column("_offset").to_numpy().tobytes())
    return digest.hexdigest()
