"""A gained partition: its state from the topic, its mark, and where to judge on. Called after `init_transactions`, with the group's offset asked for before the state is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import structlog

from infra import kafka
from infra.settings import Settings
from schemas import codec, topics
from schemas.codec import SchemaOf
from streams import mark as marks
from streams.mark import FIRST_GENERATION, Mark
from streams.state import Broken, Store

LOG = structlog.get_logger(__name__)
_BLOCK = 20_000


@dataclass
class Seat:
    """One partition of an item that this process judges. ``next``: the offset it judges next."""

    item: str
    partition: int
    store: Store
    mark: Mark
    next: int


def seat(settings: Settings, item: str, partition: int, committed: int, schema_of: SchemaOf) -> Seat:
    """Restore one partition. Raises Refused, and what the broker or registry raise; nothing is left open then."""
    name, submitted = topics.state(item), topics.submitted(item)
    store = Store(settings.state / f"{item}-{partition}", kafka.identity(settings, name)[0])
    try:
        known = catch_up(settings, name, partition, store, schema_of)
        topic = marks.live(settings, submitted)
        start = marks.begin(submitted, partition, known, committed, topic, kafka.watermarks(settings, submitted, partition))
    except BaseException:  # whatever ends it, an interrupt too: the folder's lock must not stay with a seat nobody has
        store.close()
        raise
    generation = known.generation if known is not None else FIRST_GENERATION
    LOG.info("partition restored", topic=submitted, partition=partition, next=start, generation=generation)
    return Seat(item, partition, store, Mark(start, generation, topic.topic_id, topic.cluster_id, topic.partitions), start)


def catch_up(settings: Settings, topic: str, partition: int, store: Store, schema_of: SchemaOf) -> Mark | None:
    """Bring the copy to the end of the state topic, anew when it is damaged or knows more than the topic; the partition's mark."""
    try:
        _catch_up(settings, topic, partition, store)
        return _mark(store, partition, schema_of)
    except Broken as fault:
        LOG.warning("the local state is damaged and is built anew", topic=topic, partition=partition, fault=str(fault))
        store.clear()
        _catch_up(settings, topic, partition, store)
        return _mark(store, partition, schema_of)


def _catch_up(settings: Settings, topic: str, partition: int, store: Store) -> None:
    _, end = kafka.watermarks(settings, topic, partition)
    if store.applied > end:
        store.clear()
    if store.applied == end:
        return
    for block in _blocks(kafka.read_to_end(settings, topic, partition, store.applied)):
        end = max(end, block[-1].offset() + 1)
        store.write([(message.key(), message.value()) for message in block], block[-1].offset() + 1)
    store.write([], end)


def _blocks(messages: Iterator[Any]) -> Iterator[list[Any]]:
    while block := list(islice(messages, _BLOCK)):
        yield block


def _mark(store: Store, partition: int, schema_of: SchemaOf) -> Mark | None:
    (value,) = store.get([marks.key(partition)])
    return marks.of_record(codec.decode_one(value, schema_of)) if value is not None else None


__all__ = ["Seat", "catch_up", "seat"]
