"""Whose turn it is: nothing lost, nothing twice, the order of a partition kept, and nobody waits for a large neighbour."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from infra.linger import Linger
from streams.buffers import Buffers, Limits, shares


class Said(NamedTuple):
    """As much of a message as the buffers ask for."""

    of: tuple[str, int]
    number: int
    size: int = 10

    def topic(self) -> str:
        return self.of[0]

    def partition(self) -> int:
        return self.of[1]

    def offset(self) -> int:
        return self.number

    def __len__(self) -> int:
        return self.size


LINGER = Linger(0.2, many=5, longest=0.5)
BIG, SMALL = ("credit.big.submitted", 0), ("credit.small.submitted", 0)


def held(limits: Limits, *places: tuple[str, int]) -> Buffers:
    buffers = Buffers(limits)
    for place in places:
        buffers.expect(place, 0)
    return buffers


def test_a_few_records_wait_for_others_until_their_time_has_come() -> None:
    buffers = held(Limits(enough=10, linger=LINGER), SMALL)
    assert buffers.wait(5.0) == 0.2
    buffers.add([Said(SMALL, 0)], 5.0)
    assert buffers.turn(5.1) == {}
    assert round(buffers.wait(5.1), 3) == 0.1
    assert buffers.wait(5.3) == 0.0
    assert buffers.turn(5.2) == {SMALL: [Said(SMALL, 0)]}
    assert buffers.turn(6.0) == {}


def test_where_many_come_more_are_waited_for() -> None:
    buffers = held(Limits(enough=10, linger=LINGER), BIG)
    buffers.add([Said(BIG, n) for n in range(5)], 5.0)
    assert buffers.turn(5.3) == {}
    assert round(buffers.wait(5.4), 3) == 0.1
    assert len(buffers.turn(5.5)[BIG]) == 5


def test_many_records_do_not_wait() -> None:
    buffers = held(Limits(enough=10), BIG)
    buffers.add([Said(BIG, n) for n in range(10)], 5.0)
    assert buffers.wait(5.0) == 0.0
    assert len(buffers.turn(5.0)[BIG]) == 10


def test_a_resting_topic_waits_and_its_neighbour_has_its_turn() -> None:
    buffers = held(Limits(enough=10), BIG, SMALL)
    buffers.rest(BIG[0], 7.0)
    buffers.add([Said(BIG, n) for n in range(10)], 5.0)
    assert buffers.wait(5.0) > 0
    buffers.add([Said(SMALL, n) for n in range(10)], 5.0)
    assert set(buffers.turn(6.0)) == {SMALL}
    assert set(buffers.turn(7.0)) == {BIG}


def test_who_has_little_is_served_whole_beside_a_million_row_load() -> None:
    buffers = held(Limits(rows=1_000), BIG, SMALL)
    buffers.add([Said(BIG, n) for n in range(50_000)], 1.0)
    buffers.add([Said(SMALL, n) for n in range(3)], 2.0)
    turn = buffers.turn(3.0)
    assert [message.number for message in turn[SMALL]] == [0, 1, 2]
    assert [message.number for message in turn[BIG]] == list(range(997))


def test_of_many_topics_those_that_waited_longest_come_first() -> None:
    places = [(f"t{n}", 0) for n in range(5)]
    buffers = held(Limits(items=2), *places)
    for n, place in enumerate(reversed(places)):
        buffers.add([Said(place, 0)], float(n))
    assert set(buffers.turn(100.0)) == {("t4", 0), ("t3", 0)}
    assert set(buffers.turn(100.0)) == {("t2", 0), ("t1", 0)}


def test_what_nobody_expects_or_what_was_judged_is_dropped() -> None:
    buffers = held(Limits(), BIG)
    buffers.expect(BIG, 3)
    buffers.add([Said(BIG, n) for n in range(6)] + [Said(SMALL, 0)], 0.0)
    assert buffers.turn(1.0) == {BIG: [Said(BIG, n) for n in (3, 4, 5)]}
    buffers.add([Said(BIG, 5), Said(BIG, 6)], 1.0)
    buffers.forget(BIG)
    assert buffers.turn(9.0) == {}
    assert buffers.rows == 0


def test_what_could_not_be_judged_goes_before_what_came_since() -> None:
    buffers = held(Limits(rows=4), BIG)
    buffers.add([Said(BIG, n) for n in range(6)], 0.0)
    turn = buffers.turn(1.0)
    buffers.put_back(turn, 0.0)
    assert buffers.rows == 6
    assert [message.number for message in buffers.turn(1.0)[BIG]] == [0, 1, 2, 3]
    assert [message.number for message in buffers.turn(1.0)[BIG]] == [4, 5]


def test_memory_is_shared_out_between_those_who_hold_something() -> None:
    buffers = held(Limits(bytes=100_000), BIG, SMALL)
    buffers.add([Said(BIG, n, 1_000) for n in range(70)], 0.0)
    assert buffers.full() == set()
    buffers.add([Said(SMALL, 0)], 0.0)
    assert buffers.full() == {BIG}
    assert buffers.lean() == {SMALL}
    buffers.turn(1.0)
    assert buffers.full() == set()
    assert buffers.lean() == {BIG, SMALL}


@given(st.dictionaries(st.tuples(st.just("t"), st.integers(0, 20)), st.integers(1, 1_000)), st.integers(1, 2_000))
def test_shares_are_even_and_waste_nothing(sizes: dict[tuple[str, int], int], total: int) -> None:
    found = shares(sizes, total)
    assert sum(found.values()) == min(total, sum(sizes.values()))
    assert all(0 <= found[place] <= size for place, size in sizes.items())
    served = [share for place, share in found.items() if share < sizes[place]]
    assert not served or max(found.values()) - min(served) <= 1


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 30)), max_size=20), st.integers(1, 25))
def test_every_record_comes_once_and_in_order(arrivals: list[tuple[int, int]], rows: int) -> None:
    places = [("t", 0), ("t", 1), ("u", 0)]
    buffers, written, read = held(Limits(rows=rows, enough=5), *places), dict.fromkeys(places, 0), {place: list[int]() for place in places}
    for which, count in arrivals:
        place = places[which]
        buffers.add([Said(place, written[place] + n) for n in range(count)], 0.0)
        written[place] += count
        for taken, messages in buffers.turn(0.0).items():
            read[taken] += [message.number for message in messages]
    while turn := buffers.turn(10.0):
        assert sum(map(len, turn.values())) <= rows
        for taken, messages in turn.items():
            read[taken] += [message.number for message in messages]
    assert read == {place: list(range(count)) for place, count in written.items()}
    assert buffers.rows == 0
