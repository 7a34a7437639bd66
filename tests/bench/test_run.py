"""`make bench` in small: everything runs, every figure is there. Nothing is said of speed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.servers
RATIOS = {"judge_over_faust_ratio", "judge_over_pass_through_ratio", "judge_over_record_loop_ratio", "map_over_debezium_ratio", "sink_over_raw_insert_ratio"}


def test_the_small_profile_gives_every_figure(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.run", "--profile", "small", "--results", str(file)], cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(file.read_text())
    assert set(results["ratios"]) == RATIOS
    assert all(ratio > 0 for ratio in results["ratios"].values())
    assert set(results["cpu_us_per_record"]) == set(results["memory_mb"]) == {"map", "judge", "sink"}
    assert (results["profile"], results["records"]) == ("small", 2_000)
    assert results["versions"]["confluent-kafka"]
    assert "judge" in done.stdout
