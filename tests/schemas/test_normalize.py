"""Values at the edges of what can be written down."""

import polars as pl
import pytest

from schemas import normalize


@pytest.mark.parametrize("value", ["0001-01-01", "0001-01-01 00:00:00", "9999-12-31T23:59:59-08:00"])
def test_a_time_whose_utc_has_no_calendar_is_none_like_any_other_unreadable_one(value: str) -> None:
    assert normalize.moment(value) is None
    assert normalize.moments(pl.Series([value, "2017-01-02 03:04:05"])).is_null().to_list() == [True, False]
