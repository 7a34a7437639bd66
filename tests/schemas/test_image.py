"""What identifies a row of a table: its primary key's texts as JSON, in columns as one by one."""

import json

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas.image import rows

TEXT = st.one_of(st.text(), st.sampled_from(["", '"', "\\", "甲", "\n", "\x7f", "'", "\u2028"]))


@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=5)))
def test_a_row_is_the_compact_json_array_of_its_keys_texts(keys: list[list[str]]) -> None:
    frame = pl.DataFrame({str(number): pl.Series(list(column), dtype=pl.String) for number, column in enumerate(zip(*keys, strict=True))})
    assert rows(frame).to_list() == [json.dumps(key, ensure_ascii=False, separators=(",", ":")) for key in keys]


def test_an_empty_part_of_a_key_stays_a_text() -> None:
    assert rows(pl.DataFrame({"a": [None, "1"], "b": ["2", None]})).to_list() == ['["","2"]', '["1",""]']
