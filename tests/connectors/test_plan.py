"""Configurations from sources, and what differs from the live ones."""

import json
import re

import pytest

from connectors import config, prepare
from connectors.connect import Status
from connectors.plan import Change, plan
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


def test_the_owner_grants_reading_only_and_full_before_images():
    statements = prepare.statements(_source("postgres"), "it's")
    assert 'ALTER TABLE "public"."permit" REPLICA IDENTITY FULL' in statements
    assert any("PASSWORD 'it''s'" in statement for statement in statements)
    granted = " ".join(statement for statement in statements if statement.startswith("GRANT"))
    assert not re.search("INSERT|UPDATE|DELETE|ALL|CREATE|SUPERUSER", granted)
    assert "it's" not in prepare.script(_source("mariadb"))


def test_a_failure_names_its_cause():
    trace = "org.apache.kafka.connect.errors.ConnectException: outer\n\tat x\nCaused by: java.lang.A: middle\n\tat y\nCaused by: java.lang.B: slot is gone\n"
    failed = Status("a", "RUNNING", ("FAILED",), trace)
    assert failed.failed
    assert not failed.running
    assert failed.reason == "java.lang.B: slot is gone"
    assert json.dumps(Status("b", "absent").reason) == '""'
