"""The warehouse, wherever it is: a ClickHouse server (`native`), the engine inside this process (`embedded`), or another process's (`remote`)."""

from typing import Protocol

import pyarrow as pa

from infra.settings import Settings
from loaders import embedded
from loaders.answer import Answer
from loaders.capability import Capability
from loaders.limits import Limits
from loaders.native import Native
from loaders.parameters import Parameters
from loaders.remote import Remote


class Warehouse(Protocol):
    """What all three promise; every method may be called from any thread."""

    @property
    def name(self) -> str: ...

    @property
    def database(self) -> str: ...

    @property
    def capability(self) -> Capability: ...

    def query(self, sql: str, parameters: Parameters | None = None) -> Answer: ...

    def bounded(self, sql: str, limits: Limits) -> Answer: ...

    def command(self, sql: str) -> None: ...

    def prepare(self) -> None: ...

    def insert(self, table: str, rows: pa.Table, token: str | None = None) -> None: ...

    def close(self) -> None: ...


def connect(settings: Settings) -> Warehouse:
    """The warehouse to read: the server of GUIJI_CLICKHOUSE_URL; else this process's own engine, where it has it open; else `guiji serve`'s."""
    if settings.clickhouse_url:
        return Native(settings.clickhouse_url)
    mine = embedded.owned(settings.clickhouse_path)
    return mine if mine is not None else Remote(settings.serve_url, lambda: settings.serve_token)


def own(settings: Settings) -> Warehouse:
    """The warehouse to load: the server, or the engine opened in this process. Raises Fatal when another process has the engine."""
    return Native(settings.clickhouse_url) if settings.clickhouse_url else embedded.own(settings.clickhouse_path)
