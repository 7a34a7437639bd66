"""What people look at, out of the windows of `guiji live`; without any server."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from portal.live import figures
from portal.live.figures import COUNTS, NOTHING

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2017, 10, 31, 10, 20, 30, tzinfo=ZONE)
WIDTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


def start(width: str, at: datetime) -> datetime:
    at = at.replace(second=0, microsecond=0)
    return at if width == "minute" else at.replace(minute=0) if width == "hour" else at.replace(minute=0, hour=0)


def source(said: list[tuple[datetime, int, int]], department: str = "zjj", name: str = "zjj/excel") -> dict[str, Any]:
    """As `guiji live` tells it: ``said`` is when, how many, of them rejected."""
    windows: dict[str, list[dict[str, Any]]] = {width: [] for width in WIDTHS}
    for width, each in windows.items():
        for begin in sorted({start(width, at) for at, *_ in said}, reverse=True):
            mine = [(all_, bad) for at, all_, bad in said if start(width, at) == begin]
            received, rejected = (sum(numbers) for numbers in zip(*mine, strict=True))
            counts = dict.fromkeys(COUNTS, 0) | {"received": received, "rejected": rejected, "accepted": received - rejected, "bytes": 100 * received}
            each.append({"from": begin.isoformat(), "to": (begin + WIDTHS[width]).isoformat(), "p50": 1.0, "p95": 2.0, "p99": 3.0, **counts})
    return {"source": name, "department": department, "way": "excel", "item": "xzxk", "windows": windows}


def everybody(_: str) -> bool:
    return True


moments = st.lists(st.tuples(st.integers(0, 40 * 86_400).map(lambda seconds: NOW - timedelta(seconds=seconds)), st.integers(1, 50), st.integers(0, 1)), min_size=1, max_size=30)


@given(moments)
def test_each_count_is_what_came_in_its_time(said: list[tuple[datetime, int, int]]) -> None:
    minute, hour = start("minute", NOW), start("hour", NOW)

    def came(since: datetime, until: datetime) -> int:
        return sum(number for at, number, _ in said if since <= at < until)

    for line in figures.lines([source(said)], NOW, "hour", everybody):
        assert line.minute["received"] == came(minute - timedelta(minutes=1), minute)
        assert line.hour["received"] == sum(received for received, _ in line.bars) == came(minute - timedelta(minutes=59), minute + timedelta(minutes=1))
        assert line.day["received"] == came(hour - timedelta(hours=23), hour + timedelta(hours=1))
        assert len(line.bars) == 60
    for span, width in (("day", "hour"), ("month", "day")):
        for line in figures.lines([source(said)], NOW, span, everybody):
            first = start(width, NOW) - WIDTHS[width] * (len(line.bars) - 1)
            assert [received for received, _ in line.bars] == [came(first + WIDTHS[width] * n, first + WIDTHS[width] * (n + 1)) for n in range(len(line.bars))]


def test_nobody_sees_what_he_may_not_and_the_busiest_stands_first() -> None:
    said = [source([(NOW, 5, 1)]), source([(NOW, 9, 0)], "gsj", "gsj/form"), source([(NOW - timedelta(days=2), 9, 0)], name="zjj/old")]
    assert [line.source for line in figures.lines(said, NOW, "hour", everybody)] == ["gsj/form", "zjj/excel"]
    assert [line.source for line in figures.lines(said, NOW, "month", everybody)] == ["gsj/form", "zjj/excel", "zjj/old"]
    (mine,) = figures.lines(said, NOW, "hour", lambda department: department == "zjj")
    assert (mine.source, mine.hour["rejected"], mine.highest, mine.bars[-1], mine.waited) == ("zjj/excel", 1, 5, (5, 1), 2.0)
    assert figures.lines([], NOW, "hour", everybody) == []


def test_totals_add_up_and_of_nothing_are_nothing() -> None:
    assert figures.total([]) == NOTHING
    assert figures.total([NOTHING | {"received": 2}, NOTHING | {"received": 3, "bytes": 7}]) == NOTHING | {"received": 5, "bytes": 7}
