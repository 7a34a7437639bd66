"""The metrics of every process, as files: each writes `<home>/metrics/<process>-<n>.prom` every ten seconds, in Prometheus' text form, and `/metrics` of the serving process joins them.

One address to scrape, no port for each process, and what a process measured last can be read after its death. On several machines node_exporter's textfile collector takes the same files.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector, CollectorRegistry

from infra import metrics
from infra.settings import Settings
from infra.slots import slot

LOG = structlog.get_logger(__name__)
FORM = CONTENT_TYPE_LATEST
EVERY = 10.0  # seconds
COST = 20.0  # times as long as a question took it is not asked again
Look = Callable[[], None]


def folder(settings: Settings) -> Path:
    return settings.home / "metrics"


@contextmanager
def written(settings: Settings, process: str, looks: Sequence[Look] = ()) -> Iterator[None]:
    """While this lasts the process's metrics are written every ten seconds, and at its end; before each time what ``looks`` measure is asked for."""
    done = threading.Event()
    with slot(settings.slots, f"measured-{process}") as name:
        path = folder(settings) / f"{name.removeprefix('measured-')}.prom"
        thread = threading.Thread(target=_keep, args=(path, looks, done), name="metrics", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(EVERY)


def seldom(look: Look, clock: Callable[[], float] = time.monotonic) -> Look:
    """The same, asked only as often as the answer is cheap: at most a twentieth of the time goes into it."""
    next_time = clock()

    def asked() -> None:
        nonlocal next_time
        began = clock()
        if began >= next_time:
            try:
                look()
            finally:
                next_time = began + (clock() - began) * COST

    return asked


def _keep(path: Path, looks: Sequence[Look], done: threading.Event) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    failing = False
    while True:
        failed = [fault for look in looks if (fault := _looked(look))]
        if failed and not failing:
            LOG.warning("cannot be measured now", faults=failed)
        failing = bool(failed)
        metrics.LOOK_FAILED.set(float(failing))
        write(path)
        if done.wait(EVERY):
            write(path)
            return


def _looked(look: Look) -> str:
    try:
        look()
    except Exception as fault:  # noqa: BLE001 -- whatever cannot be asked must not end what is measured
        return f"{type(fault).__name__}: {fault}"[:300]
    return ""


def write(path: Path) -> None:
    """This process's values, whole or not at all."""
    metrics.ALIVE.set(time.time())
    draft = path.with_suffix(".draft")
    draft.write_bytes(_text(list(metrics.families())))
    draft.replace(path)


def joined(settings: Settings) -> bytes:
    """All processes' values in the text form, each with the label `process`, what is written of them last."""
    found: dict[str, Family] = {}
    for path in sorted(folder(settings).glob("*.prom")):
        for family in text_string_to_metric_families(path.read_text(encoding="utf-8")):
            mine = found.setdefault(family.name, Family(family.name, family.documentation, family.type))
            for sample in family.samples:
                mine.add_sample(sample.name, sample.labels | {"process": path.stem}, sample.value)
    return _text(list(found.values()))


class _Told(Collector):
    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Family]:
        yield from self._families


def _text(families: Sequence[Family]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Told(families))
    return generate_latest(registry)
