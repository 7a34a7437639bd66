"""Cases 10, 11, 12: a judge killed inside its transaction, a commit whose outcome is unknown, a storm of rebalances."""

import itertools
import os
import random
import signal
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra import failpoint, process
from tests.failures import ledger
from tests.failures.conftest import Start, of
from tests.failures.ledger import DOUBLED
from tests.failures.unprotected import without
from tests.failures.watch import Watch, judged
from tests.streams.judging import Court, copied, opened, said
from tests.streams.test_judge import history, judging
from tests.waiting import eventually

pytestmark = pytest.mark.servers
POINTS = ("judge.begin", "judge.produced", "judge.offsets", "judge.committed")
RECORDS = 300


def bad(records: list[Any]) -> set[ledger.Id]:
    return {ledger.identity(each) for each in records if isinstance(each, dict) and each["XK_XDR"] is None and each["_operation"] != "withdraw"}


def settled(court: Court, records: list[Any]) -> bool:
    return sum(court.outcomes().values()) >= len(records)


def killed(court: Court, start: Start, names: str, point: str) -> None:
    group = f"judge-{court.item.code}"
    ended = start(names, "tests.streams.judge_process", group, "40", env=of(court, court.settings.home, GUIJI_KILL_AT=point)).wait(90)
    assert ended == -signal.SIGKILL


def test_case_10_killed_at_random_points_of_its_transaction(court: Court, start: Start, seed: int) -> None:
    dice, records = random.Random(seed), history(court, RECORDS)
    points = [f"{point}:{dice.randint(1, 2)}" for point in dice.sample(POINTS, 4)]
    court.send(records)
    with Watch(court) as watch:
        for point in points:
            killed(court, start, "", point)
        with judging(court, rows=60):
            eventually(lambda: settled(court, records))
        ledger.holds(judged(court, records, bad(records)) + watch.faults(), seed, str(points))


@pytest.mark.parametrize("point", ["judge.produced", "judge.offsets"])
def test_case_10_without_transactions_it_says_everything_twice(court: Court, start: Start, seed: int, point: str) -> None:
    records = history(court, 100)
    court.send(records)
    killed(court, start, "transactions", f"{point}:2")
    with without("transactions"), judging(court, rows=40):
        eventually(lambda: settled(court, records))
    ledger.breaks(judged(court, records, bad(records)), DOUBLED, seed)


class Hanging:
    """The broker stands still from the moment the commit is asked for until the judge gives up waiting."""

    def __init__(self, stack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        found = process.read(stack.home / "pids" / "kafka.json")
        assert found is not None
        self._pid, self._point, self.times = found.pid, failpoint.point, itertools.count()
        monkeypatch.setattr("infra.kafka.TIMEOUT", 3.0)
        monkeypatch.setattr("infra.failpoint.point", self._at)
        self._awake = threading.Timer(5.0, self.wake)

    def _at(self, name: str) -> None:
        if name == "judge.offsets" and next(self.times) == 1:
            os.kill(self._pid, signal.SIGSTOP)
            self._awake.start()

    def wake(self) -> None:
        os.kill(self._pid, signal.SIGCONT)


@pytest.mark.parametrize("protected", [True, False])
def test_case_11_nobody_knows_whether_the_commit_happened(court: Court, stack: Any, monkeypatch: pytest.MonkeyPatch, seed: int, protected: bool) -> None:
    records = history(court, RECORDS)
    court.send(records)
    broker = Hanging(stack, monkeypatch)
    try:
        with Watch(court) as watch, without("" if protected else "unknown outcome"), judging(court, rows=100) as running:
            eventually(lambda: running.fault is not None or running.judge.judged >= RECORDS or (next(broker.times) > 3 and settled(court, records)), 60)
            eventually(lambda: settled(court, records))
            faults = judged(court, records, bad(records)) + watch.faults()
    finally:
        broker.wake()
    assert running.fault is None
    ledger.verdict(faults, DOUBLED, seed, protected=protected)


@pytest.mark.parametrize("protected", [True, False])
def test_case_12_a_storm_of_rebalances(stack: Any, tmp_path: Path, start: Start, seed: int, protected: bool) -> None:
    """Three judges come, one after the other, and go again, by death or in order, while records arrive."""
    home = tmp_path / "home"
    court = opened(stack.settings, home, copied(home / "avro", f"xzxk_{uuid4().hex[:8]}", partitions=4))
    dice, sent = random.Random(seed), list[Any]()
    names = "short" if protected else "short,group's offset"

    def more() -> None:
        block = [said(court.item, n, _batch=f"HZ{n // 100}") for n in range(len(sent), len(sent) + 100)]
        sent.extend(block)
        court.send(block)

    def judge() -> Any:
        return start(names, "tests.streams.judge_process", f"judge-{court.item.code}", "20", env=of(court, home))

    with Watch(court) as watch:
        running = [judge()]
        for _ in range(2):
            more()
            eventually(lambda: sum(court.outcomes().values()) > len(sent) - 50)
            running.append(judge())
        more()
        while len(running) > 1:
            eventually(lambda: sum(court.outcomes().values()) > len(sent) - 50)
            going = running.pop(dice.randrange(len(running)))
            going.send_signal(dice.choice([signal.SIGKILL, signal.SIGTERM]))
            more()
        eventually(lambda: settled(court, sent))
        faults = judged(court, sent) + watch.faults()
    ledger.verdict(faults, DOUBLED, seed, protected=protected)
