"""The process around the polls: a source that hangs holds no other, changed files are taken, broken ones are not; whatever fails is its own table's fault."""

import sqlite3
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import yaml

from connectors.access import Unasked
from connectors.poll import hold, notes, process
from connectors.poll.comparison import Change
from connectors.poll.state import About, State
from connectors.poll.table import Outcome
from infra.settings import Settings
from schemas import sources
from schemas.catalog import load
from tests.connectors.poll.test_comparison import SPEC
from tests.waiting import eventually

CATALOG = load()
CONSTANTS = {field.name: "x" for field in CATALOG["xzxk"].fields if field.required and field.name != "XK_WSH"}
TABLE = {"item": "xzxk", "columns": {"XK_WSH": "no"}, "constants": CONSTANTS}


def declare(folder: Path, name: str, *tables: str, **said: Any) -> None:
    spec = SPEC | {"source": name, "every": "1h", "tables": dict.fromkeys(tables or ("t",), TABLE)} | said
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(spec, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(process, "LOOK", 0.05)
    folder = tmp_path / "sources"
    folder.mkdir()
    return Settings(home=tmp_path / "home", sources=folder)


def polls(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[str]:
    """Whatever is polled from here on is answered so; the tables that were."""
    asked: list[str] = []

    def poll(_self: process.Poller, _source: sources.Source, table: sources.Table) -> Outcome:
        asked.append(table.source_id)
        found = answer(table)
        assert isinstance(found, Outcome)
        return found

    monkeypatch.setattr(process.Poller, "_poll", poll)
    return asked


def test_a_source_that_hangs_holds_no_other(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(settings.sources, "hangs")
    declare(settings.sources, "works")
    free, done = Event(), list[notes.Polled]()
    polls(monkeypatch, lambda table: Outcome(rows=7 if table.source == "works" or free.wait(60) else 0))
    running = Thread(target=lambda: done.extend(process.once(settings, Event())))
    running.start()
    try:
        assert eventually(lambda: notes.read(settings, "works"))["t"].rows == 7
        assert notes.read(settings, "hangs") == {}
    finally:
        free.set()
        running.join(60)
    assert [each.rows for each in done] == [7, 7]


@pytest.mark.parametrize("fault", [Unasked("no answer"), OSError("no room"), ValueError("a fault of ours"), sqlite3.OperationalError("locked")])
def test_a_table_that_fails_in_whatever_way_holds_no_other(settings: Settings, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    declare(settings.sources, "sp", "bad", "good")

    def answer(table: sources.Table) -> Outcome:
        if table.name == "bad":
            raise fault
        return Outcome(rows=1)

    polls(monkeypatch, answer)
    bad, good = process.once(settings, Event())
    assert (bad.fault, bad.failures, good.fault, good.rows) == (str(fault), 1, "", 1)


def test_changed_files_are_taken_and_while_one_is_broken_all_stay_as_they_were(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(settings.sources, "one")
    asked = polls(monkeypatch, lambda _table: Outcome())
    stop = Event()
    running = Thread(target=process.run, args=(settings, stop))
    running.start()
    try:
        eventually(lambda: asked == ["one.t"])
        declare(settings.sources, "two")
        eventually(lambda: asked == ["one.t", "two.t"])
        declare(settings.sources, "one", "t", "more", every="2h", colour="red")
        declare(settings.sources, "three")
        hold.anew(settings, two := _source(settings, "two"), two.tables.values())
        eventually(lambda: asked == ["one.t", "two.t", "two.t"], told=lambda: asked)
        declare(settings.sources, "one", "t", "more")
        eventually(lambda: sorted(asked[3:]) == ["one.more", "three.t"], told=lambda: asked)
    finally:
        stop.set()
        running.join(60)
    assert not running.is_alive()


def _source(settings: Settings, name: str) -> sources.Source:
    return sources.read(yaml.safe_load((settings.sources / f"{name}.yaml").read_text(encoding="utf-8")), CATALOG)


def test_a_broken_state_is_made_anew_and_one_that_cannot_be_opened_now_is_left(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with State(path) as state:
        state.tell(About(poll=5))
        state.note({0: Change("c", "k", None, "{}")})
        state.settle()
        assert (state.count(), state.about.number) == (1, 1)
    assert path.stat().st_mode & 0o077 == 0, "it holds what a department's rows say"
    (tmp_path / "folder").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        State(tmp_path / "folder")
    assert (tmp_path / "folder").is_dir()
    with State(path) as state:
        assert (state.lost, state.about.poll, state.count()) == ("", 5, 1)
        state.forget(["other"])
        assert state.images(["k"]) == {"k": "{}"}
        state.forget(["k"])
        assert (state.count(), state.images(["k"])) == (0, {})
