"""Receipts: what became of a batch's records in one transaction of the judge, counted, and named one by one where no other row tells."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

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
    bytes: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    echoes: list[dict[str, Any]] = field(default_factory=list)


class Tallies:
    """Receipts of one item in the making."""

    def __init__(self, item: str) -> None:
        self._item = item
        self._tallies: dict[tuple[str, int], Tally] = {}

    def add(self, counted: pl.DataFrame, echoes: Sequence[tuple[tuple[str, int], dict[str, Any]]] = ()) -> None:
        """Records: ``counted`` has a row each, with their `_batch _source _department _way _received_at`, `partition`, `offset`, `size` in bytes and `outcome`; ``echoes`` name, by batch and
        partition, those that have no row of their own.
        """
        outcomes = [(pl.col("outcome") == name).sum().alias(name) for name in OUTCOMES]
        about = [pl.col(f"_{name}").first().alias(name) for name in ("source", "department", "way")]
        span = [pl.col("offset").min().alias("first"), pl.col("offset").max().alias("last"), pl.col("size").sum().alias("bytes")]
        received = [pl.col("_received_at").min().alias("received_from"), pl.col("_received_at").max().alias("received_to")]
        for row in counted.group_by("_batch", "partition", maintain_order=True).agg(*about, *span, *received, *outcomes).iter_rows(named=True):
            self._merge((row["_batch"], row["partition"]), row)
        for place, echo in echoes:
            self._tallies[place].echoes.append(echo)

    def _merge(self, place: tuple[str, int], row: Mapping[str, Any]) -> None:
        tally = self._tallies.get(place)
        if tally is None:
            about = {"batch": place[0]} | {name: row[name] for name in ("source", "department", "way")}
            tally = self._tallies[place] = Tally(about, row["first"], row["last"], row["received_from"], row["received_to"])
        tally.first, tally.last = min(tally.first, row["first"]), max(tally.last, row["last"])
        tally.received_from, tally.received_to = min(tally.received_from, row["received_from"]), max(tally.received_to, row["received_to"])
        tally.bytes += row["bytes"]
        tally.counts.update({name: row[name] for name in OUTCOMES})

    def receipts(self, judged_at: datetime) -> Iterator[tuple[int, dict[str, Any]]]:
        """(partition, receipt); more than one of a batch where the echoes are too many, the counts all in the first."""
        for (_, partition), tally in self._tallies.items():
            for number, echoes in enumerate(_cut(tally.echoes)):
                counts = {name: 0 if number else tally.counts[name] for name in OUTCOMES}
                yield partition, {
                    **tally.about, "item": self._item, "partition": partition, "first_offset": tally.first, "last_offset": tally.last, **counts,
                    "echoes": echoes, "received_from": tally.received_from, "received_to": tally.received_to, "judged_at": judged_at, "by": "judge",
                    "bytes": 0 if number else tally.bytes,
                }  # fmt: skip


def _cut(echoes: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    yield echoes[:MOST_ECHOES]
    for start in range(MOST_ECHOES, len(echoes), MOST_ECHOES):
        yield echoes[start : start + MOST_ECHOES]


__all__ = ["ECHOED", "MOST_ECHOES", "OUTCOMES", "Tallies"]
