"""Cases 1, 2, 3: the sink killed between insert and commit, the answer of an insert lost, the server killed in the middle of one. What protects: the tables are read back, only the missing goes in."""

import random
import signal
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from infra import kafka
from loaders.native import Native
from schemas import topics
from tests.failures import ledger, tables
from tests.failures.conftest import Start, of
from tests.failures.ledger import DOUBLED
from tests.failures.proxy import Proxy
from tests.failures.unprotected import without
from tests.loaders.packaged import Packaged
from tests.loaders.site import Site, fill, loading, ready, sink_of
from tests.waiting import eventually

pytestmark = pytest.mark.servers
POINTS = [f"sink.{point}:{times}" for point in ("inserted", "committed") for times in (1, 2, 3)]
BLOCK = 10_000  # bytes: more than a statement, less than a block of rows


def accepted(site: Site, batch: int) -> list[Any]:
    """A hundred acceptances for the sink, as the ledger knows them."""
    numbers = range(batch * 100, batch * 100 + 100)
    site.accept(numbers, batch=str(batch))
    return tables.accepted(site, {str(batch): numbers})


def warehouse_of(site: Site, url: str) -> Native:
    """A database for the item; nothing is merged in it, so that a row that was inserted twice is seen."""
    warehouse = ready(f"{url}/{site.item.code}", site)
    tables.frozen(warehouse)
    return warehouse


def joined(site: Site) -> None:
    """The site's group has begun: at the first of its own records, behind what other tests left in the topics that all items share."""
    places = [TopicPartition(topic, 0, kafka.watermarks(site.settings, topic, 0)[1]) for topic in (topics.RECEIPTS, topics.BATCHES)]
    places += [TopicPartition(topic, 0, 0) for topic in (site.accepted, topics.rejected(site.item.code))]
    member = kafka.consumer(site.settings, site.item.code)
    member.commit(offsets=places, asynchronous=False)
    member.close()


@pytest.mark.parametrize("protected", [True, False])
def test_case_1_killed_between_insert_and_commit(site: Site, clickhouse: Packaged, start: Start, tmp_path: Path, seed: int, protected: bool) -> None:
    dice = random.Random(seed)
    deaths = dice.sample(POINTS, 3) if protected else ["sink.inserted:2"]
    warehouse = warehouse_of(site, clickhouse.url)
    environment = of(site, tmp_path / "home", GUIJI_CLICKHOUSE_URL=f"{clickhouse.url}/{site.item.code}")
    joined(site)
    fill(site)

    def loader(point: str) -> Any:
        names = "" if protected else "presence"
        return start(names, "tests.loaders.loader_process", "250", site.item.code, env=environment | {"GUIJI_KILL_AT": point})

    for point in deaths:
        assert loader(point).wait(120) == -signal.SIGKILL, point
    assert loader("").wait(150) == 0  # it ends when everything stands and what was not committed came again
    ledger.verdict(tables.faults(warehouse, site, tables.filled(site)), DOUBLED, seed, protected=protected)
    warehouse.close()


@pytest.mark.parametrize("protected", [True, False])
def test_case_2_an_insert_was_applied_and_its_answer_is_lost(site: Site, clickhouse: Packaged, seed: int, protected: bool) -> None:
    """Three times: of the current table's insert, of the history's, of the receipts'."""
    near = warehouse_of(site, clickhouse.url)
    with Proxy(clickhouse.port) as proxy, without("" if protected else "presence"):
        far = Native(f"clickhouse://127.0.0.1:{proxy.port}/{site.item.code}")
        with loading(sink_of(site, far)):
            sent: dict[str, Any] = {"history": []}
            for batch in range(3):
                proxy.cutting(BLOCK * (1 if batch else 2), reply=True)
                sent["history"] += accepted(site, batch)
                eventually(lambda: tables.loaded(near, site, sent))
            assert proxy.cuts == 3
            ledger.verdict(tables.faults(near, site, sent), DOUBLED, seed, protected=protected)
        far.close()
    near.close()


@pytest.mark.parametrize("protected", [True, False])
def test_case_3_the_server_is_killed_in_the_middle_of_an_insert(site: Site, clickhouse: Packaged, seed: int, protected: bool) -> None:
    """Once before a block has wholly arrived, once when it is there and nobody knows."""
    near = warehouse_of(site, clickhouse.url)
    with Proxy(clickhouse.port) as proxy, without("" if protected else "presence"):
        far = Native(f"clickhouse://127.0.0.1:{proxy.port}/{site.item.code}")
        sink = sink_of(site, far)
        with loading(sink):
            sent: dict[str, Any] = {"history": []}
            for batch, reply in enumerate((False, True)):
                proxy.cutting(BLOCK, reply=reply, then=clickhouse.kill)
                sent["history"] += accepted(site, batch)
                eventually(lambda cuts=batch + 1: proxy.cuts == cuts and clickhouse.process is None)
                clickhouse.start()
                tables.frozen(near)
                eventually(lambda: tables.loaded(near, site, sent))
            eventually(lambda: sink.progress.waiting is None)
            ledger.verdict(tables.faults(near, site, sent), DOUBLED, seed, protected=protected)
        far.close()
    near.close()
