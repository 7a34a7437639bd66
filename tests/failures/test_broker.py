"""Case 13: the broker killed and restarted under load, and its disk full. Servers of this module's own, because they die."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra import kafka, process
from infra import stack as local
from infra.settings import Settings
from infra.wait import patiently
from producers.door import Door, digest
from producers.submission import Row, Submission
from schemas import topics
from schemas.registry import Registry
from streams.judge import Judge, Tools
from tests.failures import ledger
from tests.failures.ledger import LOST
from tests.failures.unprotected import without
from tests.failures.watch import Watch
from tests.producers.conftest import House, copied
from tests.streams.judging import Court
from tests.threads import running
from tests.waiting import eventually

pytestmark = [pytest.mark.servers, pytest.mark.alone]
ROWS, DISK_MB = 40, 300


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose broker writes to a small disk of its own, where this user may mount one."""
    home = tmp_path_factory.mktemp("broker")
    disk = home / "kafka" / "data"
    disk.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "guiji-test", str(disk)]
    small = shutil.which("mount") is not None and os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        local.up(Settings(home=home), ("kafka", "registry"), report=lambda _line: None)
        yield home
    finally:
        local.down(Settings(home=home), report=lambda _line: None)
        if small:
            subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def house(ground: Path, tmp_path: Path) -> House:
    """An item of the test's own on the module's servers."""
    live, code = Settings(_env_file=ground / "env", home=ground), f"xzxk_{uuid4().hex[:8]}"
    catalog = copied(tmp_path / "avro", code)
    with Registry(live.registry) as registry:
        registry.register(catalog)
    kafka.ensure(live, topics.of(catalog))
    return House(Settings(home=tmp_path / "home", kafka=live.kafka, registry=live.registry, catalogue=tmp_path / "avro"), catalog, catalog[code])


def submit(door: Door, house: House, number: int) -> list[ledger.Id]:
    """One request; the ids of its records, which are acknowledged from now on."""
    rows = [Row(line, {**house.item.example, "XK_WSH": f"济许〔2017〕{number}-{line}号"}) for line in range(1, ROWS + 1)]
    receipt = door.submit(Submission(house.source, "zjj", "api", house.item.code, digest(b"%d" % number), rows, f"key{number}", None, "abc"))
    return [(receipt.receipt, line) for line in range(1, ROWS + 1)]


def kill(ground: Path) -> None:
    record = process.read(ground / "pids" / "kafka.json")
    assert record is not None
    process._signal(record.pid, 9)
    assert process.gone(record, 10)


def up(ground: Path) -> None:
    patiently(lambda: local.up(Settings(home=ground), ("kafka",), report=lambda _line: None), local.StackFault, 120)


def fill(path: Path) -> None:
    """Write until the disk takes no more."""
    with suppress(OSError), path.open("wb", buffering=0) as handle:
        while handle.write(b"\0" * (1 << 20)):
            pass


@contextmanager
def judging(house: House) -> Iterator[Court]:
    name = f"judge-{house.item.code}"
    with Registry(house.settings.registry) as registry, running(Judge(Tools(house.settings, house.catalog, registry, name, group=name)).run):
        yield Court(house.settings, house.catalog)


def faults(court: Court, sent: list[ledger.Id]) -> list[str]:
    records = [{"_batch": batch, "_line": line} for batch, line in sent]
    return ledger.judged(records, set(), court.accepted(), court.rejected(), court.receipts())


@pytest.mark.parametrize("protected", [True, False])
def test_case_13_killed_and_restarted_under_load_nothing_acknowledged_is_lost(house: House, ground: Path, seed: int, protected: bool) -> None:
    """Where a record counts as published once it is handed to the client, what was acknowledged while the broker was away is gone."""
    sent: list[ledger.Id] = []
    with without("" if protected else "publishing"), house.door() as door, judging(house) as court, Watch(court) as watch:
        for number in range(3):
            sent += submit(door, house, number)
        eventually(lambda: len(court.accepted()) > 0)
        kill(ground)
        for number in range(3, 6):
            sent += submit(door, house, number)
        if not protected:
            eventually(lambda: door.waiting() == 0)
        up(ground)
        sent += submit(door, house, 6)
        eventually(lambda: door.waiting() == 0)
        eventually(lambda: sum(court.outcomes().values()) >= (len(sent) if protected else len(house.said())))
        ledger.verdict(faults(court, sent) + watch.faults(), LOST, seed, protected=protected)


def test_case_13_its_disk_is_full(house: House, ground: Path, seed: int) -> None:
    """The broker dies of it. When there is room again and it is started, everything is there once."""
    disk = ground / "kafka" / "data"
    if not os.path.ismount(disk):
        pytest.skip("this user may not mount a small disk for the broker (needs root)")
    filler, sent = disk / "filler", list[ledger.Id]()
    with house.door() as door, judging(house) as court, Watch(court) as watch:
        sent += submit(door, house, 0)
        eventually(lambda: sum(court.outcomes().values()) >= len(sent))
        fill(filler)
        record: Any = process.read(ground / "pids" / "kafka.json")
        number = 0

        def dead() -> bool:
            nonlocal number
            number += 1
            sent.extend(submit(door, house, number))
            return process.gone(record, 0.5)

        eventually(dead)
        sent += submit(door, house, number + 1)
        assert door.waiting() > 0
        filler.unlink()
        up(ground)
        eventually(lambda: sum(court.outcomes().values()) >= len(sent))
        ledger.holds(faults(court, sent) + watch.faults(), seed)
