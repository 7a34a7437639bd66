"""The sink against real servers: killed at its named points, its warehouse away, poison, lost offsets, a topic made anew."""

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from infra import kafka
from infra.brake import let_through
from infra.failpoint import point
from loaders.errors import Fatal, Unavailable
from loaders.intake import Member
from loaders.sink import Sink
from schemas import topics
from tests.loaders.packaged import PROGRAM, Packaged, running
from tests.loaders.site import Site, counts, fill, found, loading, ready, sink_of
from tests.waiting import eventually

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packaged]:
    if PROGRAM is None:
        pytest.skip("no packaged clickhouse-server on this machine")
    with running(tmp_path_factory.mktemp("clickhouse")) as mine:
        yield mine


@pytest.fixture
def site(stack: Any, tmp_path: Path) -> Site:
    """An item of its own for each test."""
    return found(stack.settings, tmp_path / "avro", f"loadtest{next(NUMBERS)}")


EXPECTED = {"rejected": [30, 30], "receipts": [2, 2], "echoes": [90, 90], "batches": [1, 1]}


@pytest.mark.parametrize("kind", ["native", "embedded"])
def test_killed_between_insert_and_commit_it_ends_with_the_same_tables(site: Site, kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    fill(site)
    environment = {**os.environ, "GUIJI_HOME": str(tmp_path / "home"), "GUIJI_CATALOGUE": str(site.folder)}
    environment |= {"GUIJI_KAFKA": site.settings.kafka, "GUIJI_REGISTRY": site.settings.registry, "PYTHONPATH": str(ROOT)}
    if kind == "native":
        environment["GUIJI_CLICKHOUSE_URL"] = f"{request.getfixturevalue('server').url}/killed"
    environment["LOADER_GROUP"] = site.item.code
    killed = [run_loader(environment, f"{name}:{times}") for name in ("sink.inserted", "sink.committed") for times in (1, 2, 3)]
    assert [process.returncode for process in killed] == [-9] * 6
    last = run_loader(environment, "")
    assert last.returncode == 0, last.stderr[-3000:]
    told = json.loads(last.stdout)
    assert told["counts"] == {f"{site.item.code}_history": [250, 250], **EXPECTED}
    assert told["current"] == sorted([f'["{n % 50}"]', n] for n in range(200, 250))


def run_loader(environment: dict[str, str], kill_at: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.loaders.loader_process", "250", environment["LOADER_GROUP"]]
    return subprocess.run(command, cwd=ROOT, env={**environment, "GUIJI_KILL_AT": kill_at}, capture_output=True, text=True, timeout=120, check=False)


def test_a_warehouse_that_goes_away_is_waited_for(site: Site, tmp_path: Path) -> None:
    if PROGRAM is None:
        pytest.skip("no packaged clickhouse-server on this machine")
    with running(tmp_path / "own") as server:
        warehouse = ready(f"{server.url}/away", site)
        sink = sink_of(site, warehouse)
        with loading(sink):
            site.accept(range(100), batch="a")
            eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (100, 100))
            server.kill()
            site.accept(range(100, 250), batch="b")
            eventually(lambda: sink.progress.waiting is not None)
            with pytest.raises(Unavailable):
                warehouse.query("SELECT 1")
            server.start()
            eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (250, 250))
            eventually(lambda: sink.progress.waiting is None)
        warehouse.close()


def test_poison_is_set_aside_and_its_neighbours_are_loaded(site: Site, server: Packaged) -> None:
    warehouse = ready(f"{server.url}/poison", site)
    sink = sink_of(site, warehouse)
    with loading(sink):
        site.accept(range(10), batch="a")
        site.send(site.accepted, [b"", b"\x01nonsense", b"\0\0\0\0\1", b"\0\x7f\xff\xff\xffx"])
        site.accept(range(10, 20), batch="b")
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (20, 20))
        eventually(lambda: warehouse.query("SELECT count() FROM unloadable FINAL").value() == 4)
    whys = warehouse.query("SELECT why FROM unloadable FINAL WHERE topic = {topic:String} ORDER BY _offset", {"topic": site.accepted}).column("why")
    assert all(whys)
    warehouse.close()


