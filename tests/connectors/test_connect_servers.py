"""Both databases, tapped by a real Connect: what arrives, in which form; what is found out, explained and mended."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import psycopg
import pymysql
import pytest

from connectors import config, plan, prepare
from connectors.connect import Connect, ConnectFault
from infra import kafka
from infra import stack as local
from infra.settings import Settings
from schemas import catalog, codec, sources
from schemas.registry import Registry
from schemas.topics import THIRTY_DAYS

pytestmark = pytest.mark.servers
CATALOG = catalog.load()
PASSWORDS = {"CONNECTORS_PASSWORD": "right-word-2", "CONNECTORS_WRONG": "wrong-word-3"}
TABLE = {"postgres": "public.permit", "mariadb": "permit"}
COLUMNS = "no varchar(100), name varchar(100), content text, day date, fee numeric(18,2)"
DDL = {
    "postgres": f"CREATE TABLE permit (id bigint PRIMARY KEY, {COLUMNS}, seen timestamp, said timestamptz)",
    "mariadb": f"CREATE TABLE permit (id bigint PRIMARY KEY, {COLUMNS}, seen datetime(6), said timestamp(3) NULL) CHARACTER SET gbk",
}


def until(holds: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true answer; fails with the last."""
    deadline = time.monotonic() + seconds
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"waited {seconds} s, the last answer was {answer!r}"
        time.sleep(0.2)
    return answer


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

    def apply(self) -> list[str]:
        return [change.kind for change in plan.apply(self.settings, {self.name: self.source}) if change.name == self.name]

    def plan(self) -> list[str]:
        found = plan.plan({self.name: self.source}, self.connect.configs(), plan.place(self.settings))
        return [str(change) for change in found if change.name == self.name]

    def messages(self, count: int = 0) -> list[Any]:
        return until(lambda: len(found := list(kafka.read_to_end(self.settings, self.topic))) >= count and (found or [None]))

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
    return sources.read({"source": name, "department": "zjj", "database": database, "tables": {TABLE[kind]: table}}, CATALOG)


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
            plan.patient(lambda: connect.delete(name))
        if kind == "postgres":
            until(lambda: not run(f"SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '{config.slot(source)}'"))
        run(*prepare.undo(source))
    owner.close()
    administrator.close()


@pytest.fixture(params=["postgres", "mariadb"])
def tapped(stack, settings, request) -> Iterator[Tapped]:
    yield from _tapped(stack, settings, request.param, f"c{abs(hash(request.node.name)) % 10**9}")


@pytest.fixture
def postgres(stack, settings, request) -> Iterator[Tapped]:
    yield from _tapped(stack, settings, "postgres", f"c{abs(hash(request.node.name)) % 10**9}")


def _row(number: int) -> str:
    return f"INSERT INTO permit VALUES ({number}, '济建许〔2017〕{number}号', '项目', NULL, '2017-01-02', 12.30, '2017-02-03 04:05:06.123456', '2017-02-03 04:05:06.5')"


def _kinds(schema: dict[str, Any]) -> dict[str, str]:
    """Columns with the name of their Connect type, else of their Avro type."""
    (before,) = (field["type"][1] for field in schema["fields"] if field["name"] == "before")
    types = {field["name"]: field["type"][1] if isinstance(field["type"], list) else field["type"] for field in before["fields"]}
    return {name: kind.get("connect.name") or kind["type"] if isinstance(kind, dict) else kind for name, kind in types.items()}


