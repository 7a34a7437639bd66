"""A request's body: every record read as it was written, every fault at its place."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import api_body
from producers.refusal import Refusal
from producers.submission import Row

LONG = "长" * 100_000
TITLES = {"XK_WSH": "行政许可决定书文号", "XK_NR": "许可内容", "DFBM": "地方编码"}


def rows(body: str) -> list[Row]:
    return [api_body.row(index, element, TITLES) for index, element in enumerate(api_body.array(body))]


def rules(row: Row) -> list[str]:
    return sorted(fault["rule"] for fault in row.faults)


def test_both_forms_of_a_record_and_numbers_as_they_were_written() -> None:
    wrapped, bare = rows(
        '[{"ref": "A-1", "operation": "assert", "fields": {"DFBM": 370100, "XK_NR": 1.50}}, {"ref": 5, "XK_WSH": "一", "DFBM": 1e2, "XK_NR": ""}]'
    )
    assert (wrapped.line, wrapped.ref, wrapped.operation, wrapped.fields) == (1, "A-1", "assert", {"DFBM": "370100", "XK_NR": "1.50"})
    assert (bare.line, bare.ref, bare.operation, bare.fields) == (2, "5", "upsert", {"XK_WSH": "一", "DFBM": "1e2", "XK_NR": None})
    assert not wrapped.faults
    assert not bare.faults


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ('{"XKWSH": "一"}', "R-API-01"),
        ('{"fields": {"XK_WSH": "一"}, "extra": 1}', "R-API-01"),
        ('{"XK_WSH": ["一"]}', "R-API-02"),
        ('{"XK_WSH": {"a": 1}}', "R-API-02"),
        ('"一"', "R-API-03"),
        ("17", "R-API-03"),
        ('{"operation": "drop", "XK_WSH": "一"}', "R-API-04"),
        ('{"XK_WSH": "一", "XK_WSH": "二"}', "R-API-05"),
        ('{"XK_WSH": "\\ud800一"}', "R-API-06"),
        ('{"ref": {}, "XK_WSH": "一"}', "R-API-07"),
    ],
)
def test_what_is_wrong_with_one_record_is_its_own_fault(record: str, rule: str) -> None:
    bad, good = rows(f'[{record}, {{"XK_WSH": "好"}}]')
    assert rules(bad) == [rule]
    assert bad.faults[0]["message"]
    assert bad.faults[0]["remedy"]
    assert (good.fields, good.faults) == ({"XK_WSH": "好"}, [])


@pytest.mark.parametrize(
    "record",
    [
        json.dumps({LONG: 1})[:-1] + "," + json.dumps({LONG: 2})[1:],
        json.dumps({"fields": {}, LONG: 1}),
        "{" + ",".join(f'"n{n}": 1, "n{n}": 2' for n in range(50_000)) + "}",
        json.dumps({"operation": LONG}),
        '{"\\ud800": 1, "\\ud800": 2, "operation": "\\udfff", "fields": {"\\ud800": 1}}',
        '{"operation": {"\\ud800": 1}}',
    ],
)
def test_whatever_names_are_sent_what_is_told_of_them_can_be_written_and_is_short(record: str) -> None:
    (row,) = rows(f"[{record}]")
    assert row.faults
    assert len(json.dumps(list(row.faults), ensure_ascii=False).encode()) < 50_000


def test_an_unknown_field_names_the_nearest() -> None:
    (row,) = rows('[{"xk_wsh": "一"}]')
    assert "XK_WSH" in row.faults[0]["message"]


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        ('[{"XK_WSH": "一"},\n {"XK_WSH" "二"}]', 2, 12),
        ("7", 1, 1),
        ('[{"XK_WSH": "一"} {"XK_WSH": "二"}]', 1, 18),
        ('[{"XK_WSH": "一"}', 1, 17),
        ('[{"XK_WSH": "一"}] x', 1, 19),
        ("[1,]", 1, 4),
        ("", 1, 1),
        ("[" * 200_000, 1, 2),
    ],
)
def test_a_malformed_array_is_refused_with_its_place(body: str, line: int, column: int) -> None:
    with pytest.raises(Refusal) as caught:
        list(api_body.array(body))
    assert caught.value.code == "malformed"
    assert {key: caught.value.details[0][key] for key in ("line", "column")} == {"line": line, "column": column}


@pytest.mark.parametrize("body", ['{"a": 1} {"a": 2}', '{"a":\n1}', "{"])
def test_a_malformed_line_is_refused(body: str) -> None:
    with pytest.raises(Refusal) as caught:
        list(api_body.ndjson(body))
    assert caught.value.code == "malformed"


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused(word: str) -> None:
    with pytest.raises(Refusal):
        list(api_body.array(f'[{{"XK_NR": {word}}}]'))


def test_lines_are_read_with_any_line_end_and_blank_lines_left_out() -> None:
    assert list(api_body.ndjson('\ufeff{"a": 1}\r\n\r\n{"b": "二"}\n'.lstrip("\ufeff"))) == [{"a": "1"}, {"b": "二"}]


def test_too_many_records_and_a_foreign_encoding_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        list(api_body.array("[" + "1," * api_body.MAX_RECORDS + "1]"))
    assert caught.value.code == "too_many_records"
    with pytest.raises(Refusal) as caught:
        api_body.text("中文".encode("gb18030"))
    assert caught.value.code == "encoding"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats().filter(math.isfinite) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=8), st.sampled_from([None, 2]))
def test_any_json_array_gives_one_row_for_each_element(elements: list[Any], indent: int | None) -> None:
    found = rows(json.dumps(elements, indent=indent))
    assert [row.line for row in found] == list(range(1, len(elements) + 1))
    json.dumps([list(row.faults) for row in found])


@given(st.text())
def test_any_text_is_read_or_refused(body: str) -> None:
    for reader in (api_body.array, api_body.ndjson):
        try:
            list(reader(body))
        except Refusal:
            continue
