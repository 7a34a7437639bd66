"""A change's place in its own database's order, as text that compares within one row.

PostgreSQL: [commit of the transaction before, place in the log]. Transactions are decoded in the order of their commits and every event carries the commit before its own, so of interleaved
transactions the one that committed later is greater, though its log place may be smaller; within a transaction the log place decides. A snapshot row has no such place: the log's place at its start
would be greater than a change of a transaction that was still open then, so it is null, and null is judged by arrival. The first transaction after a start without history names no commit: null, too.

MariaDB, MySQL: [number of the log file, place in it, row of the event]; the log is in the order of commits. A snapshot's place is taken under a lock, so it compares.

A polled table: [number of the poll, number of the event in it]; polls of a table come one after the other. Such an event says when it was found, not when the row was changed.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from schemas import place

PLACES = ("ts_ms", "snapshot", "sequence", "lsn", "file", "pos", "row", "poll")  # what is read of a `source` block
_FILE = re.compile(r".*\.(\d+)")


def snapshot(source: Mapping[str, Any]) -> bool:
    """Whether the event is a row read, not a change seen."""
    return str(source.get("snapshot") or "false") != "false"


def polled(source: Mapping[str, Any]) -> bool:
    """Whether the event was found by asking the table, not told by its database's log."""
    return source.get("poll") is not None


def position(source: Mapping[str, Any], generation: int) -> str | None:
    """From an event's `source` block; None where it cannot be compared safely."""
    if polled(source):
        return place.polled(generation, source["poll"], source["row"])
    if "lsn" in source:
        return None if snapshot(source) else _log_sequence(source.get("sequence"), generation)
    file = _FILE.fullmatch(str(source.get("file") or ""))
    if file is None or source.get("pos") is None:
        return None
    return place.binlog(generation, int(file[1]), source["pos"], source.get("row") or 0)


def _log_sequence(sequence: str | None, generation: int) -> str | None:
    commit, own = json.loads(sequence) if sequence else (None, None)
    return None if commit is None or own is None else place.commit(generation, int(commit), int(own))
