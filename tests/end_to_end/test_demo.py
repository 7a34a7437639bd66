"""`guiji demo` as a newcomer runs it: everything holds, the summary says so, and a second run resumes."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra import stack as local

pytestmark = pytest.mark.servers
OUTCOMES = ("accepted", "duplicate", "superseded", "rejected", "excluded")


def summary(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_demo_holds_and_resumes(tmp_path: Path, pipeline_of: Any) -> None:
    pipeline = pipeline_of(tmp_path / "home")
    pipeline.home.mkdir()
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    try:
        told = pipeline.cli("demo", "--once", "--json", str(first), seconds=400)
        assert "has closed itself" in told
        assert "nothing new" in told
        pipeline.cli("demo", "--once", "--json", str(second), seconds=400)
    finally:
        local.down(pipeline.settings, report=lambda _line: None)
    before, after = summary(first), summary(second)
    for found in (before, after):
        assert found["truth"] == {"missing": 0, "extra": 0, "different": 0}
        assert 0 < found["latency_seconds"]["p50"] <= found["latency_seconds"]["p99"]
        for source in found["sources"]:
            assert source["received"] == sum(source[name] for name in OUTCOMES)
    assert {source["way"] for source in before["sources"]} >= {"cdc", "excel", "api", "file"}
    assert len({source["department"] for source in before["sources"]}) >= 5
    assert sum(source["duplicate"] for source in before["sources"] if source["source"] == "jtw/xk") > 100
    assert after["items"] == before["items"]
    typed = [source for source in before["sources"] if source["way"] != "cdc"]
    assert [source for source in after["sources"] if source["way"] != "cdc"] == typed
