"""A first snapshot that is broken off before its first row is taken up again: what stood in the tables is never passed over."""

import psycopg
import pytest

from connectors import config
from connectors.connect import Connect, settled
from tests.connectors.conftest import Tapped, insert
from tests.waiting import eventually

pytestmark = pytest.mark.servers


def test_a_task_that_dies_before_its_first_row_begins_its_snapshot_again(postgres: Tapped) -> None:
    postgres.run(insert(1), insert(2), f"SELECT pg_create_logical_replication_slot('{config.slot(postgres.source)}', 'pgoutput')")  # its making would wait for the lock below
    database, word = postgres.source.database, postgres.settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
    with psycopg.connect(host="127.0.0.1", port=int(database.port), user="postgres", password=word, dbname=database.name) as owner:
        owner.execute("LOCK TABLE permit")
        postgres.apply()
        eventually(lambda: waiting(postgres))
        assert postgres.report().feed == "snapshot"
        (running,) = postgres.report().snapshots
        assert (running.state, running.rows) == ("running", 0)
        broken_off(postgres.connect, postgres.name)
        eventually(lambda: waiting(postgres))
        owner.rollback()
    postgres.events(2)
    assert postgres.ids() == [1, 2]
    eventually(lambda: settled(postgres.connect.offsets(postgres.name)))
    assert config.NOTES not in postgres.connect.configs()[postgres.name]
    assert postgres.plan() == [f"{postgres.name}: same"]


def waiting(postgres: Tapped) -> bool:
    """Whether the connector waits for the table."""
    user = postgres.source.database.user
    return bool(postgres.run(f"SELECT 1 FROM pg_stat_activity WHERE usename = '{user}' AND wait_event_type = 'Lock'"))


def broken_off(connect: Connect, name: str) -> None:
    before = connect.status(name).workers
    connect._ask("POST", f"connectors/{name}/restart?includeTasks=true")
    eventually(lambda: connect.status(name).running and connect.status(name).workers == before)