def test_rows_and_changes_arrive_whole_in_order_and_in_one_form(tapped: Tapped) -> None:
    tapped.run(_row(1), _row(2))
    assert tapped.apply() == ["created"]
    tapped.events(2)
    tapped.run(_row(3), "UPDATE permit SET name = '改' WHERE id = 1", "DELETE FROM permit WHERE id = 2")
    messages, events = tapped.messages(5), tapped.events(5)
    assert [event["op"] for event in events] == ["r", "r", "c", "u", "d"]
    assert [(event["before"] or {}).get("name") for event in events] == [None, None, None, "项目", "项目"]
    assert [(event["after"] or {}).get("name") for event in events] == ["项目", "项目", "项目", "改", None]
    assert events[3]["before"] | {"name": "改"} == events[3]["after"], "both images are whole"
    assert events[0]["after"] == {
        "id": 1, "no": "济建许〔2017〕1号", "name": "项目", "content": None, "day": "2017-01-02Z", "fee": "12.30",
        "seen": "2017-02-03T04:05:06.123456Z", "said": "2017-02-02T20:05:06.500000Z" if tapped.source.database.kind == "postgres" else "2017-02-02T20:05:06.5Z",
    }  # fmt: skip
    # MariaDB's times lose ending zeros in a snapshot and keep them in the stream: who compares them must read them as times.
    assert events[2]["after"]["said"] == ("2017-02-02T20:05:06.500000Z" if tapped.source.database.kind == "postgres" else "2017-02-02T20:05:06.500Z")
    assert [event["source"]["snapshot"] for event in events[2:]] == ["false"] * 3
    assert all(event["source"]["snapshot"] != "false" for event in events[:2])
    # Confluent's form: byte 0, four bytes of the id; keys, too. No tombstone after the delete.
    assert {message.value()[0] for message in messages} == {message.key()[0] for message in messages} == {0}
    keys = codec.decode([message.key() for message in messages], tapped.registry.schema).records
    assert [key["id"] for key in keys] == [1, 2, 3, 1, 2]
    kinds = _kinds(tapped.registry.schema(codec.schema_id(messages[0].value())))
    time_ = "io.debezium.time."
    assert kinds == {
        "id": "long", "no": "string", "name": "string", "content": "string", "fee": "string",
        "day": f"{time_}IsoDate", "seen": f"{time_}IsoTimestamp", "said": f"{time_}ZonedTimestamp",
    }  # fmt: skip


def test_a_change_has_its_place_in_the_databases_own_order(tapped: Tapped) -> None:
    tapped.apply()
    tapped.run(_row(1))
    tapped.events(1)  # whatever the snapshot reads is over: rows of a snapshot all have its place
    tapped.run(*(_row(number) for number in range(2, 6)))
    blocks = [event["source"] for event in tapped.events(5)]
    assert all(block["snapshot"] == "false" for block in blocks[1:])
    if tapped.source.database.kind == "postgres":
        places = [tuple(int(part) for part in json.loads(block["sequence"])) for block in blocks[1:]]
    else:
        places = [(block["file"], block["pos"], block["row"]) for block in blocks]
    assert places == sorted(set(places))
    assert all(block["name"] == tapped.name and block["ts_ms"] for block in blocks)


def test_topics_have_one_partition_and_any_schema_is_let_in(tapped: Tapped) -> None:
    tapped.apply()
    assert kafka.compare(tapped.settings, [*config.event_topics(tapped.source), *config.own_topics(tapped.source)]) == []
    assert config.event_topics(tapped.source)[0].retention_ms == THIRTY_DAYS
    assert {tapped.registry.compatibility(f"{tapped.topic}-{side}") for side in ("key", "value")} == {"NONE"}
    tapped.run(_row(1))
    tapped.events(1)
    tapped.run("ALTER TABLE permit ADD COLUMN must varchar(10) NOT NULL DEFAULT 'x'", "UPDATE permit SET must = 'y'")
    assert tapped.events(2)[-1]["after"]["must"] == "y"
    assert tapped.connect.status(tapped.name).running
    until(lambda: list(kafka.read_to_end(tapped.settings, config.heartbeat_topic(tapped.source))))
    if tapped.source.database.kind == "mariadb":
        assert list(kafka.read_to_end(tapped.settings, config.history_topic(tapped.source)))


def test_apply_again_changes_nothing_and_a_change_by_hand_is_seen_and_undone(tapped: Tapped) -> None:
    assert tapped.plan() == [f"{tapped.name}: created"]
    assert tapped.apply() == ["created"]
    given = tapped.connect.configs()[tapped.name]
    assert (tapped.apply(), tapped.plan()) == (["same"], [f"{tapped.name}: same"])
    assert tapped.connect.configs()[tapped.name] == given
    plan.patient(lambda: tapped.connect.put(tapped.name, given | {"snapshot.mode": "no_data"}))
    assert tapped.plan() == [f"{tapped.name}: drifted (snapshot.mode)"]
    assert tapped.apply() == ["drifted"]
    assert tapped.connect.configs()[tapped.name] == given
    tapped.run(_row(1))
    assert tapped.events(1)[0]["after"]["id"] == 1
    answer = httpx.get(f"{tapped.settings.connect}/connectors?expand=info&expand=status", timeout=10).text
    assert "${env:CONNECTORS_PASSWORD}" in answer
    assert not [word for word in PASSWORDS.values() if word in answer]


