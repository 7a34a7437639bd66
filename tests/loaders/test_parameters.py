"""Literals for servers that know no parameters: read back by a small reader of ClickHouse's own escapes, over any text."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.parameters import ParameterFault, check, inline, literal

ESCAPES = {"0": "\0", "\\": "\\", "'": "'"}


def read_back(quoted: str) -> str:
    """The text between the quotes; fails when the quote ends early."""
    assert quoted[0] == quoted[-1] == "'"
    out, rest = "", iter(quoted[1:-1])
    for letter in rest:
        assert letter != "'", "the literal ends before its end"
        out += ESCAPES[next(rest)] if letter == "\\" else letter
    return out


@given(st.text())
def test_any_text_comes_back_from_its_literal(text: str) -> None:
    assert read_back(literal(text, "String")) == text


@given(st.text())
def test_a_value_is_not_searched_for_places(text: str) -> None:
    assert inline("SELECT {a:String}, {b:String}", {"a": text, "b": "{a:String}"}) == f"SELECT {literal(text, 'String')}, '{{a:String}}'"


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (-5, "Int64", "-5"), (7, "UInt8", "7"), (None, "Nullable(String)", "NULL"), ("x", "Nullable(String)", "'x'"), ([], "Array(String)", "emptyArrayString()"),
        (["a'", "b"], "Array(String)", "['a\\'','b']"), ([1, 2], "Array(Int64)", "[1,2]"), (date(2017, 9, 1), "Date", "toDate('2017-09-01')"),
    ],
)  # fmt: skip
def test_literals_of_every_type(value: Any, kind: str, written: str) -> None:
    assert literal(value, kind) == written


@pytest.mark.parametrize(
    ("kind", "value"),
    [("String", 1), ("String", None), ("String", b"x"), ("Int64", "1; DROP TABLE x"), ("Int64", True), ("Int64", 1.5), ("Array(String)", "abc"),
     ("Array(Int64)", [1, "2"]), ("Date", "2017-09-01"), ("Float64", 1.0), ("Identifier", "x")],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(ParameterFault):
        check(f"SELECT {{a:{kind}}}", {"a": value})
