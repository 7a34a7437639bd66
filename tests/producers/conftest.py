"""An item of its own for each test that talks to servers: the worked example under another code, its topics and subjects made."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra import kafka
from infra.settings import Settings
from producers import door
from producers.door import Door
from schemas import catalog as catalogue
from schemas import codec, topics
from schemas.catalog import Catalog, Item
from schemas.registry import Registry
from tests.producers.calling import Client, called

AVRO = Path(catalogue.__file__).parent / "avro"


@dataclass(frozen=True)
class House:
    """A home of its own on the session's servers."""

    settings: Settings
    catalog: Catalog
    item: Item

    @property
    def source(self) -> str:
        """A source of its own: receipt numbers depend on nothing else but the idempotency key."""
        return f"zjj/{self.item.code[5:]}"

    def door(self) -> Door:
        return door.opened(self.settings, self.catalog)

    def said(self) -> list[dict[str, Any]]:
        """Every committed submission of the item, with its Kafka key as `key`."""
        topic = topics.submitted(self.item.code)
        messages = [message for number in range(self.item.partitions) for message in kafka.read_to_end(self.settings, topic, number)]
        with Registry(self.settings.registry) as registry:
            found = codec.decode([message.value() for message in messages], registry.schema)
        assert not found.poison
        return [record | {"key": message.key().decode()} for record, message in zip(found.records, messages, strict=True)]

    def chunks(self, batch: str) -> list[dict[str, Any]]:
        values = [
            message.value() for message in kafka.read_to_end(self.settings, topics.BATCHES) if message.key().startswith(batch.encode())
        ]
        with Registry(self.settings.registry) as registry:
            return codec.decode(values, registry.schema).records


def copied(folder: Path, code: str) -> Catalog:
    """A catalogue of the worked example alone, under another code."""
    spec = json.loads((AVRO / "xzxk.avsc").read_text(encoding="utf-8"))
    folder.mkdir(parents=True)
    (folder / f"{code}.avsc").write_text(
        json.dumps(spec | {"name": code, "catalogue": spec["catalogue"] | {"partitions": 1}}, ensure_ascii=False), encoding="utf-8"
    )
    return catalogue.load(folder)


@pytest.fixture
def house(stack: Any, tmp_path: Path) -> House:
    code = f"xzxk_{uuid4().hex[:8]}"
    catalog = copied(tmp_path / "avro", code)
    live = stack.settings
    settings = Settings(home=tmp_path / "home", kafka=live.kafka, registry=live.registry, catalogue=tmp_path / "avro")
    with Registry(live.registry) as registry:
        registry.register(catalog)
    kafka.ensure(live, topics.of(catalog))
    return House(settings, catalog, catalog[code])


@pytest.fixture
def client(house: House) -> Iterator[Client]:
    """The interface over its door."""
    with house.door() as door:
        yield called(door, house.catalog, house.source[4:])
