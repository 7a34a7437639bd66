"""The golden file of outcomes: every word that people are told of every hand-written bad row.

`python -m tests.contract.golden` writes it anew; what changes is then read in the diff before it is committed.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from schemas import rules
from schemas.catalog import Catalog, load
from schemas.reason import Reason

FILE = Path(__file__).with_name("golden.txt")
BAD_ROWS = Path(__file__).with_name("bad_rows")
TODAY = date(2017, 10, 31)


def rows(item: str) -> list[dict[str, Any]]:
    """An item's hand-written rows: {"why", "set": {field: text or null}, "errors": [[rule, field]], "warnings": [...], "excluded": bool}."""
    found: list[dict[str, Any]] = json.loads((BAD_ROWS / f"{item}.json").read_text(encoding="utf-8"))["rows"]
    return found


def outcomes(catalog: Catalog) -> str:
    """The file's content as the rules say it today."""
    return "\n".join(line for code in sorted(catalog) for line in _item(catalog, code)) + "\n"


def _item(catalog: Catalog, code: str) -> list[str]:
    item, given = catalog[code], rows(code)
    said: list[dict[str, Any]] = [item.example | row["set"] for row in given]
    checked = rules.check(item, pl.DataFrame(said, schema=dict.fromkeys(item.by_name, pl.String)), rules.Context(TODAY))
    lines = [f"# {code} {item.title}"]
    for place, row in enumerate(given):
        lines.append(f"## {row['why']}" + ("（不在归集期内）" if checked.excluded[place] else ""))
        lines += [_line(reason) for reason in (*checked.errors.get(place, ()), *checked.warnings.get(place, ()))]
    return lines


def _line(reason: Reason) -> str:
    return f"{reason.severity} {reason.rule} {reason.field} [{reason.value}] {reason.message} {reason.remedy}"


if __name__ == "__main__":
    FILE.write_text(outcomes(load()), encoding="utf-8")
