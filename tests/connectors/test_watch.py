"""When the watcher starts something again, and what it remembers of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import restarts, watch
from connectors.connect import Status
from connectors.restarts import CALM, FIRST, LONGEST, Restart
from connectors.sweep import runs, watching
from infra.settings import Settings

FAILED = Status("s", "RUNNING", ("RUNNING", "FAILED"), "a.b.C: outer\nCaused by: d.E: the registry is away\n")
ONE = Restart(1000.0, "s", ("0",), "why")


def test_what_failed_is_started_and_what_was_paused_by_hand_is_left_alone() -> None:
    found = watch.decide(FAILED, [], 5.0)
    assert found == Restart(5.0, "s", ("1",), "d.E: the registry is away", 1, "watch")
    assert watch.decide(Status("s", "FAILED"), [], 5.0) == Restart(5.0, "s", ("connector",), "", 1, "watch")
    assert watch.decide(Status("s", "RUNNING", ("RUNNING",)), [], 5.0) is None
    for state in ("PAUSED", "STOPPED"):
        assert watch.decide(replace(FAILED, state=state), [], 5.0) is None


@given(st.floats(0, 5000))
def test_it_is_tried_later_each_time_without_end_and_at_once_after_a_calm(seconds: float) -> None:
    now, past, gaps = 0.0, list[Restart](), list[float]()
    for _ in range(8):
        wait = restarts.due(past, now)
        gaps.append(wait)
        now += wait
        made = watch.decide(FAILED, past, now)
        assert made is not None
        assert watch.decide(FAILED, [made], now + 0.1) is None
        past.append(made)
    assert gaps == [0.0, FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, LONGEST, LONGEST, LONGEST]
    assert [each.attempt for each in past] == list(range(1, 9))
    again = watch.decide(FAILED, past, now + CALM + 1 + seconds)
    assert again is not None
    assert again.attempt == 1


def test_restarts_are_remembered_in_order_and_the_oldest_forgotten(tmp_path, monkeypatch) -> None:
    settings = Settings(home=tmp_path)
    monkeypatch.setattr(restarts, "KEPT", 3)
    assert restarts.read(settings) == []
    for number in range(5):
        restarts.note(settings, replace(ONE, at=float(number), connector="st"[number % 2]))
    assert [(each.at, each.connector, each.tasks) for each in restarts.read(settings)] == [(2.0, "s", ("0",)), (3.0, "t", ("0",)), (4.0, "s", ("0",))]
    assert [each.at for each in restarts.of(restarts.read(settings), "s")] == [2.0, 4.0]
    assert "attempt 1 (by apply): why" in str(ONE)


@pytest.mark.parametrize("broken", ["once", "comparing"])
def test_what_ends_one_of_its_tasks_ends_the_watcher(broken: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fails(*_asked: object) -> None:
        raise ZeroDivisionError(broken)

    def waits(_settings: Settings, stop: Event, *_clock: object) -> None:
        stop.wait()

    monkeypatch.setattr(watch, "once", fails if broken == "once" else lambda *_asked: [])
    monkeypatch.setattr(watching, "run", fails if broken == "comparing" else waits)
    monkeypatch.setattr(runs, "daily", waits)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(watch.run, Settings(home=tmp_path, connect="http://127.0.0.1:1"), stop := Event())
        try:
            assert isinstance(found.exception(30), ZeroDivisionError)
        finally:
            stop.set()
