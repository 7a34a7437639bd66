"""A table that its owner alters while the first snapshot is being read, before its turn: every row arrives all the same, as the table is then; what could not be read is told and read anew."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from connectors import plan, prepare, restarts, watch
from connectors.connect import settled
from infra import kafka
from schemas import codec
from tests.connectors.conftest import PASSWORDS, Tapped, insert
from tests.streams.front import administrator
from tests.waiting import eventually

pytestmark = pytest.mark.servers
ROWS = 300
WIDER = {"postgres": "ALTER COLUMN fee TYPE numeric(18,4)", "mariadb": "MODIFY fee numeric(18,4)"}  # each row is written anew


@pytest.fixture
def owner(stack: Any, tapped: Tapped) -> Iterator[Any]:
    """One more session of the owner's."""
    with administrator(stack, tapped.kind, tapped.source.database.name) as session:
        yield session


@contextmanager
def reading(tapped: Tapped, owner: Any, apply: threading.Thread) -> Iterator[None]:
    """The connector knows the tables, and waits for the first of them."""
    lock = owner.cursor()
    if tapped.kind == "postgres":
        lock.execute("BEGIN")
        lock.execute("LOCK TABLE permit")
        apply.start()
        eventually(lambda: waits(tapped, "SELECT"))
        yield
        lock.execute("ROLLBACK")
        return
    # The connector's own lock, under which it looks at the tables, is held up until ours waits behind it.
    tapped.run("CREATE TABLE gate (n int)", "LOCK TABLES gate WRITE")
    apply.start()
    eventually(lambda: waits(tapped, "FLUSH TABLES"))
    ours = threading.Thread(target=lock.execute, args=("LOCK TABLES permit WRITE",))
    ours.start()
    eventually(lambda: any("LOCK TABLES permit" in str(row[7]) and "ait" in str(row[6]) for row in tapped.run("SHOW PROCESSLIST")))
    tapped.run("UNLOCK TABLES")
    ours.join()
    eventually(lambda: waits(tapped, "SELECT"))
    yield
    lock.execute("UNLOCK TABLES")


def waits(tapped: Tapped, question: str) -> bool:
    """Whether the connector waits for a lock with that question."""
    user = tapped.source.database.user
    if tapped.kind == "postgres":
        return bool(tapped.run(f"SELECT 1 FROM pg_stat_activity WHERE usename = '{user}' AND wait_event_type = 'Lock' AND query LIKE '{question}%permit%'"))
    return any(row[1] == user and "aiting for" in str(row[6]) and question in str(row[7]) for row in tapped.run("SHOW PROCESSLIST"))


@pytest.mark.parametrize("changes", [{"a1": "ADD COLUMN more varchar(9) DEFAULT 'x'", "z1": "WIDER"}, {"a2": "DROP COLUMN fee", "z2": "RENAME COLUMN name TO title"}], ids=["widened", "narrowed"])
def test_every_row_of_an_altered_table_arrives_as_the_table_is_then(tapped: Tapped, owner: Any, changes: dict[str, str]) -> None:
    several = replace(tapped.source, tables=tapped.source.tables | {key: table for name in changes for key, table in tapped.with_table(name).tables.items()})
    for name in changes:
        tapped.make(name, ROWS)
    tapped.run(insert(1), *prepare.undo(tapped.source), *prepare.statements(several, PASSWORDS["CONNECTORS_PASSWORD"]))
    if tapped.kind == "postgres":  # its making would wait for the lock
        tapped.run(f"SELECT pg_create_logical_replication_slot('guiji_{tapped.name}', 'pgoutput')")
    apply = threading.Thread(target=plan.apply, args=(tapped.settings, {tapped.name: several}))
    with reading(tapped, owner, apply):
        tapped.run(*(f"ALTER TABLE {name} {WIDER[tapped.kind] if change == 'WIDER' else change}" for name, change in changes.items()))

    def read() -> bool:
        watch.once(tapped.settings, tapped.connect, time.time())
        return settled(tapped.connect.offsets(tapped.name))

    eventually(read, told=lambda: tapped.connect.status(tapped.name))
    apply.join()
    for name in changes:
        assert set(tapped.ids(name)) == set(range(1, ROWS + 1)), restarts.of(restarts.read(tapped.settings), tapped.name)
        (last,) = codec.decode([list(kafka.read_to_end(tapped.settings, f"cdc.{tapped.name}.{name}"))[-1].value()], tapped.registry.schema).records
        there = {row[0] for row in tapped.run(columns(tapped, name))}
        assert set(last["after"]) | {"more"} == there | {"more"}, "a column that nothing is mapped from may come with the row's next change"
    assert tapped.connect.status(tapped.name).running


def columns(tapped: Tapped, name: str) -> str:
    where = "public" if tapped.kind == "postgres" else tapped.source.database.name
    return f"SELECT column_name FROM information_schema.columns WHERE table_schema = '{where}' AND table_name = '{name}'"
