"""How far snapshots are, from Debezium's own notifications: pure.

A first snapshot tells a table's rows when it is read; one by signal tells of every chunk, which is how rate and time left are known while it runs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

INITIAL, INCREMENTAL = "Initial Snapshot", "Incremental Snapshot"
UNDER_WAY = ("waiting", "running", "paused")
_DONE = {"SUCCEEDED": "completed", "EMPTY": "completed"}
_WHY = {
    "NO_PRIMARY_KEY": "it has no primary key: only a snapshot of the whole source reads it",
    "UNKNOWN_SCHEMA": "the connector does not know what it looks like",
    "SQL_EXCEPTION": "the database refused to be read: Connect's log says why",
}


@dataclass(frozen=True)
class Note:
    """One notification. ``at``: epoch seconds; ``kind``: INITIAL or INCREMENTAL; ``said``: STARTED, IN_PROGRESS, PAUSED, RESUMED, TABLE_SCAN_COMPLETED, COMPLETED, ABORTED, SKIPPED."""

    id: str
    kind: str
    said: str
    data: Mapping[str, str]
    at: float


@dataclass(frozen=True)
class Progress:
    """One table's last snapshot. ``state``: waiting, running, paused, completed, stopped, or `failed: …`; ``rows`` read so far, of about ``total`` (None: unknown); seconds it was at work."""

    table: str
    kind: str
    state: str
    rows: int = 0
    total: int | None = None
    started: float = 0.0
    worked: float = 0.0

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.worked if self.worked > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds until it is read, at this rate; None where that is not known."""
        if not self.under_way or not self.total or not self.rate:
            return None
        return max(0.0, (self.total - self.rows) / self.rate)

    def record(self) -> dict[str, Any]:
        """For a program."""
        return {"table": self.table, "kind": self.kind, "state": self.state, "rows": self.rows, "total": self.total, "rows_per_second": self.rate, "seconds_left": self.left}

    def __str__(self) -> str:
        of = f" of about {self.total:,}" if self.under_way and self.total else ""
        speed = f", {self.rate:,.0f} a second" if self.rate else ""
        left = f", {self.left:,.0f} s left" if self.left is not None and self.state == "running" else ""
        return f"{self.table}: {self.state}, {self.rows:,} rows{of}{speed}{left}"


def note(record: Mapping[str, Any]) -> Note:
    """A notification as Debezium writes it (fields id, aggregate_type, type, additional_data, timestamp in milliseconds)."""
    return Note(str(record["id"]), record["aggregate_type"], record["type"], dict(record["additional_data"] or {}), record["timestamp"] / 1000)


def progress(notes: Iterable[Note], chunk: int, totals: Mapping[str, int], now: float) -> list[Progress]:
    """The last snapshot of every table, by name. ``chunk``: rows of one notification of progress; ``totals``: table without schema → estimated rows."""
    found = dict[str, Progress]()
    since = dict[str, float]()
    for each in notes:
        for table in _tables(each, found):
            one = found.get(table)
            if one is None or each.said == "STARTED" or not one.under_way:
                one = Progress(table, each.kind, "waiting", total=totals.get(table), started=each.at)
            if one.state == "running":
                one = replace(one, worked=one.worked + each.at - since[table])
            since[table] = each.at
            found[table] = _after(one, each, chunk)
    ended = ((one, now - since[one.table] if one.state == "running" and one.kind == INITIAL else 0.0) for one in found.values())
    return sorted((replace(one, worked=one.worked + more) for one, more in ended), key=lambda one: one.table)


def first(table: str, rows: int, total: int | None, worked: float) -> Progress:
    """A table of a first snapshot that is under way, which tells nothing of itself: ``rows`` are those that arrived."""
    return Progress(table, INITIAL, "running", rows, total, worked=worked)


def _tables(each: Note, found: Mapping[str, Progress]) -> list[str]:
    """The tables that a notification says something new of."""
    current = each.data.get("scanned_collection") or each.data.get("current_collection_in_progress")
    named = [_short(name) for name in each.data.get("data_collections", "").split(",") if name]
    if each.said in ("IN_PROGRESS", "TABLE_SCAN_COMPLETED") and current:
        return [_short(current), *(name for name in named if name not in found and name != _short(current))]
    if each.said in ("COMPLETED", "ABORTED") and not named:
        return [name for name, one in found.items() if one.under_way and one.kind == each.kind]
    return named


def _after(one: Progress, each: Note, chunk: int) -> Progress:
    current = _short(each.data.get("scanned_collection") or each.data.get("current_collection_in_progress") or "")
    if each.said == "IN_PROGRESS" and one.table == current:
        # The piece that was being read when it was paused is told afterwards.
        return replace(one, state="paused" if one.state == "paused" else "running", rows=one.rows + (chunk if each.kind == INCREMENTAL else 0))
    if each.said == "TABLE_SCAN_COMPLETED" and one.table == current:
        status = each.data.get("status", "")
        state = _DONE.get(status) or f"failed: {_WHY.get(status, status)}"
        return replace(one, state=state, rows=int(each.data.get("total_rows_scanned") or one.rows))
    states = {"PAUSED": "paused", "RESUMED": "running", "ABORTED": "stopped", "COMPLETED": "completed"}
    return replace(one, state=states.get(each.said, one.state))


def _short(name: str) -> str:
    return name.strip().rpartition(".")[2]
