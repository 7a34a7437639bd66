"""Case 4: a worker that stood still comes back after another took over. A judge writes nothing; a sink's commit is refused, and its late insert is invisible to whoever asks with FINAL.

That the broker refuses a stranger's commit cannot be switched off from here; what the late insert does is shown by asking without FINAL.
"""

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from infra import kafka
from infra.slots import slot
from tests.failures import ledger, tables
from tests.failures.conftest import Start, of, stopped
from tests.failures.ledger import DOUBLED
from tests.failures.watch import Watch, judged
from tests.loaders.packaged import Packaged
from tests.loaders.site import Site, fill, loading, ready, sink_of
from tests.streams.judging import Court, history
from tests.waiting import eventually

pytestmark = [pytest.mark.servers, pytest.mark.alone]


@pytest.mark.parametrize("protected", [True, False])
def test_case_4_a_judge_that_stood_still_writes_nothing(court: Court, start: Start, tmp_path: Path, seed: int, protected: bool) -> None:
    """It stops with a batch decided and nothing written. Without the group's offset in its transaction nobody refuses it."""
    records = [each for each in history(court, 120) if isinstance(each, dict)]
    bad = {ledger.identity(each) for each in records if each["XK_XDR"] is None}
    other = tmp_path / "other machine"
    other.mkdir()
    assert court.settings.key_secret
    shutil.copy(court.settings.home / "secret", other / "secret")
    group = f"judge-{court.item.code}"
    court.send(records)
    # Another slot than the first's, as on another machine with a name of its own: whoever takes the same one fences the first for that alone.
    with slot(other / "slots", group), Watch(court) as watch:
        names = "short,stop=judge.begin" + ("" if protected else ",group's offset")
        zombie = start(names, "tests.streams.judge_process", group, "1000", env=of(court, court.settings.home))
        eventually(lambda: stopped(zombie))
        start("short", "tests.streams.judge_process", group, "1000", env=of(court, other))
        eventually(lambda: sum(court.outcomes().values()) >= len(records))
        os.kill(zombie.pid, signal.SIGCONT)
        zombie.terminate()
        zombie.wait(60)
        ledger.verdict(judged(court, records, bad) + watch.faults(), DOUBLED, seed, protected=protected)


def test_case_4_a_sink_that_stood_still_is_refused_and_its_late_insert_is_invisible(site: Site, clickhouse: Packaged, start: Start, tmp_path: Path, seed: int) -> None:
    """It stops when it knows what is missing and has not inserted it."""
    warehouse: Any = ready(f"{clickhouse.url}/{site.item.code}", site)
    tables.frozen(warehouse)
    fill(site)
    sent = tables.filled(site)
    environment = of(site, tmp_path / "home", GUIJI_CLICKHOUSE_URL=f"{clickhouse.url}/{site.item.code}")
    zombie = start("short,stop before insert", "tests.loaders.loader_process", "250", site.item.code, env=environment)
    eventually(lambda: stopped(zombie))
    with loading(sink_of(site, warehouse)):
        eventually(lambda: tables.loaded(warehouse, site, sent))
        ledger.holds(tables.faults(warehouse, site, sent), seed)
        eventually(lambda: _committed(site) == _end(site))
        os.kill(zombie.pid, signal.SIGCONT)
        eventually(lambda: tables.raw(warehouse, site, sent))
        ledger.breaks(tables.raw(warehouse, site, sent), DOUBLED, seed)
        ledger.holds(tables.final(warehouse, site, sent), seed)
        site.accept(range(250, 300), batch="b")
        sent = {**sent, "history": tables.accepted(site, {"a": range(150), "b": range(150, 300)})}
        eventually(lambda: tables.loaded(warehouse, site, sent))
        ledger.holds(tables.final(warehouse, site, sent), seed)
        eventually(lambda: _committed(site) == _end(site))
    warehouse.close()


def _committed(site: Site) -> int:
    reader = kafka.consumer(site.settings, site.item.code)
    try:
        return int(reader.committed([TopicPartition(site.accepted, 0)], kafka.TIMEOUT)[0].offset)
    finally:
        reader.close()


def _end(site: Site) -> int:
    """The offset after the last record (its transaction's marker comes behind it)."""
    return max(int(message.offset() or 0) for message in kafka.read_to_end(site.settings, site.accepted)) + 1
