"""Watching a process at work: how far its consumer group has come, what processor time and memory it took."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition

from infra import kafka, wait
from infra.settings import Settings

ROOT = Path(__file__).parents[1]
PAUSE = 0.1
PATIENCE = 1800.0
SLACK = 2  # a topic's last places are markers of transactions


class BenchFault(Exception):
    """The measurement cannot go on."""


@dataclass(frozen=True)
class Work:
    """What a process did: records per second between its first and its last commit, processor µs per record of these, its largest memory in MB (None: no /proc here)."""

    records: int
    seconds: float
    cpu_us: float | None
    memory_mb: float | None

    @property
    def rate(self) -> float:
        return self.records / self.seconds


def committed(settings: Settings, group: str, topic: str) -> int:
    """The group's place in a topic of one partition; 0 before its first commit."""
    client = kafka.admin(settings)  # must outlive its futures
    answer = client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])], request_timeout=kafka.TIMEOUT)
    return max(0, int(answer[group].result().topic_partitions[0].offset))


@contextmanager
def running(settings: Settings, command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `guiji` process of its own, stopped at the end."""
    with (settings.logs / f"{command}.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, str(ROOT / "guiji.py"), command], env=os.environ | {"GUIJI_HOME": str(settings.home)}, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def watch(settings: Settings, command: str, group: str, topic: str) -> Work:
    """Run a `guiji` process until its group has read all that stands in ``topic``. Raises BenchFault when it dies or takes half an hour."""
    last = kafka.watermarks(settings, topic, 0)[1]
    with running(settings, command) as process:

        def place() -> int:
            if process.poll() is not None:
                raise BenchFault(f"`guiji {command}` ended; see {settings.logs / (command + '.log')}")
            return committed(settings, group, topic)

        first = wait.until(place, PATIENCE, every=PAUSE)
        began, cpu = time.monotonic(), _cpu(process.pid)
        reached = wait.until(place, PATIENCE, every=PAUSE, holds=lambda offset: offset >= last - SLACK)
        seconds, spent, memory = time.monotonic() - began, _cpu(process.pid) - cpu, _memory(process.pid)
    if reached < last - SLACK:
        raise BenchFault(f"`guiji {command}` came to {reached} of {last} in {PATIENCE:.0f} s")
    done = last - first if first < last - SLACK else last  # all at once, before anybody looked
    return Work(done, max(seconds, PAUSE), spent / done * 1e6 if memory is not None else None, memory)


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
