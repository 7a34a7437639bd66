"""A connector that Connect calls running, and that fails before it has read anything, is never told to be well."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from connectors import restarts
from connectors.config import Place
from connectors.connect import Connect, Status
from connectors.life import start
from infra.settings import Settings

FAILED = Status("a", "RUNNING", ("FAILED",), "Caused by: no permission for permit")
RUNNING = Status("a", "RUNNING", ("RUNNING",))


class Scripted:
    """A connector that runs for so many looks after each start, then fails; its place moves at the look ``reads``."""

    def __init__(self, lasts: Iterator[int], reads: int = 10**9) -> None:
        self.lasts, self.reads, self.looks, self.starts = lasts, reads, 0, 1
        self.left = next(lasts)

    def status(self, _name: str) -> Status:
        self.looks += 1
        self.left -= 1
        return RUNNING if self.left >= 0 else FAILED

    def every(self) -> dict[str, tuple[dict[str, str], Status]]:
        return {"a": ({}, self.status("a"))}

    def offsets(self, _name: str) -> list[dict[str, Any]]:
        return [{"offset": {"lsn": 1}}] if self.looks >= self.reads else []

    def restart(self, _name: str) -> None:
        self.starts += 1
        self.left = next(self.lasts)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(start, "STEADY", 0.2)
    monkeypatch.setattr("infra.wait.time.sleep", lambda _seconds: None)
    monkeypatch.setattr(start.time, "sleep", lambda _seconds: None)
    return Settings(home=tmp_path)


def site(settings: Settings, connect: Scripted) -> start.Site:
    return start.Site(settings, cast(Connect, connect), Place(""), lambda _line: None)


def test_one_that_always_fails_a_moment_later_is_started_again_and_told_with_its_reason(settings: Settings) -> None:
    connect = Scripted(iter([3] * 20))
    (fault,) = start.steady(site(settings, connect), ["a"])
    assert fault.name == "a"
    assert "after it had begun to run: no permission for permit" in fault.problem
    assert connect.starts == 1 + start.ATTEMPTS
    assert [each.attempt for each in restarts.read(settings)] == [1, 2, 3]


def test_one_that_was_only_hurried_is_well_after_it_was_started_again(settings: Settings) -> None:
    connect = Scripted(iter([2, 10**9]))
    assert start.steady(site(settings, connect), ["a"]) == []
    assert connect.starts == 2


def test_one_whose_place_moves_is_looked_at_no_longer(settings: Settings) -> None:
    connect = Scripted(iter([4]), reads=3)
    assert start.steady(site(settings, connect), ["a"]) == []
    assert connect.looks == 3


def test_one_that_is_busy_with_a_snapshot_is_not_waited_for(settings: Settings) -> None:
    assert start.steady(site(settings, Scripted(iter([10**9]))), ["a"]) == []
