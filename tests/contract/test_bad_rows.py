"""Each item's hand-written bad rows: the example record with something changed, and exactly the reasons that must come of it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas import rules
from schemas.catalog import Catalog, load

HERE = Path(__file__).parent / "bad_rows"
TODAY = date(2017, 10, 31)
CATALOG = load()


def rows(item: str, folder: Path = HERE) -> list[dict[str, Any]]:
    """An item's rows: {"why", "set": {field: text or null}, "errors": [[rule, field]], "warnings": [...], "excluded": bool}."""
    found: list[dict[str, Any]] = json.loads((folder / f"{item}.json").read_text(encoding="utf-8"))["rows"]
    return found


def expected(row: dict[str, Any]) -> tuple[list[list[str]], list[list[str]], bool]:
    return sorted(row.get("errors", [])), sorted(row.get("warnings", [])), row.get("excluded", False)


def found(catalog: Catalog, item: str, row: dict[str, Any]) -> tuple[list[list[str]], list[list[str]], bool]:
    """What the rules on columns say of the changed example."""
    said = catalog[item].example | row["set"]
    frame = pl.DataFrame({name: pl.Series([value], dtype=pl.String) for name, value in said.items()})
    checked = rules.check(catalog[item], frame, rules.Context(TODAY))
    told = [sorted([reason.rule, reason.field or ""] for reason in reasons.get(0, [])) for reasons in (checked.errors, checked.warnings)]
    return told[0], told[1], bool(checked.excluded[0])


def test_every_item_has_bad_rows_and_every_file_an_item() -> None:
    assert {path.stem for path in HERE.glob("*.json")} == set(CATALOG)


@pytest.mark.parametrize("item", sorted(CATALOG))
def test_every_bad_row_has_exactly_its_reasons(item: str) -> None:
    told = {row["why"]: (found(CATALOG, item, row), expected(row)) for row in rows(item)}
    assert len(told) == len(rows(item)), "two rows have the same why"
    assert {why: got for why, (got, _) in told.items()} == {why: wanted for why, (_, wanted) in told.items()}


@pytest.mark.parametrize("item", sorted(CATALOG))
def test_the_rows_try_the_key_the_scope_and_what_the_item_is_about(item: str) -> None:
    given = rows(item)
    assert len(given) >= 8
    key = set(CATALOG[item].key)
    assert any(key & set(row["set"]) for row in given), "no row with a bad key"
    assert bool(CATALOG[item].scope.get("since")) == any(row.get("excluded") for row in given), "a row before the period, for items that have one"
    assert any(len(row.get("errors", [])) > 1 for row in given), "a row with several reasons at once"
    assert all(row["set"] and (row.get("errors") or row.get("warnings") or row.get("excluded")) for row in given)
