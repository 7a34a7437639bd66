"""Watching processes at work: how far a consumer group has come, what processor time and memory it took, theirs and the servers'."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition

from bench.book import Work
from bench.cpu import Meter, peak
from infra import kafka, process, wait
from infra.settings import Settings

ROOT = Path(__file__).parents[1]
PAUSE = 0.1
PATIENCE = 1800.0
SLACK = 2  # a topic's last places are markers of transactions


class BenchFault(Exception):
    """The measurement cannot go on."""


@dataclass(frozen=True)
class Stage:
    """A process of a `bench/process_*.py` to measure, whose name begins with that of the module: its group, whose place tells how far it is, the topic it must read to its end, its settings."""

    name: str
    group: str
    topic: str
    settings: Settings

    @property
    def log(self) -> Path:
        return self.settings.logs / f"{self.group}.log"


class Place:
    """How far a group has come in a topic of one partition."""

    def __init__(self, settings: Settings, group: str, topic: str) -> None:
        self._reader, self._asked = kafka.consumer(settings, group, **{"isolation.level": "read_uncommitted"}), [TopicPartition(topic, 0)]

    def __call__(self) -> int:
        """The offset committed; 0 before the first commit."""
        return max(0, int(self._reader.committed(self._asked, timeout=kafka.TIMEOUT)[0].offset))


def begin(settings: Settings, group: str, offsets: Mapping[str, int]) -> None:
    """A group that nobody is in will read topics of one partition from these offsets on."""
    client = kafka.admin(settings)  # must outlive its futures
    wanted = [TopicPartition(topic, 0, offset) for topic, offset in offsets.items()]

    def set_() -> None:
        for future in client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, wanted)]).values():
            if failed := [each.error for each in future.result().topic_partitions if each.error]:
                raise BenchFault(f"the offsets of {group} could not be set: {failed[0]}")

    wait.patiently(set_, BenchFault, kafka.TIMEOUT)  # a coordinator that has only just begun refuses


def ends(settings: Settings, topic: str) -> int:
    """The offset after the last of a topic of one partition."""
    return kafka.watermarks(settings, topic, 0)[1]


@contextmanager
def end(settings: Settings, topic: str) -> Iterator[Callable[[], int]]:
    """The same to be asked often: with one connection, so that asking does not disturb what is measured."""
    reader = kafka.consumer(settings, "bench-end", **{"isolation.level": "read_uncommitted"})
    try:
        yield lambda: int(reader.get_watermark_offsets(TopicPartition(topic, 0), timeout=kafka.TIMEOUT)[1])
    finally:
        reader.close()


def servers(settings: Settings, *names: str) -> dict[str, int]:
    """The pids of servers of the local stack."""
    found = {name: process.read(settings.pids / f"{name}.json") for name in names}
    return {name: record.pid for name, record in found.items() if record is not None}


@contextmanager
def running(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own, stopped at the end."""
    stage.log.parent.mkdir(parents=True, exist_ok=True)
    module = f"bench.process_{stage.name.partition('_')[0]}"
    command, environment = [sys.executable, "-m", module, stage.name, stage.group], os.environ | {"GUIJI_HOME": str(stage.settings.home)}
    with stage.log.open("ab") as log:
        started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(60)


def alive(stage: Stage, process: subprocess.Popen[bytes]) -> None:
    """Raises BenchFault when it has ended."""
    if process.poll() is not None:
        raise BenchFault(f"{stage.name} ended with {process.returncode}: {stage.log.read_text(errors='replace')[-1500:]}")


def watch(stage: Stage, beside: Mapping[str, int], until: int | None = None) -> Work:
    """Run a process until its group has read all that stands in its topic, or up to ``until``. Counted from its first commit on; when that was the last, too, from its start.

    Raises BenchFault when it dies or takes half an hour."""
    last = ends(stage.settings, stage.topic) if until is None else until
    place = Place(stage.settings, stage.group, stage.topic)
    before = place()
    with running(stage) as started:
        whole = Meter({stage.name: started.pid, **beside})

        def at() -> int:
            alive(stage, started)
            return place()

        first = wait.until(at, PATIENCE, every=PAUSE, holds=lambda offset: offset > before)
        start, meter = whole.seconds, Meter({stage.name: started.pid, **beside})
        reached = wait.until(at, PATIENCE, every=PAUSE, holds=lambda offset: offset >= last - SLACK)
        done, counted = (last - first, meter) if first < last - SLACK else (last - before, whole)
        work = counted.work(done, peak(started.pid), start)
    if reached < last - SLACK:
        raise BenchFault(f"{stage.name} came to {reached} of {last} in {PATIENCE:.0f} s")
    return work


@contextmanager
def together(stages: Sequence[Stage]) -> Iterator[dict[str, int]]:
    """Several processes at work at once; their pids by name. Raises BenchFault at the end when one of them has died."""
    with ExitStack() as open_:
        started = {stage.name: open_.enter_context(running(stage)) for stage in stages}
        yield {name: each.pid for name, each in started.items()}
        for stage in stages:
            alive(stage, started[stage.name])
