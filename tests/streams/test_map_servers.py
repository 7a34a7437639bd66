"""A real PostgreSQL and MariaDB, Debezium on a real Connect, a real map: every way a row can change, and every death in between."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from connectors import plan, prepare
from connectors.connect import Connect
from connectors.life import start
from infra import held, kafka, process
from infra import stack as local
from infra.settings import ROOT, Settings
from schemas import catalog, codec, sources, topics
from schemas.registry import Registry
from tests.waiting import eventually

pytestmark = pytest.mark.servers
PASSWORD = "tapped-word-1"
COLUMNS = {"XK_WSH": "no", "XK_XMMC": "name", "XK_XDR": "holder", "XK_NR": "content", "XK_JDRQ": "day", "BZ": "amount"}
CONSTANTS = {"DFBM": "370100", "XK_SPLB": "普通", "XK_XZJG": "某局", "XK_ZT": "0", "SJC": "2017-01-02 03:04:05"}
DDL = "CREATE TABLE permit (id bigint PRIMARY KEY, no varchar(100), name varchar(100), holder varchar(100), content text, day date, amount numeric)"


@dataclass
class Tapped:
    """One tapped database with a map process."""

    settings: Settings
    sources: dict[str, sources.Source]
    folder: Path
    run: Callable[..., None]
    registry: Registry

    @property
    def topic(self) -> str:
        return next(iter(next(iter(self.sources.values())).tables.values())).topic

    def map(self, kill_at: str = "") -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | ({"GUIJI_KILL_AT": kill_at} if kill_at else {})
        command = [sys.executable, str(ROOT / "tests/streams/map_process.py"), str(self.settings.home), str(self.folder)]
        return subprocess.Popen(command, env=environment)

    def events(self) -> list[Any]:
        return list(kafka.read_to_end(self.settings, self.topic))

    def said(self) -> list[dict[str, Any]]:
        found = codec.decode([m.value() for m in kafka.read_to_end(self.settings, topics.submitted("xzxk"))], self.registry.schema).records
        source = self.topic.removeprefix("cdc.")
        return [record for record in found if record["_source"] == source]

    def chunks(self) -> dict[str, int]:
        """The last record of each chunk, added up."""
        last = {m.key(): m.value() for m in kafka.read_to_end(self.settings, topics.BATCHES) if bytes(m.key()).startswith(self.topic.encode() + b"#")}
        found = codec.decode(list(last.values()), self.registry.schema).records
        return {name: sum(chunk[name] for chunk in found) for name in ("rows", "events", "outside", "housekeeping", "unreadable", "splits")}

    def mapped(self, events: int) -> None:
        """Wait until so many events were counted by a map of ours, started and stopped here."""
        running = self.map()
        try:
            eventually(lambda: self.chunks()["events"] >= events, told=lambda: f"{events} events: {self.chunks()}")
        finally:
            running.terminate()
            running.wait(30)


def _source(folder: Path, kind: str, name: str, port: int, user: str) -> None:
    table = {"item": "xzxk", "delete": "withdraw", "columns": COLUMNS, "constants": CONSTANTS}
    database = {"kind": kind, "host": "127.0.0.1", "port": port, "name": name, "user": user, "password": "${env:TAPPED_PASSWORD}"}
    spec = {"source": name, "department": "zjj", "database": database, "tables": {"public.permit" if kind == "postgres" else "permit": table}}
    folder.mkdir()
    (folder / "s.yaml").write_text(yaml.safe_dump(spec))


def _ready(stack, *servers: str) -> Settings:
    file = stack.settings.secrets_file
    if "TAPPED_PASSWORD" not in (file.read_text() if file.exists() else ""):
        stack.need("postgres")
        with file.open("a") as handle:
            handle.write(f"TAPPED_PASSWORD={PASSWORD}\n")
    settings = stack.need(*servers, "connect")
    wanted = catalog.load(settings.catalogue)
    kafka.ensure(settings, topics.of(wanted))
    with Registry(settings.registry) as registry:
        registry.register(wanted)
    return settings


def _postgres(stack, database: str) -> psycopg.Connection:
    return psycopg.connect(host="127.0.0.1", port=stack.port("postgres"), user="postgres", password=stack.password("GUIJI_POSTGRES_PASSWORD"), dbname=database, autocommit=True)


@pytest.fixture
def tapped(stack, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Tapped]:
    settings = _ready(stack, "postgres")
    name = f"m{abs(hash(request.node.name)) % 10**9}"
    with _postgres(stack, "postgres") as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    with _postgres(stack, name) as owner:
        owner.execute(DDL)
        yield from _tapped(stack, settings, owner, tmp_path)
    with Connect(settings.connect) as connect:
        connect.delete(name)


def _tapped(stack, settings: Settings, owner: psycopg.Connection, tmp_path: Path) -> Iterator[Tapped]:
    name = owner.info.dbname
    _source(tmp_path / "sources", "postgres", name, stack.port("postgres"), f"u_{name}")
    declared = sources.load(tmp_path / "sources", catalog.load(settings.catalogue))
    for statement in prepare.statements(declared[name], PASSWORD):
        owner.execute(statement)

    def run(*statements: str) -> None:
        with owner.transaction():
            for statement in statements:
                owner.execute(statement)

    with Registry(settings.registry) as registry:
        yield Tapped(settings, declared, tmp_path / "sources", run, registry)


def _rows(first: int, last: int) -> str:
    return f"INSERT INTO permit SELECT n, 'W'||n, '项目', '甲', NULL, '2017-01-01', 'NaN' FROM generate_series({first}, {last}) n"


def _brief(said: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(record["_operation"], record["XK_WSH"], json.loads(record["_row"])[0]) for record in said]


def test_every_change_is_said_as_it_happened(tapped: Tapped):
    tapped.run(_rows(1, 4))
    plan.apply(tapped.settings, tapped.sources)
    tapped.mapped(4)
    steps = [
        ["INSERT INTO permit (id, no, name, holder) VALUES (5, 'W5', '项目', '甲')"],
        ["UPDATE permit SET content = repeat('长', 50000) || md5('x') WHERE id = 5", "UPDATE permit SET amount = 1.50 WHERE id = 5"],
        ["DELETE FROM permit WHERE id = 1", "INSERT INTO permit (id, no, name, holder) VALUES (1, 'W1', '项目', '甲')"],
        ["UPDATE permit SET id = 20 WHERE id = 2"],
        ["UPDATE permit SET no = 'W33' WHERE id = 3"],
        ["UPDATE permit SET no = CASE id WHEN 4 THEN 'W5' ELSE 'W4' END WHERE id IN (4, 5)"],
        ["DELETE FROM permit WHERE id = 20"],
    ]
    for statements in steps:
        tapped.run(*statements)
    tapped.mapped(14)
    said = tapped.said()
    assert _brief(said[:4]) == [("upsert", f"W{n}", str(n)) for n in range(1, 5)]
    assert {record["BZ"].lower() for record in said[:4]} == {"nan"}
    assert _brief(said[4:]) == [
        ("upsert", "W5", "5"), ("upsert", "W5", "5"), ("upsert", "W5", "5"),
        ("withdraw", "W1", "1"), ("upsert", "W1", "1"),
        ("withdraw", "W2", "2"), ("upsert", "W2", "20"),
        ("withdraw", "W3", "3"), ("upsert", "W33", "3"),
        ("withdraw", "W4", "4"), ("upsert", "W5", "4"), ("withdraw", "W5", "5"), ("upsert", "W4", "5"),
        ("withdraw", "W2", "20"),
    ]  # fmt: skip
    assert len(said[6]["XK_NR"]) == 50_032, "an untouched long value is still there"
    assert said[6]["BZ"] == "1.50"
    for row in {record["_row"] for record in said}:
        # A changed key gives two records of one event, hence one position under two keys.
        positions = [record["_position"] for record in said if record["_row"] == row and record["_position"]]
        assert positions == sorted(positions)
    assert tapped.chunks() == {"rows": 18, "events": 15, "outside": 0, "housekeeping": 0, "unreadable": 0, "splits": 3}


@pytest.mark.parametrize("point", ["map.produced", "map.committed"])
def test_a_map_killed_at_any_point_says_everything_once(tapped: Tapped, point: str):
    tapped.run(_rows(1, 300))
    plan.apply(tapped.settings, tapped.sources)
    eventually(lambda: len(tapped.events()) == 300, told="snapshot")
    assert tapped.map(f"{point}:1").wait(60) == -9
    tapped.mapped(300)
    assert sorted(record["_line"] for record in tapped.said()) == sorted({message.offset() % 10_000 + 1 for message in tapped.events()})
    assert tapped.chunks()["rows"] == 300


def test_a_snapshot_anew_and_a_killed_connect_lose_nothing_and_old_events_are_never_newer(tapped: Tapped):
    (name,) = tapped.sources
    tapped.run(_rows(1, 3))
    plan.apply(tapped.settings, tapped.sources)
    tapped.run("UPDATE permit SET content = 'a' WHERE id = 1")
    eventually(lambda: len(tapped.events()) == 4, told="the update")
    local_connect = process.read(tapped.settings.pids / "connect.json")
    assert local_connect is not None
    os.kill(local_connect.pid, 9)
    process.gone(local_connect, 20)
    tapped.run("UPDATE permit SET content = 'b' WHERE id = 1")
    local.up(Settings(home=tapped.settings.home), ("connect",), report=lambda _line: None)
    plan.apply(tapped.settings, tapped.sources)
    eventually(lambda: len(tapped.events()) == 5, told="the update during the outage, once")
    with Connect(tapped.settings.connect) as connect:
        connect.stop(name)
        eventually(lambda: connect.status(name).state == "STOPPED" and not connect.status(name).tasks, told="stopped")
        start.patient(lambda: connect.reset_offsets(name))
        connect.resume(name)
    plan.apply(tapped.settings, tapped.sources)
    tapped.run("UPDATE permit SET content = 'c' WHERE id = 1")
    eventually(lambda: any(_after(tapped, message).get("content") == "c" for message in tapped.events()), told="the change after the snapshot")
    tapped.mapped(len(tapped.events()))
    positions = {record["XK_NR"]: record["_position"] for record in tapped.said() if record["_row"] == '["1"]' and record["_position"]}
    told = [positions[content] for content in ("a", "b", "c") if content in positions]
    assert told == sorted(set(told))
    assert tapped.said()[-1]["XK_NR"] == "c"


def _after(tapped: Tapped, message: Any) -> dict[str, Any]:
    return codec.decode_one(message.value(), tapped.registry.schema)["after"] or {}


def test_apply_repeats_itself_and_sees_changes_by_hand(tapped: Tapped):
    (name,) = tapped.sources
    assert [change.kind for change in plan.apply(tapped.settings, tapped.sources)] == ["created"]
    assert [change.kind for change in plan.apply(tapped.settings, tapped.sources)] == ["same"]
    with Connect(tapped.settings.connect) as connect:
        connect.put(name, connect.configs()[name] | {"heartbeat.interval.ms": "999"})
        assert [str(change) for change in plan.plan(tapped.sources, connect.configs(), plan.place(tapped.settings))] == [f"{name}: drifted (heartbeat.interval.ms)"]
    assert [change.kind for change in plan.apply(tapped.settings, tapped.sources)] == ["drifted"]
    with Connect(tapped.settings.connect) as connect:
        assert connect.status(name).running
    answer = httpx.get(f"{tapped.settings.connect}/connectors?expand=info&expand=status", timeout=10)
    assert PASSWORD not in answer.text
    assert "${env:TAPPED_PASSWORD}" in answer.text


def test_a_topic_that_was_read_but_has_no_offset_is_held_not_read_again(tapped: Tapped):
    tapped.run(_rows(1, 3))
    plan.apply(tapped.settings, tapped.sources)
    eventually(lambda: len(tapped.events()) == 3, told="snapshot")
    producer = kafka.producer(tapped.settings)
    producer.produce(topics.BATCHES, b"\0", f"{tapped.topic}#00000000/000000")  # as an earlier map's chunk
    assert producer.flush(10) == 0
    running = tapped.map()
    try:
        eventually(lambda: tapped.topic in held.read(tapped.settings).held, told="held")
    finally:
        running.terminate()
        running.wait(30)
    assert tapped.said() == []
