"""The summary of a bench: spreads, verdicts, and that no figure is lost."""

import pytest

from bench.book import Book, Work, spread
from bench.goals import GOALS, Goal


def test_a_spread_has_the_middle_and_the_ends() -> None:
    assert spread([3.0, 1.0, 2.0]) == {"median": 2.0, "min": 1.0, "max": 3.0, "runs": 3}


@pytest.mark.parametrize(("value", "verdict"), [(0.95, "goal"), (0.9, "goal"), (0.6, "floor"), (0.4, "no")])
def test_a_ratio_is_held_against_floor_and_goal(value: float, verdict: str) -> None:
    assert Goal("", 0.5, 0.9).met(value) == verdict


@pytest.mark.parametrize(("value", "verdict"), [(2.0, "goal"), (5.0, "floor"), (11.0, "no")])
def test_of_times_and_memory_less_is_better(value: float, verdict: str) -> None:
    assert Goal("", 10, 3, less=True).met(value) == verdict


def test_nothing_promised_is_neither_met_nor_missed() -> None:
    assert Goal("").met(1.0) == ""


def test_every_figure_is_in_the_summary_or_left_out_with_a_reason() -> None:
    book = Book()
    for ratio in (20.0, 41.0, 30.0):
        book.figure("judge_over_faust_ratio", ratio)
    book.leave("takes minutes", "judge_over_quix_ratio")
    found = book.summary()
    assert found["ratios"]["judge_over_faust_ratio"] == {"median": 30.0, "min": 20.0, "max": 41.0, "runs": 3, "floor": 20, "goal": 40, "met": "floor"}
    assert set(found["ratios"]) | set(found["left_out"]) == set(GOALS)
    assert found["left_out"]["judge_over_quix_ratio"] == "takes minutes"


def test_of_several_runs_the_middle_cost_and_the_largest_memory_are_kept() -> None:
    book = Book()
    for cost, memory in ((1.0, 10.0), (9.0, 30.0), (2.0, 20.0)):
        book.work("judge", Work(1_000, 2.0, {"judge": cost}, memory, cost))
    rate = book.summary()["rates"]["judge"]
    assert (rate["median"], rate["cpu_us"], rate["memory_mb"], rate["start_s"], rate["runs"]) == (500.0, {"judge": 2.0}, 30.0, 2.0, 3)
