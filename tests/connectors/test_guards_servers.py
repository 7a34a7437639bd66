"""Cases 15 and 16 on real databases: whatever is lost ends in a stated failure or an alarm, never in a silent gap, and a snapshot anew makes table and topic equal."""

import json
import os
import subprocess
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from connectors import commands, config, plan, prepare
from connectors.connect import ConnectFault
from infra import kafka
from infra.database_servers import postgres_binaries
from tests.connectors.conftest import PASSWORDS, Tapped, insert
from tests.waiting import eventually

pytestmark = pytest.mark.servers


def equal(tapped: Tapped) -> None:
    """What stands after the last snapshot is the table, row by row."""

    def rest() -> list[tuple[int, str]]:
        return sorted((event["after"]["id"], event["after"]["name"]) for event in {event["after"]["id"]: event for event in tapped.events(1)}.values())

    wanted = sorted((int(number), str(name)) for number, name in tapped.run("SELECT id, name FROM permit"))
    eventually(lambda: rest() == wanted, told=rest)


def started(tapped: Tapped) -> None:
    tapped.run(insert(1), insert(2))
    tapped.apply()
    tapped.events(2)
    tapped.run("UPDATE permit SET name = 'first' WHERE id = 1")
    tapped.events(3)
    eventually(lambda: tapped.report().well, told=lambda: tapped.report())


def test_case_15_a_slot_overtaken_while_stopped_is_an_alarm_a_refusal_and_mended_by_a_snapshot(postgres: Tapped) -> None:
    started(postgres)
    postgres.stop()
    slot = config.slot(postgres.source)
    eventually(lambda: not postgres.run(f"SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '{slot}'"))
    postgres.run(insert(3), "UPDATE permit SET name = 'in the gap' WHERE id = 2")
    postgres.run("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()")
    try:
        for _ in range(3):
            postgres.run("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000))", "SELECT pg_switch_wal()")
        postgres.run("CHECKPOINT")
        assert postgres.run(f"SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{slot}'") == [("lost",)]
        assert "slot" in postgres.guards()
        with pytest.raises(ConnectFault, match=rf"(?s)thrown away log.*guiji connectors snapshot {postgres.name}"):
            postgres.apply()
        postgres.connect.resume(postgres.name)
        # Debezium asks for such a slot 900 times, for half an hour; Connect says RUNNING all the while.
        eventually(lambda: postgres.connect.status(postgres.name).state == "RUNNING")
        with pytest.raises(ConnectFault, match="thrown away log"):
            postgres.apply()
        assert "slot" in postgres.guards()
        assert postgres.ids() == [1, 2, 1], "nothing goes on over the gap"
        plan.renew(postgres.settings, postgres.source)
        equal(postgres)
        eventually(lambda: postgres.report().well, told=lambda: postgres.report())
    finally:
        postgres.run("ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()")


def test_case_15_a_publication_dropped_and_made_again_is_an_alarm_until_a_snapshot(postgres: Tapped) -> None:
    started(postgres)
    postgres.run(f'ALTER PUBLICATION "{config.slot(postgres.source)}" DROP TABLE permit', insert(3))
    assert postgres.guards() == ["publication"]
    with pytest.raises(ConnectFault, match="ADD TABLE"):
        postgres.apply()
    postgres.run(f'DROP PUBLICATION "{config.slot(postgres.source)}"', "UPDATE permit SET name = 'in the gap' WHERE id = 2")
    postgres.run(prepare.statements(postgres.source, PASSWORDS["CONNECTORS_PASSWORD"])[-1])
    assert postgres.guards() == ["publication"], "the gap is closed, and known"
    plan.renew(postgres.settings, postgres.source)
    equal(postgres)
    assert "publication" not in postgres.guards()
    postgres.run("ALTER TABLE permit REPLICA IDENTITY DEFAULT")
    assert "identity" in postgres.guards()


