"""An item of a test's own on the session's servers, submissions to it, a judge in a thread, and what it wrote about them."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra import kafka
from infra.settings import Settings
from schemas import catalog as catalogues
from schemas import codec, envelope, identity, topics
from schemas.catalog import Catalog, Item
from schemas.registry import Registry
from streams.buffers import Limits
from streams.judge import Judge, Tools
from tests.waiting import eventually

NOW = datetime(2017, 9, 1, 1, 2, 3, 456000, tzinfo=UTC)
SECRET = b"s" * 32


@dataclass
class Court:
    """One item with its topics."""

    settings: Settings
    catalog: Catalog

    @property
    def item(self) -> Item:
        return next(iter(self.catalog.values()))

    def key_of(self, record: Mapping[str, Any]) -> str:
        found = identity.key(self.item, record["_department"], {name: record[name] for name in self.item.key}, self.settings.key_secret)
        return found or "?"

    def send(self, records: Sequence[Mapping[str, Any] | bytes | None]) -> None:
        """Committed to `submitted`, in one transaction; bytes go as they are."""
        name = topics.submitted(self.item.code)
        schema = envelope.submission(self.item)
        with Registry(self.settings.registry) as registry:
            number = registry.id(topics.subject(name), schema)
        producer = kafka.producer(self.settings, f"feed-{self.item.code}")
        producer.init_transactions(30)
        producer.begin_transaction()
        for record in records:
            if isinstance(record, bytes) or record is None:
                producer.produce(name, record, b"poison")
            else:
                producer.produce(name, codec.encode(schema, number, [record])[0], self.key_of(record).encode())
            producer.poll(0)
        producer.commit_transaction()

    def read(self, topic: str, partitions: int = 1) -> list[dict[str, Any]]:
        """Every committed record of a topic, with its Kafka key as `key`."""
        messages = [message for number in range(partitions) for message in kafka.read_to_end(self.settings, topic, number)]
        with Registry(self.settings.registry) as registry:
            found = codec.decode([message.value() for message in messages], registry.schema)
        assert not found.poison
        return [record | {"key": message.key().decode()} for record, message in zip(found.records, messages, strict=True)]

    def accepted(self) -> list[dict[str, Any]]:
        return self.read(topics.accepted(self.item.code), self.item.partitions)

    def rejected(self) -> list[dict[str, Any]]:
        return self.read(topics.rejected(self.item.code), self.item.partitions)

    def receipts(self) -> list[dict[str, Any]]:
        return [each for each in self.read(topics.RECEIPTS) if each["item"] == self.item.code]

    def states(self) -> dict[str, dict[str, Any]]:
        """The last state of each key, the marks too."""
        return {each.pop("key"): each for each in self.read(topics.state(self.item.code), self.item.partitions)}

    def outcomes(self) -> dict[str, int]:
        """Receipts, added up."""
        found = self.receipts()
        return {name: sum(each[name] for each in found) for name in ("accepted", "duplicate", "superseded", "rejected", "excluded")}


def copied(folder: Path, code: str, **catalogue: Any) -> Catalog:
    """A catalogue of the worked example alone, under another code."""
    spec = json.loads((catalogues.DIRECTORY / "xzxk.avsc").read_text(encoding="utf-8"))
    folder.mkdir(parents=True)
    spec = spec | {"name": code, "catalogue": spec["catalogue"] | {"partitions": 1} | catalogue}
    (folder / f"{code}.avsc").write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    return catalogues.load(folder)


def opened(settings: Settings, home: Path, catalog: Catalog) -> Court:
    """Makes its topics and subjects."""
    code = next(iter(catalog))
    mine = Settings(home=home, kafka=settings.kafka, registry=settings.registry, catalogue=home / "avro")
    with Registry(mine.registry) as registry:
        registry.register(catalog)
    kafka.ensure(mine, topics.of(catalog))
    assert code in catalog
    return Court(mine, catalog)


def said(item: Item, line: int, **other: Any) -> dict[str, Any]:
    """A sound submission: the item's example, with other values where named."""
    about = {
        "_source": "swj/excel", "_department": "swj", "_way": "excel", "_batch": "HZ1", "_line": line, "_row": None, "_ref": None, "_position": None,
        "_operation": "upsert", "_source_time": None, "_received_at": NOW, "_catalogue": "0123456789ab", "_origin": None, "_faults": None,
    }  # fmt: skip
    return {**about, **item.example, "XK_WSH": f"许可〔2017〕{line}号", **other}


class Running:
    """A judge in a thread."""

    def __init__(self, court: Court, registry: Registry, rows: int, name: str) -> None:
        code = court.item.code
        self.judge = Judge(Tools(court.settings, court.catalog, registry, name, group=f"judge-{code}", limits=Limits(rows=rows)))
        self.stop = threading.Event()
        self.fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.judge.run(self.stop)
        except BaseException as fault:  # noqa: BLE001 -- raised where the test waits
            self.fault = fault

    def until(self, judged: int, seconds: float = 60) -> None:
        eventually(lambda: self.fault is not None or self.judge.judged >= judged, seconds)
        if self.fault is not None:
            raise self.fault

    def ended(self) -> BaseException | None:
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.fault


@contextmanager
def judging(court: Court, rows: int = 20_000, name: str = "thread") -> Iterator[Running]:
    """``name``: its member of the group, who takes over from the one before of that name."""
    with Registry(court.settings.registry) as registry:
        running = Running(court, registry, rows, f"judge-{court.item.code}-{name}")
        try:
            yield running
        finally:
            running.stop.set()
            running.ended()


def history(court: Court, rows: int) -> list[Any]:
    """News, repeats, changes, faults, poison and withdrawals, spread over keys and batches."""
    records: list[Any] = []
    for line in range(1, rows + 1):
        key = f"许可〔2017〕{line % 97}号"
        record = said(court.item, line, XK_WSH=key, _batch=f"HZ{line % 3}", XK_NR=f"内容{line % 5}")
        if line % 11 == 0:
            record["XK_XDR"] = None
        if line % 13 == 0:
            record["_operation"] = "withdraw"
        records.append(b"poison" if line % 101 == 0 else record)
    return records


def answers(court: Court) -> Any:
    """Everything that must not depend on how often the judge died, in one value; fails where something is there twice or missing."""
    accepted, rejected, receipts = court.accepted(), court.rejected(), court.receipts()
    echoes = [(each["batch"], echo["line"], echo["outcome"]) for each in receipts for echo in each["echoes"]]
    places = [(each["_batch"], each["_line"]) for each in accepted + rejected] + [(batch, line) for batch, line, _ in echoes]
    assert len(places) == len(set(places))
    states = {key: value for key, value in court.states().items() if value["mark"] is None}
    return {
        "accepted": sorted((each["_key"], each["_version"], each["_change"], each["_fingerprint"]) for each in accepted),
        "rejected": sorted((each["_batch"], each["_line"]) for each in rejected),
        "echoes": sorted(echoes),
        "outcomes": court.outcomes(),
        "states": dict(sorted(states.items())),
    }
