"""The items: what a form says of one is what is declared, and comes back into the form as it was."""

import pytest

from portal.survey import items

YEARS = list(items.years(2017))


def test_years_begin_with_the_stock_and_end_with_this() -> None:
    assert YEARS == [2015, 2016, 2017]


def test_a_form_is_declared_and_comes_back() -> None:
    answer = items.said({"confirmed.xzxk": "yes", "note.xzxk": "", "count.xzxk.2015": "1,200", "count.xzxk.2017": "0"}, "xzxk", YEARS)
    assert items.wrong(answer) == {}
    assert answer.assignment() == {"confirmed": True, "note": ""}
    assert answer.stock() == {"years": {"2015": 1200, "2017": 0}}
    assert items.declared(answer.assignment(), answer.stock(), YEARS) == items.Answer("yes", "", {2015: "1200", 2016: "", 2017: "0"})


def test_what_is_not_answered_is_not_declared() -> None:
    answer = items.said({}, "xzxk", YEARS)
    assert (items.wrong(answer), answer.assignment(), answer.stock()) == ({}, None, None)
    assert items.declared(None, None, YEARS) == answer


def test_not_confirmed_wants_a_reason_and_a_reason_wants_an_answer() -> None:
    assert set(items.wrong(items.said({"confirmed.xzxk": "no"}, "xzxk", YEARS))) == {"note"}
    assert set(items.wrong(items.said({"note.xzxk": "没有许可"}, "xzxk", YEARS))) == {"confirmed"}
    assert items.wrong(items.said({"confirmed.xzxk": "no", "note.xzxk": "没有许可"}, "xzxk", YEARS)) == {}


@pytest.mark.parametrize("text", ["-1", "1.5", "约 200", "²", "12345678901", "９"])
def test_a_count_is_a_whole_number(text: str) -> None:
    assert "2016" in items.wrong(items.said({"count.xzxk.2016": text}, "xzxk", YEARS))["counts"]
