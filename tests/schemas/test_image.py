"""What identifies a row of a table: its primary key's texts as JSON, in columns as one by one; and which rows a filter or a status lets through."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import sources
from schemas.image import image, rows

TEXT = st.one_of(st.text(), st.sampled_from(["", '"', "\\", "甲", "\n", "\x7f", "'", "\u2028"]))


@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=5)))
def test_a_row_is_the_compact_json_array_of_its_keys_texts(keys: list[list[str]]) -> None:
    frame = pl.DataFrame({str(number): pl.Series(list(column), dtype=pl.String) for number, column in enumerate(zip(*keys, strict=True))})
    assert rows(frame).to_list() == [json.dumps(key, ensure_ascii=False, separators=(",", ":")) for key in keys]


def test_an_empty_part_of_a_key_stays_a_text() -> None:
    assert rows(pl.DataFrame({"a": [None, "1"], "b": ["2", None]})).to_list() == ['["","2"]', '["1",""]']


@pytest.mark.parametrize(("value", "inside", "waiting"), [(None, True, False), ("", True, False), ("新增", True, False), ("删除", False, False), ("待审", False, True)])
def test_a_blank_status_is_ready_where_the_list_names_it(value: str | None, inside: bool, waiting: bool) -> None:
    table = sources.Table("t", "s", "xzxk", "withdraw", {"XK_WSH": "no"}, {}, {}, None, sources.Filter("zt", ("", "新增"), ("删除",)))
    said = pl.DataFrame({"no": ["1"], "zt": [value]}, schema={"no": pl.String, "zt": pl.String})
    found = image(table, said, [True])
    assert (found.inside, found.waiting) == ([inside], [waiting])


def test_a_blank_is_outside_where_no_list_names_it() -> None:
    table = sources.Table("t", "s", "xzxk", "withdraw", {"XK_WSH": "no"}, {}, {}, None, sources.Filter("zt", ("1",)))
    found = image(table, pl.DataFrame({"no": ["1", "2"], "zt": [None, "1"]}), [True, True])
    assert found.inside == [False, True]
