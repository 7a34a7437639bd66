"""Going past an event that cannot be converted: the one way a source goes on with something missing, on an operator's word, with a record of what.

A value that Debezium cannot convert stops its task at that event, at every start again. `skip` writes down from which position to which nothing was read, of which table, why and by whom, and then
moves the connector behind the event. What lies in between is not in the topics: the rows are found by a reconciliation, or read by a snapshot once their values are put right.

Guarantee: the gap is in `gaps.<source>` (JSON, kept for ever) before the connector is moved; one that was written and not gone past is written again.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from connectors import plan
from connectors.config import gaps_topic
from connectors.connect import Connect, ConnectFault
from connectors.life import start
from infra import kafka, wait
from infra.settings import Settings
from schemas.sources import Source

PATIENCE = 15.0
_OFFSET = re.compile(r"Error while processing event at offset \{(.*?)\}")
_VALUE = re.compile(r"Failed to properly convert data value for '(.*?)' of type (\w+)")
_LITERALS = {"true": True, "false": False}


@dataclass(frozen=True)
class Gap:
    """``value``: table and column that could not be converted, as the database names them; ``since``, ``until``: Debezium's offsets, the last one read and that of the event gone past."""

    source: str
    value: str
    since: Mapping[str, Any]
    until: Mapping[str, Any]
    cause: str
    why: str
    by: str
    at: str


def place(trace: str) -> dict[str, Any] | None:
    """Where the event stands that a task failed at, as Debezium would have stored it with the event; None when it failed of something else."""
    found = _OFFSET.search(trace)
    if found is None:
        return None
    pairs = (pair.split("=", 1) for pair in found[1].split(", ") if "=" in pair)
    return {name: _LITERALS.get(text, int(text) if re.fullmatch(r"-?\d+", text) else text) for name, text in pairs if text != "null"}


def column(trace: str) -> str:
    """Table, column and type of the value that could not be converted, as far as the trace tells."""
    found = _VALUE.search(trace)
    return f"{found[1]} {found[2].lower()}" if found else "?"


def skip(settings: Settings, source: Source, why: str, by: str, report: start.Report = lambda _line: None) -> Gap:
    """Record the gap, move the connector behind the event, start it. Raises ConnectFault when it does not stand at such an event, or does not run afterwards."""
    with Connect(settings.connect) as connect:
        # The watcher starts it again now and then: it is given time to stop at the event once more.
        status = wait.until(lambda: start.patient(lambda: connect.status(source.name)), PATIENCE, holds=lambda found: found.failed)
        until, stored = place(status.trace or ""), start.patient(lambda: connect.offsets(source.name))
        if not status.failed or until is None:
            raise ConnectFault(f"{source.name}: does not stand at an event that cannot be converted ({status.state}: {status.reason[:300] or 'no fault'}); there is nothing to go past.")
        if not stored or _in_snapshot(stored[0]["offset"]):
            raise ConnectFault(
                f"{source.name}: its first snapshot stops at {column(status.trace or '')}: there is no position to go on from. Have the department put the value right, or leave the table out of the "
                "source's file until it has."
            )
        (here,) = stored
        gap = Gap(source.name, column(status.trace or ""), here["offset"], until, status.reason, why, by, datetime.now(UTC).isoformat(timespec="seconds"))
        _record(settings, source, gap)
        report(f"{source.name}: goes past {gap.value}; the gap is recorded")
        plan.move(settings, connect, source.name, [{"partition": here["partition"], "offset": until}])
    return gap


def _in_snapshot(offset: Mapping[str, Any]) -> bool:
    return bool(offset.get("snapshot")) and not offset.get("snapshot_completed")


def recorded(settings: Settings, source: Source) -> list[Gap]:
    """Every gap of a source, oldest first."""
    if gaps_topic(source) not in kafka.partitions(settings):
        return []
    return [Gap(**json.loads(bytes(message.value() or b"{}"))) for message in kafka.read_to_end(settings, gaps_topic(source))]


def _record(settings: Settings, source: Source, gap: Gap) -> None:
    producer = kafka.producer(settings)
    producer.produce(gaps_topic(source), json.dumps(asdict(gap), ensure_ascii=False).encode(), source.name)
    if producer.flush(kafka.TIMEOUT):
        raise kafka.Unavailable(f"The gap could not be recorded in {gaps_topic(source)}; nothing was skipped.")
