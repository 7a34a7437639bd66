"""The door's publishing against a real broker: processes are killed in and between transactions, readers of committed data see every row once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from infra import kafka
from infra.settings import Settings
from producers.journal import Journal
from producers.outlet import KafkaOutlet
from producers.publisher import CHUNK_ROWS, publish
from producers.spool import Cargo, Header, Spool
from schemas import codec
from schemas.envelope import CHUNK
from schemas.topics import BATCHES, Topic, submitted

pytestmark = pytest.mark.servers
CHUNK_ID = 77
PROCESS = """
import sys
from pathlib import Path
from threading import Event
from infra.settings import Settings
from producers.journal import Journal
from producers.outlet import KafkaOutlet
from producers.publisher import publish
from producers.spool import Spool
from schemas.envelope import CHUNK
home, broker = Path(sys.argv[1]), sys.argv[2]
settings = Settings(home=home, kafka=broker)
spool, journal = Spool(settings.spool), Journal(settings.spool / sys.argv[3])
with spool.publishing() as mine:
    assert mine
    outlet = KafkaOutlet(settings, 77, lambda _: CHUNK)
    outlet.catch_up(journal)
    publish(spool, journal, outlet, Event())
    outlet.close()
"""


@pytest.fixture
def home(stack: Any, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, kafka=stack.settings.kafka)


@pytest.fixture
def item(stack: Any) -> str:
    code = f"door_{uuid4().hex[:8]}"
    kafka.ensure(stack.settings, [Topic(submitted(code)), Topic(BATCHES, cleanup="compact")])
    return code


def header(item: str, digest: str = "d") -> Header:
    return Header(f"HZ{uuid4().hex.upper()[:26]}", "swj/excel", "swj", "excel", item, digest, 1, None, None, None)


def cargo(count: int) -> Iterator[Cargo]:
    return (Cargo(line, b"k%d" % (line % 7), b"%d" % line) for line in range(1, count + 1))


def said(settings: Settings, item: str) -> list[int]:
    return [int(message.value()) for message in kafka.read_to_end(settings, submitted(item))]


def chunks(settings: Settings, batch: str) -> list[dict[str, Any]]:
    values = [message.value() for message in kafka.read_to_end(settings, BATCHES) if message.key().startswith(batch.encode())]
    return codec.decode(values, lambda _: CHUNK).records


def run(settings: Settings, journal: str, kill_at: str = "") -> int:
    command = [sys.executable, "-c", PROCESS, str(settings.home), settings.kafka, journal]
    return subprocess.run(command, env=os.environ | {"GUIJI_KILL_AT": kill_at}, timeout=120, check=False).returncode


def test_killed_in_every_transaction_and_between_them_it_says_everything_once(home: Settings, item: str) -> None:
    rows = 4 * CHUNK_ROWS + 11
    spool, head = Spool(home.spool), header(item)
    spool.write(head, cargo(rows))
    deaths = 0
    # Passings of the point, by turns: in an open transaction, after its commit and before the index knows. One start in two has lost its index.
    for number, passing in enumerate((1, 2, 3, 1, 2, 2, 1)):
        deaths += run(home, f"journal{number % 2}.db", f"door.chunk:{passing}") == -signal.SIGKILL
    assert run(home, "journal0.db") == 0
    assert deaths == 7
    assert said(home, item) == list(range(1, rows + 1))
    told = chunks(home, head.batch)
    assert [chunk["chunk"] for chunk in told] == [0, 1, 2, 3, 4]
    assert sum(chunk["rows"] for chunk in told) == rows
    assert [chunk["last"] for chunk in told] == [False] * 4 + [True]
    assert spool.pending() == []


def test_a_batch_published_by_a_lost_home_is_not_published_again(home: Settings, item: str, tmp_path: Path) -> None:
    head = header(item)
    Spool(home.spool).write(head, cargo(20))
    assert run(home, "journal.db") == 0
    other = Settings(home=tmp_path / "other", kafka=home.kafka)
    Spool(other.spool).write(head, cargo(20))
    assert run(other, "journal.db") == 0
    assert len(said(home, item)) == 20
    assert Spool(other.spool).pending() == []


def test_a_broker_that_does_not_answer_is_said_and_loses_nothing(tmp_path: Path, item: str) -> None:
    settings = Settings(home=tmp_path, kafka="127.0.0.1:1")
    spool, journal = Spool(settings.spool), Journal(settings.spool / "journal.db")
    spool.write(header(item), cargo(3))
    outlet = KafkaOutlet(settings, CHUNK_ID, lambda _: CHUNK, patience=1.0)
    with pytest.raises(kafka.Unavailable):
        outlet.catch_up(journal)
    assert len(spool.pending()) == 1


def test_an_unknown_topic_is_an_error_that_leaves_nothing_half_said(home: Settings, item: str) -> None:

    spool, journal = Spool(home.spool), Journal(home.spool / "journal.db")
    head = header(f"{item}_gone")
    spool.write(head, cargo(3))
    outlet = KafkaOutlet(home, CHUNK_ID, lambda _: CHUNK)
    outlet.catch_up(journal)
    with pytest.raises(kafka.Unavailable):
        publish(spool, journal, outlet, Event())
    assert chunks(home, head.batch) == []
    kafka.ensure(home, [Topic(submitted(f"{item}_gone"))])
    outlet.catch_up(journal)
    publish(spool, journal, outlet, Event())
    assert said(home, f"{item}_gone") == [1, 2, 3]
    outlet.close()
