"""Windows of throughput, without Kafka."""

import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.live import waits, windows

NOW = datetime(2017, 10, 31, 16, 30, 12, tzinfo=UTC)  # half past midnight of the next day in China


def receipt(source: str = "zjj/erp", at: datetime = NOW, **counts: int) -> dict[str, Any]:
    said = {"source": source, "department": "zjj", "way": "api", "item": "xzxk", "judged_at": at, "received_from": at - timedelta(seconds=2), "bytes": 100}
    return said | dict.fromkeys(windows.OUTCOMES, 0) | counts


def fed(said: list[tuple[int, dict[str, Any]]]) -> dict[str, windows.Window]:
    table: dict[str, windows.Window] = {}
    for offset, each in said:
        for key in windows.keys(each):
            if (found := windows.counted(table.get(key), offset, each)) is not None:
                table[key] = found
    return table


receipts = st.lists(
    st.builds(
        receipt,
        source=st.sampled_from(["a", "b"]),
        at=st.integers(0, 3 * 86_400).map(lambda seconds: NOW + timedelta(seconds=seconds)),
        accepted=st.integers(0, 9),
        rejected=st.integers(0, 9),
    ),
    max_size=30,
)


@given(receipts, st.data())
def test_a_repetition_from_any_place_adds_nothing(said: list[dict[str, Any]], data: st.DataObject) -> None:
    numbered = list(enumerate(said))
    with_repeats, at = [], 0
    for stop in sorted(data.draw(st.lists(st.integers(0, len(numbered)), max_size=4))):
        with_repeats += numbered[at:stop]
        at = data.draw(st.integers(0, stop))  # the reader is set back to here and goes on in order
    with_repeats += numbered[at:]
    once = fed(numbered)
    assert fed(with_repeats) == once
    for width in windows.WIDTHS:
        mine = {key: window for key, window in once.items() if key.split(windows.SEPARATOR)[4] == width}
        assert sum(window["received"] for window in mine.values()) == sum(each[name] for each in said for name in windows.OUTCOMES)


def test_days_are_days_in_china() -> None:
    assert [windows.start(width, NOW).isoformat() for width in ("minute", "hour", "day")] == [
        "2017-11-01T00:30:00+08:00", "2017-11-01T00:00:00+08:00", "2017-11-01T00:00:00+08:00",
    ]  # fmt: skip


def test_what_is_shown_is_newest_first_and_per_source() -> None:
    table = fed([(0, receipt(accepted=2)), (1, receipt(at=NOW + timedelta(minutes=1), rejected=1)), (2, receipt("b", excluded=4))])
    first, second = windows.shown(table)
    assert (first["source"], second["source"]) == ("b", "zjj/erp")
    assert [(each["from"][11:16], each["received"], each["accepted"], each["rejected"]) for each in second["windows"]["minute"]] == [("00:31", 1, 0, 1), ("00:30", 2, 2, 0)]
    assert [(each["received"], each["to"][:13]) for each in second["windows"]["hour"]] == [(3, "2017-11-01T01")]
    assert {name: second["windows"]["hour"][0][name] for name in ("bytes", "p50", "p99")} == {"bytes": 200, "p50": 2.048, "p99": 2.048}
    assert windows.shown({}) == []


def test_items_of_a_source_are_counted_apart() -> None:
    first, second = windows.shown(fed([(0, receipt(accepted=2)), (1, receipt(accepted=3) | {"item": "xzcf"})]))
    assert [(each["item"], each["windows"]["day"][0]["received"]) for each in (first, second)] == [("xzcf", 3), ("xzxk", 2)]


def test_a_receipt_of_before_bytes_were_counted_adds_none_and_one_of_nothing_no_wait() -> None:
    (only,) = windows.shown(fed([(0, receipt(accepted=2) | {"bytes": None}), (1, receipt() | {"bytes": None, "received_from": NOW - timedelta(days=1)})]))
    assert {name: only["windows"]["day"][0][name] for name in ("received", "bytes", "p99")} == {"received": 2, "bytes": 0, "p99": 2.048}


@given(st.lists(st.tuples(st.floats(0.001, 1e6), st.integers(1, 50)), min_size=1), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_is_never_too_small_and_at_most_a_fifth_too_large(said: list[tuple[float, int]], level: float) -> None:
    counts: waits.Waits = {}
    for seconds, records in said:
        counts = waits.added(counts, {waits.bucket(timedelta(seconds=seconds)): records})
    every = sorted(seconds for seconds, records in said for _ in range(records))
    exact = every[math.ceil(level * len(every)) - 1]
    found = waits.quantile(counts, level)
    assert found is not None
    assert exact * 0.999 <= found <= exact * waits.RATIO * 1.001 + 0.001


def test_nothing_waited_for_has_no_quantile() -> None:
    assert waits.quantile({}, 0.5) is None


def test_windows_of_an_earlier_release_are_not_shown_and_go() -> None:
    old = windows.SEPARATOR.join(("zjj/erp", "zjj", "api", "day", NOW.isoformat()))
    assert windows.shown({old: {"offset": 1, "received": 5}}) == []
    assert windows.expired([old], NOW) == [old]


def test_old_windows_go() -> None:
    table = fed([(n, receipt(at=NOW - timedelta(days=n), accepted=1)) for n in range(40)])
    for key in windows.expired(table, NOW):
        del table[key]
    assert Counter(key.split(windows.SEPARATOR)[4] for key in table) == {"minute": 1, "hour": 3, "day": 31}
