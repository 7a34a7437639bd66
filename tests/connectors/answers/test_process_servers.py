"""Answers over a real Kafka into a real database: whatever dies between writing and saying so, every row ends with its newest outcome and every receipt is counted once."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest

from connectors.access import Access
from connectors.answers import process, progress
from connectors.answers.tables import Tables
from connectors.front import provide
from connectors.front.place import Front
from connectors.front.session import opened
from infra import kafka
from infra.writing import produce
from schemas import codec, envelope, sources, topics
from schemas.catalog import Item
from schemas.registry import Registry
from tests.producers.conftest import copied
from tests.waiting import eventually

pytestmark = pytest.mark.servers
NOW = datetime(2017, 8, 1, 2, tzinfo=UTC)
ROWS, ROUNDS = 120, 3
OUTCOMES = ("accepted", "rejected", "duplicate")
WORDS = {"accepted": "已入库", "rejected": "退回", "duplicate": "重复"}


class Died(Exception):
    """The process's death."""


def about(topic: str, source: str, row: int, offset: int) -> dict[str, Any]:
    batch, line = topics.captured_batch(topic, offset), topics.captured_line(offset)
    return {
        "_source": source, "_department": "zjj", "_way": "cdc", "_batch": batch, "_line": line, "_row": f'["{row}"]', "_ref": None, "_position": None, "_operation": "upsert",
        "_source_time": None, "_received_at": NOW, "_catalogue": "0" * 12, "_origin": f"{topic}/0/{offset}", "_judged_at": NOW, "_key": str(row), "_fingerprint": "0" * 32,
    }  # fmt: skip


class Judge:
    """Says what became of each row, round by round: three events of three rows a receipt."""

    def __init__(self, settings: Any, registry: Registry, item: Item, table: sources.Table) -> None:
        self.settings, self.registry, self.item, self.table = settings, registry, item, table
        self.producer = kafka.producer(settings)

    def write(self, topic: str, schema: Any, records: list[dict[str, Any]]) -> None:
        values = codec.encode(schema, self.registry.id(topics.subject(topic), schema), records)
        produce(self.producer, topic, [{"key": "k", "value": value} for value in values])  # a compacted topic takes nothing without a key

    def say(self, source: str | None = None) -> dict[int, str]:
        """What each row's outcome is in the end."""
        name, topic, ends = source or self.table.source_id, self.table.topic, dict[int, str]()
        said: dict[str, list[dict[str, Any]]] = {outcome: [] for outcome in OUTCOMES}
        receipts = []
        for number in range(ROUNDS):
            for row in range(ROWS):
                offset = number * ROWS + row
                outcome = OUTCOMES[(row + number) % 3]
                ends[row] = WORDS[outcome]
                said[outcome].append(about(topic, name, row, offset))
                echo = {"line": topics.captured_line(offset), "outcome": "duplicate", "key": str(row), "row": f'["{row}"]', "ref": None, "operation": "upsert", "stands": None}
                counts = {each: int(each == outcome) for each in (*OUTCOMES, "superseded", "excluded")}
                place = {"batch": topics.captured_batch(topic, offset), "source": name, "department": "zjj", "way": "cdc", "item": self.item.code, "partition": 0}
                times = dict.fromkeys(("received_from", "received_to", "judged_at"), NOW)
                receipts.append(place | counts | times | {"first_offset": offset, "last_offset": offset, "echoes": [echo] * counts["duplicate"], "by": "judge"})
        fields = {field.name: None for field in self.item.fields}
        accepted = [each | fields | {"_version": 1, "_change": "new", "_warnings": None} for each in said["accepted"]]
        rejected = [each | {"_item": self.item.code, "_by": "judge", "fields": {}, "reasons": [], "raw": None} for each in said["rejected"]]
        self.write(topics.accepted(self.item.code), envelope.acceptance(self.item), accepted)
        self.write(topics.rejected(self.item.code), envelope.REJECTION, rejected)
        self.write(topics.RECEIPTS, envelope.RECEIPT, receipts)
        self.producer.flush()
        return ends


def dying(call: Callable[..., Any], at: set[int], *, after: bool) -> Callable[..., Any]:
    count = [0]

    def called(*arguments: Any) -> Any:
        count[0] += 1
        if count[0] in at and not after:
            raise Died
        answer = call(*arguments)
        if count[0] in at:
            raise Died
        return answer

    return called


