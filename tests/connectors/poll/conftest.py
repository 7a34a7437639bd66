"""A department's database without a log of changes: its role may read and nothing else."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml

from connectors import prepare
from connectors.poll import notes, process
from connectors.poll.notes import Polled
from infra import kafka
from infra.settings import ROOT, Settings
from schemas import catalog, codec, sources
from schemas.registry import Registry
from tests.streams.front import PASSWORD, administrator

CATALOG = catalog.load()
KINDS = ["postgres", "mariadb"]
FIELDS = {"XK_WSH": "no", "XK_XMMC": "name", "XK_NR": "content", "XK_JDRQ": "day"}
CONSTANTS = {one.name: one.example or "x" for one in CATALOG["xzxk"].fields if one.required and one.name not in FIELDS}
DDL = {
    "postgres": "CREATE TABLE {} (id bigint PRIMARY KEY, no varchar(100), name varchar(100), content text, day date, at timestamp)",
    "mariadb": "CREATE TABLE {} (id bigint PRIMARY KEY, no varchar(100), name varchar(100), content text, day date, at datetime(6))",
}


@dataclass
class Asked:
    """``run`` executes statements as the owner, each its own transaction."""

    settings: Settings
    kind: str
    name: str
    spec: dict[str, Any]
    run: Callable[..., Any]
    registry: Registry
    found: dict[str, Polled] = field(default_factory=dict)

    @property
    def source(self) -> sources.Source:
        return sources.load(self.settings.sources, CATALOG)[self.name]

    def table(self, short: str = "permit") -> str:
        return f"public.{short}" if self.kind == "postgres" else short

    def declare(self, **tables: dict[str, Any]) -> None:
        """Write the source's file: what is said of the polling of each table, under the mapping of all tests."""
        mapped = {"item": "xzxk", "columns": FIELDS, "constants": CONSTANTS, "delete": "withdraw"}
        self.spec["tables"] = {self.table(name): mapped | said for name, said in tables.items()}
        (self.settings.sources / f"{self.name}.yaml").write_text(yaml.safe_dump(self.spec, allow_unicode=True), encoding="utf-8")

    def poll(self, table: str = "permit") -> Polled:
        """Poll once, in this process; what was noted of the table."""
        found = process.Poller(self.settings, Event()).once(self.source)
        return found[self.table(table)]

    def notes(self, table: str = "permit") -> Polled | None:
        return notes.read(self.settings, self.name).get(self.table(table))

    def process(self, *words: str, kill_at: str = "", log: int | None = None) -> "subprocess.Popen[bytes]":
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | ({"GUIJI_KILL_AT": kill_at} if kill_at else {})
        command = [sys.executable, str(ROOT / "tests/connectors/poll/poll_process.py"), str(self.settings.home), str(self.settings.sources), *words]
        return subprocess.Popen(command, env=environment, stderr=log)

    def events(self, table: str = "permit") -> list[dict[str, Any]]:
        """Everything committed, in order; `key` is the row's."""
        topic = f"cdc.{self.name}.{table}"
        messages = list(kafka.read_to_end(self.settings, topic)) if topic in kafka.partitions(self.settings) else []
        keys = codec.decode([message.key() for message in messages], self.registry.schema).records
        found = codec.decode([message.value() for message in messages], self.registry.schema).records
        return [event | {"key": tuple(key.values())} for key, event in zip(keys, found, strict=True)]

    def brief(self, table: str = "permit") -> list[tuple[str, str]]:
        return [(event["op"], event["key"][0]) for event in self.events(table)]

    def followed(self, table: str = "permit") -> dict[str, str | None]:
        """Row → its `name`, as one knows it who follows the events, each at its place; a repeat is passed over, as the judge does."""
        rows: dict[str, str | None] = {}
        places: dict[str, tuple[int, int]] = {}
        for event in self.events(table):
            (key,), place = event["key"], (event["source"]["poll"], event["source"]["row"])
            if place > places.get(key, (0, -1)):
                places[key] = place
                assert (event["before"] or {}).get("name") == (rows.get(key) if event["op"] in ("u", "d") else None)
                rows.pop(key, None)
                if event["after"]:
                    rows[key] = event["after"]["name"]
        return rows

    def rows(self, table: str = "permit") -> dict[str, str | None]:
        return {str(number): name for number, name in self.run(f"SELECT id, name FROM {table}")}


def insert(*numbers: int, table: str = "permit", name: str = "项目", at: str = "2017-02-03 04:05:06.5") -> str:
    values = ", ".join(f"({number}, '济建许〔2017〕{number}号', '{name}', NULL, '2017-01-02', '{at}')" for number in numbers)
    return f"INSERT INTO {table} VALUES {values}"


@contextmanager
def asked(stack: Any, kind: str, name: str, folder: Path, tables: Sequence[str] = ("permit",)) -> Iterator[Asked]:
    """A database of that name with these tables, each declared to be polled by comparison every hour."""
    stack.need(kind)
    file = stack.settings.secrets_file
    if "FRONT_PASSWORD" not in (file.read_text() if file.exists() else ""):
        with file.open("a") as handle:
            handle.write(f"FRONT_PASSWORD={PASSWORD}\n")
    settings = stack.settings.model_copy(update={"sources": folder})
    with administrator(stack, kind, None) as admin:
        admin.cursor().execute(f"CREATE DATABASE {name}" + ("" if kind == "postgres" else " CHARACTER SET utf8mb4"))
    owner = administrator(stack, kind, name)

    def run(*statements: str) -> Any:
        with owner.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else None

    database = {"kind": kind, "host": "127.0.0.1", "port": stack.port(kind), "name": name, "user": f"u_{name}", "password": "${env:FRONT_PASSWORD}"}
    spec = {"source": name, "department": "zjj", "database": database, "capture": "poll", "every": "1h"}
    with Registry(settings.registry) as registry:
        made = Asked(settings, kind, name, spec, run, registry)
        made.declare(**{table: {} for table in tables})
        run(*(DDL[kind].format(table) for table in tables), *prepare.statements(made.source, PASSWORD))
        yield made
    run(*prepare.undo(made.source))
    owner.close()


def _name(request: pytest.FixtureRequest) -> str:
    return f"p{abs(hash(request.node.name)) % 10**9}"


@pytest.fixture(params=KINDS)
def front(request: pytest.FixtureRequest, stack: Any, tmp_path: Path) -> Iterator[Asked]:
    with asked(stack, request.param, _name(request), tmp_path) as made:
        yield made


@pytest.fixture
def postgres(request: pytest.FixtureRequest, stack: Any, tmp_path: Path) -> Iterator[Asked]:
    with asked(stack, "postgres", _name(request), tmp_path, ("permit", "other")) as made:
        yield made
