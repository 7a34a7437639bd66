"""Configurations from sources, and what differs from the live ones."""

import json
import re
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from connectors import commands, config, limits, prepare
from connectors.connect import Status
from connectors.fault import Fault
from connectors.plan import Change, numbered, plan, settled
from schemas import catalog, sources
from schemas.sources import Source

CATALOG = catalog.load(catalog.DIRECTORY)
PLACE = config.Place("b:9092", {"H": "10.1.2.3", "NEAR": "127.0.0.1"})


def _source(kind: str, name: str = "t_src") -> Source:
    table = {"item": "xzxk", "columns": {"XK_WSH": "no"}}
    database = {"kind": kind, "host": "${env:H}", "port": 5432, "name": "dep", "user": "guiji", "password": "${env:P}"}
    return sources.read({"source": name, "department": "zjj", "database": database, "tables": {"public.permit" if kind == "postgres" else "permit": table}}, CATALOG)


def test_postgres_never_guesses_never_skips_and_keeps_values_as_text():
    found = config.config(_source("postgres"), PLACE)
    assert {
        "slot.name": "guiji_t_src",
        "publication.name": "guiji_t_src",
        "publication.autocreate.mode": "disabled",
        "offset.mismatch.strategy": "trust_offset",
        "errors.max.retries": "0",
        "decimal.handling.mode": "string",
        "time.precision.mode": "isostring",
        "event.converting.failure.handling.mode": "fail",
        "skipped.operations": "none",
        "tombstones.on.delete": "false",
        "exactly.once.support": "required",
        "table.include.list": r"public\.permit",
        "database.password": "${env:P}",
    }.items() <= found.items()


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
def test_binlog_connectors_have_a_history_and_a_number_of_their_own(kind: str):
    one, two = config.config(_source(kind), PLACE), config.config(_source(kind, "u_src"), PLACE)
    assert one["schema.history.internal.kafka.topic"] == "schemahistory.t_src"
    assert one["database.server.id"] != two["database.server.id"]
    assert one["table.include.list"] == r"dep\.permit"
    assert [topic.retention_ms for topic in config.own_topics(_source(kind)) if topic.name.startswith("schemahistory")] == [-1]


@pytest.mark.parametrize(("kind", "routed"), [("postgres", "t_src.public.permit"), ("mariadb", "t_src.dep.permit")])
def test_events_go_to_the_topic_that_map_reads(kind: str, routed: str):
    source = _source(kind)
    found = config.config(source, PLACE)
    match = re.fullmatch(found["transforms.route.regex"], routed)
    assert match is not None
    assert match.expand(found["transforms.route.replacement"].replace("$1", r"\1")) == source.tables[next(iter(source.tables))].topic
    assert not re.fullmatch(found["transforms.route.regex"], config.heartbeat_topic(source))


def test_sql_server_and_oracle_are_made_by_the_manuals_and_their_events_go_to_the_topic_that_map_reads():
    microsoft, oracle = (config.config(_source(kind), PLACE) for kind in ("sqlserver", "oracle"))
    assert (microsoft["database.names"], microsoft["table.include.list"], microsoft["snapshot.isolation.mode"]) == ("dep", r"dbo\.permit", "snapshot")
    assert re.fullmatch(microsoft["transforms.route.regex"], "t_src.dep.dbo.permit").expand(r"\1") == "permit"
    assert (oracle["database.dbname"], oracle["table.include.list"], oracle["log.mining.strategy"]) == ("dep", r"guiji\.permit", "online_catalog")
    assert "database.pdb.name" not in oracle
    pluggable = _source("oracle")
    pluggable = config.config(replace(pluggable, database=replace(pluggable.database, name="CDB/PDB1")), PLACE)
    assert (pluggable["database.dbname"], pluggable["database.pdb.name"]) == ("CDB", "PDB1")
    for made in (microsoft, oracle):
        assert made["schema.history.internal.kafka.topic"] == "schemahistory.t_src"
        assert "database.server.id" not in made
        assert "ssl.mode" not in " ".join(made)


@pytest.mark.parametrize(("kind", "words"), [("sqlserver", "sp_cdc_enable_table"), ("oracle", "SUPPLEMENTAL LOG DATA (ALL) COLUMNS")])
def test_a_script_that_never_ran_says_so(kind: str, words: str):
    script = prepare.script(_source(kind))
    assert "not run" in script
    assert words in script
    assert prepare.HIDDEN in script
    assert prepare.undo(_source(kind))
    (note,) = limits.notes(_source(kind))
    assert "not run" in note[1]


