"""Receipts: what became of a batch's records in one transaction of the judge, counted, and named one by one where no other row tells."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MOST_ECHOES = 2_000
OUTCOMES = ("accepted", "duplicate", "superseded", "rejected", "excluded")
ECHOED = ("duplicate", "superseded", "excluded")


@dataclass(slots=True)
class Tally:
    """One (batch, item, partition) so far."""

    about: Mapping[str, Any]
    first: int
    last: int
    received_from: datetime
    received_to: datetime
    counts: Counter[str] = field(default_factory=Counter)
    echoes: list[dict[str, Any]] = field(default_factory=list)


class Tallies:
    """Receipts of one item in the making."""

    def __init__(self, item: str) -> None:
        self._item = item
        self._tallies: dict[tuple[str, int], Tally] = {}

    def count(self, said: Mapping[str, Any], place: tuple[int, int], outcome: str, echo: tuple[str, int | None] | None = None) -> None:
        """One record: its envelope, its partition and offset, and for what has no row of its own its key and the version that stands."""
        partition, offset = place
        received = said["_received_at"]
        tally = self._tallies.get((said["_batch"], partition))
        if tally is None:
            about = {"batch": said["_batch"], "source": said["_source"], "department": said["_department"], "way": said["_way"]}
            tally = self._tallies[said["_batch"], partition] = Tally(about, offset, offset, received, received)
        tally.first, tally.last = min(tally.first, offset), max(tally.last, offset)
        tally.received_from, tally.received_to = min(tally.received_from, received), max(tally.received_to, received)
        tally.counts[outcome] += 1
        if echo is not None and outcome in ECHOED:
            key, stands = echo
            tally.echoes.append(
                {
                    "line": said["_line"],
                    "outcome": outcome,
                    "key": key,
                    "row": said["_row"],
                    "ref": said["_ref"],
                    "operation": said["_operation"],
                    "stands": stands,
                }
            )

    def receipts(self, judged_at: datetime) -> Iterator[tuple[int, dict[str, Any]]]:
        """(partition, receipt); more than one of a batch where the echoes are too many, the counts all in the first."""
        for (_, partition), tally in self._tallies.items():
            for number, echoes in enumerate(_cut(tally.echoes)):
                counts = {name: 0 if number else tally.counts[name] for name in OUTCOMES}
                yield partition, {
                    **tally.about, "item": self._item, "partition": partition, "first_offset": tally.first, "last_offset": tally.last, **counts,
                    "echoes": echoes, "received_from": tally.received_from, "received_to": tally.received_to, "judged_at": judged_at, "by": "judge",
                }  # fmt: skip


def _cut(echoes: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    yield echoes[:MOST_ECHOES]
    for start in range(MOST_ECHOES, len(echoes), MOST_ECHOES):
        yield echoes[start : start + MOST_ECHOES]


__all__ = ["ECHOED", "MOST_ECHOES", "OUTCOMES", "Tallies"]
