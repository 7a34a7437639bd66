"""What `guiji live` counts, as people look at it: per source, item and way the last minute, hour and day, and bars over a longer time. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

COUNTS = ("received", "accepted", "duplicate", "superseded", "rejected", "excluded", "bytes")
NOTHING: Mapping[str, int] = dict.fromkeys(COUNTS, 0)
# What the bars show: of which windows, how many, and how long each is.
SPANS = {"hour": ("minute", 60, timedelta(minutes=1)), "day": ("hour", 24, timedelta(hours=1)), "month": ("day", 31, timedelta(days=1))}
Window = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One source, item and way. `minute`: the last whole one; `hour`, `day`: the last sixty minutes and twenty-four hours, the running one included; `bars`: received and rejected, oldest first.

    `waited`: seconds in which 95 % of the running hour's records were judged, None where there are none.
    """

    department: str
    source: str
    way: str
    item: str
    minute: Mapping[str, int]
    hour: Mapping[str, int]
    day: Mapping[str, int]
    bars: Sequence[tuple[int, int]]
    waited: float | None

    @property
    def highest(self) -> int:
        """Of the bars."""
        return max((received for received, _ in self.bars), default=0)


def lines(sources: Iterable[Mapping[str, Any]], now: datetime, span: str, may: Callable[[str], bool]) -> list[Line]:
    """Of the departments that ``may`` lets through, what came within the last day or stands in the bars; who received most within the hour first. ``now`` in the zone of the windows."""
    found = [_line(each, now, span) for each in sources if may(each["department"])]
    return sorted((each for each in found if each.day["received"] or each.highest), key=lambda each: (-each.hour["received"], each.department, each.source, each.item))


def total(found: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    """All together."""
    return reduce(lambda one, other: {name: one[name] + other[name] for name in COUNTS}, found, NOTHING)


def _line(source: Mapping[str, Any], now: datetime, span: str) -> Line:
    windows, (width, number, length) = source["windows"], SPANS[span]
    minute, running = now.replace(second=0, microsecond=0), now.replace(minute=0, second=0, microsecond=0)
    starts = _starts(_begin(width, now), number, length)
    by_start = {width: {datetime.fromisoformat(each["from"]): each for each in windows[width]} for width in ("minute", "hour", "day")}
    bars = [by_start[width].get(start, NOTHING) for start in starts]
    this_hour = by_start["hour"].get(running)
    return Line(
        source["department"], source["source"], source["way"], source["item"],
        by_start["minute"].get(minute - timedelta(minutes=1), NOTHING),
        total(by_start["minute"].get(start, NOTHING) for start in _starts(minute, 60, timedelta(minutes=1))),
        total(by_start["hour"].get(start, NOTHING) for start in _starts(running, 24, timedelta(hours=1))),
        [(each["received"], each["rejected"]) for each in bars], this_hour["p95"] if this_hour else None,
    )  # fmt: skip


def _starts(last: datetime, number: int, length: timedelta) -> list[datetime]:
    return [last - length * back for back in reversed(range(number))]


def _begin(width: str, now: datetime) -> datetime:
    minute = now.replace(second=0, microsecond=0)
    return minute if width == "minute" else minute.replace(minute=0) if width == "hour" else minute.replace(hour=0, minute=0)