def test_a_topic_that_is_mostly_unreadable_is_held_and_its_neighbours_are_loaded(site: Site, server: Packaged) -> None:
    warehouse = ready(f"{server.url}/brake", site)
    site.accept(range(20), batch="a")
    site.send(site.accepted, [b"\x01nonsense"] * 150)
    sink = sink_of(site, warehouse)
    with loading(sink):
        eventually(lambda: site.accepted in sink.progress.held)
        site.reject(range(30), batch="a")
        eventually(lambda: counts(warehouse, site.item)["rejected"] == (30, 30))
    assert f"guiji load --let-through {site.accepted}" in str(sink.progress.trouble)
    assert warehouse.query("SELECT count() FROM unloadable FINAL").value() == 0
    let_through(site.settings, site.accepted)
    again = sink_of(site, warehouse)
    with loading(again):
        eventually(lambda: warehouse.query("SELECT count() FROM unloadable FINAL").value() == 150)
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (20, 20))
    assert again.progress.trouble is None
    warehouse.close()


def test_offsets_that_were_forgotten_are_taken_from_the_warehouse(site: Site, server: Packaged) -> None:
    warehouse = ready(f"{server.url}/forgotten", site)
    fill(site)
    first = sink_of(site, warehouse)
    with loading(first):
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (250, 250))
        eventually(lambda: all(value[0] for value in counts(warehouse, site.item).values()))
    second = sink_of(site, warehouse, "-forgotten")
    with loading(second):
        site.accept(range(250, 260), batch="c")
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (260, 260))
    assert second.progress.rows == 20
    assert {name: list(value) for name, value in counts(warehouse, site.item).items() if name in EXPECTED} == EXPECTED
    warehouse.close()


def test_offsets_reset_to_the_beginning_insert_nothing_twice(site: Site, server: Packaged) -> None:
    warehouse = ready(f"{server.url}/reset", site)
    fill(site)
    with loading(sink_of(site, warehouse)):
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (250, 250))
        eventually(lambda: all(value[0] for value in counts(warehouse, site.item).values()))
    rewind(site, f"{site.item.code}-reset")
    again = sink_of(site, warehouse, "-reset")
    with loading(again):
        eventually(lambda: again.progress.batches > 0)
        site.accept(range(250, 260), batch="c")
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (260, 260))
    assert {name: list(value) for name, value in counts(warehouse, site.item).items() if name in EXPECTED} == EXPECTED
    warehouse.close()


def rewind(site: Site, group: str) -> None:
    consumer = kafka.consumer(site.settings, group)
    names = [site.accepted, topics.rejected(site.item.code), topics.RECEIPTS, topics.BATCHES]
    consumer.commit(offsets=[TopicPartition(name, 0, 0) for name in names], asynchronous=False)
    consumer.close()


def test_a_second_loader_takes_over_in_mid_stream(site: Site, server: Packaged) -> None:
    warehouse = ready(f"{server.url}/handover", site)
    first, second = sink_of(site, warehouse), sink_of(site, warehouse)
    with loading(second):
        with loading(first):
            for block in range(6):
                site.accept(range(block * 50, block * 50 + 50), batch=str(block))
        site.accept(range(300, 350), batch="last")
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"][1] == 350)
    assert counts(warehouse, site.item)[f"{site.item.code}_history"] == (350, 350)
    assert second.progress.rows > 0
    warehouse.close()


def test_taken_for_another_member_it_joins_anew(site: Site, server: Packaged) -> None:
    warehouse = ready(f"{server.url}/fenced", site)
    sink = Sink(site.settings, site.catalog, warehouse, member=Member(site.item.code, instance="twin"))
    with loading(sink):
        site.accept(range(10), batch="a")
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (10, 10))
        other = kafka.consumer(site.settings, site.item.code, **{"group.instance.id": "twin", "partition.assignment.strategy": "range"})
        other.subscribe([site.accepted])
        eventually(lambda: other.poll(0.2) is None and bool(other.assignment()))
        other.close()
        site.accept(range(10, 20), batch="b")
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (20, 20))
    warehouse.close()


def test_a_topic_made_anew_is_refused_with_the_remedy(site: Site, server: Packaged) -> None:
    warehouse = ready(f"{server.url}/anew", site)
    site.accept(range(10), batch="a")
    with loading(sink_of(site, warehouse)):
        eventually(lambda: counts(warehouse, site.item)[f"{site.item.code}_history"] == (10, 10))
    admin = kafka.admin(site.settings)
    admin.delete_topics([site.accepted])[site.accepted].result(30)
    eventually(lambda: site.accepted not in kafka.partitions(site.settings))
    kafka.ensure(site.settings, topics.of(site.catalog))
    with pytest.raises(Fatal, match=rf"{site.accepted}.*--forget"):
        sink_of(site, warehouse).run(threading.Event())
    warehouse.close()


def test_the_failpoints_have_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIJI_KILL_AT", "sink.elsewhere")
    point("sink.inserted")
    source = (ROOT / "loaders" / "sink.py").read_text()
    assert all(f'"{name}"' in source for name in ("sink.inserted", "sink.committed"))
