"""Code sets: `schemas/codes/<name>.csv`, columns code,title. The order is the one people see in drop-downs."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

DIRECTORY = Path(__file__).parent / "codes"


@cache
def code_set(name: str, directory: Path = DIRECTORY) -> Mapping[str, str]:
    """Code → title. Raises LookupError when there is no such set."""
    path = directory / f"{name}.csv"
    if not path.is_file():
        raise LookupError(name)
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["code"]: row["title"] for row in csv.DictReader(handle)}
