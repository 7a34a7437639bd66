"""The embedded ClickHouse engine (chdb), which one process at a time may open.

Its traps, each found by trying: a client serves one thread at a time; after an error the next Arrow answer of that client is broken, so it is
thrown away; `readonly` locks a client for good, so readers are clients of their own; never fork once it is open (spawn).
"""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.exceptions import ClickHouseError, ProgrammingError

from loaders import capability, errors
from loaders.answer import Answer
from loaders.limits import READER, Limits
from loaders.parameters import Parameters, check
from loaders.pool import Pool

_BUSY = "EmbeddedServer"


T = TypeVar("T")


class Embedded:
    """The warehouse under ``path``, made where it is missing; usable from many threads of this process."""

    name = "embedded"
    database = "guiji"

    def __init__(self, path: Path, limits: Limits = READER) -> None:
        self.path = path
        self._limits = limits
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writers: Pool[Any] = Pool(lambda: self._client({}), _close)
        self._readers: Pool[Any] = Pool(lambda: self._client(self._limits.settings()), _close)
        self._bounds: dict[Limits, Pool[Any]] = {}
        self._bounding = Lock()
        keeper = self._open()  # holds the engine open while the pools are empty
        self._keeper = keeper
        self.capability = capability.of(keeper.server_version)

    def query(self, sql: str, parameters: Parameters | None = None) -> Answer:
        """Reads, under the readers' limits; raises LimitReached, SchemaRefused or ParameterFault."""
        return self._read(self._readers, sql, parameters or {})

    def bounded(self, sql: str, limits: Limits) -> Answer:
        """The same under other limits, of a statement without parameters."""
        with self._bounding:
            pool = self._bounds.setdefault(limits, Pool(lambda: self._client(limits.settings()), _close))
        return self._read(pool, sql, {})

    def _read(self, pool: Pool[Any], sql: str, parameters: Parameters) -> Answer:
        values = dict(parameters)
        check(sql, values)
        return self._guard(pool, lambda client: _answer(client, sql, values), errors.of_query)

    def command(self, sql: str) -> None:
        """Runs a statement that returns nothing."""
        self._guard(self._writers, lambda client: client.command(sql), errors.of_query)

    def prepare(self) -> None:
        """The database was made when the engine was opened."""

    def insert(self, table: str, rows: pa.Table, token: str | None = None) -> None:
        """Adds rows as one block, directly from Arrow. ``token`` makes the engine drop a block it already has."""
        if not rows.num_rows:
            return
        settings = {"insert_deduplication_token": token} if token else {}
        self._guard(self._writers, lambda client: client.insert_arrow(table, rows.combine_chunks(), settings=settings), errors.of_insert)

    def close(self) -> None:
        """Ends idle clients; the engine closes with the last of them, and another path may then be opened."""
        for pool in (self._readers, *self._bounds.values()):
            pool.close()
        self._writers.close()
        _close(self._keeper)

    def _open(self) -> Any:
        try:
            client = clickhouse_connect.get_client(interface="chdb", path=str(self.path))
            client.command(f"CREATE DATABASE IF NOT EXISTS {self.database}")
        except ProgrammingError as error:
            raise errors.Fatal(_why(self.path, str(error))) from error
        return client

    def _client(self, settings: dict[str, Any]) -> Any:
        return clickhouse_connect.get_client(interface="chdb", path=str(self.path), database=self.database, settings=settings)

    @staticmethod
    def _guard(pool: Pool[Any], use: Callable[[Any], T], refused: Callable[[int, str], errors.WarehouseError]) -> T:
        try:
            with pool.lend() as client:
                return use(client)
        except ClickHouseError as error:
            raise refused(int(getattr(error, "code", 0) or 0), str(error)) from error
        except pa.ArrowException as error:
            raise errors.DataRefused(str(error)) from error


_open_here: dict[Path, Embedded] = {}
_opening = Lock()


def own(path: Path, limits: Limits = READER) -> Embedded:
    """This process's one warehouse under ``path``, opened at the first call. Raises Fatal when another process or another path has it."""
    with _opening:
        if path not in _open_here:
            _open_here[path] = Embedded(path, limits)
        return _open_here[path]


def owned(path: Path) -> Embedded | None:
    """The warehouse under ``path`` when this process has it open."""
    return _open_here.get(path)


def release(path: Path) -> None:
    """Closes this process's warehouse under ``path``, if any."""
    with _opening:
        warehouse = _open_here.pop(path, None)
    if warehouse is not None:
        warehouse.close()


def _answer(client: Any, sql: str, values: dict[str, Any]) -> Answer:
    """Native format keeps every type, but says nothing of the columns of an empty answer; Arrow does."""
    found = client.query(sql, parameters=values, column_oriented=True)
    if found.column_names:
        return Answer(tuple(found.column_names), tuple(found.result_columns) or tuple(() for _ in found.column_names))
    names = client.query_arrow(sql, parameters=values).column_names
    return Answer(tuple(names), tuple(() for _ in names))


def _close(client: Any) -> None:
    client.close()


def _why(path: Path, message: str) -> str:
    if _BUSY in message:
        return (
            f"The embedded warehouse under {path} is already open in another process (only one may have it). "
            "`guiji serve` is probably running: ask that process, or stop it first (`guiji down`)."
        )
    return f"The embedded warehouse under {path} cannot be opened: {message}"
