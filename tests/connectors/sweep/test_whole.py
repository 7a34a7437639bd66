"""What a whole table withdraws: same content nothing, what is gone at the end, never anything behind the brake."""

from collections.abc import Set

from hypothesis import given
from hypothesis import strategies as st

from connectors.sweep.whole import EMPTY, SHRUNK, Brake, Pair, compare

PAIRS = st.sets(st.tuples(st.sampled_from("ABCDEFGHIJKLMNOP"), st.sampled_from("123")), max_size=25)
BRAKES = st.builds(Brake, st.integers(1, 100), st.integers(0, 40))


def rows(*numbers: int) -> set[Pair]:
    return {(f"k{number}", f"r{number}") for number in numbers}


def keys(pairs: Set[Pair]) -> set[str]:
    return {key for key, _ in pairs}


@given(PAIRS, BRAKES)
def test_the_same_content_withdraws_nothing_and_holds_nothing(said: set[Pair], brake: Brake) -> None:
    found = compare(said, said, brake)
    assert (found.gone, found.held, found.missing) == ((), "", 0)


@given(PAIRS, PAIRS, BRAKES)
def test_nothing_is_withdrawn_behind_the_brake(said: set[Pair], there: set[Pair], brake: Brake) -> None:
    found = compare(said, there, brake)
    share = len(keys(said) - keys(there)) / max(1, len(keys(said)))
    if found.missing and (not there or share > brake.shrink / 100 or len(there) < (1 - brake.shrink / 100) * brake.before - 1e-9):
        assert found.held
    assert not (found.held and found.gone)


@given(PAIRS, PAIRS, BRAKES)
def test_a_record_whose_key_is_in_the_table_goes_on_standing(said: set[Pair], there: set[Pair], brake: Brake) -> None:
    rest = said - set(compare(said, there, brake).gone)
    assert keys(said) & keys(there) <= keys(rest)
    assert said & there <= rest


@given(PAIRS, PAIRS, BRAKES)
def test_without_a_brake_what_is_in_the_table_no_more_is_withdrawn_and_the_second_time_there_is_nothing(said: set[Pair], there: set[Pair], brake: Brake) -> None:
    released = Brake(brake.shrink, brake.before, agreed=len(said))
    found = compare(said, there, released)
    rest = said - set(found.gone)
    assert not keys(rest) - keys(there)
    assert found.held == ""
    assert compare(rest, there, released).gone == ()


def test_three_rows_fewer_are_three_withdrawals_and_a_person_agrees_to_so_many_only() -> None:
    said = rows(*range(20))
    assert compare(said, rows(*range(17)), Brake(20, 20)).gone == (("k17", "r17"), ("k18", "r18"), ("k19", "r19"))
    half = compare(said, rows(*range(10)), Brake(20, 20))
    assert (half.held, half.missing, half.gone) == (SHRUNK, 10, ())
    assert len(compare(said, rows(*range(10)), Brake(20, 20, agreed=10)).gone) == 10
    assert compare(said, set(), Brake(20, 20, agreed=10)).held == EMPTY


def test_rows_that_were_rejected_count_as_rows_too() -> None:
    """Of a thousand rows three hundred were rejected: a load of six hundred is too small, though few records that stand are missing in it."""
    said, there = rows(*range(700)), rows(*range(590), *range(990, 1000))
    assert compare(said, there, Brake(20)).held == ""
    assert compare(said, there, Brake(20, before=1000)).held == SHRUNK


def test_a_load_that_numbers_its_rows_anew_ends_the_old_rows_when_the_new_ones_have_said_it() -> None:
    old, new = {("A", "1"), ("B", "2")}, {("A", "11"), ("B", "12")}
    assert compare(old, new, Brake(20)).gone == (), "nothing of the new rows was said: rejected, or on its way"
    assert compare(old | {("A", "11")}, new, Brake(20)).gone == (("A", "1"),)
    assert compare(old | new, new, Brake(20)).gone == (("A", "1"), ("B", "2"))
