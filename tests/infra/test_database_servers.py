"""The databases of the local stack as they really start, die and stop. Each test has a home of its own."""

import os
import signal
from collections.abc import Iterator

import psycopg
import pytest

from infra import process, stack
from infra.settings import Settings

pytestmark = pytest.mark.servers


@pytest.fixture
def settings(tmp_path) -> Iterator[Settings]:
    settings = Settings(home=tmp_path / "home", free_disk_mb=1)
    try:
        yield settings
    finally:
        stack.down(settings, quiet)


def quiet(_line: str) -> None:
    """Nobody listens."""


def postgres(settings: Settings) -> psycopg.Connection:
    word = settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
    return psycopg.connect(host="127.0.0.1", port=stack.port(settings, "postgres"), user="postgres", password=word, dbname="postgres", autocommit=True)


def health(settings: Settings) -> stack.Health:
    return next(found for found in stack.status(settings) if found.name == "postgres")


def test_it_stops_in_order_though_a_client_is_there_and_resumes_its_data(settings: Settings) -> None:
    stack.up(settings, ("postgres",), quiet)
    said: list[str] = []
    with postgres(settings) as client:
        client.execute("CREATE TABLE kept AS SELECT 1 AS n")
        stack.down(settings, said.append)
    assert said == ["postgres: stopped"]
    stack.up(settings, ("postgres",), quiet)
    with postgres(settings) as client:
        assert client.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_killed_it_is_dead_in_status_and_comes_back_with_its_data(settings: Settings) -> None:
    stack.up(settings, ("postgres",), quiet)
    with postgres(settings) as client:
        client.execute("CREATE TABLE kept AS SELECT 1 AS n")
    record = process.read(settings.pids / "postgres.json")
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    assert process.gone(record, 10)
    assert (health(settings).state, "run `guiji up`" in health(settings).reason) == ("dead", True)
    stack.up(settings, ("postgres",), quiet)
    with postgres(settings) as client:
        assert client.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_one_that_hangs_is_said_not_to_answer(settings: Settings) -> None:
    stack.up(settings, ("postgres",), quiet)
    assert (health(settings).state, health(settings).memory_mb > 0) == ("healthy", True)
    record = process.read(settings.pids / "postgres.json")
    assert record is not None
    os.kill(record.pid, signal.SIGSTOP)
    try:
        found = health(settings)
        assert (found.state, found.pid) == ("not answering", record.pid)
        assert "timeout" in found.reason
    finally:
        os.kill(record.pid, signal.SIGCONT)


def test_a_cluster_whose_making_was_interrupted_is_made_anew(settings: Settings) -> None:
    half = settings.home / "postgres" / "data.draft"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    stack.up(settings, ("postgres",), quiet)
    assert health(settings).state == "healthy"
    assert not half.exists()


def test_passwords_lie_in_no_file_that_others_can_read(settings: Settings) -> None:
    stack.up(settings, ("postgres",), quiet)
    word = settings.secrets()["GUIJI_POSTGRES_PASSWORD"].encode()
    holding = [path for path in settings.home.rglob("*") if path.is_file() and word in path.read_bytes()]
    assert holding == [settings.secrets_file]
    assert settings.secrets_file.stat().st_mode & 0o077 == 0
