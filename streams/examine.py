"""From wire bytes to examined records, in columns: read, keyed, checked, fingerprinted. Knows nothing of what stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

import polars as pl

from schemas import codec, envelope, identity, reason, rules
from schemas.catalog import Item
from schemas.codec import SchemaOf
from schemas.reason import Reason
from streams.sayings import ASSERT, RETRACT, UPSERT, WITHDRAW

UNKNOWN = "?"
_OPERATIONS = {UPSERT, WITHDRAW, ASSERT, RETRACT}


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
    """Row n of ``said`` (verbatim, with the envelope) and ``typed`` is the message of ``partitions[n]`` and ``offsets[n]``; everything else is by row, ``poison`` by message."""

    messages: Messages
    said: pl.DataFrame
    typed: pl.DataFrame
    partitions: list[int]
    offsets: list[int]
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
    item = bench.item
    columns = codec.decode_frame(messages.values, bench.schema_of, envelope.submission(item))
    said = columns.frame
    operations = said["_operation"]
    ending = operations.is_in([WITHDRAW, RETRACT])
    fields = said.select([field.name for field in item.fields])
    checked = rules.check(item, fields, rules.Context(now.astimezone(ZoneInfo(bench.timezone)).date()), ending)
    found = identity.keys(item, said["_department"], said, bench.secret)
    errors, warnings = {n: list(all_) for n, all_ in checked.errors.items()}, {n: list(all_) for n, all_ in checked.warnings.items()}
    _add_faults(item, said, ending, errors, warnings)
    _add_operations(operations, errors)
    keys = _complete(item, said, found, errors)
    fingerprints = identity.fingerprints(item, checked.typed).to_list()
    partitions, offsets = messages.partitions, messages.offsets
    if columns.poison:
        partitions, offsets = [partitions[place] for place in columns.places], [offsets[place] for place in columns.places]
    excluded = checked.excluded.to_list()
    return Examined(messages, said, checked.typed, partitions, offsets, columns.poison, keys, errors, warnings, excluded, fingerprints)


def _complete(item: Item, said: pl.DataFrame, found: Sequence[str | None], errors: dict[int, list[Reason]]) -> list[str]:
    """The keys, with those that are incomplete replaced by their place in the source; such a record is always rejected."""
    if None not in found:
        return [key for key in found if key is not None]
    places = said.select("_source", "_row", "_line", "_batch").rows()
    keys = []
    for n, key in enumerate(found):
        if key is None and n not in errors:
            titles = "、".join(item.by_name[name].title for name in item.key)
            errors[n] = [_reason("R-KEY", f"记录的标识不完整：{titles}须全部填写", "补全后重新报送")]
        keys.append(key if key is not None else identity.fallback_key(item, *places[n]))
    return keys


def _add_faults(
    item: Item, said: pl.DataFrame, ending: pl.Series, errors: dict[int, list[Reason]], warnings: dict[int, list[Reason]]
) -> None:
    """What was found while the way was read; of a withdrawal only what concerns its key."""
    faulty = said["_faults"].is_not_null().arg_true().to_list()
    for n in faulty:
        try:
            told = reason.loads(said["_faults"][n])
        except (ValueError, TypeError, AttributeError):
            told = [_reason("R-FAULTS", "采集环节附带的问题说明无法读取", "请联系平台管理员")]
        if ending[n]:
            told = [each for each in told if each.field is None or each.field in item.key]
        for each in told:
            (errors if each.severity == "error" else warnings).setdefault(n, []).append(each)


def _add_operations(operations: pl.Series, errors: dict[int, list[Reason]]) -> None:
    for n in (~operations.is_in(list(_OPERATIONS))).arg_true().to_list():
        errors.setdefault(n, []).append(
            _reason("R-OPERATION", "操作类型不是 upsert、withdraw、assert、retract 之一", "改正操作类型后重新报送")
        )


def unreadable(why: str) -> Reason:
    """Why bytes became a reject."""
    return _reason("R-UNREADABLE", f"记录无法读取：{why}", "请检查写入方使用的结构与编码，改正后重新报送")


def _reason(rule: str, message: str, remedy: str) -> Reason:
    return Reason(rule, "error", None, None, None, message, remedy)


def envelope_of_poison(bench: Bench, topic: str, message: Submitted) -> dict[str, Any]:
    """An envelope for what cannot be read: its place in the topic is all that is known."""
    place = f"{topic}/{message.partition}/{message.offset}"
    return {
        "_source": UNKNOWN, "_department": UNKNOWN, "_way": UNKNOWN, "_batch": f"{topic}#{message.partition}", "_line": message.offset + 1,
        "_row": None, "_ref": None, "_position": None, "_operation": UPSERT, "_source_time": None,
        "_received_at": datetime.fromtimestamp(max(message.timestamp, 0) / 1000, UTC), "_catalogue": bench.catalogue, "_origin": place,
    }  # fmt: skip


__all__ = ["Bench", "Examined", "Messages", "Submitted", "envelope_of_poison", "examine", "unreadable"]
