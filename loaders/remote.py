"""The embedded warehouse of another process, asked over its loopback interface (`POST /internal/query`); read-only."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import httpx
import pyarrow as pa

from loaders import capability, errors
from loaders.answer import Answer, jsonable
from loaders.limits import Limits
from loaders.parameters import Parameters, check
from loaders.wire import ARROW, unpack

_KINDS: Mapping[str, type[errors.WarehouseError]] = {
    kind.__name__: kind for kind in (errors.Unavailable, errors.SchemaRefused, errors.DataRefused, errors.LimitReached, errors.Fatal)
}
_ABSENT = "Nobody answers at {url}: the embedded warehouse is read through `guiji serve`. Start it (`guiji serve`), or set GUIJI_CLICKHOUSE_URL."


class Remote:
    """The warehouse that ``guiji serve`` owns, at ``url`` (its root), with the token it wrote. Usable from many threads."""

    name = "via-serve"
    database = "guiji"

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        self._url, self._token = url, token
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self._capability: capability.Capability | None = None

    @property
    def capability(self) -> capability.Capability:
        if self._capability is None:
            self._capability = capability.of(str(self.query("SELECT version()").value()))
        return self._capability

    def query(self, sql: str, parameters: Parameters | None = None) -> Answer:
        """Reads, under the owner's limits; raises what the owner's own query would, or Unavailable when it is not there."""
        check(sql, parameters or {})
        body = {"sql": sql, "parameters": {name: _sent(value) for name, value in (parameters or {}).items()}}
        try:
            reply = self._client.post("/internal/query", json=body, headers={"Authorization": f"Bearer {self._token()}", "Accept": ARROW})
        except httpx.HTTPError as error:
            raise errors.Unavailable(_ABSENT.format(url=self._url)) from error
        if reply.status_code == httpx.codes.OK:
            return unpack(reply.content)
        raise _fault(reply)

    def bounded(self, sql: str, limits: Limits) -> Answer:
        raise errors.Fatal("Limits of its own has only whoever owns the warehouse; this process asks its owner.")

    def command(self, sql: str) -> None:
        raise errors.Fatal("The warehouse is embedded in `guiji serve`, which alone writes; this process only reads.")

    def prepare(self) -> None:
        raise errors.Fatal("The warehouse is embedded in `guiji serve`, which alone writes; this process only reads.")

    def insert(self, table: str, rows: pa.Table, token: str | None = None) -> None:
        raise errors.Fatal("The warehouse is embedded in `guiji serve`, which alone writes; this process only reads.")

    def close(self) -> None:
        self._client.close()


def _sent(value: Any) -> Any:
    return {"date": value.isoformat()} if isinstance(value, date) else jsonable(value)


def _fault(reply: httpx.Response) -> errors.WarehouseError:
    try:
        error = reply.json()["error"]
        kind = _KINDS.get(error["code"], errors.SchemaRefused)
        return kind(error["message"], int(error.get("clickhouse", 0)))
    except (ValueError, KeyError, TypeError):
        return errors.Unavailable(f"/internal/query answered {reply.status_code}")
