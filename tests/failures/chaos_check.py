"""The end of a chaos run: everything that was sent against everything that stands, as plain sentences; empty = nothing lost, nothing doubled."""

import re
import threading
from collections.abc import Iterable
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Message, TopicPartition

from infra import kafka
from infra.settings import Settings
from schemas import codec, topics
from schemas.registry import Registry
from tests.end_to_end.conftest import Pipeline
from tests.failures import ledger
from tests.failures.chaos_load import ITEM, Sent

ITEMS = (ITEM, "gysy")
Place = tuple[str, int, int]  # topic, partition, offset


def count(faults: Iterable[str], kind: str) -> int:
    """How many records the sentences of one kind speak of."""
    found = (re.search(rf"\b{kind}: (\d+) of", sentence) for sentence in faults)
    return sum(int(match[1]) for match in found if match)


class SecondReader(threading.Thread):
    """Reads outcomes with read_committed while the run lasts, and remembers where it saw something."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        super().__init__(name="second reader", daemon=True)
        self._settings, self._stopped = settings, stop
        self.names = [topics.RECEIPTS, *(name for code in ITEMS for name in (topics.accepted(code), topics.rejected(code)))]
        self.seen: list[Place] = []

    def run(self) -> None:
        consumer = kafka.consumer(self._settings, "second-reader", log_level=0)  # its complaints while the broker is dead are no news
        consumer.assign([TopicPartition(name, 0, OFFSET_BEGINNING) for name in self.names])
        while not self._stopped.is_set():
            self.seen += [place(message) for message in consumer.consume(1_000, 0.2) if message.error() is None]
        consumer.close()

    def faults(self, committed: Iterable[Place]) -> list[str]:
        return ledger.watched("second reader", self.seen, committed)


def place(message: Message | Any) -> Place:
    return message.topic(), message.partition(), message.offset()


class Books:
    """Everything that is committed in the topics, decoded."""

    def __init__(self, settings: Settings) -> None:
        with Registry(settings.registry) as registry:
            self._read = {name: self._topic(settings, name, registry) for code in ITEMS for name in (topics.submitted(code), topics.accepted(code), topics.rejected(code))}
            self._read[topics.RECEIPTS] = self._topic(settings, topics.RECEIPTS, registry)

    @staticmethod
    def _topic(settings: Settings, name: str, registry: Registry) -> list[tuple[Place, dict[str, Any]]]:
        messages = list(kafka.read_to_end(settings, name))
        found = codec.decode([message.value() for message in messages], registry.schema)
        return list(zip(map(place, messages), found.records, strict=True))

    def places(self, names: Iterable[str]) -> list[Place]:
        return [where for name in names for where, _ in self._read[name]]

    def records(self, name: str) -> list[dict[str, Any]]:
        return [record for _, record in self._read[name]]

    def submitted(self, code: str) -> list[tuple[str, int, str]]:
        return [(each["_batch"], each["_line"], each["_operation"]) for each in self.records(topics.submitted(code))]

    def outcomes(self, code: str) -> list[tuple[str, int, str]]:
        """(batch, line, operation) of every outcome: a change of key in a tapped table is two records of one line."""
        found = [each for name in (topics.accepted(code), topics.rejected(code)) for each in self.records(name)]
        echoes = [(each["batch"], echo["line"], echo["operation"]) for each in self.records(topics.RECEIPTS) if each["item"] == code for echo in each["echoes"]]
        return [(each["_batch"], each["_line"], each["_operation"]) for each in found] + echoes

    def whole(self, code: str) -> list[str]:
        """Receipts against what they count, and versions in their order."""
        accepted, receipts = self.records(topics.accepted(code)), [each for each in self.records(topics.RECEIPTS) if each["item"] == code]
        return ledger.whole(receipts, accepted, self.records(topics.rejected(code))) + ledger.ascending(accepted)


def judged(books: Books, sent: Sent) -> list[str]:
    """The topics: what was acknowledged was published once, and each record has one outcome."""
    faults = ledger.places("acknowledged records by what was published", sent.lines, [(batch, line) for batch, line, _ in books.submitted(ITEM)])
    for code in ITEMS:
        faults += ledger.places(f"records of {code} by their outcomes", books.submitted(code), books.outcomes(code)) + books.whole(code)
    return faults + ledger.places("wrong records by what was rejected", sent.wrong, [(each["_batch"], each["_line"]) for each in books.records(topics.rejected(ITEM))])


def loaded(pipeline: Pipeline, books: Books, sent: Sent, table: list[tuple[str, str]]) -> list[str]:
    """The warehouse: every accepted record once in the history, raw and with FINAL; current is what was said last."""
    faults = []
    for code in ITEMS:
        wanted = [(partition, offset) for _, partition, offset in books.places([topics.accepted(code)])]
        for form in ("", " FINAL"):
            rows = pipeline.query(f"SELECT _partition, _offset FROM {code}_history{form} LIMIT 900000")
            faults += ledger.places(f"rows of {code}_history{form}", wanted, [(row["_partition"], row["_offset"]) for row in rows])
    current = pipeline.query(f"SELECT XK_WSH, XK_NR FROM {ITEM} FINAL WHERE _withdrawn = 0")
    faults += ledger.standing(sent.standing, [(row["XK_WSH"], row["XK_NR"]) for row in current])
    return faults + ledger.places("rows of the tapped table", table, standing(pipeline))


def standing(pipeline: Pipeline) -> list[tuple[str, str]]:
    """The tapped table as it stands in the warehouse."""
    rows = pipeline.query("SELECT DJ_BH, toString(toFloat64(DJ_FS)) AS s FROM gysy FINAL WHERE _withdrawn = 0 AND DJ_BH LIKE 'T-%' ORDER BY DJ_BH")
    return [(row["DJ_BH"], row["s"]) for row in rows]
