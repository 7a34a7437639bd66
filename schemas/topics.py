"""Every topic of a catalogue as a value: its partitions, cleanup and retention, its subject's schema and compatibility."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas import envelope
from schemas.catalog import Catalog, Item

RECEIPTS, BATCHES, DECLARATIONS, PROOFS = "credit.receipts", "credit.batches", "credit.declarations", "credit.proofs"
LIVE_WINDOWS = "live-windows-changelog"  # Faust's name of the table `windows` of the application `live`
MAP, JUDGE, LOADER = "map", "judge", "loader"  # consumer groups, by which others see how far each is
FULL, BACKWARD, NONE = "FULL_TRANSITIVE", "BACKWARD_TRANSITIVE", "NONE"
THIRTY_DAYS = 30 * 24 * 3600 * 1000
UNLIMITED = -1
BUCKET = 10_000  # events of a tapped table that make one batch


@dataclass(frozen=True)
class Topic:
    """``cleanup`` is `delete` or `compact`; ``retention_ms`` -1 = unlimited; ``schema`` None where nothing of ours is registered."""

    name: str
    partitions: int = 1
    cleanup: str = "delete"
    retention_ms: int = UNLIMITED
    compatibility: str = BACKWARD
    schema: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings as the broker spells them."""
        return {"cleanup.policy": self.cleanup, "retention.ms": str(self.retention_ms), "max.message.bytes": str(8 << 20)}

    @property
    def subject(self) -> str:
        return subject(self.name)


def submitted(code: str) -> str:
    return f"credit.{code}.submitted"


def accepted(code: str) -> str:
    return f"credit.{code}.accepted"


def rejected(code: str) -> str:
    return f"credit.{code}.rejected"


def state(code: str) -> str:
    return f"credit.{code}.state"


def captured(source: str, table: str) -> str:
    """The topic of a tapped table."""
    return f"cdc.{source}.{table}"


def captured_batch(topic: str, offset: int) -> str:
    """The batch (receipt number) of a tapped table's event: so many offsets make one."""
    return f"{topic}#{offset // BUCKET:08d}"


def captured_line(offset: int) -> int:
    """The event's place in its batch, from 1."""
    return offset % BUCKET + 1


def captured_offset(batch: str, line: int) -> int:
    """The event's offset again, from batch and line. ValueError for another way's batch."""
    return int(batch.rpartition("#")[2]) * BUCKET + line - 1


def swept(source_id: str) -> str:
    """What is asked for a tapped table beside its events: rows that must be said again, rows that are gone."""
    return f"sweep.{source_id}"


def arriving(department: str, client: str, code: str) -> str:
    """The topic a bulk producer writes to."""
    return f"in.{department}.{client}.{code}"


def subject(topic: str) -> str:
    return f"{topic}-value"


def of(catalog: Catalog) -> list[Topic]:
    """Every topic that is always there: four of each item, and the shared ones."""
    return [topic for item in catalog.values() for topic in of_item(item)] + [
        Topic(RECEIPTS, schema=envelope.RECEIPT),
        Topic(BATCHES, cleanup="compact", schema=envelope.CHUNK),
        Topic(DECLARATIONS, schema=envelope.DECLARATION),
        Topic(PROOFS, schema=envelope.PROOF),
        Topic(LIVE_WINDOWS, cleanup="compact"),
    ]


def of_item(item: Item) -> Iterator[Topic]:
    """An item's own topics, co-partitioned."""
    yield Topic(submitted(item.code), item.partitions, compatibility=FULL, schema=envelope.submission(item))
    yield Topic(accepted(item.code), item.partitions, schema=envelope.acceptance(item))
    yield Topic(rejected(item.code), item.partitions, schema=envelope.REJECTION)
    yield Topic(state(item.code), item.partitions, "compact", schema=envelope.STATE)


def feed(name: str) -> Topic:
    """A topic of a tapped table or a bulk producer: one partition, thirty days."""
    return Topic(name, retention_ms=THIRTY_DAYS, compatibility=NONE)
