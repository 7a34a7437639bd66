"""A ClickHouse server over native TCP, by clickhouse-driver; columns in, columns out.

An insert is one block and one part: it is there whole or not at all. When the answer is lost (`Unavailable`) nobody knows which; the sink reads back.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from clickhouse_driver import Client
from clickhouse_driver.errors import Error, NetworkError, ServerException

from loaders import capability, errors
from loaders.answer import Answer
from loaders.limits import READER, Limits
from loaders.parameters import Parameters, inline
from loaders.pool import Pool

_LOST = (NetworkError, EOFError, OSError)
_SECONDS = 30


T = TypeVar("T")


class Native:
    """A warehouse on ``clickhouse://[user[:password]@]host[:port][/database]``; usable from many threads."""

    name = "native"

    def __init__(self, url: str, limits: Limits = READER) -> None:
        self._url = urlsplit(url)
        self.database = self._url.path.strip("/") or "guiji"
        self._limits = limits
        self._pool: Pool[Client] = Pool(self._client, Client.disconnect)
        self._capability: capability.Capability | None = None

    @property
    def capability(self) -> capability.Capability:
        if self._capability is None:
            self._capability = capability.of(self._run("SELECT version()", {}, database="default").columns[0][0])
        return self._capability

    def query(self, sql: str, parameters: Parameters | None = None) -> Answer:
        """Reads, under the readers' limits; raises LimitReached, Unavailable, SchemaRefused or ParameterFault."""
        return self._run(inline(sql, parameters or {}), self._limits.settings())

    def bounded(self, sql: str, limits: Limits) -> Answer:
        """The same under other limits, of a statement without parameters."""
        return self._run(inline(sql, {}), limits.settings())

    def command(self, sql: str) -> None:
        """Runs a statement that returns nothing."""
        self._run(sql, {})

    def prepare(self) -> None:
        """Makes the database where it is missing."""
        self._run(f"CREATE DATABASE IF NOT EXISTS `{self.database}`", {}, database="default")

    def insert(self, table: str, rows: pa.Table, token: str | None = None) -> None:
        """Adds rows as one block. ``token`` makes the server drop a block it already has, where it can."""
        if not rows.num_rows:
            return
        names = ", ".join(f"`{name}`" for name in rows.column_names)
        settings = {"insert_deduplication_token": token} if token and self.capability.insert_tokens else {}
        columns = [_values(column) for column in rows.columns]
        self._guard(
            lambda client: client.execute(f"INSERT INTO `{table}` ({names}) VALUES", columns, columnar=True, settings=settings), errors.of_insert
        )

    def close(self) -> None:
        self._pool.close()

    def _client(self, database: str | None = None) -> Client:
        url = self._url
        return Client(
            host=url.hostname or "127.0.0.1", port=url.port or 9000, database=database or self.database,
            user=unquote(url.username or "default"), password=unquote(url.password or ""),
            connect_timeout=5, send_receive_timeout=_SECONDS, tcp_keepalive=True, client_name="guiji",
        )  # fmt: skip

    def _run(self, sql: str, settings: Mapping[str, Any], database: str | None = None) -> Answer:
        def run(client: Client) -> Answer:
            answer = client.execute(sql, with_column_types=True, columnar=True, settings=dict(settings))
            columns, kinds = answer if isinstance(answer, tuple) else ((), ())
            return Answer(tuple(name for name, _ in kinds), tuple(columns) or tuple(() for _ in kinds))

        return self._guard(run, errors.of_query, database)

    def _guard(self, use: Callable[[Client], T], refused: Callable[[int, str], errors.WarehouseError], database: str | None = None) -> T:
        try:
            if database is not None:
                client = self._client(database)
                try:
                    return use(client)
                finally:
                    client.disconnect()
            with self._pool.lend() as client:
                return use(client)
        except ServerException as error:
            raise refused(error.code, error.message) from error
        except _LOST as error:
            raise errors.Unavailable(f"ClickHouse at {self._url.hostname}:{self._url.port or 9000} does not answer: {error}") from error
        except Error as error:
            raise errors.DataRefused(str(error), error.code or 0) from error


def _values(column: pa.ChunkedArray) -> list[Any]:
    """A column as the driver takes it; times as whole numbers of the column's own unit."""
    plain = column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
    return list(plain.to_pylist())
