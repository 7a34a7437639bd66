"""Windows of throughput: receipts in; per source, item, way and minute, hour and day the counts of records, bytes and waits out. Pure.

Every window remembers the offset of the last receipt it counted, so that a receipt that comes again (after a crash between the window's write and the commit of the reader's place) adds nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from streams.live import waits

OUTCOMES = ("accepted", "duplicate", "superseded", "rejected", "excluded")
WHO = ("source", "department", "way", "item")
WIDTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
KEPT = {"minute": timedelta(hours=2), "hour": timedelta(days=3), "day": timedelta(days=31)}
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
ZONE = ZoneInfo("Asia/Shanghai")
SEPARATOR = "\x1f"
Window = Mapping[str, Any]


def keys(receipt: Mapping[str, Any]) -> list[str]:
    """The windows a receipt falls into, by the time it was judged: days and hours of Chinese time."""
    who = [receipt[name] for name in WHO]
    return [SEPARATOR.join((*who, width, start(width, receipt["judged_at"]).isoformat())) for width in WIDTHS]


def start(width: str, moment: datetime) -> datetime:
    """When the window began that ``moment`` (aware) falls into."""
    local = moment.astimezone(ZONE).replace(second=0, microsecond=0)
    if width == "minute":
        return local
    return local.replace(minute=0) if width == "hour" else local.replace(hour=0, minute=0)


def counted(window: Window | None, offset: int, receipt: Mapping[str, Any]) -> Window | None:
    """The window with the receipt at ``offset`` in it; None when it has counted that one already.

    A receipt tells when the first of its records was received: each of them counts as having waited as long as that one.
    """
    if window is not None and offset <= window["offset"]:
        return None
    before: Window = window or {**dict.fromkeys(OUTCOMES, 0), "bytes": 0, "waits": {}}
    now = {name: before[name] + receipt[name] for name in OUTCOMES}
    more = sum(receipt[name] for name in OUTCOMES)
    waited = waits.added(before["waits"], {waits.bucket(receipt["judged_at"] - receipt["received_from"]): more} if more else {})
    return {"offset": offset, "received": sum(now.values()), **now, "bytes": before["bytes"] + (receipt["bytes"] or 0), "waits": waited}


def expired(keys_: Iterable[str], now: datetime) -> list[str]:
    """Windows too old to be kept, and those of an earlier release, which were cut otherwise."""
    return [key for key in keys_ if not _ours(key) or datetime.fromisoformat(key.rsplit(SEPARATOR, 1)[1]) < now - KEPT[key.split(SEPARATOR)[-2]]]


def shown(windows: Mapping[str, Window]) -> list[dict[str, Any]]:
    """Per source, department, way and item its windows, newest first, as JSON has them. Quantiles are of waits, in seconds."""
    found: dict[tuple[str, ...], dict[str, list[dict[str, Any]]]] = {}
    for key in filter(_ours, windows):
        *who, width, since = key.split(SEPARATOR)
        window, until = windows[key], datetime.fromisoformat(since) + WIDTHS[width]
        told = {name: window[name] for name in ("received", *OUTCOMES, "bytes")} | {name: waits.quantile(window["waits"], level) for name, level in QUANTILES.items()}
        found.setdefault(tuple(who), {width: [] for width in WIDTHS})[width].append({"from": since, "to": until.isoformat(), **told})
    return [
        dict(zip(WHO, who, strict=True)) | {"windows": {width: sorted(each, key=lambda window: window["from"], reverse=True) for width, each in mine.items()}}
        for who, mine in sorted(found.items())
    ]


def _ours(key: str) -> bool:
    return key.count(SEPARATOR) == len(WHO) + 1
