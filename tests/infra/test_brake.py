"""A topic most of whose records cannot be read is held; a few bad ones, or those let through, hold nothing."""

from pathlib import Path

import pytest

from infra.brake import LEAST, Brake, NoTopic, let_through, remember
from infra.settings import Settings


def bad(count: int, start: int = 0) -> list[tuple[int, int]]:
    return [(0, start + n) for n in range(count)]


def test_most_of_a_topic_unreadable_holds_it_and_says_so(tmp_path: Path) -> None:
    brake = Brake(Settings(home=tmp_path))
    why = brake.press("in.zjj.sys.xzxk", 400, bad(600))
    assert why == "in.zjj.sys.xzxk: 600 of the last 1000 records cannot be read; it is held, the others go on"
    assert brake.press("in.zjj.other.xzxk", 400, bad(2)) is None


def test_a_few_among_many_hold_nothing_however_long_it_goes_on(tmp_path: Path) -> None:
    brake = Brake(Settings(home=tmp_path))
    assert all(brake.press("t", 999, bad(1)) is None for _ in range(500))
    assert all(brake.press("u", 0, bad(1)) is None for _ in range(LEAST - 1))


def test_they_are_counted_over_several_batches_and_what_is_long_past_hardly_counts(tmp_path: Path) -> None:
    brake = Brake(Settings(home=tmp_path))
    assert all(brake.press("t", 0, bad(10)) is None for _ in range(9))
    assert brake.press("t", 0, bad(10)) is not None
    healthy = Brake(Settings(home=tmp_path))
    for _ in range(30):
        assert healthy.press("u", 1_000, []) is None
    answers = [healthy.press("u", 0, bad(500)) for _ in range(8)]
    assert any(answers), "a topic that was well for long is held, too, when it turns bad"


def test_what_an_operator_lets_through_passes_and_what_comes_after_it_does_not(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    remember(settings, "t", [1_000])
    remember(settings, "u", [5, 7])
    brake = Brake(settings)
    assert brake.press("t", 0, bad(1_000)) is None
    assert brake.press("t", 0, bad(200, start=1_000)) is not None
    assert brake.press("u", 0, [(1, offset) for offset in range(200)]) is not None


@pytest.mark.servers
def test_a_topic_that_is_not_there_is_told(stack) -> None:
    with pytest.raises(NoTopic, match=r"no topic 'in\.nobody\.sys\.xzxk'"):
        let_through(stack.settings, "in.nobody.sys.xzxk")
