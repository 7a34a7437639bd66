"""Rejections in columns are the same bytes as one by one."""

import string
from datetime import UTC, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec, envelope, rejection

NAMES = ["XK_WSH", "XK_XDR", "SJC"]
TEXT = st.text(st.sampled_from(string.printable + "济南市，〔〕\U0001f600"), max_size=6)
TOLD = st.fixed_dictionaries(dict.fromkeys(("rule", "severity", "message", "remedy"), TEXT) | {name: st.none() | TEXT for name in ("field", "title", "value")})
ABOUT = st.fixed_dictionaries(
    dict.fromkeys(("_source", "_department", "_way", "_batch", "_operation", "_catalogue", "_item", "_key", "_fingerprint", "_by"), TEXT)
    | {name: st.none() | TEXT for name in ("_row", "_ref", "_position", "_origin")}
    | {"_line": st.integers(0, 10**9), "_source_time": st.none() | st.just(datetime(2017, 9, 1, tzinfo=UTC)), "_received_at": st.just(datetime(2017, 9, 1, 1, tzinfo=UTC))}
    | {"_judged_at": st.just(datetime(2017, 9, 1, 2, 3, 4, 567000, tzinfo=UTC))}
)
ROW = st.tuples(ABOUT, st.lists(st.none() | TEXT, min_size=3, max_size=3), st.lists(TOLD, max_size=3))
MOMENT = pl.Datetime("ms", "UTC")


@settings(deadline=None)
@given(st.lists(ROW, max_size=4))
def test_they_are_fastavros_bytes(rows) -> None:
    kinds = dict.fromkeys((name for about, _, _ in rows for name in about), pl.String) | {"_line": pl.Int64, "_source_time": MOMENT, "_received_at": MOMENT, "_judged_at": MOMENT}
    about = pl.DataFrame([each for each, _, _ in rows], schema=kinds)
    said = pl.DataFrame([values for _, values, _ in rows], schema=dict.fromkeys(NAMES, pl.String), orient="row")
    records = [each | {"fields": dict(zip(NAMES, values, strict=True)), "reasons": reasons, "raw": None} for each, values, reasons in rows]
    assert rejection.encode(3, about, said, [reasons for _, _, reasons in rows]) == codec.encode(envelope.REJECTION, 3, records)