@pytest.mark.alone
def test_case_16_an_idle_database_beside_a_busy_one_keeps_the_log_flat(postgres: Tapped) -> None:
    postgres.apply()
    postgres.run("CREATE DATABASE busy")
    try:
        bench(postgres, "-i", "-q", "-s", "5")
        kept = []
        for _ in range(3):
            bench(postgres, "-c", "4", "-t", "500", "-N")
            ((mark,),) = postgres.run("SELECT pg_current_wal_lsn()")
            eventually(lambda mark=mark: postgres.run(f"SELECT confirmed_flush_lsn >= '{mark}'::pg_lsn FROM pg_replication_slots WHERE slot_name = '{config.slot(postgres.source)}'") == [(True,)])
            kept.append(postgres.report().behind)
        assert max(kept) < 32 << 20, "what is kept does not add up"
        assert eventually(lambda: postgres.report().feed) == "idle"
    finally:
        postgres.run("DROP DATABASE busy WITH (FORCE)")


def bench(postgres: Tapped, *arguments: str) -> None:
    word = postgres.settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
    command = [str(postgres_binaries() / "pgbench"), "-h", "127.0.0.1", "-p", postgres.source.database.port, "-U", "postgres", *arguments, "busy"]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"PGPASSWORD": word}, timeout=120)


def test_case_16_a_purged_binlog_is_an_alarm_a_refusal_and_mended_by_a_snapshot(mariadb: Tapped) -> None:
    started(mariadb)
    mariadb.stop()
    mariadb.run(insert(3), "UPDATE permit SET name = 'in the gap' WHERE id = 2", "FLUSH BINARY LOGS", insert(4), "FLUSH BINARY LOGS")
    newest = mariadb.run("SHOW BINARY LOGS")[-1][0]
    mariadb.run(f"PURGE BINARY LOGS TO '{newest}'")
    assert "binlog" in mariadb.guards()
    with pytest.raises(ConnectFault, match=rf"(?s)thrown away bin.*guiji connectors snapshot {mariadb.name}"):
        mariadb.apply()
    mariadb.connect.resume(mariadb.name)
    eventually(lambda: mariadb.connect.status(mariadb.name).failed, 200, told=lambda: mariadb.connect.status(mariadb.name))
    assert mariadb.ids() == [1, 2, 1], "nothing goes on over the gap"
    plan.renew(mariadb.settings, mariadb.source)
    equal(mariadb)
    eventually(lambda: mariadb.report().well, told=lambda: mariadb.report())


def test_case_16_a_lost_schema_history_is_a_refusal_and_mended_by_a_snapshot(mariadb: Tapped) -> None:
    started(mariadb)
    mariadb.stop()
    kafka.delete(mariadb.settings, [config.history_topic(mariadb.source)])
    mariadb.run(insert(3))
    mariadb.connect.resume(mariadb.name)
    with pytest.raises(ConnectFault, match=r"(?s)history.*snapshot"):
        mariadb.apply()
    plan.renew(mariadb.settings, mariadb.source)
    equal(mariadb)
    mariadb.run(insert(4))
    equal(mariadb)


def test_status_tells_what_is_well_and_that_a_database_does_not_answer_for_people_and_programs(tapped: Tapped, monkeypatch) -> None:
    tapped.apply()
    eventually(lambda: tapped.report().well and tapped.report().feed == "idle", told=lambda: tapped.report())
    away = replace(tapped.source, database=replace(tapped.source.database, port="1"))
    monkeypatch.setenv("GUIJI_HOME", str(tapped.settings.home))
    said = []
    for source, code in ((tapped.source, 0), (away, 2)):
        monkeypatch.setattr(commands, "_sources", lambda _settings, source=source: {tapped.name: source})
        answer = CliRunner().invoke(commands.group, ["status", "-o", "json"])
        assert answer.exit_code == code, answer.output
        said += json.loads(answer.stdout)
        assert CliRunner().invoke(commands.group, ["status"]).exit_code == code
    assert [(each["well"], each["connector"], each["feed"]) for each in said] == [(True, "RUNNING", "idle"), (False, "RUNNING", "unreachable")]
    assert abs(said[0]["clock_seconds"]) < 5
    assert [finding["guard"] for finding in said[1]["findings"]] == ["heartbeat"]
