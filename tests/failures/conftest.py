"""What the failure tests share: an item of their own, a packaged ClickHouse, processes that are gone afterwards, and the seed of what is random."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from schemas import catalog as catalogues
from schemas.catalog import Catalog
from tests.loaders.packaged import PROGRAM, Packaged, running
from tests.loaders.site import Site, found
from tests.streams.judging import Court, copied, opened

ROOT = Path(__file__).parents[2]
Start = Callable[..., "subprocess.Popen[str]"]
TWIN = "`make failures` runs it: that this goes wrong without its protection is only certain on a machine that does nothing else"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Beside other tests the sound runs only."""
    for item in items:
        if _unprotected(item) and item.get_closest_marker("servers") and not os.environ.get("FAILURES"):
            item.add_marker(pytest.mark.skip(reason=TWIN))


def _unprotected(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and hasattr(item, "callspec") and item.callspec.params.get("protected") is False


@pytest.fixture
def seed() -> int:
    """`FAILURES_SEED` in the environment draws other moments of death; every failure names it."""
    return int(os.environ.get("FAILURES_SEED") or 20170901)


@pytest.fixture
def court(stack: Any, tmp_path: Path) -> Court:
    """An item with its topics, for judges."""
    home = tmp_path / "home"
    return opened(stack.settings, home, copied(home / "avro", f"xzxk_{uuid4().hex[:8]}"))


@pytest.fixture
def courts(stack: Any, tmp_path: Path) -> tuple[Court, Court, Catalog]:
    """Two items, and the catalogue of both for the judge that has both."""
    home, codes = tmp_path / "home", [f"xzxk_{uuid4().hex[:8]}" for _ in range(2)]
    mine, neighbour = (opened(stack.settings, home, copied(home / code, code)) for code in codes)
    both = home / "both"
    both.mkdir()
    for code in codes:
        (both / f"{code}.avsc").write_text((home / code / f"{code}.avsc").read_text(encoding="utf-8"), encoding="utf-8")
    return mine, neighbour, catalogues.load(both)


@pytest.fixture
def site(stack: Any, tmp_path: Path) -> Site:
    """An item with its topics, for sinks."""
    return found(stack.settings, tmp_path / "avro", f"loadtest_{uuid4().hex[:8]}")


@pytest.fixture
def clickhouse(tmp_path: Path) -> Iterator[Packaged]:
    """A packaged server of the test's own: it may be killed and started."""
    if PROGRAM is None:
        pytest.skip("no packaged clickhouse-server on this machine")
    with running(tmp_path / "clickhouse") as server:
        yield server


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `python -m MODULE ARGUMENTS…` with the named protections off or conditions on, its output in a file. What still runs at the end is killed, by its id."""
    processes: list[subprocess.Popen[str]] = []

    def started(names: str, module: str, *arguments: str, env: Mapping[str, str]) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.failures.unprotected", names, module, *arguments]
        with (tmp_path / f"process-{len(processes)}.log").open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **env}, stdout=log, stderr=log, text=True)
        processes.append(process)
        return process

    yield started
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.wait()


def of(court: Court | Site, home: Path, **more: str) -> dict[str, str]:
    """The environment of a process that works for this item."""
    catalogue = court.settings.catalogue if isinstance(court, Court) else court.folder
    return {"GUIJI_HOME": str(home), "GUIJI_KAFKA": court.settings.kafka, "GUIJI_REGISTRY": court.settings.registry, "GUIJI_CATALOGUE": str(catalogue), **more}


def stopped(process: "subprocess.Popen[str]") -> bool:
    """Whether the process stands still."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
