"""Windows of throughput: receipts in, counts per source and minute, hour and day out. Pure.

Every window remembers the offset of the last receipt it counted, so that a receipt that comes again (after a crash between the window's write and the commit of the reader's place) adds nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

OUTCOMES = ("accepted", "duplicate", "superseded", "rejected", "excluded")
WIDTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
KEPT = {"minute": timedelta(hours=2), "hour": timedelta(days=3), "day": timedelta(days=31)}
ZONE = ZoneInfo("Asia/Shanghai")
SEPARATOR = "\x1f"
Window = Mapping[str, Any]


def keys(receipt: Mapping[str, Any]) -> list[str]:
    """The windows a receipt falls into, by the time it was judged: days and hours of Chinese time."""
    who = (receipt["source"], receipt["department"], receipt["way"])
    return [SEPARATOR.join((*who, width, start(width, receipt["judged_at"]).isoformat())) for width in WIDTHS]


def start(width: str, moment: datetime) -> datetime:
    """When the window began that ``moment`` (aware) falls into."""
    local = moment.astimezone(ZONE).replace(second=0, microsecond=0)
    if width == "minute":
        return local
    return local.replace(minute=0) if width == "hour" else local.replace(hour=0, minute=0)


def counted(window: Window | None, offset: int, receipt: Mapping[str, Any]) -> Window | None:
    """The window with the receipt at ``offset`` in it; None when it has counted that one already."""
    if window is not None and offset <= window["offset"]:
        return None
    before = window or dict.fromkeys(OUTCOMES, 0)
    now = {name: before[name] + receipt[name] for name in OUTCOMES}
    return {"offset": offset, "received": sum(now.values()), **now}


def expired(keys_: Iterable[str], now: datetime) -> list[str]:
    """Windows too old to be kept."""
    return [key for key in keys_ if datetime.fromisoformat(key.rsplit(SEPARATOR, 1)[1]) < now - KEPT[key.split(SEPARATOR)[3]]]


def shown(windows: Mapping[str, Window]) -> list[dict[str, Any]]:
    """Per source its windows, newest first, as JSON has them."""
    found: dict[tuple[str, str, str], dict[str, list[dict[str, Any]]]] = {}
    for key, window in windows.items():
        source, department, way, width, since = key.split(SEPARATOR)
        until = datetime.fromisoformat(since) + WIDTHS[width]
        counts = {name: window[name] for name in ("received", *OUTCOMES)}
        found.setdefault((source, department, way), {width: [] for width in WIDTHS})[width].append({"from": since, "to": until.isoformat(), **counts})
    return [
        {"source": source, "department": department, "way": way, "windows": {width: sorted(each, key=lambda window: window["from"], reverse=True) for width, each in mine.items()}}
        for (source, department, way), mine in sorted(found.items())
    ]
