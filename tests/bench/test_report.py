"""The tables of docs/performance.md come from results.json as it is written."""

import json
from typing import Any

from bench import report
from bench.book import Book, Work


def results(profile: str = "full") -> Any:
    book = Book()
    for ratio in (0.2, 0.3, 0.1):
        book.figure("judge_over_pass_through_ratio", ratio)
    book.figure("judge_memory_mb_at_10_million_keys", 1500.4)
    book.work("judge", Work(1_000, 0.5, {"judge": 50.04, "kafka": 0.01}, 800.0, 3.25))
    book.configurations["faust"] = {"store": "rocksdb://"}
    book.notes["small_source_freshness_s"] = {"own_item": {"p50": 0.5, "p99": 1.234, "max": 2.0, "samples": 300}}
    return json.loads(json.dumps({"profile": profile, "records": 1_000, "parts": ["judge"]} | book.summary()))


def test_a_figure_stands_with_its_spread_and_what_was_promised() -> None:
    first, memory = report.figures(results())
    assert list(first.values())[1:] == ["0.20 (0.10 to 0.30)", "0.25, 0.45", "**not met**"]
    assert list(memory.values())[1:] == ["1500 MB", "2048, 1024 MB", "floor met"]


def test_a_rate_stands_with_what_it_costs_by_process() -> None:
    (judge,) = report.rates(results())
    assert list(judge.values()) == ["judge", "2,000", "judge 50.0", "800 MB", "3.2 s"]


def test_a_small_profile_gives_no_verdict() -> None:
    assert {row["met"] for row in report.figures(results("small"))} == {"too few records to tell"}


def test_the_waits_of_a_small_source_stand_with_how_many_records_were_said() -> None:
    (own,) = report.waits(results())
    assert list(own.values()) == ["a small source, in an item of its own", "0.50 s", "1.23 s", "2.00 s", "300"]


def test_the_markdown_has_tables_versions_and_the_peers_configuration() -> None:
    text = report.markdown(results())
    assert "| what | records/s | processor µs/record | memory, peak | start to first commit |\n|---|---|---|---|---|\n| judge | 2,000 |" in text
    assert "`store` rocksdb://" in text
    assert "confluent-kafka" in text
    assert "| judge_over_faust_ratio | not asked for |" in text