def test_the_heartbeat_is_the_source_files():
    assert config.config(_source("postgres"), PLACE)["heartbeat.interval.ms"] == "10000"
    assert config.config(replace(_source("postgres"), heartbeat=60), PLACE)["heartbeat.interval.ms"] == "60000"


def test_what_nothing_does_yet_is_told_of_every_source_that_says_it():
    source = _source("postgres")
    assert list(limits.notes(source)) == []
    (name, table), *_ = source.tables.items()
    kept = replace(source, tables={name: replace(table, reload=sources.Reload(), delete="housekeeping")})
    assert [place for place, _ in limits.notes(kept)] == [f"t_src {name}"]
    assert commands.tapped({"a": source, "b": replace(source, capture="poll")}) == {"a": source}


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_database_that_is_only_asked_gives_only_reading(kind: str):
    statements = " ".join(prepare.statements(replace(_source(kind), capture="poll"), "x"))
    assert "SELECT" in statements
    assert not re.search("REPLICA|PUBLICATION|RELOAD|LOCK", statements)


def test_two_hundred_tables_in_fifty_sources_are_read_checked_and_planned(tmp_path):
    required = {field.name: field.example or "x" for field in CATALOG["xzxk"].fields if field.required}
    table = {"item": "xzxk", "columns": {name: name.lower() for name in required}, "constants": {}, "filter": {"column": "zt", "in": ["1"]}}
    for number in range(50):
        database = {"kind": ("postgres", "mariadb", "mysql", "sqlserver", "oracle")[number % 5], "host": "h", "port": 1, "name": "d", "user": "u", "password": "${env:P}"}
        spec = {"source": f"s{number:02d}", "department": "zjj", "database": database, "tables": {f"t{n}": table for n in range(4)}}
        (tmp_path / f"s{number:02d}.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    found = sources.load(tmp_path, CATALOG)
    assert sum(len(source.tables) for source in found.values()) == 200
    live = {name: config.config(source, PLACE) for name, source in found.items()}
    assert [change.kind for change in plan(found, {}, PLACE)] == ["created"] * 50
    assert [change.kind for change in plan(found, live, PLACE)] == ["same"] * 50
    topics = [topic.name for source in found.values() for topic in config.event_topics(source)]
    assert len(set(topics)) == 200
    drifted = live | {"s07": live["s07"] | {"snapshot.mode": "never"}}
    assert [change.name for change in plan(found, drifted, PLACE) if change.kind != "same"] == ["s07"]


def test_a_plan_tells_what_is_new_changed_drifted_removed_and_leaves_strangers_alone():
    source = _source("postgres")
    wanted = config.config(source, PLACE)
    older = {name: value for name, value in wanted.items() if name != config.MARK} | {"heartbeat.interval.ms": "1"}
    older[config.MARK] = config.digest(older)
    assert plan({"t_src": source}, {}, PLACE) == [Change("t_src", "created")]
    assert plan({"t_src": source}, {"t_src": wanted | {"name": "t_src"}}, PLACE) == [Change("t_src", "same")]
    assert plan({"t_src": source}, {"t_src": older}, PLACE) == [Change("t_src", "changed", ("heartbeat.interval.ms",))]
    assert plan({"t_src": source}, {"t_src": wanted | {"snapshot.mode": "never"}}, PLACE) == [Change("t_src", "drifted", ("snapshot.mode",))]
    assert plan({}, {"t_src": wanted, "stranger": {"a": "b"}}, PLACE) == [Change("t_src", "removed")]


def test_both_forms_count_as_the_same_and_the_first_one_sends_no_notifications():
    source = _source("postgres")
    first = config.config(source, PLACE, first=True)
    assert config.NOTES not in first
    assert plan({"t_src": source}, {"t_src": first}, PLACE) == [Change("t_src", "same")]
    assert plan({"t_src": source}, {"t_src": first | {"table.include.list": "x"}}, PLACE) == [Change("t_src", "drifted", ("table.include.list",))]


@pytest.mark.parametrize(
    ("offset", "complete"),
    [
        (None, False),
        ({}, False),
        ({"lsn": 5, "snapshot": "INITIAL", "snapshot_completed": False}, False),
        ({"lsn": 5, "snapshot": "INITIAL", "snapshot_completed": True}, True),
        ({"file": "bin.1", "pos": 4, "snapshot": "INITIAL"}, False),
        ({"file": "bin.1", "pos": 4}, True),
    ],
)
def test_a_first_snapshot_is_complete_when_the_place_says_so(offset: dict[str, object] | None, complete: bool):
    assert settled([{"partition": {}, "offset": offset}]) == complete
    assert not settled([])


def test_a_transactions_number_is_waited_for_on_postgres_alone():
    stands = [{"partition": {}, "offset": {"lsn": 5, "txId": 7}}]
    assert numbered(_source("postgres"), stands)
    assert not numbered(_source("postgres"), [{"partition": {}, "offset": {"lsn": 5}}])
    assert numbered(_source("mariadb"), [])


def test_the_owner_grants_reading_only_and_full_before_images():
    statements = prepare.statements(_source("postgres"), "it's")
    assert 'ALTER TABLE "public"."permit" REPLICA IDENTITY FULL' in statements
    assert any("PASSWORD 'it''s'" in statement for statement in statements)
    granted = " ".join(statement for statement in statements if statement.startswith("GRANT"))
    assert not re.search("INSERT|UPDATE|DELETE|ALL|CREATE|SUPERUSER", granted)
    assert "it's" not in prepare.script(_source("mariadb"))


@pytest.mark.parametrize(("kind", "written"), [("postgres", "a\\b''c"), ("mariadb", "a\\\\b''c"), ("sqlserver", "a\\b''c")])
def test_a_password_is_written_as_the_database_reads_it(kind: str, written: str):
    assert any(f"'{written}'" in statement for statement in prepare.statements(_source(kind), "a\\b'c"))


def test_a_failure_names_its_cause():
    trace = "org.apache.kafka.connect.errors.ConnectException: outer\n\tat x\nCaused by: java.lang.A: middle\n\tat y\nCaused by: java.lang.B: slot is gone\n"
    failed = Status("a", "RUNNING", ("FAILED",), trace)
    assert failed.failed
    assert not failed.running
    assert failed.reason == "java.lang.B: slot is gone"
    assert json.dumps(Status("b", "absent").reason) == '""'


@pytest.mark.parametrize(("host", "mode"), [("127.0.0.1", "disable"), ("localhost", "disable"), ("${env:NEAR}", "disable"), ("${env:H}", "trust"), ("${env:NOBODY}", "trust"), ("10.1.2.3", "trust")])
def test_what_leaves_this_machine_is_encrypted(host: str, mode: str):
    source = _source("mariadb")
    found = config.config(replace(source, database=replace(source.database, host=host)), PLACE)
    assert found["database.ssl.mode"] == mode
    assert found["database.hostname"] == host


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{1,10}", fullmatch=True), st.sampled_from(["postgres", "mariadb"]), max_size=6))
def test_what_was_applied_is_the_same_the_next_time_and_holds_no_password(kinds: dict[str, str]):
    declared = {name: _source(kind, name) for name, kind in kinds.items()}
    live = {name: config.config(source, PLACE) | {"name": name} for name, source in declared.items()}
    assert plan(declared, live, PLACE) == [Change(name, "same") for name in sorted(declared)]
    assert all(found["database.password"] == "${env:P}" for found in live.values())
    own = [[*config.own_topics(source), *config.event_topics(source)] for source in declared.values()]
    names = [topic.name for topics in own for topic in topics]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("problem", "remedy"),
    [
        ("FATAL: password authentication failed for user", "secrets.env"),
        ("Access denied for user 'guiji'@'10.0.0.1'", "guiji connectors prepare"),
        ("ERROR: permission denied for table permit", "guiji connectors prepare"),
        ("Publication autocreation is disabled, please create one", "guiji connectors prepare"),
        ("stream starting at X, but this is no longer available on the server. Reconfigure", "snapshot anew"),
        ("The db history topic is missing.", "snapshot anew"),
        ("the server has thrown away bin.000001, which was not read to its end", "guiji connectors snapshot zjj_pg"),
        ("ERROR: replication slot \"guiji_zjj_pg\" is active for PID 7", "ends by itself"),
        ("replication slot \"guiji_zjj_pg\" does not exist", "guiji connectors snapshot zjj_pg"),
        ("was paused or stopped by hand", "guiji connectors resume zjj_pg"),
        ("something new", "guiji connectors apply"),
    ],
)
def test_a_fault_says_what_to_do(problem: str, remedy: str):
    said = str(Fault("zjj_pg", problem + "…" * 2000, "first\n\tat line\n" * 50))
    assert said.startswith("zjj_pg: ")
    assert remedy in said
    assert len(said) < 2500
