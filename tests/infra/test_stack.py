"""The local stack's promises: each thing that goes wrong has a message that says what to do, and nothing of a stranger's is ever killed."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

from infra import kafka, process, stack
from infra.servers import SERVERS, Server, Start
from infra.settings import Settings
from infra.slots import slot

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path, free_disk_mb=1)


def quiet(_line: str) -> None:
    """Nobody listens."""


def server(command: list[str], lacking: str | None = None, seconds: float = 5.0) -> Server:
    return Server("sleeper", ("kafka",), lambda _where: Start(command), lambda _where: lacking, seconds)


def test_two_ups_at_once(settings: Settings) -> None:
    with (settings.home / "up.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(stack.StackFault, match="Another `guiji up`"):
            stack.up(settings, (), quiet)


def test_a_full_disk(settings: Settings) -> None:
    with pytest.raises(stack.StackFault, match="MB are free"):
        stack.up(settings.model_copy(update={"free_disk_mb": 1 << 40}), (), quiet)


def test_a_taken_port_names_the_port_and_the_way_out(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVERS, "sleeper", server(SLEEPER))
    stack.up(settings, (), quiet)
    port = stack.port(settings, "kafka")
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        with pytest.raises(stack.StackFault, match=f"port {port} is taken"):
            stack.up(settings, ("sleeper",), quiet)


def test_ports_are_chosen_once_and_written_for_all(settings: Settings) -> None:
    stack.up(settings, (), quiet)
    first = settings.env_file.read_text()
    stack.up(settings, (), quiet)
    assert settings.env_file.read_text() == first
    assert Settings(_env_file=settings.env_file, home=settings.home).kafka == f"127.0.0.1:{stack.port(settings, 'kafka')}"


def test_a_server_that_ends_while_starting_shows_its_last_words(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVERS, "sleeper", server([sys.executable, "-c", "print('no room in here')"], "does not listen yet"))
    with pytest.raises(stack.StackFault, match="no room in here"):
        stack.up(settings, ("sleeper",), quiet)


def test_a_server_that_is_never_ready_says_what_is_lacking(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVERS, "sleeper", server(SLEEPER, "does not listen yet", 0.3))
    try:
        with pytest.raises(stack.StackFault, match="does not listen yet"):
            stack.up(settings, ("sleeper",), quiet)
    finally:
        process.stop(settings.pids / "sleeper.json")


def test_a_killed_server_is_dead_in_status_and_started_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVERS, "sleeper", server(SLEEPER))

    def health() -> stack.Health:
        return next(found for found in stack.status(settings) if found.name == "sleeper")

    try:
        assert health().state == "stopped"
        stack.up(settings, ("sleeper",), quiet)
        first = health()
        assert (first.state, bool(first.pid)) == ("healthy", True)
        record = process.read(settings.pids / "sleeper.json")
        assert record is not None
        os.kill(record.pid, signal.SIGKILL)
        assert process.gone(record, 5)
        assert health().state == "dead"
        assert "guiji up" in health().reason
        stack.up(settings, ("sleeper",), quiet)
        assert health().pid != first.pid
    finally:
        assert process.stop(settings.pids / "sleeper.json") == "stopped"


def test_a_pid_that_a_stranger_has_now_is_neither_ours_nor_killed(settings: Settings) -> None:
    stranger = subprocess.Popen(SLEEPER)
    try:
        pid_file = settings.pids / "kafka.json"
        pid_file.parent.mkdir()
        pid_file.write_text(json.dumps({"pid": stranger.pid, "started": "1", "environment": ""}))
        assert not process.alive(process.read(pid_file))
        assert process.stop(pid_file) == "not running"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_secrets_are_made_once_and_readable_by_their_owner_only(settings: Settings) -> None:
    assert len(settings.key_secret) == 64
    assert Settings(home=settings.home).key_secret == settings.key_secret
    assert (settings.home / "secret").stat().st_mode & 0o077 == 0


def test_a_slot_is_given_back_at_death(settings: Settings) -> None:
    with slot(settings.slots, "judge") as first, slot(settings.slots, "judge") as second:
        assert (first, second) == ("judge-0", "judge-1")
    holder = subprocess.Popen(
        [sys.executable, "-c", f"from pathlib import Path; from infra.slots import slot\nwith slot(Path({str(settings.slots)!r}), 'judge') as n: print(n, flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == "judge-0\n"
    with slot(settings.slots, "judge") as other:
        assert other == "judge-1"
    holder.kill()
    holder.wait()
    holder.stdout.close()
    holder.stdin.close()
    with slot(settings.slots, "judge") as again:
        assert again == "judge-0"


def test_purge_empties_the_home(settings: Settings) -> None:
    (settings.home / "kafka").mkdir()
    (settings.home / "kafka" / "data").write_text("x")
    stack.purge(settings, quiet)
    assert list(settings.home.iterdir()) == []


@dataclass(frozen=True)
class Declared:
    name: str
    partitions: int = 1
    config: dict[str, str] = field(default_factory=lambda: {"cleanup.policy": "delete", "retention.ms": "-1"})


@pytest.mark.servers
def test_live_topics_are_compared_with_the_declared_ones(stack) -> None:
    settings = stack.settings
    assert kafka.ensure(settings, [Declared("cmp.a"), Declared("cmp.b", 2)]) == ["cmp.a", "cmp.b"]
    assert kafka.ensure(settings, [Declared("cmp.a")]) == []
    assert kafka.compare(settings, [Declared("cmp.a"), Declared("cmp.b", 2)]) == []
    wanted = [Declared("cmp.a", config={"cleanup.policy": "compact"}), Declared("cmp.b"), Declared("cmp.c")]
    assert kafka.compare(settings, wanted) == [
        "cmp.c: missing", "cmp.a: cleanup.policy is delete, declared compact", "cmp.b: has 2 partitions, declared 1",
    ]  # fmt: skip


@pytest.mark.servers
def test_reading_to_the_end_waits_for_what_is_open_and_passes_over_what_was_aborted(stack) -> None:
    settings = stack.settings
    kafka.ensure(settings, [Declared("read.end")])
    producer = kafka.producer(settings, "read-end")
    producer.init_transactions()
    for value, keep in ((b"a", True), (b"b", False), (b"c", True)):
        producer.begin_transaction()
        producer.produce("read.end", value)
        producer.flush()
        producer.commit_transaction() if keep else producer.abort_transaction()
    assert [message.value() for message in kafka.read_to_end(settings, "read.end")] == [b"a", b"c"]
    low, high = kafka.watermarks(settings, "read.end", 0)
    assert (low, high) == (0, 6)
