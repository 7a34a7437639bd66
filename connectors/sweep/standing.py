"""What stands from one tapped table, by the judge's own word: what each of its rows last said of a key and has not taken back (`credit.<item>.state`), said or not by others, too."""

from collections.abc import Iterable, Sequence
from contextlib import closing

import polars as pl

from connectors.sweep.whole import Pair
from infra import kafka
from infra.readback import Reader
from infra.settings import Settings
from schemas import codec, envelope, topics
from schemas.catalog import Item
from schemas.codec import SchemaOf

_BLOCK = 20_000
Place = tuple[int, int]  # partition and offset in `submitted`


def standing(settings: Settings, item: Item, source: str, schema_of: SchemaOf) -> dict[Pair, Place]:
    """(key, row) → the record that said it. Read to the end of the state topics; only this source's are kept in memory. Raises KafkaException, registry.Unavailable."""
    found = dict[str, dict[Pair, Place]]()
    topic = topics.state(item.code)
    for partition in range(kafka.partitions(settings)[topic]):
        block = list[tuple[str, bytes | None]]()
        for message in kafka.read_to_end(settings, topic, partition):
            block.append((bytes(message.key() or b"").decode(errors="replace"), message.value()))
            if len(block) == _BLOCK:
                _take(found, block, partition, source, schema_of)
                block.clear()
        _take(found, block, partition, source, schema_of)
    return {pair: place for pairs in found.values() for pair, place in pairs.items()}


def _take(found: dict[str, dict[Pair, Place]], block: Sequence[tuple[str, bytes | None]], partition: int, source: str, schema_of: SchemaOf) -> None:
    """The newest record of a key counts."""
    last = {key: value for key, value in block if not key.startswith("\0")}
    for key in last:
        found.pop(key, None)
    there = [(key, value) for key, value in last.items() if value is not None and source.encode() in value]
    if not there:
        return
    records = codec.decode_states([value for _, value in there], schema_of)
    for place, record in zip(records.places, records.records, strict=True):
        key = there[place][0]
        if live := {(key, each["row"]): (partition, each["offset"]) for each in record["sayings"] if each["source"] == source and each["fingerprint"] is not None}:
            found[key] = live


def fields(settings: Settings, item: Item, places: Iterable[Place], schema_of: SchemaOf) -> pl.DataFrame:
    """The item's fields as they were said there, as text, in that order: what a withdrawal needs of the key is among them. Raises readback.Gone, KafkaException, registry.Unavailable."""
    with closing(Reader(settings, "sweep-readback")) as reader:
        values = [message.value() for message in reader.read(topics.submitted(item.code), list(places))]
    said = codec.decode_frame(values, schema_of, envelope.submission(item))
    return said.frame.select(field.name for field in item.fields)
