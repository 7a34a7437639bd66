"""The chaos run in little: three deaths under load, and the ledger holds."""

from pathlib import Path

import pytest

from tests.failures.chaos import Chaos, Plan

pytestmark = [pytest.mark.servers, pytest.mark.alone]


def test_three_deaths_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    outcome = Chaos(tmp_path / "run", Plan(kills=3, seed=3, seconds=2.0), print).run()
    assert outcome.faults == [], f"seed {outcome.seed}, killed {outcome.kills}"
    assert sum(outcome.kills.values()) == 3
    assert outcome.sent["records"] > 0
