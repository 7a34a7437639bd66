"""Where map's records come from: a tapped table, or a bulk producer's own topic; and what it reads from either."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from schemas import topics
from schemas.catalog import Catalog, Item
from schemas.sources import Source, Table

BUCKET = 10_000  # offsets that make one batch


class Held(Exception):
    """A topic that must not be read on: ``offset`` is the first event that waits, ``message`` says why and what to do, ``told`` the same to the department, in Chinese."""

    def __init__(self, offset: int, message: str, told: str) -> None:
        super().__init__(message)
        self.offset, self.message, self.told = offset, message, told


@dataclass(frozen=True)
class Message:
    """What is needed of a Kafka message; ``time`` in milliseconds, when it reached us; ``moved``: a delete that is half of a primary key's change."""

    offset: int
    time: int
    key: bytes | None
    value: bytes | None
    moved: bool = False


@dataclass(frozen=True)
class Site:
    """What is the same for every feed: catalogue version, HMAC key of personal key parts, zone of times without one."""

    catalogue: str
    secret: bytes
    zone: ZoneInfo


@dataclass(frozen=True)
class Feed:
    """One topic. ``table`` is None where records come, not events: of a bulk producer, or, ``swept``, what was asked beside a table's events. ``generation`` stands in positions; ``digest`` is of the
    file that declares it.
    """

    topic: str
    source: str
    department: str
    way: str
    item: Item
    table: Table | None = None
    generation: int = 0
    digest: str = ""
    swept: bool = False

    def batch(self, offset: int) -> str:
        return f"{self.topic}#{offset // BUCKET:08d}"


def line(offset: int) -> int:
    """`_line` of a record: the place in its batch, from 1."""
    return offset % BUCKET + 1


def captured(sources: Mapping[str, Source], catalog: Catalog) -> dict[str, Feed]:
    """The feeds of all tapped tables, by topic."""
    return {
        table.topic: Feed(table.topic, table.source_id, source.department, "cdc", catalog[table.item], table, source.generation)
        for source in sources.values()
        for table in source.tables.values()
    }


def beside(table: Feed) -> Feed:
    """The feed of what is asked beside a table's events: its source speaks."""
    return replace(table, topic=topics.swept(table.source), table=None, swept=True)


def arriving(topic: str, catalog: Catalog) -> Feed | None:
    """The feed of `in.<department>.<client>.<item>`: who speaks is read from the name, never from the records. None when it names no item of the catalogue."""
    parts = topic.split(".")
    if len(parts) != 4 or parts[0] != "in" or parts[3] not in catalog:
        return None
    return Feed(topic, f"{parts[1]}/{parts[2]}", parts[1], "api", catalog[parts[3]])
