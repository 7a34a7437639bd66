"""The truth check finds every kind of difference, and shows nobody's number."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.reconcile import HIDDEN, Different, canonical, compare


@dataclass(frozen=True)
class Field:
    name: str
    privacy: str = "none"


@dataclass(frozen=True)
class Item:
    code: str = "t"
    fields: tuple[Field, ...] = (Field("A"), Field("D"), Field("SFZ", "person_number"))


ITEM: Any = Item()
VALUES = st.none() | st.text(min_size=1, max_size=3) | st.dates()
RECORDS = st.dictionaries(st.text(max_size=2), st.fixed_dictionaries({"A": VALUES, "D": VALUES, "SFZ": VALUES}), max_size=6)


def test_what_is_equal_is_clean() -> None:
    report = compare(ITEM, [("k", {"A": "x", "D": date(2099, 12, 31), "SFZ": None})], {"k": {"A": "x", "D": "2099-12-31"}})
    assert (report.clean, report.equal) == (True, 1)


def test_missing_extra_and_different_are_told_apart() -> None:
    report = compare(ITEM, [("a", {"A": "1"}), ("b", {"A": "2"})], {"b": {"A": "3", "D": "2017-01-01"}, "c": {}})
    assert (report.missing, report.extra) == (("c",), ("a",))
    assert report.different == (Different("b", "A", "3", "2"), Different("b", "D", "2017-01-01", None))
    assert report.counts() == {"missing": 1, "extra": 1, "different": 1}


def test_a_persons_number_is_compared_and_not_shown() -> None:
    report = compare(ITEM, [("k", {"SFZ": "11010519491231002X"})], {"k": {"SFZ": "110105194912310021"}})
    assert report.different == (Different("k", "SFZ", HIDDEN, HIDDEN),)
    assert "1101" not in repr(report)


@pytest.mark.parametrize(
    ("value", "text"),
    [(date(1949, 10, 1), "1949-10-01"), (datetime(2017, 9, 1, 1, 2, 3, 45000, tzinfo=UTC), "2017-09-01 09:02:03.045"), (7, "7"), ("", None), (None, None)],
)
def test_values_have_one_text_on_every_server(value: object, text: str | None) -> None:
    assert canonical(value) == text


@given(RECORDS, RECORDS)
def test_every_key_has_exactly_one_verdict(there: dict[str, Any], wanted: dict[str, Any]) -> None:
    report = compare(ITEM, there.items(), wanted)
    different = {each.key for each in report.different}
    assert set(report.missing) == wanted.keys() - there.keys()
    assert set(report.extra) == there.keys() - wanted.keys()
    for key in wanted.keys() & there.keys():
        same = all(canonical(wanted[key][name]) == canonical(there[key][name]) for name in ("A", "D", "SFZ"))
        assert same == (key not in different)
    assert report.equal + len(different) == len(wanted.keys() & there.keys())
