"""`make bench` in small: everything runs, every figure is there or says why not. Nothing is said of speed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.goals import GOALS
from bench.memory import FIGURES as MEMORY
from infra.database_servers import clickhouse_absent

ROOT = Path(__file__).parents[2]
NATIVE = {"sink_over_raw_insert_native_ratio", "sink_over_clickhouse_kafka_engine_ratio"}
LEFT_OUT = {"judge_over_quix_ratio", *MEMORY} | (NATIVE if clickhouse_absent() else set())


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bench.run", *words], cwd=ROOT, capture_output=True, text=True, timeout=840, check=False)


@pytest.mark.servers
@pytest.mark.timeout(900)
def test_the_small_profile_gives_every_figure(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    done = bench("--profile", "small", "--results", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(file.read_text(encoding="utf-8"))
    assert set(results["left_out"]) == LEFT_OUT
    assert set(results["ratios"]) == set(GOALS) - LEFT_OUT
    assert all(found["median"] > 0 for found in results["ratios"].values())
    assert {"debezium", "map", "end_to_end", "judge", "judge_at_least_once", "pass_through", "record_loop", "faust", "sink", "sink_unprotected", "raw_insert"} <= set(results["rates"])
    assert results["rates"]["end_to_end"]["cpu_us"].keys() == {"map", "judge", "load", "kafka", "registry", "connect", "postgres"}
    assert (results["profile"], results["records"]) == ("small", 2_000)
    assert results["versions"]["confluent-kafka"]
    assert results["peers"]["faust"]["processing_guarantee"] == "at_least_once"
    assert "Faust agent" in done.stdout
    told = bench("--report", "--results", str(file))
    assert "| judge |" in told.stdout


def test_a_part_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    done = bench("--only", "judge,speed")
    assert done.returncode == 2
    assert "there is no part speed; there are capture, judge, sink, freshness, commits, memory" in done.stderr
