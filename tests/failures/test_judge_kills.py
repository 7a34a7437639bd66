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
from confluent_kafka import KafkaException

from infra import process
from tests.failures import ledger
from tests.failures.conftest import Start, of
from tests.failures.ledger import DOUBLED
from tests.failures.unprotected import without
from tests.failures.watch import Watch, judged
from tests.streams.judging import Court, copied, history, judging, opened, said
from tests.waiting import eventually

pytestmark = pytest.mark.servers
POINTS = ("judge.begin", "judge.produced", "judge.offsets", "judge.committed")
RECORDS = 300


def bad(records: list[Any]) -> set[ledger.Id]:
    return {ledger.identity(each) for each in records if isinstance(each, dict) and each["XK_XDR"] is None}


def settled(court: Court, records: list[Any]) -> bool:
    try:
        return sum(court.outcomes().values()) >= len(records)
    except KafkaException:  # a broker that has only just come back knows no partition yet
        return False


def judge(court: Court, start: Start, names: str, point: str = "") -> Any:
    return start(names, "tests.streams.judge_process", f"judge-{court.item.code}", "40", env=of(court, court.settings.home, GUIJI_KILL_AT=point))


def killed(court: Court, start: Start, names: str, point: str) -> None:
    assert judge(court, start, names, point).wait(90) == -signal.SIGKILL


@pytest.mark.parametrize("protected", [True, False])
def test_case_10_killed_at_random_points_of_its_transaction(court: Court, start: Start, seed: int, protected: bool) -> None:
    """Without transactions what was said before the death is said again after it."""
    dice, records = random.Random(seed), history(court, RECORDS if protected else 100)
    points = [f"{point}:{dice.randint(1, 2)}" for point in dice.sample(POINTS, 4)] if protected else ["judge.offsets:2"]
    names = "" if protected else "transactions"
    court.send(records)
    with Watch(court) as watch:
        for point in points:
            killed(court, start, names, point)
        judge(court, start, names)
        eventually(lambda: settled(court, records))
        ledger.verdict(judged(court, records, bad(records)) + watch.faults(), DOUBLED, seed, protected=protected)


class Hanging:
    """The broker stands still from the moment the second commit is asked for until the judge gives up waiting."""

    def __init__(self, stack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        found = process.read(stack.home / "pids" / "kafka.json")
        assert found is not None
        self._pid, self.times = found.pid, itertools.count()
        monkeypatch.setattr("infra.kafka.TIMEOUT", 3.0)
        monkeypatch.setattr("infra.failpoint.point", self._at)
        self._awake, self.woken = threading.Timer(5.0, self.wake), threading.Event()

    def _at(self, name: str) -> None:
        if name == "judge.offsets" and next(self.times) == 1:
            os.kill(self._pid, signal.SIGSTOP)
            self._awake.start()

    def wake(self) -> None:
        os.kill(self._pid, signal.SIGCONT)
        self.woken.set()


@pytest.mark.alone  # it goes by the clock: three seconds are what everybody waits for the broker here
def test_case_11_the_broker_hangs_while_it_is_asked_to_commit(court: Court, stack: Any, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    records = history(court, RECORDS)
    court.send(records)
    broker = Hanging(stack, monkeypatch)
    try:
        with Watch(court) as watch, judging(court, rows=100) as running:
            eventually(lambda: broker.woken.is_set() or running.fault is not None, told=lambda: [thread.name for thread in threading.enumerate()])
            assert running.fault is None
            eventually(lambda: running.fault is not None or settled(court, records))
            ledger.holds(judged(court, records, bad(records)) + watch.faults(), seed)
    finally:
        broker.wake()
    assert next(broker.times) > 2
    assert running.fault is None


@pytest.mark.parametrize("protected", [True, False])
def test_case_11_a_commit_happened_and_its_answer_is_lost(court: Court, seed: int, protected: bool) -> None:
    """Without asking what is committed, a judge that repeats its batch from memory says it twice."""
    records = history(court, RECORDS)
    court.send(records)
    with Watch(court) as watch, without("lose a commit's answer", "" if protected else "unknown outcome"), judging(court, rows=100) as running:
        eventually(lambda: running.fault is not None or settled(court, records))
        ledger.verdict(judged(court, records, bad(records)) + watch.faults(), DOUBLED, seed, protected=protected)
    assert running.fault is None


@pytest.mark.alone
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

    with Watch(court) as watch:
        running = [judge(court, start, names)]
        for _ in range(2):
            more()
            eventually(lambda: sum(court.outcomes().values()) > len(sent) - 50)
            running.append(judge(court, start, names))
        more()
        while len(running) > 1:
            eventually(lambda: sum(court.outcomes().values()) > len(sent) - 50)
            going = running.pop(dice.randrange(len(running)))
            going.send_signal(dice.choice([signal.SIGKILL, signal.SIGTERM]))
            more()
        eventually(lambda: settled(court, sent))
        faults = judged(court, sent) + watch.faults()
    ledger.verdict(faults, DOUBLED, seed, protected=protected)
