"""Each item's hand-written bad rows: the example record with something changed, and exactly the reasons that must come of it."""

from typing import Any

import polars as pl
import pytest

from schemas import rules
from schemas.catalog import Catalog, load
from tests.contract import golden
from tests.contract.golden import BAD_ROWS, TODAY, rows

CATALOG = load()


def expected(row: dict[str, Any]) -> tuple[list[list[str]], list[list[str]], bool]:
    return sorted(row.get("errors", [])), sorted(row.get("warnings", [])), row.get("excluded", False)


def found(catalog: Catalog, item: str, given: list[dict[str, Any]]) -> list[tuple[list[list[str]], list[list[str]], bool]]:
    """What the rules on columns say of each changed example."""
    said = [catalog[item].example | row["set"] for row in given]
    checked = rules.check(catalog[item], pl.DataFrame(said, schema=dict.fromkeys(catalog[item].by_name, pl.String)), rules.Context(TODAY))
    told = [[sorted([reason.rule, reason.field or ""] for reason in reasons.get(place, [])) for reasons in (checked.errors, checked.warnings)] for place in range(len(said))]
    return [(errors, warnings, bool(checked.excluded[place])) for place, (errors, warnings) in enumerate(told)]


def test_every_item_has_bad_rows_and_every_file_an_item() -> None:
    assert {path.stem for path in BAD_ROWS.glob("*.json")} == set(CATALOG)


@pytest.mark.parametrize("item", sorted(CATALOG))
def test_every_bad_row_has_exactly_its_reasons(item: str) -> None:
    given = rows(item)
    told = dict(zip((row["why"] for row in given), found(CATALOG, item, given), strict=True))
    assert len(told) == len(given), "two rows have the same why"
    assert told == {row["why"]: expected(row) for row in given}


@pytest.mark.parametrize("item", sorted(CATALOG))
def test_the_rows_try_the_key_the_scope_and_what_the_item_is_about(item: str) -> None:
    given = rows(item)
    assert len(given) >= 8
    key = set(CATALOG[item].key)
    assert any(key & set(row["set"]) for row in given), "no row with a bad key"
    assert bool(CATALOG[item].scope.get("since")) == any(row.get("excluded") for row in given), "a row before the period, for items that have one"
    assert any(len(row.get("errors", [])) > 1 for row in given), "a row with several reasons at once"
    assert all(row["set"] and (row.get("errors") or row.get("warnings") or row.get("excluded")) for row in given)


def test_what_people_are_told_is_what_the_golden_file_says() -> None:
    told, kept = golden.outcomes(CATALOG).splitlines(), golden.FILE.read_text(encoding="utf-8").splitlines()
    assert told == kept, "if the change is meant: python -m tests.contract.golden, and read the diff"
