"""Two Connect workers of one group, one killed: its tasks move to the other, nothing is lost and nothing stands twice for a reader of committed data."""

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from connectors.connect import Connect, ConnectFault, Status
from infra import process
from infra import stack as local
from infra.jars import fetch
from infra.servers import SERVERS, Where
from tests.connectors.conftest import Tapped, insert
from tests.waiting import eventually

pytestmark = pytest.mark.servers


@pytest.fixture
def second(postgres: Tapped, tmp_path) -> Iterator[tuple[str, process.Record]]:
    """Another worker of the same group: its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = postgres.settings.model_copy(update={"home": tmp_path})
    ports = json.loads((postgres.settings.home / "ports.json").read_text()) | {"connect": port}
    where = Where(settings, ports, fetch(postgres.settings.cache, lambda _line: None), postgres.settings.secrets())
    start = SERVERS["connect"].start(where)
    pid_file = tmp_path / "connect.json"
    record = process.spawn(start.command, tmp_path / "connect.log", pid_file, os.environ | start.environment, start.cwd or tmp_path)
    try:
        eventually(lambda: SERVERS["connect"].ready(where) is None, 120, told=lambda: process.tail(tmp_path / "connect.log"))
        yield f"127.0.0.1:{port}", record
    finally:
        process.stop(pid_file)
        local.up(postgres.settings, ("connect",), lambda _line: None)


def test_a_dead_workers_task_moves_and_nothing_is_lost_or_doubled(postgres: Tapped, second: tuple[str, process.Record]) -> None:
    postgres.apply()
    first = process.read(postgres.settings.pids / "connect.json")
    assert first is not None
    workers = {postgres.settings.connect.removeprefix("http://"): first, second[0]: second[1]}
    (busy,) = eventually(lambda: set(postgres.connect.status(postgres.name).workers))
    (other,) = set(workers) - {busy}
    ended, written = threading.Event(), count(1)

    def write() -> None:
        database = postgres.source.database
        word = postgres.settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
        with psycopg.connect(host="127.0.0.1", port=int(database.port), user="postgres", password=word, dbname=database.name, autocommit=True) as owner:
            while not ended.is_set():
                owner.execute(insert(next(written)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        eventually(lambda: len(postgres.ids()) > 500)
        os.kill(workers[busy].pid, signal.SIGKILL)
        at_death = len(postgres.ids())
        with Connect(f"http://{other}") as connect:
            eventually(lambda: _moved(connect, postgres.name, other), 180, told=lambda: connect.status(postgres.name))
        eventually(lambda: len(postgres.ids()) > at_death + 100)
    finally:
        ended.set()
        writer.join()
    wanted = [number for (number,) in postgres.run("SELECT id FROM permit ORDER BY id")]
    eventually(lambda: len(postgres.ids()) >= len(wanted), 120, told=lambda: (len(postgres.ids()), len(wanted)))
    assert postgres.ids() == wanted, "each once, in order"


def _moved(connect: Connect, name: str, worker: str) -> bool:
    try:
        found: Status = connect.status(name)
    except ConnectFault:
        return False
    return found.running and set(found.workers) == {worker}
