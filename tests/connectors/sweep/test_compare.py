"""What is told of a row, case by case; and in columns over random tables the same as one by one."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sweep import compare
from connectors.sweep.compare import Context, Row, Suspects, Verdict

SOURCE = "s.t"
ROWS = {"row": pl.String, "kind": pl.String, "key": pl.String, "fingerprint": pl.String, "verbatim": pl.String}
STANDING = {"key": pl.String, "row": pl.String, "fingerprint": pl.String}
REFUSED = {"row": pl.String, "fingerprint": pl.String}


def record(fingerprint: str = "f", row: str = "1", source: str = SOURCE, withdrawn: str = "0", operation: str = "upsert") -> dict[str, Any]:
    return {"key": "k", "source": source, "row": row, "fingerprint": fingerprint, "withdrawn": withdrawn, "operation": operation}


def told(row: Row | None, records: dict[str, dict[str, Any]], *, extra: tuple[tuple[str, str], ...] = (), keeps: bool = False, **more: Any) -> list[str]:
    suspected = Suspects((row,) if row and not extra else (), extra)
    context = Context(SOURCE, more.get("claims", {}), frozenset(more.get("refused", ())), keeps, more.get("rowless", False))
    return [each.what for each in compare.verdicts(suspected, {row.row: row} if row else {}, records, context)]


SAID = Row("1", "said", "k", "f", "v")


@pytest.mark.parametrize(
    ("record_", "refused", "claims", "what"),
    [
        (None, (), {}, "missing"),
        (record(), (), {}, "equal"),
        (record("other", source="x/excel"), (), {}, "superseded"),
        (record("f", source="x/excel"), (), {}, "equal"),
        (record("other"), (), {}, "different"),
        (record("other"), [("1", "v")], {}, "rejected"),
        (record("other"), [("1", "older")], {}, "different"),
        (record("other", row="2"), (), {"k": frozenset({"1", "2"})}, "superseded"),
        (record("other", row="2"), (), {"k": frozenset({"1"})}, "different"),
        (record(withdrawn="1", operation="withdraw"), (), {}, "missing"),
        (record(withdrawn="1", operation="retract"), (), {}, "retracted"),
        (None, [("1", "v")], {}, "rejected"),
    ],
)
def test_a_row_that_says_something_is_told_apart_by_what_the_warehouse_has(record_: Any, refused: Any, claims: Any, what: str) -> None:
    assert told(SAID, {"k": record_} if record_ else {}, refused=refused, claims=claims) == [what]


def test_a_rejected_row_needs_its_reject_and_the_others_are_what_they_are() -> None:
    bad = Row("1", "rejected", "k", "f", "v")
    assert told(bad, {}) == ["missing"]
    assert told(bad, {}, refused=[("1", "v")]) == ["rejected"]
    assert [told(Row("1", kind), {}) for kind in ("outside", "waiting", "excluded")] == [["outside"], ["waiting"], ["excluded"]]
    assert told(None, {}) == [], "a row that is gone meanwhile differs from nothing"


@pytest.mark.parametrize(
    ("row", "keeps", "what"),
    [
        (None, False, ["extra"]),
        (None, True, ["kept"]),
        (Row("1", "outside"), True, ["extra"]),
        (Row("1", "said", "moved", "f"), True, ["extra"]),
        (Row("1", "said", "k", "other"), False, []),
        (Row("1", "waiting"), False, []),
        (Row("1", "rejected", "k", "f", "v"), False, []),
        (Row("1", "excluded", "k", "f", "v"), False, []),
    ],
)
def test_what_stands_for_a_row_is_extra_only_where_the_row_says_it_no_more(row: Row | None, keeps: bool, what: list[str]) -> None:
    assert told(row, {"k": record()}, extra=(("k", "1"),), keeps=keeps) == what


def test_what_stands_by_anothers_word_by_now_is_no_extra() -> None:
    for other in (record(source="x/excel"), record(row="2"), record(withdrawn="1")):
        assert told(None, {"k": other}, extra=(("k", "1"),)) == []
    assert told(None, {}, extra=(("k", "1"),)) == []


def test_without_a_primary_key_rows_go_by_their_keys() -> None:
    rows = pl.DataFrame({"row": ["", "", ""], "kind": ["said", "said", "rejected"], "key": ["a", "b", "c"], "fingerprint": ["1", "2", "3"], "verbatim": [None, None, "v"]}, schema=ROWS)
    standing = pl.DataFrame({"key": ["a", "c2", "d"], "row": ["a", "c2", "d"], "fingerprint": ["1", "0", "4"]}, schema=STANDING)
    found = compare.suspects(compare.by_key(rows.lazy()), [standing], pl.DataFrame(schema=REFUSED))
    assert ([each.row for each in found.rows], found.extra) == (["b"], (("c2", "c2"), ("d", "d")))
    assert told(None, {"d": record(row="")}, extra=(("d", "d"),), rowless=True) == ["extra"]


KEY, PRINT = st.sampled_from("abc"), st.sampled_from("12")
SOURCE_ROWS = st.dictionaries(st.sampled_from("uvwxyz"), st.tuples(st.sampled_from(["said", "said", "rejected", "excluded", "outside", "waiting"]), KEY, PRINT), max_size=6)
WAREHOUSE = st.dictionaries(KEY, st.tuples(st.sampled_from("uvwxyz"), PRINT), max_size=3)


@given(SOURCE_ROWS, WAREHOUSE, st.sets(st.sampled_from("uvwxyz")), st.integers(1, 3))
def test_nothing_that_differs_escapes_the_columns(source: dict[str, Any], warehouse: dict[str, Any], refused: set[str], size: int) -> None:
    """Asked of everything, one by one, the same differences are found as of the suspects alone, however the warehouse's answer is cut into pages."""
    frame = pl.DataFrame([(row, kind, key, mark, f"v{row}" if kind == "rejected" else None) for row, (kind, key, mark) in source.items()], schema=ROWS, orient="row")
    standing = pl.DataFrame([(key, row, mark) for key, (row, mark) in warehouse.items()], schema=STANDING, orient="row").sort("key")
    rejects = pl.DataFrame([(row, f"v{row}") for row in refused], schema=REFUSED, orient="row")
    now = {row: Row(row, kind, key, mark, f"v{row}") for row, (kind, key, mark) in source.items()}
    records = {key: record(mark, row) for key, (row, mark) in warehouse.items()}
    context = Context(SOURCE, compare.claims(frame.lazy(), "abc"), frozenset((row, f"v{row}") for row in refused), keeps=False)

    def differing(asked: Suspects) -> set[tuple[str, str, str | None]]:
        found: list[Verdict] = list(compare.verdicts(asked, now, records, context))
        return {(each.what, each.row, each.key) for each in found if each.what in compare.DIFFERENCES}

    everything = Suspects(tuple(now.values()), tuple((key, row) for key, (row, _) in warehouse.items()))
    assert differing(compare.suspects(frame.lazy(), standing.iter_slices(size), rejects)) == differing(everything)
