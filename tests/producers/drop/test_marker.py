"""End markers and names of dropped files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.drop import marker

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize("content", [f"rows=12\nsha256={DIGEST}", f"\ufeffROWS = 12\r\nSHA256 = {DIGEST.upper()}\r\n", f"name=x\nsha256={DIGEST}\nrows=12\n"])
def test_a_marker_says_rows_and_digest_however_it_was_written(content: str) -> None:
    assert marker.read(content.encode()) == marker.Marker(12, DIGEST)


@given(st.binary(max_size=300))
def test_anything_else_is_unclear_and_nothing_worse(content: bytes) -> None:
    with pytest.raises(marker.Unclear, match="rows="):
        marker.read(content)


def test_names_that_lead_elsewhere_or_hide_are_not_taken() -> None:
    assert all(map(marker.fit, ("许可 2017-08（补）.csv", "a.CSV", "b.xml")))
    assert not any(map(marker.fit, ("../a.csv", "a/b.csv", ".a.csv", "a.csv.ok", "a.xlsx", "a\n.csv", "-rf.csv", "字" * 100 + ".csv", "a\0.csv")))
