"""The local stack's promises: each thing that goes wrong has a message that says what to do, and nothing of a stranger's is ever killed."""

import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from typing import Never

import pytest

from infra import process, servers, stack
from infra.servers import SERVERS, Server, Start, Where
from infra.settings import Settings

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]  # lives until a signal ends it


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


def test_a_port_that_somebody_holds_without_listening_is_taken_too() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        assert not servers.free(port)
    assert servers.free(port)


def test_ports_lie_below_those_of_outgoing_connections_and_differ(settings: Settings) -> None:
    stack.up(settings, (), quiet)
    ports = json.loads((settings.home / "ports.json").read_text())
    assert len(set(ports.values())) == len(ports)
    assert all(number in stack.PORTS for number in ports.values())


def test_a_new_name_gets_a_port_and_the_others_keep_theirs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.up(settings, (), quiet)
    before = json.loads((settings.home / "ports.json").read_text())
    monkeypatch.setitem(SERVERS, "sleeper", Server("sleeper", ("novel",), lambda _where: Start(SLEEPER), lambda _where: None))
    stack.up(settings, (), quiet)
    after = json.loads((settings.home / "ports.json").read_text())
    assert after.pop("novel") not in before.values()
    assert after == before


def test_addresses_that_were_lost_are_written_again_and_those_that_moved_stay(settings: Settings) -> None:
    stack.up(settings, (), quiet)
    first = settings.env_file.read_text()
    settings.env_file.unlink()
    stack.up(settings, (), quiet)
    assert settings.env_file.read_text() == first
    kept = [line for line in first.splitlines() if not line.startswith(("GUIJI_SERVE_PORT=", "GUIJI_CONNECT="))]
    settings.env_file.write_text("\n".join([*kept, "GUIJI_SERVE_PORT=4711", ""]))
    stack.up(settings, (), quiet)
    assert Settings(_env_file=settings.env_file, home=settings.home).serve_port == 4711
    assert "GUIJI_CONNECT=http" in settings.env_file.read_text()


def test_a_disk_that_fills_up_on_the_way_is_said_in_words(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_where: Where) -> Never:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "server.properties")

    monkeypatch.setitem(SERVERS, "sleeper", Server("sleeper", ("kafka",), full, lambda _where: None))
    with pytest.raises(stack.StackFault, match=r"disk is full \(writing server.properties\).*run `guiji up` again"):
        stack.up(settings, ("sleeper",), quiet)


def test_another_fault_of_the_system_is_not_called_a_full_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_where: Where) -> Never:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "server.properties")

    monkeypatch.setitem(SERVERS, "sleeper", Server("sleeper", ("kafka",), denied, lambda _where: None))
    with pytest.raises(PermissionError):
        stack.up(settings, ("sleeper",), quiet)


def test_a_data_folder_that_cannot_be_made_shows_what_its_maker_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(_where: Where) -> Start:
        subprocess.run([sys.executable, "-c", "import sys; sys.exit('no such locale')"], check=True, capture_output=True)
        return Start([])

    monkeypatch.setitem(SERVERS, "sleeper", Server("sleeper", ("kafka",), made, lambda _where: None))
    with pytest.raises(stack.StackFault, match=r"sleeper: its data folder could not be made(?s:.*)no such locale"):
        stack.up(settings, ("sleeper",), quiet)


def test_an_unknown_server_is_named_and_an_absent_one_left_out_with_a_word(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(stack.StackFault, match="no server named oracle; there are kafka,"):
        stack.up(settings, ("oracle",), quiet)
    said: list[str] = []
    monkeypatch.setitem(SERVERS, "sleeper", Server("sleeper", ("kafka",), lambda _where: Start([]), lambda _where: None, absent=lambda: "it is not installed"))
    stack.up(settings, ("sleeper",), said.append)
    assert said == ["sleeper: left out, it is not installed"]


def test_a_broker_that_accepts_but_does_not_answer_is_not_ready(settings: Settings) -> None:
    with socket.socket() as hung:
        hung.bind(("127.0.0.1", 0))
        hung.listen()
        port = hung.getsockname()[1]
        lacking = SERVERS["kafka"].ready(Where(settings, {"kafka": port}, None, {}))
    assert lacking == f"The broker at 127.0.0.1:{port} does not answer."


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


def test_passwords_of_ours_do_not_spoil_a_file_that_somebody_edited(settings: Settings) -> None:
    settings.secrets_file.write_text("ZJJ_PG_PASSWORD=theirs")
    stack.up(settings, (), quiet)
    told = settings.secrets()
    assert told["ZJJ_PG_PASSWORD"] == "theirs"
    assert set(told) == {"ZJJ_PG_PASSWORD", "GUIJI_POSTGRES_PASSWORD", "GUIJI_MARIADB_PASSWORD"}


def test_purge_empties_the_home(settings: Settings) -> None:
    (settings.home / "kafka").mkdir()
    (settings.home / "kafka" / "data").write_text("x")
    stack.purge(settings, quiet)
    assert list(settings.home.iterdir()) == []
