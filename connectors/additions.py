"""A table that was added to a source file later: brought in by a snapshot of its own through a signal, while the others are read on undisturbed.

What is in `readings.json` was read as a whole; what is not, and belongs to a connector that is at work already, is still to be read. It is written there only after its snapshot has begun:
whatever dies in between, the next `apply` asks for it again, and reading a table twice changes nothing.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors import access, guards, look_binlog, look_postgres, readings, signals
from connectors.config import TABLES, history_topic, pattern, slot
from connectors.fault import Fault
from connectors.readings import Reading
from infra import kafka
from infra.settings import Settings
from schemas.sources import Captured, Source


def begin(settings: Settings, source: Source, live: Mapping[str, str]) -> None:
    """Where nothing is remembered yet of a connector that is there (``live``: its configuration), what it captures counts as read."""
    captured = live.get(TABLES, "").split(",")
    if not readings.read(settings, source.name):
        remember(settings, source, [table for table in source.captured.values() if pattern(source, table) in captured])


def added(settings: Settings, source: Source) -> list[Captured]:
    """Tables that were not read as a whole yet."""
    known = readings.read(settings, source.name)
    return [table for table in source.captured.values() if full(source, table) not in known]


def full(source: Source, table: Captured) -> str:
    """A table with its schema; on MariaDB and MySQL without its database."""
    return table.name if source.database.kind != "postgres" or "." in table.name else f"public.{table.name}"


def refused(settings: Settings, source: Source, offsets: Sequence[Mapping[str, Any]]) -> Fault | None:
    """Why a source must not be brought to work as it is: tables that are missing in its publication, whose changes PostgreSQL would pass over in silence; or log that is gone from where it stands
    (``offsets``, as Connect has them). A database that does not answer is left to Connect, which says so."""
    stands = any(each.get("offset") for each in offsets)
    try:
        where = access.of(source.database, settings.secrets())
        if source.database.kind != "postgres":
            said = look_binlog.ask(where, [table.short for table in source.captured.values()])
            return _lost(source, guards.mariadb(source.name, said, [], guards.place(offsets), time.time()))
        found = look_postgres.ask(where, slot(source), names(source))
    except access.Unasked:
        return None
    if missing := [name for name in names(source) if name not in found.published]:
        statement = f'ALTER PUBLICATION "{slot(source)}" ADD TABLE ' + ", ".join(".".join(f'"{part}"' for part in name.split(".")) for name in missing)
        return Fault(source.name, f"its publication {slot(source)} lacks {', '.join(missing)} (here: {statement})")
    return _lost(source, guards.slot(source.name, found.slot)) if stands else None


def _lost(source: Source, findings: Iterable[guards.Danger]) -> Fault | None:
    return next((Fault(source.name, each.problem) for each in findings if each.lost), None)


def names(source: Source) -> list[str]:
    return [full(source, table) for table in source.captured.values()]


def unknown(settings: Settings, source: Source, tables: Sequence[Captured]) -> list[Captured]:
    """Of these tables, those that the connector's schema history knows nothing of: they were there before it, and it was not allowed to see them then."""
    if source.database.kind == "postgres" or not tables:
        return []
    seen = set[str]()
    for message in kafka.read_to_end(settings, history_topic(source)):
        seen |= {str(change.get("id", "")).replace('"', "").rpartition(".")[2] for change in json.loads(message.value() or b"{}").get("tableChanges", [])}
    return [table for table in tables if table.short not in seen]


def remember(settings: Settings, source: Source, tables: Sequence[Captured] | None = None) -> None:
    """These tables, or all, are being read as a whole from now on."""
    found = _asked(settings, source) if source.database.kind == "postgres" else None
    published = {} if found is None else found.published
    chosen, now = source.captured.values() if tables is None else tables, time.time()
    made = {full(source, table): Reading(published.get(full(source, table), 0), now, kafka.watermarks(settings, table.topic, 0)[1]) for table in chosen}
    readings.remember(settings, source.name, made, names(source))


def bring_in(settings: Settings, source: Source, tables: Sequence[Captured]) -> None:
    """Have these tables read now. Raises ConnectFault when the connector does not begin."""
    signals.execute(settings, source, tables)
    remember(settings, source, tables)


def _asked(settings: Settings, source: Source) -> look_postgres.Answers | None:
    try:
        return look_postgres.ask(access.of(source.database, settings.secrets()), slot(source), names(source))
    except access.Unasked:
        return None
