"""The watcher's other task: the source files' tables, one after the other, for as long as it runs. While something does not answer the rest goes on, and what was begun is taken up again."""

from collections.abc import Callable
from threading import Event

import structlog
from confluent_kafka import KafkaException

from connectors.access import Unasked
from connectors.connect import Connect, ConnectFault
from connectors.sweep.rounds import Rounds
from connectors.sweep.site import Site
from infra import kafka, readback
from infra.settings import Settings
from schemas import catalog, registry, sources
from schemas.registry import Registry
from schemas.sources import Source, SourceFault

LOG = structlog.get_logger(__name__)
EVERY = 3.0  # seconds
_PASSING = (Unasked, ConnectFault, KafkaException, kafka.Unavailable, registry.Unavailable, registry.NotFound, readback.Gone)


def run(settings: Settings, stop: Event, clock: Callable[[], float]) -> None:
    """Until told to stop. Raises CatalogFault."""
    items, known, seen = catalog.load(settings.catalogue), dict[str, Source](), dict[str, bytes]()
    told = dict[str, str]()
    with Connect(settings.connect) as connect, Registry(settings.registry) as names:
        site = Site(settings, connect, names, items)
        rounds = Rounds(site)
        while not stop.is_set():
            try:
                if (there := {path.name: path.read_bytes() for path in settings.sources.glob("*.yaml")}) != seen:
                    seen, known = there, sources.load(settings.sources, items)
            except (SourceFault, OSError) as fault:
                _tell(told, "sources", str(fault))  # the files as they were last sound go on
            site.follow(known)
            for table in site.tables:
                try:
                    rounds.step(table, clock())
                    told.pop(table.source_id, None)
                except _PASSING as fault:
                    _tell(told, table.source_id, str(fault))
                if stop.is_set():
                    break
            stop.wait(EVERY)


def _tell(told: dict[str, str], what: str, why: str) -> None:
    """Once, until it is another reason."""
    if told.get(what) != why:
        LOG.warning("is asked again", table=what, cause=why)
    told[what] = why
