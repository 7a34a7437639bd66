"""Real databases, Connect, map and judge: a table that is emptied and filled anew, whole, in part, not at all; and rows deleted while nobody could see it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors import commands, config, plan, watch
from connectors.sweep import remembered, watching
from connectors.sweep.due import Done
from infra import held, kafka
from infra.wait import until
from schemas import catalog, codec, topics
from streams.judge import Judge, Tools
from tests.streams.front import Front, front
from tests.waiting import eventually

pytestmark = pytest.mark.servers
TABLES = ("quiet", "marked", "plain")
ROWS = range(1, 21)


class Office:
    """The department, and what became of what it said."""

    def __init__(self, tapped: Front) -> None:
        self.tapped = tapped

    def load(self, table: str, *numbers: int, empty: str = "DELETE FROM") -> None:
        """Empty the table and fill it with these rows; the two are transactions of their own."""
        self.tapped.run(f"{empty} {table}")
        self.fill(table, *numbers)

    def fill(self, table: str, *numbers: int) -> None:
        if numbers:
            self.tapped.run(f"INSERT INTO {table} (id, bh, wb) VALUES " + ", ".join(f"({number}, '{table}/{number}', '值')" for number in numbers))

    def elsewhere(self) -> None:
        """Something is written that is not captured. A MariaDB server where nothing happens at all tells its followers so every 48 seconds only, and is waited for as long."""
        if self.tapped.kind == "mariadb":
            self.tapped.run("INSERT INTO elsewhere VALUES (1)")

    def soon(self, holds: Callable[[], Any]) -> Any:
        """As soon as that holds, while the database's other tables are at work."""

        def ask() -> Any:
            self.elsewhere()
            return holds()

        found = until(ask, 240, every=0.5)
        assert found, (self.outcomes(), remembered.done(self.tapped.settings), held.lines(self.tapped.settings))
        return found

    def outcomes(self) -> Counter[tuple[str, str]]:
        """How often each record changed, and how: by (key's number, change)."""
        messages = [message.value() for message in kafka.read_to_end(self.tapped.settings, topics.accepted(self.tapped.item))]
        return Counter((each["BH"], each["_change"]) for each in codec.decode(messages, self.tapped.registry.schema).records)

    def withdrawn(self, table: str) -> list[str]:
        return sorted(key for key, change in self.outcomes().elements() if change == "withdrawn" and key.startswith(f"{table}/"))

    def done(self, table: str) -> Done:
        return remembered.done(self.tapped.settings).get(f"{self.tapped.name}.{table}", Done())

    def compared(self, table: str, since: Done) -> Done:
        """Wait until it was compared again."""
        return self.soon(lambda: (found := self.done(table)) != since and found)

    def told(self, table: str) -> tuple[list[str], list[str]]:
        """To the operator and to the department."""
        lines = [line for line in held.lines(self.tapped.settings) if f"cdc.{self.tapped.name}.{table}:" in line]
        return lines, [each["message"] for each in held.messages(self.tapped.settings) if each["table"].endswith(table) and each["department"] == "zjj"]


@contextmanager
def running(tapped: Front) -> Iterator[None]:
    """Judge and watcher in threads, map in a process."""
    stop, faults = threading.Event(), list[BaseException]()

    def guarded(run: Any) -> None:
        try:
            run()
        except BaseException as fault:  # noqa: BLE001 -- raised when the test ends
            faults.append(fault)

    judge = Judge(Tools(tapped.settings, catalog.load(tapped.settings.catalogue), tapped.registry, f"judge-{tapped.name}"))
    threads = [threading.Thread(target=guarded, args=(lambda: judge.run(stop),)), threading.Thread(target=guarded, args=(lambda: watch.run(tapped.settings, stop),))]
    with tapped.mapping():
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(60)
    assert faults == []


@pytest.fixture(params=["postgres", "mariadb"])
def office(request: pytest.FixtureRequest, stack: Any, tmp_path: Any) -> Iterator[Office]:
    kind = str(request.param)
    reload = {"quiet": {"quiet": "2s"}, "marked": {"ends": "marker", "marker": {"table": "load_log", "column": "table_name", "value": "marked"}}}
    tables = {
        f"public.{name}" if kind == "postgres" else name: {"delete": "withdraw", "columns": {"BH": "bh", "WB": "wb"}} | ({"load": "reload", "reload": reload[name]} if name in reload else {})
        for name in TABLES
    }
    ddl = [f"CREATE TABLE {name} (id int PRIMARY KEY, bh varchar(60), wb varchar(40))" for name in TABLES]
    ddl += ["CREATE TABLE elsewhere (id int)", "CREATE TABLE load_log (table_name varchar(40), at timestamp DEFAULT CURRENT_TIMESTAMP)"]
    with front(stack, kind, f"reload_{kind}", ddl, tables, tmp_path) as tapped:
        tapped.source = replace(tapped.source, heartbeat=1)
        yield Office(tapped)


