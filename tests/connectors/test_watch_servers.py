"""The watcher on a real Connect: a task that failed for want of the registry comes back by itself."""

import threading
from collections.abc import Iterator

import pytest

from connectors import plan, prepare, restarts, watch
from infra import process
from infra import stack as local
from tests.connectors.conftest import PASSWORDS, Tapped, insert
from tests.waiting import eventually

pytestmark = pytest.mark.servers


@pytest.fixture
def watcher(postgres: Tapped) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(postgres.settings, stop))
    thread.start()
    yield
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


def test_a_new_tables_schema_while_the_registry_is_away_stops_the_task_and_it_comes_back_by_itself(postgres: Tapped, watcher: None) -> None:
    postgres.make("other")
    both = postgres.with_table("other")
    postgres.run(*prepare.undo(both)[1:], *prepare.statements(both, PASSWORDS["CONNECTORS_PASSWORD"]))
    plan.apply(postgres.settings, {postgres.name: both})
    postgres.run(insert(1))
    postgres.events(1)
    process.stop(postgres.settings.pids / "registry.json")
    try:
        postgres.run(insert(1, "other"), insert(2))
        eventually(lambda: restarts.of(restarts.read(postgres.settings), postgres.name), 180, told=lambda: postgres.connect.status(postgres.name))
        postgres.run(insert(2, "other"), insert(3))
    finally:
        local.up(postgres.settings, ("registry",), lambda _line: None)
    eventually(lambda: postgres.ids("other") == [1, 2], 180, told=lambda: restarts.read(postgres.settings)[-1])
    assert postgres.ids() == [1, 2, 3]
    eventually(lambda: postgres.connect.status(postgres.name).running)
    shown = postgres.report(both)
    assert shown.restarts[0].tasks == ("0",)
    assert {each.by for each in shown.restarts} == {"watch"}
    assert [each.attempt for each in shown.restarts] == list(range(1, len(shown.restarts) + 1))


def test_what_was_paused_by_hand_is_left_alone(postgres: Tapped, watcher: None) -> None:
    postgres.apply()
    postgres.connect.pause(postgres.name)
    eventually(lambda: postgres.connect.status(postgres.name).halted)
    assert watch.once(postgres.settings, postgres.connect, 1e12) == []
    assert postgres.connect.status(postgres.name).state == "PAUSED"
    assert "connect" in postgres.guards()
