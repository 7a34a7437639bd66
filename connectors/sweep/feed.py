"""Whether what a database had logged up to some place has come through: read by Connect, mapped, judged, loaded. Until then a difference is only something that is still on its way."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

from connectors.connect import Connect
from connectors.sweep.scan import Place
from infra import unread
from infra.settings import Settings
from schemas import place, topics
from schemas.catalog import Item
from schemas.sources import Source, Table

EVERY = 0.5  # seconds
_FILE = re.compile(r".*\.(\d+)")


class Behind(Exception):
    """The feed did not come that far in time; the message says who is behind and what to do."""


@dataclass(frozen=True)
class Patience:
    """Seconds that a feed may take, and how a pause is made."""

    seconds: float = 180.0
    wait: Callable[[float], object] = Event().wait


def stands(offsets: Iterable[Mapping[str, Any]]) -> Place | None:
    """How far a connector has come, by Connect's list of {partition, offset}: the last commit it has seen, or the place in the binlog; None before its first change."""
    for each in offsets:
        found = each.get("offset") or {}
        if (commit := found.get("lsn_commit")) is not None:
            return 0, int(commit)
        if (file := _FILE.fullmatch(str(found.get("file") or ""))) is not None:
            return int(file[1]), int(found.get("pos") or 0)
    return None


def position(source: Source, stood: Place) -> str:
    """`_position` of what was seen while the connector stood there: later than all it had read, earlier than all it reads from there on."""
    file, at = stood
    return place.commit(source.generation, at) if source.database.kind == "postgres" else place.binlog(source.generation, file, at)


def passed(connect: Connect, source: Source, wanted: Place, patience: Patience) -> Place:
    """Wait until the connector is past a place of its database's log; where it stands then. Raises Behind, ConnectFault."""
    deadline = time.monotonic() + patience.seconds
    while True:
        stood = stands(connect.offsets(source.name))
        if stood is not None and stood >= wanted:
            return stood
        if time.monotonic() > deadline:
            raise Behind(f"{source.name}: its connector has not come past the place of the scan in {patience.seconds:.0f} s: nothing can be said. See `guiji connectors status`.")
        patience.wait(EVERY)


def loaded(settings: Settings, item: Item, table: Table, patience: Patience) -> None:
    """Wait until what stands in the table's topics now is mapped, judged and in the warehouse. Raises Behind, KafkaException."""
    steps = [
        (topics.MAP, [table.topic, topics.swept(table.source_id)]),
        (topics.JUDGE, [topics.submitted(item.code)]),
        (topics.LOADER, [topics.accepted(item.code), topics.rejected(item.code)]),
    ]
    deadline = time.monotonic() + patience.seconds
    for group, names in steps:
        left = unread.ends(settings, names)
        while left := unread.unread(settings, group, left):
            if time.monotonic() > deadline:
                topic = left[0].topic
                raise Behind(f"{table.source_id}: the {group} has not read {topic} to its end in {patience.seconds:.0f} s: nothing can be said. Does it run? Is the topic held (guiji status)?")
            patience.wait(EVERY)
