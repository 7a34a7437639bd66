"""Severity of each rule: data the credit office changes, with the day from which it holds (schemas/severity.csv: rule,from,severity). What is not listed is an error."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[1] / "severity.csv"


@cache
def table(path: Path = FILE) -> dict[str, list[tuple[date, str]]]:
    """Rule → its severities, newest first."""
    found: dict[str, list[tuple[date, str]]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["severity"] not in ("error", "warning"):
                raise ValueError(f"{path.name}: {row['rule']}: severity must be error or warning, not {row['severity']!r}")
            found.setdefault(row["rule"], []).append((date.fromisoformat(row["from"]), row["severity"]))
    return {rule: sorted(entries, reverse=True) for rule, entries in found.items()}


def severity(rule: str, today: date) -> str:
    """`error` or `warning`, as it holds on that day."""
    return next((level for since, level in table().get(rule, ()) if since <= today), "error")
