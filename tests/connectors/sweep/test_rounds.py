"""Comparisons step by step in a simulated world: a load's end is waited for, nothing is withdrawn behind the brake or twice, whatever dies and whatever lags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sweep.due import Done
from connectors.sweep.remembered import Release
from connectors.sweep.rounds import Rounds
from schemas.sources import Reload
from tests.connectors.sweep.simulated import Killed, Simulated, table

ROWS = range(20)


def steps(world: Simulated, rounds: Rounds, often: int = 6, seconds: float = 3.0) -> None:
    """The watcher's rounds while the connector, map and judge keep up."""
    for _ in range(often):
        world.now += seconds
        world.bring()
        world.decide()
        rounds.step(world.table, world.now)
    world.decide()


def loaded(reload: Reload | None = Reload(quiet=10)) -> tuple[Simulated, Rounds]:  # noqa: B008 -- a value
    """Twenty rows that stand, compared once."""
    world = Simulated(table(reload))
    for row in ROWS:
        world.write(str(row), f"k{row}")
    rounds = Rounds(world)
    steps(world, rounds, 10)
    assert len(world.standing) == 20
    return world, rounds


def reload(world: Simulated, *rows: int) -> None:
    for row in list(world.rows):
        world.delete(row)
    for number in rows:
        world.write(str(number), f"k{number}")


def test_the_same_content_loaded_anew_is_nothing() -> None:
    world, rounds = loaded()
    before = list(world.outcomes)
    reload(world, *ROWS)
    steps(world, rounds, 10)
    assert (world.outcomes, world.withdrawn) == (before, [])


def test_rows_that_a_load_leaves_out_are_withdrawn_at_its_end_and_not_before() -> None:
    world, rounds = loaded()
    reload(world, *range(17))
    steps(world, rounds, 3)
    assert world.withdrawn == [], "it has been quiet for six seconds only"
    steps(world, rounds, 5)
    assert world.standing == {f"k{number}" for number in range(17)}


def test_a_connector_that_stalls_is_not_quiet() -> None:
    world, rounds = loaded()
    reload(world, *range(17))
    world.bring(20)  # the deletes, and then it stalls
    for _ in range(100):
        world.now += 3
        world.decide()
        rounds.step(world.table, world.now)
    assert world.withdrawn == []
    assert world.known["s.t"].held is None, "the table is whole: it was only not brought"


def test_a_transaction_that_is_open_is_no_end() -> None:
    world, rounds = loaded()
    reload(world, *range(18))
    world.writing = True  # two more rows, not committed yet
    steps(world, rounds, 20)
    assert world.withdrawn == []
    world.write("18", "k18")
    world.write("19", "k19")
    world.writing = False
    steps(world, rounds, 20)
    assert (world.withdrawn, len(world.standing)) == ([], 20)


def test_a_load_that_begins_while_the_table_is_read_makes_the_comparison_void() -> None:
    world, rounds = loaded()
    reload(world, *range(18))
    for _ in range(20):
        steps(world, rounds, 1)
        if "s.t" in rounds._attempts and rounds._attempts["s.t"].found is not None:
            break
    reload(world, *range(20))
    steps(world, rounds, 20)
    assert (world.withdrawn, len(world.standing)) == ([], 20)


def test_a_row_that_is_written_again_before_its_withdrawal_arrives_goes_on_standing() -> None:
    world, rounds = loaded()
    reload(world, *range(17))
    for _ in range(20):
        world.now += 3
        world.bring()
        world.decide(0 if world.withdrawn else 1_000)
        rounds.step(world.table, world.now)
    assert len(world.withdrawn) == 3
    late = world.submitted[-3:]
    del world.submitted[-3:]  # map has not come to them yet
    reload(world, *ROWS)
    world.bring()
    world.submitted += late
    world.decide()
    assert (len(world.standing), world.outcomes.count("withdrawn")) == (20, 0)


