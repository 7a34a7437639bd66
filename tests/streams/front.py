"""A department's database with many tables, tapped by one connector, and a map that reads it: from the INSERT to the submitted record."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import yaml

from connectors import config, plan, prepare
from connectors.connect import Connect
from connectors.life import start
from infra import kafka
from infra.settings import ROOT, Settings
from schemas import catalog, codec, sources, topics
from schemas.registry import Registry
from tests.waiting import eventually

PASSWORD = "tapped-word-1"
ITEM = {
    "type": "record", "namespace": "credit", "name": "zdz", "doc": "One value of each type, for tests.",
    "catalogue": {
        "title": "值的核对", "category": "履约", "subject": "organisation", "key": ["BH"], "key_scope": "department", "frequency": "month", "dated_by": "RQ",
        "usage": "0", "source": "drafted",
    },
    "fields": [
        {"name": "BH", "title": "编号", "type": "string", "length": 100, "example": "BH-1"},
        {"name": "WB", "title": "文本", "type": ["null", "string"], "default": None, "length": 200000, "example": "甲"},
        {"name": "SZ", "title": "数值", "type": ["null", {"type": "string", "logicalType": "decimal-text", "precision": 20, "scale": 6}], "default": None, "example": "1.5"},
        {"name": "ZS", "title": "整数", "type": ["null", "long"], "default": None, "example": "3"},
        {"name": "RQ", "title": "日期", "type": ["null", {"type": "int", "logicalType": "date"}], "default": None, "example": "2017-08-01"},
        {"name": "SJ", "title": "时间", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": None, "example": "2017-08-01 08:00:00"},
    ],
}  # fmt: skip


def only_item(folder: Path, code: str) -> Path:
    """A catalogue of that item alone, under a code of its own: topics are shared between tests."""
    folder.mkdir(parents=True)
    (folder / f"{code}.avsc").write_text(json.dumps(ITEM | {"name": code}, ensure_ascii=False), encoding="utf-8")
    return folder


@dataclass
class Front:
    """One source. ``run`` executes statements in one transaction, as the department's own program does."""

    settings: Settings
    kind: str
    source: sources.Source
    run: Callable[..., None]
    ask: Callable[[str], Sequence[Sequence[Any]]]
    registry: Registry
    connect: Connect

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def file(self) -> Path:
        return self.settings.sources / "s.yaml"

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the source's file as an operator does."""
        spec = yaml.safe_load(self.file.read_text())
        change(spec)
        self.file.write_text(yaml.safe_dump(spec, allow_unicode=True))

    def apply(self) -> None:
        plan.apply(self.settings, {self.name: self.source})

    @contextmanager
    def mapping(self) -> Iterator[subprocess.Popen[bytes]]:
        """A map of its own process, ended afterwards."""
        settings = self.settings
        command = [sys.executable, str(ROOT / "tests/streams/map_process.py"), str(settings.home), str(settings.sources), str(settings.catalogue)]
        running = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)})
        try:
            yield running
        finally:
            running.terminate()
            running.wait(30)

    def events(self, table: str) -> int:
        return sum(1 for _ in kafka.read_to_end(self.settings, f"cdc.{self.name}.{table}"))

    @property
    def item(self) -> str:
        return next(iter(self.source.tables.values())).item

    def said(self) -> list[dict[str, Any]]:
        """Everything map said of this source, in order of the topic."""
        messages = [message.value() for message in kafka.read_to_end(self.settings, topics.submitted(self.item))]
        found = codec.decode(messages, self.registry.schema).records
        return [record for record in found if record["_source"].startswith(f"{self.name}.")]

    def counted(self) -> int:
        """Events that map has counted, of all tables of this source."""
        mark = f"cdc.{self.name}.".encode()
        last = {message.key(): message.value() for message in kafka.read_to_end(self.settings, topics.BATCHES) if bytes(message.key()).startswith(mark)}
        return sum(chunk["events"] for chunk in codec.decode(list(last.values()), self.registry.schema).records)

    def mapped(self, events: int, seconds: float = 120) -> None:
        eventually(lambda: self.counted() >= events, seconds, told=lambda: f"{self.counted()} of {events} events; {self.connect.status(self.name)}")


def administrator(stack: Any, kind: str, database: str | None) -> Any:
    """A connection of the database's administrator."""
    if kind == "postgres":
        word = stack.password("GUIJI_POSTGRES_PASSWORD")
        return psycopg.connect(host="127.0.0.1", port=stack.port("postgres"), user="postgres", password=word, dbname=database or "postgres", autocommit=True)
    word = stack.password("GUIJI_MARIADB_PASSWORD")
    return pymysql.connect(host="127.0.0.1", port=stack.port("mariadb"), user="root", password=word, database=database, autocommit=True, charset="utf8mb4")


def ready(stack: Any, kind: str) -> Settings:
    """The servers, with the tapping account's password known to Connect."""
    stack.need(kind)
    file = stack.settings.secrets_file
    if "FRONT_PASSWORD" not in (file.read_text() if file.exists() else ""):
        with file.open("a") as handle:
            handle.write(f"FRONT_PASSWORD={PASSWORD}\n")
    return stack.need("connect")


@contextmanager
def front(stack: Any, kind: str, name: str, ddl: Sequence[str], tables: Mapping[str, Mapping[str, Any]], folder: Path) -> Iterator[Front]:
    """A database of that name with these tables, each mapped as in a source file to the item of the same name; not tapped yet."""
    settings = ready(stack, kind).model_copy(update={"sources": folder / "sources", "catalogue": only_item(folder / "avro", name)})
    wanted = catalog.load(settings.catalogue)
    kafka.ensure(settings, topics.of(wanted))
    database = {"kind": kind, "host": "127.0.0.1", "port": stack.port(kind), "name": name, "user": f"u_{name}", "password": "${env:FRONT_PASSWORD}"}
    settings.sources.mkdir()
    spec = {"source": name, "department": "zjj", "database": database, "heartbeat": "1s", "tables": {table: {"item": name, **about} for table, about in tables.items()}}
    (settings.sources / "s.yaml").write_text(yaml.safe_dump(spec, allow_unicode=True))
    source = sources.load(settings.sources, wanted)[name]
    with administrator(stack, kind, None) as admin:
        admin.cursor().execute(f"CREATE DATABASE {name}" + ("" if kind == "postgres" else " CHARACTER SET utf8mb4"))
    owner = administrator(stack, kind, name)

    def run(*statements: str) -> None:
        cursor = owner.cursor()
        cursor.execute("BEGIN")
        try:
            for statement in statements:
                cursor.execute(statement)
        except (psycopg.Error, pymysql.Error):
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")

    def ask(question: str) -> Sequence[Sequence[Any]]:
        cursor = owner.cursor()
        cursor.execute(question)
        return list(cursor.fetchall())

    if kind == "mariadb":
        owner.cursor().execute("SET SESSION sql_mode = ''")
    for statement in [*ddl, *prepare.statements(source, PASSWORD)]:
        owner.cursor().execute(statement)
    with Connect(settings.connect) as connect, Registry(settings.registry) as registry:
        registry.register(wanted)
        yield Front(settings, kind, source, run, ask, registry, connect)
        if connect.status(name).state != "absent":
            start.patient(lambda: connect.delete(name))
        if kind == "postgres":
            eventually(lambda: not ask(f"SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '{config.slot(source)}'"))
        for statement in prepare.undo(source):
            owner.cursor().execute(statement)
    owner.close()
