"""A source's tables compared, one after the other, each with its proof in `credit.proofs`; and every source once a day, at its own hour, one at a time."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from confluent_kafka import KafkaException

from connectors.access import Unasked
from connectors.connect import ConnectFault
from connectors.sweep import feed, proof, warehouse
from connectors.sweep.ask import Braked
from connectors.sweep.feed import Behind
from connectors.sweep.proof import Proof
from connectors.sweep.reconcile import Compared, Job, Options, reconcile
from connectors.sweep.scan import ASKED
from infra.settings import Settings
from schemas import catalog, registry, sources
from schemas.sources import Source, Table

LOG = structlog.get_logger(__name__)
PASSING = (Unasked, Behind, Braked, ConnectFault, KafkaException, registry.Unavailable)  # why one table cannot be compared now; the others can
EVERY = 60.0  # seconds
AGAIN = timedelta(hours=1)  # after a try that could say nothing


def run(settings: Settings, source: Source, tables: Sequence[Table], options: Options, report: Callable[[str], object] | None = None) -> tuple[list[Compared], list[str]]:
    """Compare these tables; what was found, and why the others could not be compared. Raises ConnectFault, and what the warehouse raises."""
    items, compared, faults = catalog.load(settings.catalogue), list[Compared](), list[str]()
    with feed.of(settings, source, options.patience) as way, warehouse.opened(settings) as house:
        job = Job(settings, source, items, way, house, options, report or (lambda _line: None))
        for table in tables:
            began = int(time.time() * 1000)
            try:
                compared.append(reconcile(job, table))
                proof.write(settings, [compared[-1].proof])
            except PASSING as fault:
                faults.append(str(fault) if table.source_id in str(fault) else f"{table.source_id}: {fault}")
                proof.write(settings, [Proof(table.source_id, table.name, table.item, source.department, began, int(time.time() * 1000), None, {}, proof.UNKNOWN, str(fault)[:500])])
    return compared, faults


@dataclass(frozen=True)
class Due:
    """A source and those of its tables that are to be compared now."""

    source: Source
    tables: tuple[Table, ...]


def due(known: Iterable[Source], last: Mapping[str, Mapping[str, Any]], now: datetime, since: datetime) -> list[Due]:
    """What was not compared since its hour last struck, or could not be compared an hour ago. ``last``: each table's newest proof; a table without one waits for the first hour that strikes after
    ``since``. Both times aware, ``now`` in the site's zone."""
    found = []
    for source in known:
        if source.reconcile is None or source.database.kind not in ASKED:
            continue
        struck = now.replace(hour=int(source.reconcile[:2]), minute=int(source.reconcile[3:]), second=0, microsecond=0)
        struck -= timedelta(days=struck > now)
        tables = tuple(table for table in source.tables.values() if _waits(last.get(table.source_id), struck, now, since))
        found += [Due(source, tables)] if tables else []
    return found


def _waits(last: Mapping[str, Any] | None, struck: datetime, now: datetime, since: datetime) -> bool:
    if last is None or last["ended"] < struck:
        return last is not None or struck > since
    return bool(last["verdict"] == proof.UNKNOWN and now - last["ended"] > AGAIN)


def daily(settings: Settings, stop: Event) -> None:
    """Compare every source at its hour until told to stop. What cannot be done now is done later; the day's proofs stand in the topic, so a start in between repeats nothing."""
    since = datetime.now(ZoneInfo(settings.timezone))
    while not stop.is_set():
        try:
            known = sources.load(settings.sources, catalog.load(settings.catalogue))
            for each in due(known.values(), proof.last(settings), datetime.now(since.tzinfo), since)[:1]:
                compared, faults = run(settings, each.source, each.tables, Options())
                told = {one.proof.source: one.proof.verdict for one in compared}
                (LOG.info if not faults and set(told.values()) <= {proof.EQUAL} else LOG.warning)("reconciled", source=each.source.name, verdicts=told, faults=faults)
        except Exception as fault:  # noqa: BLE001 -- the warehouse's own errors are not known here, and whatever it is, tomorrow is another day
            LOG.warning("not reconciled", cause=str(fault), kind=type(fault).__name__)
        stop.wait(EVERY)
