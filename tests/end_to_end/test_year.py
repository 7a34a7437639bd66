"""`guiji demo --profile year` in small: every outcome is the one it was made for, and a second run delivers nothing twice."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from infra import stack as local
from schemas.catalog import DIRECTORY

pytestmark = pytest.mark.servers


def test_a_small_year_is_judged_as_it_was_made_and_delivered_once(tmp_path: Path, pipeline_of: Any) -> None:
    (tmp_path / "avro").mkdir()
    for code in ("ajns", "zyzg"):  # what is owed by the quarter and by the month: few deliveries
        shutil.copy(DIRECTORY / f"{code}.avsc", tmp_path / "avro")
    pipeline = pipeline_of(tmp_path / "home", tmp_path / "avro")
    pipeline.home.mkdir()
    year = ("demo", "--profile", "year", "--records", "3000", "--once")
    try:
        first, second = pipeline.cli(*year, seconds=400), pipeline.cli(*year, seconds=400)
    finally:
        local.down(pipeline.settings, report=lambda _line: None)
    told = [[line for line in each.splitlines() if line.startswith("│") or "deliveries" in line] for each in (first, second)]
    assert told[0] == told[1], "the same counts: nothing was taken in again"
    assert "Took" in first
    assert "2017-" in told[0][0]
