"""From wire bytes to examined records, in columns: read, keyed, checked, fingerprinted. Knows nothing of what stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

import polars as pl

from schemas import codec, envelope, examination
from schemas.catalog import Item
from schemas.codec import SchemaOf
from schemas.reason import Reason
from schemas.sayings import UPSERT

UNKNOWN = "?"


class Submitted(NamedTuple):
    """One message of an item's `submitted` topic. ``timestamp`` in milliseconds, the broker's."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int


@dataclass(frozen=True)
class Messages:
    """Messages of one item's topic in columns; ``whole(n)`` is the n-th, for what cannot be read."""

    partitions: list[int]
    offsets: list[int]
    values: list[bytes | None]
    whole: Callable[[int], Submitted]

    @classmethod
    def of(cls, found: Sequence[Submitted]) -> Self:
        return cls([each.partition for each in found], [each.offset for each in found], [each.value for each in found], found.__getitem__)


@dataclass(frozen=True)
class Bench:
    """What judging one item needs besides the records."""

    item: Item
    schema_of: SchemaOf
    secret: bytes
    timezone: str
    catalogue: str
    generations: dict[int, int]


@dataclass(frozen=True)
class Examined:
    """Row n of ``said`` (verbatim, with the envelope) and ``typed`` is the message of ``partitions[n]`` and ``offsets[n]``, of ``sizes[n]`` bytes; everything else is by row, ``poison`` by message."""

    messages: Messages
    said: pl.DataFrame
    typed: pl.DataFrame
    partitions: list[int]
    offsets: list[int]
    sizes: list[int]
    poison: dict[int, str]
    keys: list[str]
    errors: dict[int, list[Reason]]
    warnings: dict[int, list[Reason]]
    excluded: list[bool]
    fingerprints: list[str]

    @cached_property
    def wire_keys(self) -> list[bytes]:
        """The keys as they stand in Kafka."""
        return [key.encode() for key in self.keys]


def examine(bench: Bench, messages: Messages, now: datetime) -> Examined:
    """Read and check a batch of one item. Raises what the registry raises when it does not answer."""
    columns = codec.decode_frame(messages.values, bench.schema_of, envelope.submission(bench.item))
    found = examination.examine(bench.item, columns.frame, bench.secret, now.astimezone(ZoneInfo(bench.timezone)).date())
    partitions, offsets, sizes = messages.partitions, messages.offsets, [len(value or b"") for value in messages.values]
    if columns.poison:
        partitions, offsets, sizes = ([each[place] for place in columns.places] for each in (partitions, offsets, sizes))
    return Examined(
        messages, columns.frame, found.typed, partitions, offsets, sizes, columns.poison, found.keys, found.errors, found.warnings, found.excluded, found.fingerprints
    )


def unreadable(why: str) -> Reason:
    """Why bytes became a reject."""
    return examination.error("R-UNREADABLE", f"记录无法读取：{why}", "请检查写入方使用的结构与编码，改正后重新报送")


def envelope_of_poison(bench: Bench, topic: str, message: Submitted) -> dict[str, Any]:
    """An envelope for what cannot be read: its place in the topic is all that is known."""
    place = f"{topic}/{message.partition}/{message.offset}"
    return {
        "_source": UNKNOWN, "_department": UNKNOWN, "_way": UNKNOWN, "_batch": f"{topic}#{message.partition}", "_line": message.offset + 1,
        "_row": None, "_ref": None, "_position": None, "_operation": UPSERT, "_source_time": None,
        "_received_at": datetime.fromtimestamp(max(message.timestamp, 0) / 1000, UTC), "_catalogue": bench.catalogue, "_origin": place,
    }  # fmt: skip


__all__ = ["Bench", "Examined", "Messages", "Submitted", "envelope_of_poison", "examine", "unreadable"]
