"""Windows of throughput, without Kafka."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams import windows

NOW = datetime(2017, 10, 31, 16, 30, 12, tzinfo=UTC)  # half past midnight of the next day in China


def receipt(source: str = "zjj/erp", at: datetime = NOW, **counts: int) -> dict[str, Any]:
    return {"source": source, "department": "zjj", "way": "api", "judged_at": at} | dict.fromkeys(windows.OUTCOMES, 0) | counts


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
        mine = {key: window for key, window in once.items() if key.split(windows.SEPARATOR)[3] == width}
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
    assert windows.shown({}) == []


def test_old_windows_go() -> None:
    table = fed([(n, receipt(at=NOW - timedelta(days=n), accepted=1)) for n in range(40)])
    for key in windows.expired(table, NOW):
        del table[key]
    assert Counter(key.split(windows.SEPARATOR)[3] for key in table) == {"minute": 1, "hour": 3, "day": 31}
