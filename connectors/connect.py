"""Kafka Connect by its REST interface: the only place that speaks it. Unauthenticated by nature: loopback or behind a proxy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import httpx

TIMEOUT = 95.0  # Connect tries the database before it answers, and gives up after 90 s by itself


class ConnectFault(Exception):
    """Connect refuses, or a connector does not run; the message says which, why, and what to do."""


class Unavailable(ConnectFault):
    """Connect does not answer, or is busy with a rebalance; try again later."""


@dataclass(frozen=True)
class Status:
    """One connector. ``state``: RUNNING, FAILED, PAUSED, STOPPED, UNASSIGNED, RESTARTING, absent; ``tasks`` the same of each task, ``workers`` where each runs; ``trace`` of the first that failed."""

    name: str
    state: str
    tasks: tuple[str, ...] = ()
    trace: str | None = None
    workers: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        return self.state == "RUNNING" and bool(self.tasks) and set(self.tasks) == {"RUNNING"}

    @property
    def failed(self) -> bool:
        return "FAILED" in (self.state, *self.tasks)

    @property
    def halted(self) -> bool:
        """Stopped by somebody, not by itself."""
        return self.state in ("PAUSED", "STOPPED")

    @property
    def reason(self) -> str:
        """The cause inside the trace: its last `Caused by`, else its first line."""
        lines = (self.trace or "").splitlines()
        causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
        return (causes or lines or [""])[-1 if causes else 0]


class Connect:
    """A client; closes with `close` or as a context."""

    def __init__(self, url: str) -> None:
        if not url:
            raise Unavailable("No Connect is configured: run `guiji up`, or set GUIJI_CONNECT.")
        self._client = httpx.Client(base_url=url.rstrip("/") + "/", timeout=TIMEOUT, limits=httpx.Limits(max_keepalive_connections=0))

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ended: object) -> None:
        self.close()

    def configs(self) -> dict[str, dict[str, str]]:
        """Every connector's configuration as it was given, by name; references stay references."""
        found = self._ask("GET", "connectors?expand=info")
        return {name: dict(each["info"]["config"]) for name, each in found.items()}

    def put(self, name: str, config: Mapping[str, str]) -> None:
        """Create or change a connector. Raises ConnectFault with Connect's own findings."""
        self._ask("PUT", f"connectors/{_quoted(name)}/config", dict(config))

    def delete(self, name: str) -> None:
        """The connector goes; its offsets stay with Connect, its slot with the database."""
        self._ask("DELETE", f"connectors/{_quoted(name)}", missing=None)

    def status(self, name: str) -> Status:
        found = self._ask("GET", f"connectors/{_quoted(name)}/status", missing=None)
        return Status(name, "absent") if found is None else _status(name, found)

    def every(self) -> dict[str, tuple[dict[str, str], Status]]:
        """Every connector's configuration and status, by name, in one question."""
        found = self._ask("GET", "connectors?expand=info&expand=status")
        return {name: (dict(each["info"]["config"]), _status(name, each["status"])) for name, each in found.items() if {"info", "status"} <= set(each)}

    def restart(self, name: str) -> None:
        """Start again what has failed of a connector."""
        self._ask("POST", f"connectors/{_quoted(name)}/restart?includeTasks=true&onlyFailed=true", missing=None)

    def pause(self, name: str) -> None:
        self._ask("PUT", f"connectors/{_quoted(name)}/pause")

    def resume(self, name: str) -> None:
        self._ask("PUT", f"connectors/{_quoted(name)}/resume")

    def stop(self, name: str) -> None:
        """Its tasks end; its offsets may be changed now."""
        self._ask("PUT", f"connectors/{_quoted(name)}/stop")

    def offsets(self, name: str) -> list[dict[str, Any]]:
        """Where the connector stands: Connect's list of {partition, offset}; empty before its first event."""
        found = self._ask("GET", f"connectors/{_quoted(name)}/offsets", missing={"offsets": []})
        return list(found["offsets"])

    def set_offsets(self, name: str, offsets: list[dict[str, Any]]) -> None:
        """Move a stopped connector."""
        self._ask("PATCH", f"connectors/{_quoted(name)}/offsets", {"offsets": offsets})

    def reset_offsets(self, name: str) -> None:
        """Forget where a stopped connector stood: it begins with a snapshot again."""
        self._ask("DELETE", f"connectors/{_quoted(name)}/offsets")

    def _ask(self, method: str, path: str, body: Any = None, missing: Any = ...) -> Any:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as fault:
            raise Unavailable(f"Connect at {self._client.base_url} does not answer ({type(fault).__name__}): run `guiji status`.") from fault
        if answer.status_code == 404 and missing is not ...:
            return missing
        if answer.status_code in (409, 500, 503):
            raise Unavailable(f"Connect is busy with {method} {path}: {_message(answer)}")
        if answer.is_error:
            raise ConnectFault(f"Connect refuses {method} {path} ({answer.status_code}): {_message(answer)}")
        return answer.json() if answer.content else None


def settled(offsets: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a connector's first snapshot is complete, by where Connect says it stands."""
    stands = [each.get("offset") or {} for each in offsets]
    return bool(stands) and all(offset and (not offset.get("snapshot") or bool(offset.get("snapshot_completed"))) for offset in stands)


def _status(name: str, found: Mapping[str, Any]) -> Status:
    state, tasks = found["connector"], sorted(found["tasks"], key=lambda task: int(task["id"]))
    trace = next((each["trace"] for each in (*tasks, state) if each.get("trace")), None)
    return Status(name, state["state"], tuple(task["state"] for task in tasks), trace, tuple(task["worker_id"] for task in tasks))


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])[:2000]
    except (ValueError, KeyError, TypeError):
        return answer.text[:500]


def _quoted(name: str) -> str:
    return quote(name, safe="")
