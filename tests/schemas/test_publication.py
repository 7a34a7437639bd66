"""What is published and until when: by the record's own words and the rule in force on the day of reading."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import catalog, publication

CATALOG = catalog.load()
XZCF, SXBZX = CATALOG["xzcf"], CATALOG["sxbzx"]
DAYS = st.dates(date(2015, 1, 1), date(2031, 1, 1))


def penalty(**said: Any) -> dict[str, Any]:
    return {"CF_SYFW": "0", "CF_ZT": "0", "CF_JDRQ": date(2018, 2, 28), "CF_GSJZQ": None, "CF_SXYZCD": None, **said}


def test_the_file_fits_the_catalogue() -> None:
    assert publication.faults(CATALOG) == []


def test_what_does_not_fit_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "publication.json"
    path.write_text(json.dumps({"none": {}, "xzcf": {"until": "X", "hidden": {"CF_ZT": ["9"]}, "never": ["Y"], "periods": [{"from": "2015-01-01", "by": "Z"}]}}))
    assert publication.faults(CATALOG, path) == [
        "none: no such item", "xzcf.X: no such field", "xzcf.Y: no such field", "xzcf.Z: no such field", "xzcf.CF_ZT: 9 is not in its code set",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "today", "expected"),
    [
        ({}, date(2019, 2, 28), True), ({"CF_SYFW": "1"}, date(2019, 2, 28), False), ({"CF_SYFW": "2"}, date(2019, 2, 28), False), ({"CF_SYFW": None}, date(2019, 2, 28), False),
        ({"CF_ZT": "1"}, date(2019, 2, 28), False), ({"CF_ZT": "2"}, date(2019, 2, 28), True),
        # five years by the old rule, one and three by the one that holds since July 2019
        ({}, date(2019, 6, 30), True), ({}, date(2019, 7, 1), False), ({"CF_SXYZCD": "1"}, date(2019, 7, 1), False), ({"CF_SXYZCD": "3"}, date(2021, 2, 28), True),
        ({"CF_SXYZCD": "3"}, date(2021, 3, 1), False),
        # the day the record names goes before both; it is the last one
        ({"CF_GSJZQ": date(2018, 3, 1)}, date(2018, 3, 1), True), ({"CF_GSJZQ": date(2018, 3, 1)}, date(2018, 3, 2), False), ({"CF_GSJZQ": "2030-01-01"}, date(2029, 1, 1), True),
    ],
)  # fmt: skip
def test_scope_state_and_term_decide_on_the_day_of_reading(said: dict[str, Any], today: date, expected: bool) -> None:
    assert publication.published(XZCF, penalty(**said), today) is expected


def test_a_list_that_was_left_is_not_shown() -> None:
    for state, expected in (("发布", True), ("屏蔽", False), ("删除", False)):
        assert publication.published(SXBZX, {"ZT": state, "FBSJ": date(2018, 1, 1)}, date(2018, 2, 1)) is expected


@given(today=DAYS, months=st.sampled_from([1, 6, 12, 36, 60]), back=st.integers(-40, 40))
def test_the_earliest_decision_is_the_first_whose_last_day_has_not_passed(today: date, months: int, back: int) -> None:
    rule = publication.Terms(default=months)
    first = publication.earliest(today, months)
    decided = first + timedelta(days=back)
    last = publication.last_day(XZCF, penalty(CF_JDRQ=decided), rule)
    assert last is not None
    assert (last >= today) is (decided >= first)