def test_a_judge_that_lags_is_waited_for() -> None:
    world, rounds = loaded()
    reload(world, *ROWS, 99)
    world.delete("99")
    for _ in range(20):
        world.now += 3
        world.bring()
        rounds.step(world.table, world.now)
    steps(world, rounds, 20)
    assert world.standing == {f"k{number}" for number in ROWS}


@pytest.mark.parametrize("left", [0, 10])
def test_an_empty_and_a_half_load_are_held_until_a_full_one_or_a_persons_word(left: int) -> None:
    world, rounds = loaded()
    reload(world, *range(left))
    steps(world, rounds, 20)
    held = world.known["s.t"].held
    assert held is not None
    assert (held.rows, held.before, held.missing, world.withdrawn, len(world.standing)) == (left, 20, 20 - left, [], 20)
    reload(world, *range(19))
    steps(world, rounds, 20)
    assert (world.known["s.t"].held, world.known["s.t"].rows, len(world.standing)) == (None, 19, 19)
    reload(world, *range(left))
    steps(world, rounds, 20)
    world.released.append(Release(world.now, "s.t", 19 - left, "they are gone", "an operator"))
    steps(world, rounds, 20)
    assert (world.known["s.t"].held, len(world.standing)) == (None, left)


def test_a_persons_word_counts_for_what_was_held_only() -> None:
    world, rounds = loaded()
    reload(world, *range(10))
    steps(world, rounds, 20)
    world.released.append(Release(world.now, "s.t", 10, "they are gone", "an operator"))
    reload(world, *range(5))
    steps(world, rounds, 20)
    assert (world.withdrawn, len(world.standing)) == ([], 20)


def test_rows_deleted_while_nobody_looked_are_found_after_the_snapshot() -> None:
    world, rounds = loaded(None)
    world.unseen_delete("3")
    steps(world, rounds, 20)
    assert "k3" in world.standing
    world.reading = world.now
    steps(world, rounds, 20)
    assert world.standing == {f"k{number}" for number in ROWS if number != 3}
    assert world.known["s.t"] == Done(reading=world.reading, rows=19)


@pytest.mark.parametrize("point", ["before", "after", "finish", "finished"])
def test_a_watcher_killed_at_any_moment_repeats_the_comparison_and_nothing_is_withdrawn_twice(point: str) -> None:
    world, rounds = loaded()
    reload(world, *range(17))
    world.kill_at = point
    with pytest.raises(Killed):
        steps(world, rounds, 50)
    steps(world, Rounds(world), 50)
    assert len(world.standing) == 17
    assert world.outcomes.count("withdrawn") == 3


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), st.sets(st.integers(0, 9), min_size=6)),
        st.tuples(st.sampled_from(["bring", "decide"]), st.integers(1, 12)),
        st.tuples(st.just("step"), st.sampled_from([1.0, 5.0, 11.0])),
        st.tuples(st.just("kill"), st.sampled_from(["before", "after", "finish", "finished"])),
    ),
    max_size=40,
)


@given(ACTIONS, st.booleans())
def test_whatever_lags_or_dies_the_last_load_stands_in_the_end_and_a_record_is_only_withdrawn_when_its_row_is_gone(actions, renumbered: bool) -> None:
    world = Simulated(table(Reload(quiet=10, shrink=60)))
    rounds, load = Rounds(world), 0
    for action, argument in [*actions, ("load", {1, 2, 3, 4, 5, 6})]:
        if action == "load":
            load += 1
            for row in list(world.rows):
                world.delete(row)
            for number in sorted(argument):
                world.write(f"{load}/{number}" if renumbered else str(number), f"k{number}")
        elif action == "step":
            world.now += argument
            try:
                rounds.step(world.table, world.now)
            except Killed:
                rounds = Rounds(world)
        elif action == "kill":
            world.kill_at = argument
        else:
            getattr(world, action)(argument)
    world.kill_at = ""
    steps(world, rounds, 20)
    assert world.standing == {f"k{number}" for number in range(1, 7)}
    assert not any(written for _, written in world.withdrawn if not renumbered), "when it was withdrawn, it was not in the table"
