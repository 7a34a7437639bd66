"""What is asked of the database: since when, and what its answer is made to."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.poll import reading

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2017-02-03 04:05:06.5", "2017-02-03 04:00:06.500000"),
        ("2017-02-03 00:00:00", "2017-02-02 23:55:00"),
        ("2017-02-03", "2017-02-02 23:55:00"),
        ("2017-02-03T04:05:06.500000Z", "2017-02-03T04:00:06.500000Z"),
        ("2017-02-03T04:05:06Z", "2017-02-03T04:00:06Z"),
        ("infinity", None),
        ("+12017-02-03 00:00:00", None),
    ],
)
def test_an_overlap_is_taken_off_in_the_columns_own_way_of_writing(text: str, before: str | None) -> None:
    assert reading.earlier(text, 300) == before


@pytest.mark.parametrize(
    ("text", "ahead"),
    [
        ("2020-01-02T03:04:04Z", False), ("2020-01-02T03:04:06Z", True), ("2020-01-02 11:04:04", False), ("2020-01-02 11:04:06", True), ("2020-01-02", False), ("2020-01-03", True),
        ("infinity", True), ("2020-01-02 03:04:06", False),
    ],
)  # fmt: skip
def test_what_lies_in_the_future_is_known_by_the_sites_zone(text: str, ahead: bool) -> None:
    assert reading.ahead(text, NOW, ZONE) is ahead


def test_a_time_before_the_first_one_there_is_has_none_before_it() -> None:
    assert reading.earlier("0001-01-01 00:00:00", 300) is None


@given(st.lists(st.tuples(st.none() | st.text(st.characters(exclude_categories=["Cs"])), st.none() | st.text(st.characters(exclude_categories=["Cs"])))))
def test_every_row_becomes_its_own_image_whatever_stands_in_it(rows: list[tuple[str | None, str | None]]) -> None:
    texts = pl.DataFrame({"名": [row[0] for row in rows], "b": [row[1] for row in rows]}, schema={"名": pl.String, "b": pl.String})
    keys = pl.Series([f'["{number}"]' for number in range(len(rows))], dtype=pl.String)
    found = reading.images(keys, texts)
    assert [json.loads(image) for image in found.values()] == [{"名": row[0], "b": row[1]} for row in rows]
    assert list(found) == keys.to_list()