def test_a_wrong_password_is_explained_and_holds_no_other_source(tapped: Tapped) -> None:
    name = f"a{tapped.name}"
    database = replace(tapped.source.database, password="${env:CONNECTORS_WRONG}")
    wrong = replace(tapped.source, name=name, database=database, tables={key: replace(table, source=name) for key, table in tapped.source.tables.items()})
    with pytest.raises(ConnectFault) as caught:
        plan.apply(tapped.settings, {name: wrong, tapped.name: tapped.source})
    said = str(caught.value)
    assert said.startswith(f"{name}: ")
    assert "authentication failed" in said or "Access denied" in said
    assert "secrets.env" in said
    assert f"\n{tapped.name}: " not in said
    assert not [word for word in PASSWORDS.values() if word in said]
    assert tapped.connect.status(name).state == "absent"
    assert tapped.connect.status(tapped.name).running


def test_a_change_that_is_refused_is_explained_and_a_paused_connector_is_not_started(postgres: Tapped) -> None:
    user = postgres.source.database.user
    postgres.apply()
    older = postgres.connect.configs()[postgres.name] | {"heartbeat.interval.ms": "5000"}
    older[config.MARK] = config.digest(older)
    plan.patient(lambda: postgres.connect.put(postgres.name, older))
    until(lambda: postgres.connect.status(postgres.name).running)
    assert postgres.plan() == [f"{postgres.name}: changed (heartbeat.interval.ms)"]
    postgres.run(f"ALTER ROLE {user} NOLOGIN")
    with pytest.raises(ConnectFault, match="not permitted to log in"):
        postgres.apply()
    assert postgres.plan() == [f"{postgres.name}: changed (heartbeat.interval.ms)"]
    postgres.run(f"ALTER ROLE {user} LOGIN", _row(1))
    assert postgres.apply() == ["changed"]
    assert postgres.events(1)[0]["after"]["id"] == 1
    postgres.connect.pause(postgres.name)
    until(lambda: postgres.connect.status(postgres.name).halted)
    with pytest.raises(ConnectFault, match="by hand"):
        postgres.apply()
    assert postgres.connect.status(postgres.name).state == "PAUSED"
    plan.resume(postgres.connect, postgres.name)
    assert postgres.apply() == ["same"]


def test_a_missing_publication_is_explained_and_mended_by_what_the_owner_runs(postgres: Tapped) -> None:
    postgres.run(f'DROP PUBLICATION "{config.slot(postgres.source)}"', _row(1))
    with pytest.raises(ConnectFault, match=r"(?is)publication.*guiji connectors prepare"):
        postgres.apply()
    postgres.run(prepare.statements(postgres.source, "-")[-1])
    assert postgres.apply() == ["same"]
    assert postgres.events(1)[0]["after"]["id"] == 1


def test_a_lost_slot_stops_with_the_remedy_and_a_snapshot_anew_mends_it(postgres: Tapped) -> None:
    postgres.run(_row(1))
    postgres.apply()
    postgres.run(_row(2))
    postgres.events(2)
    postgres.connect.stop(postgres.name)
    slot = config.slot(postgres.source)
    until(lambda: not postgres.run(f"SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '{slot}'"))
    postgres.run(f"SELECT pg_drop_replication_slot('{slot}')", _row(3))
    plan.resume(postgres.connect, postgres.name)
    with pytest.raises(ConnectFault, match=r"(?s)no longer available.*snapshot anew"):
        postgres.apply()
    assert len(postgres.messages()) == 2, "nothing goes on over a gap"
    plan.renew(postgres.settings, postgres.source)
    assert [event["after"]["id"] for event in postgres.events(5)[2:]] == [1, 2, 3]
    assert postgres.apply() == ["same"]


def test_an_idle_database_lets_the_servers_log_go(postgres: Tapped) -> None:
    postgres.apply()

    def behind() -> int:
        ((distance,),) = postgres.run(f"SELECT pg_wal_lsn_diff('{mark}', confirmed_flush_lsn)::bigint FROM pg_replication_slots WHERE slot_name = '{config.slot(postgres.source)}'")
        return distance

    postgres.run("CREATE TABLE other AS SELECT n, repeat('x', 500) FROM generate_series(1, 2000) n")
    ((mark,),) = postgres.run("SELECT pg_current_wal_lsn()")
    assert behind() > 1_000_000
    until(lambda: behind() <= 0)


def test_connectors_without_a_source_go_only_when_asked(postgres: Tapped) -> None:
    postgres.apply()
    others = {name: None for name in postgres.connect.configs() if name != postgres.name}
    assert others == {}, "each test takes its connector away"
    assert [str(change) for change in plan.apply(postgres.settings, {})] == [f"{postgres.name}: removed"]
    assert postgres.connect.status(postgres.name).running
    plan.apply(postgres.settings, {}, remove=True)
    until(lambda: postgres.connect.status(postgres.name).state == "absent")
