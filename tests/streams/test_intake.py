"""The judge's side of its group, by a real broker that is slow at the worst moment."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any
from uuid import uuid4

import pytest

from infra import kafka, process
from streams.buffers import Limits
from streams.intake import Intake, member
from tests.infra.test_kafka import Declared
from tests.waiting import eventually

pytestmark = pytest.mark.servers
PARTITIONS, EACH = 8, 20
# Half a second after a logical offset could not be looked up at once, librdkafka asks again: the broker stands still while that is under way, and the place to read on from is set.
ASKED_AGAIN, STARTED, AWAKE = 0.3, 0.75, 0.4


@pytest.fixture
def topic(stack: Any) -> Iterator[str]:
    """Records in each of its partitions."""
    name = f"intake.{uuid4().hex[:8]}"
    kafka.ensure(stack.settings, [Declared(name, PARTITIONS)])
    producer = kafka.producer(stack.settings)
    for number in range(PARTITIONS * EACH):
        producer.produce(name, b"x", partition=number % PARTITIONS)
    assert producer.flush(kafka.TIMEOUT) == 0
    yield name
    kafka.delete(stack.settings, [name])


@contextmanager
def _standing_still(pid: int) -> Iterator[None]:
    """The broker, until a moment after the block."""
    os.kill(pid, signal.SIGSTOP)
    waker = Timer(AWAKE, os.kill, (pid, signal.SIGCONT))
    try:
        yield
    finally:
        waker.start()


def test_what_waits_is_read_from_where_it_was_said_however_late_the_broker_answers(stack: Any, topic: str) -> None:
    broker = process.read(stack.home / "pids" / "kafka.json")
    assert broker is not None
    intake, gained = Intake(lambda: member(stack.settings, topic, topic), [topic], Limits(), lambda _places: None), list[tuple[str, int]]()
    intake.join()
    try:
        # Restoring takes a while meanwhile: the member stays in the group and takes nothing.
        eventually(lambda: intake.consumer.consume(1, 0.05) or gained.extend(intake.gained()) or gained)
        assigned = time.monotonic()
        while time.monotonic() < assigned + ASKED_AGAIN:
            intake.consumer.consume(1, 0.01)
        with _standing_still(broker.pid):
            while time.monotonic() < assigned + STARTED:
                intake.consumer.consume(1, 0.05)
            for place in gained:
                intake.start(place, 0)
        eventually(lambda: intake.take() or intake.buffers.rows == PARTITIONS * EACH, 30, lambda: f"{intake.buffers.rows} of {PARTITIONS * EACH} were read")
    finally:
        intake.close()