def test_every_row_ends_right_and_every_receipt_is_counted_once_whatever_dies(stack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"xzxk_{uuid4().hex[:8]}"
    catalog = copied(tmp_path / "avro", code)
    stack.need("postgres")
    settings = stack.settings.model_copy(update={"sources": tmp_path, "catalogue": tmp_path / "avro"})
    kafka.ensure(settings, topics.of(catalog))
    front = Front("zjj", "postgres", [catalog[code]])
    administrator = provide.administrator(settings, "postgres")
    provide.make(settings, front, administrator)
    provide.addressed(settings, front, administrator)
    provide.register(*provide.drafted(settings, front, "某局"))
    source = sources.load(tmp_path, catalog)["zjj_front"]
    (table,) = source.tables.values()
    reader = Access("postgres", administrator.host, administrator.port, front.name, front.name, settings.secrets()["ZJJ_FRONT_PASSWORD"])
    stop, deaths = Event(), list[Died]()

    def work() -> None:
        while not stop.is_set():
            try:
                process.follow(settings, source, stop)
            except Died as death:
                deaths.append(death)

    monkeypatch.setattr(process, "BATCH", 40)
    monkeypatch.setattr(process, "_after", dying(process._after, {1, 4, 5}, after=False))  # written, not yet said
    monkeypatch.setattr(Tables, "write", dying(Tables.write, {3, 8}, after=True))  # in the middle of a transaction
    with Registry(settings.registry) as registry, opened(reader) as session:
        registry.register(catalog)
        judge = Judge(settings, registry, catalog[code], table)
        (waiting,) = progress.every(settings, [source], time.time()).values()
        assert (waiting.left == 0) == (waiting.late == 0.0)  # what other tests were told waits in the same topic
        judge.say("zjj_other.table")
        ends = judge.say()
        thread = Thread(target=work)
        thread.start()
        try:
            counts = f'SELECT coalesce(sum("GJ_DQ"), 0), coalesce(sum("GJ_RK"), 0), coalesce(sum("GJ_TH"), 0), coalesce(sum("GJ_CF"), 0) FROM {code}_hzd'
            eventually(lambda: session.run(counts)[0][0] >= ROWS * ROUNDS and dict(session.run(f'SELECT "GJ_ID", "GJ_JG" FROM {code}_hz')) == ends)
        finally:
            stop.set()
            thread.join()
        assert len(deaths) == 5
        assert session.run(counts) == [(ROWS * ROUNDS, ROWS, ROWS, ROWS)]
        (given,) = progress.every(settings, [source], time.time()).values()
        assert (given.left, str(given), list(given.dangers())) == (0, "up to date", [])
        _replaced(judge, settings, source, session)
        (late,) = progress.every(settings, [source], time.time() + 3600).values()
        assert late.left >= 1
        assert "60 minutes late" in next(late.dangers())[0]
        after = kafka.committed(settings, "answer.zjj_front", [(topics.RECEIPTS, 0)])
        assert after[topics.RECEIPTS, 0] == kafka.watermarks(settings, topics.RECEIPTS, 0)[1]


def _replaced(judge: Judge, settings: Any, source: sources.Source, session: Any) -> None:
    """Another source's word takes the place of one row's; then the answering process is stopped, and one more waits."""
    code, (table,) = judge.item.code, source.tables.values()
    own, other = ({field.name: name for field in judge.item.fields} for name in ("旧", "新"))
    keep = envelope.submission(judge.item)
    row, offset = 4, (ROUNDS - 1) * ROWS + 4
    first = about(table.topic, table.source_id, row, offset) | own
    names = {each["name"] for each in keep["fields"]}
    judge.write(topics.submitted(code), keep, [{name: value for name, value in each.items() if name in names} for each in (first, first | other | {"_way": "excel", "_source": "zjj/excel"})])
    said = {"row": f'["{row}"]', "way": "cdc", "position": None, "source_time": None, "asserted": False}
    sayings = [said | {"source": table.source_id, "fingerprint": "a", "offset": 0}, said | {"source": "zjj/excel", "fingerprint": "b", "offset": 1}]
    state = {"version": 2, "standing": 1, "retracted": False, "fingerprint": "b", "sayings": sayings, "mark": None}
    judge.write(topics.state(code), envelope.STATE, [state])
    judge.producer.flush()
    stop = Event()
    thread = Thread(target=process.follow, args=(settings, source, stop))
    thread.start()
    try:
        ((outcome, messages),) = eventually(lambda: session.run(f"""SELECT "GJ_JG", "GJ_YY" FROM {code}_hz WHERE "GJ_ID" = {row} AND "GJ_JG" = '被取代'"""))
    finally:
        stop.set()
        thread.join()
    assert outcome == "被取代"
    assert "本部门通过数据报送方式" in messages
    assert "本行“旧”，现为“新”" in messages
    judge.write(topics.state(code), envelope.STATE, [state])
    judge.producer.flush()
