"""Lanes: a run's own copy of the item under its own code, with its own topics, state and home, so that every run begins with nothing, on the same servers, over the same records."""

import json
import math
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl
import yaml
from confluent_kafka import Message, TopicPartition

from bench.measure import SLACK, Stage, ends
from infra import kafka
from infra.settings import Settings
from schemas import catalog as catalogues
from schemas import codec, envelope, topics
from schemas.catalog import Catalog, Item
from schemas.registry import Registry

ITEM, SOURCE, TABLE, SERIAL = "xzxk", "zjj_pg", "public.permit", "XK_WSH"
BLOCK = 20_000
Row = tuple[bytes | None, bytes]  # key, value


@dataclass(frozen=True)
class Lane:
    """``shared``: where the topics that all items share ended when it was made."""

    settings: Settings
    catalog: Catalog
    item: Item
    shared: dict[str, int]

    @property
    def submitted(self) -> str:
        return topics.submitted(self.item.code)

    @property
    def accepted(self) -> str:
        return topics.accepted(self.item.code)

    @property
    def source(self) -> str:
        """The name of its own source, which taps the same table as every lane's."""
        return f"{SOURCE}_{self.item.code}"

    def stage(self, name: str) -> Stage:
        """One of our processes at work on this lane, in a group of its own."""
        topic = {"map": self.captured, "load": self.accepted}.get(name, self.submitted)
        return Stage(name, f"{name}-{self.item.code}", topic, self.settings)

    @property
    def captured(self) -> str:
        return topics.captured(self.source, TABLE.rpartition(".")[2])


def home(settings: Settings, name: str, **environment: object) -> Settings:
    """A home folder of its own on the same servers."""
    folder = settings.home / "lanes" / name
    folder.mkdir(parents=True)
    told = "".join(f"GUIJI_{key.upper()}={value}\n" for key, value in environment.items())
    (folder / "env").write_text(settings.env_file.read_text() + told)
    return Settings(_env_file=folder / "env", home=folder)


def make(settings: Settings, name: str, *extra: str, whole: bool) -> Lane:
    """A lane, its topics made and its schemas registered. ``extra``: more copies of the item in it; ``whole``: the real catalogue stands beside them, as every process has it."""
    folder = settings.home / "lanes" / f"{name}-declared"
    for part in ("avro", "sources"):
        (folder / part).mkdir(parents=True)
    if whole:
        shutil.copytree(catalogues.DIRECTORY, folder / "avro", dirs_exist_ok=True)
    spec = json.loads((catalogues.DIRECTORY / f"{ITEM}.avsc").read_text(encoding="utf-8"))
    code = f"{ITEM}_{name}"
    for each in (code, *extra):
        (folder / "avro" / f"{each}.avsc").write_text(json.dumps(spec | {"name": each}, ensure_ascii=False), encoding="utf-8")
    mine = home(settings, name, catalogue=folder / "avro", sources=folder / "sources")
    catalog = catalogues.load(mine.catalogue)
    kafka.ensure(mine, topics.of(catalog))
    with Registry(mine.registry) as registry:
        registry.register(catalog)
    lane = Lane(mine, catalog, catalog[code], {topic: ends(mine, topic) for topic in (topics.RECEIPTS, topics.BATCHES)})
    (folder / "sources" / f"{lane.source}.yaml").write_text(_source(lane), encoding="utf-8")
    return lane


def _source(lane: Lane) -> str:
    """The department's declared source, under the lane's name, with one table whose rows are the lane's item."""
    spec = yaml.safe_load((Path(catalogues.DIRECTORY).parents[1] / "connectors" / "sources" / f"{SOURCE}.yaml").read_text(encoding="utf-8"))
    return yaml.safe_dump(spec | {"source": lane.source, "tables": {TABLE: spec["tables"][TABLE] | {"item": lane.item.code}}}, allow_unicode=True)


def messages(settings: Settings, topic: str) -> Iterator[list[Message]]:
    """All that stands in a topic of one partition, in blocks."""
    last, place = ends(settings, topic), 0
    reader = kafka.consumer(settings, "bench-read")
    reader.assign([TopicPartition(topic, 0, 0)])
    while place < last - SLACK:
        if block := reader.consume(BLOCK, 1.0):
            place = (block[-1].offset() or 0) + 1
            yield block
    reader.close()


def read(settings: Settings, topic: str) -> list[Row]:
    """The same as keys and values."""
    return [(message.key(), message.value() or b"") for block in messages(settings, topic) for message in block]


def submit(lane: Lane, rows: Iterable[Row], item: Item | None = None) -> None:
    """Writes submissions of any lane to this one's topic; the body of a record is the same in all lanes, the schema's number is not."""
    mine = item or lane.item
    name = topics.submitted(mine.code)
    with Registry(lane.settings.registry) as registry:
        head = codec.header(registry.id(topics.subject(name), envelope.submission(mine)))
    write(lane.settings, name, ((key, head + value[5:]) for key, value in rows))


def write(settings: Settings, topic: str, rows: Iterable[Row]) -> None:
    """Writes rows, block by block."""
    producer = kafka.producer(settings)
    for block in blocks(rows):
        producer.produce_batch(topic, [{"key": key, "value": value} for key, value in block])
        producer.flush()


def blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """In lists of 20,000."""
    left = iter(rows)
    while block := list(islice(left, BLOCK)):
        yield block


def quantile(waits: list[float], part: float) -> float:
    """Of sorted waits."""
    return waits[max(0, math.ceil(len(waits) * part) - 1)]


def varied(lane: Lane, rows: list[Row], count: int) -> Iterator[Row]:
    """So many submissions, each of another key: the same ones again and again, their serial number changed."""
    return islice(_varied(lane, rows), count)


def _varied(lane: Lane, rows: list[Row]) -> Iterator[Row]:
    yield from rows
    schema, n = envelope.submission(lane.item), 0
    with Registry(lane.settings.registry) as registry:
        while True:
            n += 1
            for block in blocks(rows):
                frame = codec.decode_frame([value for _, value in block], registry.schema, schema).frame
                changed = frame.with_columns((pl.col(SERIAL) + f"~{n}").alias(SERIAL))
                yield from zip((key for key, _ in block), codec.encode_frame(schema, 1, changed), strict=True)
