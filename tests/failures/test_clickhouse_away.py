"""Cases 5 and 6: ClickHouse is away for longer than a member may be silent; and it answers that it has too many parts."""

import base64
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import kafka, process
from loaders.sink import Sink
from schemas import codec, envelope, topics
from tests.failures import ledger, tables
from tests.failures.conftest import Start, of
from tests.failures.ledger import LOST
from tests.failures.unprotected import without
from tests.loaders.packaged import PROGRAM, Packaged
from tests.loaders.site import Site, acceptance, loading, ready, sink_of
from tests.waiting import eventually

pytestmark = [pytest.mark.servers, pytest.mark.alone]
LARGE = 10_000  # bytes of a record
FIRST, COUNT = 1_000, 7_000  # 10 MB fill what may be held, 60 MB more must not be
ROOM_MB = 30
MORE_PARTS = "<merge_tree><parts_to_delay_insert>6</parts_to_delay_insert><parts_to_throw_insert>6</parts_to_throw_insert></merge_tree></yandex>"


def members(site: Site, group: str) -> list[str]:
    client = kafka.admin(site.settings)
    return [member.member_id for member in client.describe_consumer_groups([group])[group].result().members]


def accept_large(site: Site, numbers: range) -> None:
    """Records of 10 KB each, which no compression makes small: what is fetched is counted before it is unpacked."""
    dice = random.Random(1)
    records = [
        acceptance(site.item, f'["{n % 50}"]', n, _batch=f"{site.item.code}-b", _line=n, _warnings=base64.b64encode(dice.randbytes(LARGE * 3 // 4)).decode())
        for n in numbers
    ]
    site.send(site.accepted, codec.encode(envelope.acceptance(site.item), site.ids[topics.subject(site.accepted)], records))


def test_case_5_away_for_a_while_it_stays_a_member_in_bounded_memory_and_drains(site: Site, clickhouse: Packaged, start: Start, tmp_path: Path, seed: int) -> None:
    """Beside it two others: one that waits without polling is put out of its group, one that polls without pausing takes everything into its memory."""
    kinds = {"sound": "", "silent": ",polling", "greedy": ",pausing"}
    houses = {kind: ready(f"{clickhouse.url}/{kind}", site) for kind in kinds}
    groups = {kind: f"{site.item.code}-{kind}" for kind in kinds}
    running = {
        kind: start(f"short,small{off}", "tests.failures.sink_process", groups[kind], env=of(site, tmp_path / kind, GUIJI_CLICKHOUSE_URL=f"{clickhouse.url}/{kind}"))
        for kind, off in kinds.items()
    }
    sent = {"history": tables.accepted(site, {"a": range(50)})}
    site.accept(range(50), batch="a")
    eventually(lambda: all(tables.loaded(house, site, sent) for house in houses.values()))
    member = members(site, groups["sound"])
    clickhouse.kill()
    accept_large(site, range(50, 50 + FIRST))
    eventually(lambda: members(site, groups["silent"]) == [])  # longer than a member may go without polling
    before = {kind: process.memory(each.pid) for kind, each in running.items()}
    accept_large(site, range(50 + FIRST, 50 + COUNT))
    eventually(lambda: process.memory(running["greedy"].pid) - before["greedy"] > ROOM_MB)
    assert process.memory(running["sound"].pid) - before["sound"] < ROOM_MB
    assert members(site, groups["sound"]) == member
    clickhouse.start()
    sent = {"history": tables.accepted(site, {"a": range(50), "b": range(50, 50 + COUNT)})}
    eventually(lambda: tables.loaded(houses["sound"], site, sent))
    ledger.holds(tables.faults(houses["sound"], site, sent), seed)
    assert members(site, groups["sound"]) == member
    for house in houses.values():
        house.close()


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Packaged]:
    """A server that takes six parts of a table and no more."""
    if PROGRAM is None:
        pytest.skip("no packaged clickhouse-server on this machine")
    server = Packaged(tmp_path / "crowded")
    config = server.home / "config.xml"
    config.write_text(config.read_text().replace("</yandex>", MORE_PARTS))
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.mark.parametrize("protected", [True, False])
def test_case_6_too_many_parts(site: Site, crowded: Packaged, seed: int, protected: bool) -> None:
    """It waits, what comes meanwhile is one batch, and nothing is set aside. Without patience the rows end among the unloadable."""
    warehouse = ready(f"{crowded.url}/{site.item.code}", site)
    tables.frozen(warehouse)
    sink: Sink = sink_of(site, warehouse)
    blocks: dict[str, range] = {}
    size = 20 if protected else 1  # one set aside is one part of `unloadable`, which takes six, too

    def accept(number: int) -> dict[str, list[ledger.Id]]:
        blocks[str(number)] = range(number * size, number * size + size)
        site.accept(blocks[str(number)], batch=str(number))
        return {"history": tables.accepted(site, blocks)}

    with without("" if protected else "patience"), loading(sink):
        for number in range(4):
            sent = accept(number)
            eventually(lambda sent=sent: tables.loaded(warehouse, site, sent))
        for number in range(4, 10 if protected else 8):
            sent = accept(number)
            if not protected:  # one by one, or a slow machine makes one part of them all
                eventually(lambda sent=sent: tables.loaded(warehouse, site, sent))
        if protected:
            eventually(lambda: "parts" in (sink.progress.waiting or ""))
            batches = sink.progress.batches
            for number in range(10, 20):
                sent = accept(number)
            warehouse.command("SYSTEM START MERGES")
        eventually(lambda: tables.loaded(warehouse, site, sent))
        if protected:
            eventually(lambda: sink.progress.waiting is None)
            assert sink.progress.batches - batches <= 5
            assert warehouse.query("SELECT count() FROM unloadable").value() == 0
        ledger.verdict(tables.final(warehouse, site, sent), LOST, seed, protected=protected)
    warehouse.close()
