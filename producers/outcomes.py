"""What became of a submission, as the interface tells it. Asked through a callable that the portal backs with the warehouse."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

OUTCOMES = ("accepted", "duplicate", "superseded", "rejected", "excluded")
WAITING, RUNNING, DONE, PARTLY, FAILED = "待处理", "处理中", "成功", "部分成功", "失败"


@dataclass(frozen=True)
class Outcome:
    """What became of one record: its line (from 1), the owner's reference, one of OUTCOMES, and the reasons when rejected or warned."""

    line: int
    ref: str | None
    outcome: str
    reasons: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Outcomes:
    """Counts of a whole batch so far, how many of its records have an outcome that can be shown, one page of them by line, and the line
    the next page follows.
    """

    counts: Mapping[str, int]
    settled: int
    records: Sequence[Outcome]
    next: int | None = None


class Ask(Protocol):
    """Outcomes of `batch` of `item`, records with a line above `after`, at most `limit`. Raises Refusal `unavailable` when nobody can
    tell now.
    """

    def __call__(self, batch: str, item: str, after: int, limit: int) -> Outcomes: ...


def status(found: Outcomes, records: int) -> str:
    """待处理, 处理中, 成功, 部分成功 or 失败 for a batch of `records` rows."""
    return state(found.counts, found.settled, records)


def state(counts: Mapping[str, int], settled: int, records: int) -> str:
    """The same from a receipt's counts alone: ``settled`` of ``records`` rows have their outcome."""
    if settled < records:
        return RUNNING if any(counts.values()) else WAITING
    rejected = counts.get("rejected", 0)
    if rejected == 0:
        return DONE
    return FAILED if rejected >= records else PARTLY


def together(states: Iterable[str]) -> str:
    """The state of a file whose tables have these: it waits and runs as long as one of them does, and has failed only where all have."""
    found = set(states)
    if found & {WAITING, RUNNING}:
        return WAITING if found == {WAITING} else RUNNING
    return next(iter(found)) if len(found) == 1 else PARTLY
