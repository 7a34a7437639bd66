"""What was measured, run by run, and the summary of it that is written to results.json."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median
from typing import Any

from bench.goals import GOALS

PACKAGES = ("confluent-kafka", "faust-streaming", "polars", "pyarrow", "pyruhvro", "fastavro", "rocksdict", "chdb", "clickhouse-driver")


@dataclass(frozen=True)
class Work:
    """What was done: records, in so many seconds; processor µs per record by process; largest memory in MB, seconds from the start of the process to its first commit (None: not known)."""

    records: int
    seconds: float
    cpu_us: Mapping[str, float] = field(default_factory=dict)
    memory_mb: float | None = None
    start_s: float | None = None

    @property
    def rate(self) -> float:
        return self.records / self.seconds


@dataclass
class Book:
    """Works and figures by name, a list of runs each; what was left out, and why; how the peers were configured."""

    works: dict[str, list[Work]] = field(default_factory=dict)
    figures: dict[str, list[float]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    configurations: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def work(self, name: str, work: Work) -> Work:
        """Notes a run of something; gives it back."""
        self.works.setdefault(name, []).append(work)
        return work

    def figure(self, name: str, value: float) -> None:
        assert name in GOALS, name
        self.figures.setdefault(name, []).append(value)

    def leave(self, why: str, *names: str) -> None:
        """These figures are not taken in this run of the bench."""
        self.left_out |= dict.fromkeys(names, why)

    def summary(self) -> dict[str, Any]:
        """Everything as JSON-able values. Figures that nobody took or left out were not asked for."""
        missing = {name: "not asked for" for name in GOALS if name not in self.figures and name not in self.left_out}
        return {
            "ratios": {name: spread(values) | {"floor": GOALS[name].floor, "goal": GOALS[name].goal, "met": GOALS[name].met(median(values))} for name, values in self.figures.items()},
            "rates": {name: _work(works) for name, works in self.works.items()},
            "left_out": self.left_out | missing,
            "peers": self.configurations,
            "notes": self.notes,
            "versions": {name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
            "machine": {"cores": os.cpu_count(), "system": platform.system(), "machine": platform.machine()},
        }  # fmt: skip


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median and the ends."""
    return {"median": median(values), "min": min(values), "max": max(values), "runs": len(values)}


def _work(works: Sequence[Work]) -> dict[str, Any]:
    processes = dict.fromkeys(name for work in works for name in work.cpu_us)
    memory, start = ([value for work in works if (value := getattr(work, name)) is not None] for name in ("memory_mb", "start_s"))
    return spread([work.rate for work in works]) | {
        "records": works[0].records,
        "cpu_us": {name: median(work.cpu_us.get(name, 0.0) for work in works) for name in processes},
        "memory_mb": max(memory) if memory else None,
        "start_s": median(start) if start else None,
    }