def test_loads_are_compared_when_they_end_and_unseen_deletes_are_found_after_a_snapshot(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "EVERY", 1.0)
    tapped = office.tapped
    for table in TABLES:
        office.fill(table, *ROWS)
    tapped.apply()
    with running(tapped):
        first = office.compared("quiet", Done())
        office.soon(lambda: len(office.outcomes()) == 60)
        news = office.outcomes()

        # The same content: nothing. A neighbour's plain delete is believed at once.
        office.load("quiet", *ROWS, empty="TRUNCATE TABLE")
        tapped.run("DELETE FROM plain WHERE id = 20")
        same = office.compared("quiet", first)
        office.soon(lambda: office.outcomes() == news + Counter({("plain/20", "withdrawn"): 1}))
        assert (same.rows, same.held) == (20, None)

        # Three rows fewer: three withdrawals, at the end and not before; with a marker, when it comes.
        office.load("marked", *ROWS[:17])
        office.load("quiet", *ROWS[:17])
        fewer = office.compared("quiet", same)
        office.soon(lambda: office.withdrawn("quiet") == ["quiet/18", "quiet/19", "quiet/20"])
        assert office.withdrawn("marked") == [], "its load has not ended"
        tapped.run("INSERT INTO load_log (table_name) VALUES ('another')", "INSERT INTO load_log (table_name) VALUES ('marked')")
        office.soon(lambda: office.withdrawn("marked") == ["marked/18", "marked/19", "marked/20"])

        # An empty load, then half of one: held, told to both, nothing withdrawn; the other half makes it whole.
        office.load("quiet")
        empty = office.compared("quiet", fewer)
        assert empty.held is not None
        assert (empty.held.why, empty.held.missing) == ("empty", 17)
        operator, department = office.soon(lambda: all(found := office.told("quiet")) and found)
        assert ["guiji connectors release" in line for line in operator] == [True]
        assert ["表是空的" in line and "请" in line for line in department] == [True]
        office.fill("quiet", *ROWS[:8])
        half = office.compared("quiet", empty)
        assert half.held is not None
        assert (half.held.why, half.held.rows, half.held.before) == ("shrunk", 8, 17)
        office.fill("quiet", *ROWS[8:17])
        assert office.compared("quiet", half).held is None
        office.soon(lambda: office.told("quiet") == ([], []))
        assert len(office.withdrawn("quiet")) == 3

        # Half of it for good, on a person's word.
        before = office.done("quiet")
        office.load("quiet", *ROWS[:8])
        half = office.compared("quiet", before)
        assert half.held is not None
        monkeypatch.setenv("GUIJI_HOME", str(tapped.settings.home))
        monkeypatch.setenv("GUIJI_SOURCES", str(tapped.settings.sources))
        monkeypatch.setenv("GUIJI_CATALOGUE", str(tapped.settings.catalogue))
        answer = CliRunner().invoke(commands.group, ["release", tapped.name, "--table", "quiet", "--why", "closed down", "--by", "an operator"])
        assert answer.exit_code == 0, answer.output
        office.soon(lambda: len(office.withdrawn("quiet")) == 12)
        assert [(each.missing, each.why, each.by) for each in remembered.releases(tapped.settings) if each.table == f"{tapped.name}.quiet"] == [(9, "closed down", "an operator")]

        before = office.done("plain")
        deleted_unseen(office)
        assert office.compared("plain", before).reading > before.reading
        office.soon(lambda: office.withdrawn("plain") == ["plain/20", "plain/3", "plain/4"])
        assert {key for key, change in office.outcomes() if change not in ("new", "withdrawn")} == set(), "nothing was ever said twice"
        assert max(office.outcomes().values()) == 1


def deleted_unseen(office: Office) -> None:
    """PostgreSQL: the slot is dropped while the connector is stopped, and the source is read anew. MariaDB: rows go past the log, and the table alone is read anew beside the stream of changes."""
    tapped, slot = office.tapped, config.slot(office.tapped.source)
    if tapped.kind == "mariadb":
        for statement in ("SET SESSION sql_log_bin = 0", "DELETE FROM plain WHERE id IN (3, 4)", "SET SESSION sql_log_bin = 1"):
            tapped.ask(statement)
        plan.snapshot(tapped.settings, tapped.source, [tapped.source.tables["plain"]])
        return
    tapped.connect.stop(tapped.name)
    eventually(lambda: not tapped.ask(f"SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '{slot}'"))
    tapped.run(f"SELECT pg_drop_replication_slot('{slot}')", "DELETE FROM plain WHERE id IN (3, 4)", "INSERT INTO plain VALUES (21, 'plain/21', '值')")
    plan.renew(tapped.settings, tapped.source)
