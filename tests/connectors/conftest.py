"""Both kinds of database with one table of a department's, made ready by its owner, beside a real Connect."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pymysql
import pytest

from connectors import config, plan, prepare, report
from connectors.connect import Connect
from connectors.life import start
from infra import kafka
from infra import stack as local
from infra.settings import Settings
from schemas import catalog, codec, sources
from schemas.registry import Registry
from tests.waiting import eventually

CATALOG = catalog.load()
PASSWORDS = {"CONNECTORS_PASSWORD": "right-word-2", "CONNECTORS_WRONG": "wrong-word-3"}
TABLE = {"postgres": "public.permit", "mariadb": "permit"}
COLUMNS = "no varchar(100), name varchar(100), content text, day date, fee numeric(18,2)"
DDL = {
    "postgres": f"CREATE TABLE permit (id bigint PRIMARY KEY, {COLUMNS}, seen timestamp, said timestamptz)",
    "mariadb": f"CREATE TABLE permit (id bigint PRIMARY KEY, {COLUMNS}, seen datetime(6), said timestamp(3) NULL) CHARACTER SET gbk",
}


@dataclass
class Tapped:
    """A department's database with one table, made ready by its owner; not tapped yet."""

    settings: Settings
    source: sources.Source
    run: Callable[..., Any]
    connect: Connect
    registry: Registry

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def topic(self) -> str:
        return f"cdc.{self.name}.permit"

    @property
    def kind(self) -> str:
        return self.source.database.kind

    def with_table(self, name: str) -> sources.Source:
        """The source with one more table of the same columns, which its owner made; see `owner_adds`."""
        (first,) = self.source.tables.values()
        full = f"public.{name}" if self.kind == "postgres" else name
        return replace(self.source, tables={**self.source.tables, full: replace(first, name=full)})

    def make(self, name: str, rows: int = 0) -> None:
        """One more table in the database, with so many rows."""
        self.run(DDL[self.kind].replace("permit", name))
        numbers = f"SELECT n FROM generate_series(1, {rows}) n" if self.kind == "postgres" else f"SELECT seq AS n FROM seq_1_to_{rows}"
        if rows:
            self.run(f"INSERT INTO {name} (id, no) SELECT n, 'x' FROM ({numbers}) s")

    def ids(self, table: str = "permit", operation: str = "") -> list[int]:
        """The ids in a table's topic, in order, deletes apart; with ``operation``, of those events."""
        values = [message.value() for message in kafka.read_to_end(self.settings, f"cdc.{self.name}.{table}")]
        events = codec.decode(values, self.registry.schema).records
        return [event["after"]["id"] for event in events if event["after"] and operation in ("", event["op"])]

    def report(self, source: sources.Source | None = None) -> report.Report:
        (found,) = report.reports(self.settings, {self.name: source or self.source})
        return found

    def guards(self) -> list[str]:
        """What is not well, by the guard that found it."""
        return [finding.guard for finding in self.report().findings]

    def stop(self) -> None:
        self.connect.stop(self.name)
        eventually(lambda: self.connect.status(self.name).state == "STOPPED" and not self.connect.status(self.name).tasks)

    def apply(self) -> list[str]:
        return [change.kind for change in plan.apply(self.settings, {self.name: self.source}) if change.name == self.name]

    def plan(self) -> list[str]:
        found = plan.plan({self.name: self.source}, self.connect.configs(), plan.place(self.settings))
        return [str(change) for change in found if change.name == self.name]

    def messages(self, count: int = 0) -> list[Any]:
        return eventually(lambda: len(found := list(kafka.read_to_end(self.settings, self.topic))) >= count and (found or [None]))

    def events(self, count: int) -> list[dict[str, Any]]:
        return codec.decode([message.value() for message in self.messages(count)], self.registry.schema).records


def _administrator(stack, kind: str, database: str | None) -> Any:
    if kind == "postgres":
        word = stack.password("GUIJI_POSTGRES_PASSWORD")
        return psycopg.connect(host="127.0.0.1", port=stack.port("postgres"), user="postgres", password=word, dbname=database or "postgres", autocommit=True)
    word = stack.password("GUIJI_MARIADB_PASSWORD")
    return pymysql.connect(host="127.0.0.1", port=stack.port("mariadb"), user="root", password=word, database=database, autocommit=True)


def _declared(kind: str, name: str, port: int) -> sources.Source:
    columns = {"XK_WSH": "no", "XK_XMMC": "name", "XK_NR": "content", "XK_JDRQ": "day"}
    table = {"item": "xzxk", "columns": columns, "constants": {"XK_XDR": "甲", "DFBM": "370100"}}
    database = {"kind": kind, "host": "127.0.0.1", "port": port, "name": name, "user": f"u_{name}", "password": "${env:CONNECTORS_PASSWORD}"}
    return sources.read({"source": name, "department": "zjj", "database": database, "heartbeat": "1s", "tables": {TABLE[kind]: table}}, CATALOG)


@pytest.fixture(scope="module")
def settings(stack) -> Settings:
    """Connect with the passwords in its environment; it starts again where it ran without them."""
    stack.need("kafka")
    file = stack.settings.secrets_file
    known = file.read_text() if file.exists() else ""
    with file.open("a") as handle:
        handle.writelines(f"{name}={value}\n" for name, value in PASSWORDS.items() if f"{name}=" not in known)
    local.up(stack.settings, ("connect",), report=lambda _line: None)
    return stack.settings


def _tapped(stack, settings: Settings, kind: str, name: str) -> Iterator[Tapped]:
    stack.need(kind)
    administrator = _administrator(stack, kind, None)
    administrator.cursor().execute(f"CREATE DATABASE {name}")
    owner = _administrator(stack, kind, name)
    source = _declared(kind, name, stack.port(kind))

    def run(*statements: str) -> Any:
        with owner.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    run(DDL[kind], *prepare.statements(source, PASSWORDS["CONNECTORS_PASSWORD"]))
    with Connect(settings.connect) as connect, Registry(settings.registry) as registry:
        yield Tapped(settings, source, run, connect, registry)
        if connect.status(name).state != "absent":
            start.patient(lambda: connect.delete(name))
        if kind == "postgres":
            eventually(lambda: not run(f"SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '{config.slot(source)}'"))
        run(*prepare.undo(source))
    owner.close()
    administrator.close()


@pytest.fixture(params=["postgres", "mariadb"])
def tapped(stack, settings, request) -> Iterator[Tapped]:
    yield from _tapped(stack, settings, request.param, f"c{abs(hash(request.node.name)) % 10**9}")


@pytest.fixture
def mariadb(stack, settings, request) -> Iterator[Tapped]:
    yield from _tapped(stack, settings, "mariadb", f"c{abs(hash(request.node.name)) % 10**9}")


@pytest.fixture
def postgres(stack, settings, request) -> Iterator[Tapped]:
    yield from _tapped(stack, settings, "postgres", f"c{abs(hash(request.node.name)) % 10**9}")


def insert(number: int, table: str = "permit") -> str:
    """A row of a table, as a statement."""
    return f"INSERT INTO {table} VALUES ({number}, '济建许〔2017〕{number}号', '项目', NULL, '2017-01-02', 12.30, '2017-02-03 04:05:06.123456', '2017-02-03 04:05:06.5')"
