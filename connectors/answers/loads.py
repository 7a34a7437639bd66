"""What became of each load: what a department wrote without a longer pause, on one day. Counted from receipts, each exactly once: a load remembers the receipt it was counted up to. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from schemas.words import OUTCOMES

PAUSE = timedelta(minutes=10)


@dataclass(frozen=True)
class Load:
    """``number``: the offset of its first receipt in `credit.receipts`; ``version``: of its last one. Times are aware."""

    number: int
    first: datetime
    last: datetime
    counts: Mapping[str, int]
    told: datetime
    version: int

    @property
    def read(self) -> int:
        return sum(self.counts.values())


def counted(newest: Load | None, receipts: Iterable[tuple[int, Mapping[str, Any]]], zone: tzinfo) -> list[Load]:
    """Loads that are new or have grown. ``newest``: the last one known; ``receipts``: of one table, each with its offset, ascending. What was counted already is passed over."""
    grown = list[Load]()
    for offset, receipt in receipts:
        found = Load(offset, receipt["received_from"], receipt["received_to"], {name: receipt[name] for name in OUTCOMES}, receipt["judged_at"], offset)
        if newest is not None and offset <= newest.version:
            continue
        if newest is not None and _belongs(newest, found, zone):
            grown = [load for load in grown if load.number != newest.number]
            found = _merged(newest, found)
        newest = found
        grown.append(found)
    return grown


def _belongs(load: Load, more: Load, zone: tzinfo) -> bool:
    return more.first - load.last <= PAUSE and more.first.astimezone(zone).date() == load.first.astimezone(zone).date()


def _merged(load: Load, more: Load) -> Load:
    counts = {name: load.counts[name] + more.counts[name] for name in OUTCOMES}
    return Load(load.number, min(load.first, more.first), max(load.last, more.last), counts, max(load.told, more.told), more.version)
