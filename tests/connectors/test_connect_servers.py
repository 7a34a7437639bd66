"""Plan and apply on a real Connect: what is changed, what is found out, explained and mended."""

from dataclasses import replace

import httpx
import pytest

from connectors import config, plan, prepare
from connectors.connect import ConnectFault
from connectors.life import start
from tests.connectors.conftest import PASSWORDS, Tapped, insert
from tests.waiting import eventually

pytestmark = pytest.mark.servers


def test_apply_again_changes_nothing_and_a_change_by_hand_is_seen_and_undone(tapped: Tapped) -> None:
    assert tapped.plan() == [f"{tapped.name}: created"]
    assert tapped.apply() == ["created"]
    given = tapped.connect.configs()[tapped.name]
    assert (tapped.apply(), tapped.plan()) == (["same"], [f"{tapped.name}: same"])
    assert tapped.connect.configs()[tapped.name] == given
    start.patient(lambda: tapped.connect.put(tapped.name, given | {"snapshot.mode": "no_data"}))
    assert tapped.plan() == [f"{tapped.name}: drifted (snapshot.mode)"]
    assert tapped.apply() == ["drifted"]
    assert tapped.plan() == [f"{tapped.name}: same"]
    assert tapped.connect.configs()[tapped.name].keys() - given.keys() <= {config.NOTES}
    tapped.run(insert(1))
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
    start.patient(lambda: postgres.connect.put(postgres.name, older))
    eventually(lambda: postgres.connect.status(postgres.name).running)
    assert postgres.plan() == [f"{postgres.name}: changed (heartbeat.interval.ms)"]
    postgres.run(f"ALTER ROLE {user} NOLOGIN")
    with pytest.raises(ConnectFault, match="not permitted to log in"):
        postgres.apply()
    assert postgres.plan() == [f"{postgres.name}: changed (heartbeat.interval.ms)"]
    postgres.run(f"ALTER ROLE {user} LOGIN", insert(1))
    assert postgres.apply() == ["changed"]
    assert postgres.events(1)[0]["after"]["id"] == 1
    postgres.connect.pause(postgres.name)
    eventually(lambda: postgres.connect.status(postgres.name).halted)
    with pytest.raises(ConnectFault, match="by hand"):
        postgres.apply()
    assert postgres.connect.status(postgres.name).state == "PAUSED"
    start.resume(postgres.connect, postgres.name)
    assert postgres.apply() == ["same"]


def test_a_missing_publication_is_explained_and_mended_by_what_the_owner_runs(postgres: Tapped) -> None:
    postgres.run(f'DROP PUBLICATION "{config.slot(postgres.source)}"', insert(1))
    with pytest.raises(ConnectFault, match=r"(?is)publication.*guiji connectors prepare"):
        postgres.apply()
    postgres.run(prepare.statements(postgres.source, "-")[-1])
    assert postgres.apply() == ["created"]
    assert postgres.events(1)[0]["after"]["id"] == 1


def test_a_task_that_fails_after_it_was_called_running_is_told_and_not_taken_for_good(postgres: Tapped) -> None:
    user = postgres.source.database.user
    postgres.run(insert(1), f'REVOKE SELECT ON permit FROM "{user}"')
    with pytest.raises(ConnectFault, match="permission denied"):
        postgres.apply()
    postgres.run(f'GRANT SELECT ON permit TO "{user}"')
    assert postgres.apply() == ["same"]
    assert postgres.events(1)[0]["after"]["id"] == 1


def test_a_lost_slot_stops_with_the_remedy_and_a_snapshot_anew_mends_it(postgres: Tapped) -> None:
    postgres.run(insert(1))
    postgres.apply()
    postgres.run(insert(2))
    postgres.events(2)
    postgres.connect.stop(postgres.name)
    slot = config.slot(postgres.source)
    eventually(lambda: not postgres.run(f"SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '{slot}'"))
    postgres.run(f"SELECT pg_drop_replication_slot('{slot}')", insert(3))
    start.resume(postgres.connect, postgres.name)
    with pytest.raises(ConnectFault, match=r"(?s)(no longer available|was dropped).*snapshot anew"):
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
    eventually(lambda: behind() <= 0)


def test_connectors_without_a_source_go_only_when_asked(postgres: Tapped) -> None:
    postgres.apply()
    others = {name: None for name in postgres.connect.configs() if name != postgres.name}
    assert others == {}, "each test takes its connector away"
    assert [str(change) for change in plan.apply(postgres.settings, {})] == [f"{postgres.name}: removed"]
    assert postgres.connect.status(postgres.name).running
    plan.apply(postgres.settings, {}, remove=True)
    eventually(lambda: postgres.connect.status(postgres.name).state == "absent")
