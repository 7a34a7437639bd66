"""A catalogue of one item of the test's own, with its topics and schemas, and ways to feed and watch the loader."""

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from infra import kafka
from infra.settings import Settings
from loaders.intake import Member
from loaders.native import Native
from loaders.sink import Sink, prepare
from loaders.warehouse import Warehouse
from schemas import catalog as catalogues
from schemas import codec, envelope, topics
from schemas.catalog import Catalog, Item
from schemas.registry import Registry
from tests.threads import running

NOW = datetime(2017, 9, 1, 1, 2, 3, 456000, tzinfo=UTC)


@dataclass
class Site:
    """One item's topics on the session's broker."""

    settings: Settings
    folder: Path
    catalog: Catalog
    ids: Mapping[str, int]
    sent: dict[str, int] = field(default_factory=dict)

    @property
    def item(self) -> Item:
        return next(iter(self.catalog.values()))

    @property
    def accepted(self) -> str:
        return topics.accepted(self.item.code)

    def send(self, topic: str, values: Sequence[bytes]) -> None:
        """One transaction, so that its marker leaves a gap between offsets, and an aborted one before it."""
        producer = self._producer()
        producer.begin_transaction()
        producer.produce(topic, b"aborted", "x")
        producer.flush()
        producer.abort_transaction()
        producer.begin_transaction()
        for number, value in enumerate(values):
            producer.produce(topic, value, str(number))
        producer.commit_transaction()
        self.sent[topic] = self.sent.get(topic, 0) + len(values)

    def _producer(self) -> Producer:
        producer = kafka.producer(self.settings, f"feed-{self.item.code}")
        producer.init_transactions(30)
        return producer

    def accept(self, numbers: Sequence[int], *, batch: str) -> None:
        records = [acceptance(self.item, f'["{n % 50}"]', n, _batch=f"{self.item.code}-{batch}", _line=n) for n in numbers]
        self.send(self.accepted, codec.encode(envelope.acceptance(self.item), self.ids[topics.subject(self.accepted)], records))

    def receive(self, lines: Sequence[int], *, batch: str) -> None:
        code = self.item.code
        common = {"batch": f"{code}-{batch}", "source": "swj/excel", "department": "swj", "way": "excel", "item": code}
        echoes = [{"line": n, "outcome": "duplicate", "key": f'["{n}"]', "row": None, "ref": None, "operation": "upsert", "stands": 7} for n in lines]
        receipt = {
            **common, "partition": 0, "first_offset": 0, "last_offset": 9, "accepted": 0, "duplicate": len(lines), "superseded": 0, "rejected": 0,
            "excluded": 0, "echoes": echoes, "received_from": NOW, "received_to": NOW, "judged_at": NOW, "by": "judge",
        }  # fmt: skip
        self.send(topics.RECEIPTS, codec.encode(envelope.RECEIPT, self.ids[topics.subject(topics.RECEIPTS)], [receipt]))

    def say(self, rows: int, *, batch: str) -> None:
        code = self.item.code
        chunk = {
            "batch": f"{code}-{batch}", "source": "swj/excel", "department": "swj", "way": "excel", "item": code, "chunk": 0, "first_line": 1, "rows": rows,
            "total": rows, "last": True, "digest": None, "idempotency_key": None, "name": None, "by": None, "received_at": NOW, "published_at": NOW,
            **dict.fromkeys(("events", "outside", "housekeeping", "unreadable", "splits"), 0),
        }  # fmt: skip
        self.send(topics.BATCHES, codec.encode(envelope.CHUNK, self.ids[topics.subject(topics.BATCHES)], [chunk]))

    def reject(self, lines: Sequence[int], *, batch: str) -> None:
        topic = topics.rejected(self.item.code)
        reason = {"rule": "R-X", "severity": "error", "field": None, "title": None, "value": None, "message": "不对", "remedy": "改"}
        more = {"_item": self.item.code, "_by": "judge", "fields": {"A": "1", "B": None}, "reasons": [reason, reason], "raw": b"\xff\0"}
        whole = [acceptance(self.item, f'["{n}"]', n, _batch=f"{self.item.code}-{batch}", _line=n, **more) for n in lines]
        names = {each["name"] for each in envelope.REJECTION["fields"]}
        records = [{name: value for name, value in record.items() if name in names} for record in whole]
        self.send(topic, codec.encode(envelope.REJECTION, self.ids[topics.subject(topic)], records))


def acceptance(item: Item, key: str, version: int, **other: Any) -> dict[str, Any]:
    envelope_ = {
        "_source": "swj/excel", "_department": "swj", "_way": "excel", "_batch": "HZ1", "_line": 1, "_row": None, "_ref": None, "_position": None,
        "_operation": "upsert", "_source_time": None, "_received_at": NOW, "_catalogue": "0123456789ab", "_origin": None,
        "_key": key, "_version": version, "_fingerprint": "f" * 32, "_change": "new", "_warnings": None, "_judged_at": NOW,
    }  # fmt: skip
    return envelope_ | {field.name: None for field in item.fields} | other


def found(settings: Settings, folder: Path, code: str) -> Site:
    """Makes the item ``code`` (a copy of the catalogue's first), its topics and schemas."""
    original = sorted(catalogues.DIRECTORY.glob("*.avsc"))[0]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{code}.avsc").write_text(json.dumps(json.loads(original.read_text()) | {"name": code}, ensure_ascii=False))
    catalog = catalogues.load(folder)
    kafka.ensure(settings, topics.of(catalog))
    return Site(settings, folder, catalog, Registry(settings.registry).register(catalog))


def counts(warehouse: Warehouse, item: Item) -> dict[str, tuple[int, int]]:
    """Per table raw rows and distinct places: equal when nothing is there twice."""
    both = "SELECT count(), uniqExact(tuple(_partition, _offset{})) FROM `{}` WHERE {}"
    mine = f"item = '{item.code}'"
    asked = {
        f"{item.code}_history": ("", "1 = 1"), "rejected": ("", f"_item = '{item.code}'"), "receipts": ("", mine), "echoes": (", line", mine), "batches": ("", mine),
    }  # fmt: skip
    return {name: warehouse.query(both.format(extra, name, where)).rows()[0] for name, (extra, where) in asked.items()}


def ready(url: str, site: Site) -> Native:
    """A database with the site's tables."""
    warehouse = Native(url)
    prepare(warehouse, site.catalog)
    return warehouse


def sink_of(site: Site, warehouse: Warehouse, group: str = "") -> Sink:
    """A sink in a group of its own."""
    return Sink(site.settings, site.catalog, warehouse, member=Member(f"{site.item.code}{group}"))


def loading(sink: Sink) -> AbstractContextManager[threading.Thread]:
    """Loads until the end of the block."""
    return running(sink.run)


def fill(site: Site) -> None:
    site.accept(range(150), batch="a")
    site.reject(range(30), batch="a")
    site.receive(range(60), batch="a")
    site.receive(range(60, 90), batch="b")
    site.say(180, batch="a")
    site.accept(range(150, 250), batch="b")
