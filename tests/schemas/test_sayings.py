"""Random histories of sources against the model: what a source still says is never absent, repeats make no version. And the simpler rule, to show that it loses records."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.sayings import ASSERT, MOST_ENDED, NOTHING, RETRACT, UPSERT, WITHDRAW, Event, State, Verdict, judge, tidy

HISTORIES = 20_000


def event(source: str, said: str | None, position: int | None, offset: int, **rest) -> Event:
    operation = rest.pop("operation", UPSERT if said is not None else WITHDRAW)
    return Event(
        source, rest.pop("row", "1"), rest.pop("way", "cdc"), operation, said, None if position is None else f"{position:06d}", offset, rest.pop("time", None), offset
    )


@dataclass
class World:
    """Some sources, what each really says now, and everything each has ever emitted, in order."""

    rng: random.Random
    sources: tuple[str, ...]
    now: dict[str, str | None] = field(default_factory=dict)
    emitted: dict[str, list[tuple[str | None, int]]] = field(default_factory=dict)
    clock: int = 0

    def step(self) -> list[tuple[str, str | None, int]]:
        """What one step makes the sources emit: (source, content or None for a delete, position)."""
        source = self.rng.choice(self.sources)
        said = self.now.get(source)
        kind = self.rng.choice(["say", "change", "delete", "snapshot", "replay", "reinsert"])
        if kind in ("say", "change"):
            return [self._emit(source, self.rng.choice("ABC"))]
        if kind == "delete" and said is not None:
            return [self._emit(source, None)]
        if kind == "reinsert" and said is not None:
            return [self._emit(source, None), self._emit(source, self.rng.choice("ABC"))]
        if kind == "snapshot" and said is not None:
            return [self._emit(source, said)]
        if kind == "replay" and self.emitted.get(source):
            tail = self.emitted[source][-self.rng.randint(1, 3) :]
            return [(source, content, position) for content, position in tail]
        return []

    def _emit(self, source: str, content: str | None) -> tuple[str, str | None, int]:
        self.clock += 1
        self.now[source] = content
        self.emitted.setdefault(source, []).append((content, self.clock))
        return source, content, self.clock


def history(seed: int, sources: tuple[str, ...], steps: int = 12) -> Iterator[tuple[World, list[tuple[str, str | None, int]]]]:
    world = World(random.Random(seed), sources)
    for _ in range(steps):
        yield world, world.step()


@pytest.mark.parametrize("wins", ["latest", "arrival", ["excel", "cdc"]])
@pytest.mark.parametrize("sources", [("a", "b"), ("a", "b", "c")])
def test_what_a_source_still_says_is_never_absent(wins, sources) -> None:
    for seed in range(HISTORIES // 6):
        state, offset = NOTHING, 0
        for world, said in history(seed, sources):
            for source, content, position in said:
                offset += 1
                way = "excel" if source == "b" else "cdc"
                time = position if seed % 2 else None
                state = judge(state, event(source, content, position, offset, way=way, time=time), wins).state
            live = {content for content in world.now.values() if content is not None}
            if live:
                assert state.standing >= 0
                assert state.fingerprint in live
                assert state.sayings[state.standing].fingerprint == state.fingerprint
            else:
                assert state.standing < 0


def test_a_replay_and_a_new_snapshot_make_no_version() -> None:
    for seed in range(HISTORIES // 10):
        state, offset, world = NOTHING, 0, None
        for world, said in history(seed, ("a", "b")):
            for source, content, position in said:
                offset += 1
                state = judge(state, event(source, content, position, offset), "latest").state
        assert world is not None
        for source, emitted in world.emitted.items():
            for content, position in emitted:
                offset += 1
                verdict = judge(state, event(source, content, position, offset), "latest")
                assert verdict.outcome == "duplicate"
                assert verdict.state.version == state.version
            if world.now[source] is not None:
                world.clock += 1
                again = judge(state, event(source, world.now[source], world.clock, offset + 1), "latest")
                assert (again.outcome, again.state.version) == ("duplicate", state.version)


def simpler(state: dict[str, str | None], standing: str | None, source: str, content: str | None) -> str | None:
    """The rule that seems enough: a source that repeats itself is never news, else the last word stands and a delete ends the record."""
    if state.get(source, "nothing yet") == content:
        return standing
    state[source] = content
    return content


def test_the_simpler_rule_loses_records() -> None:
    lost = 0
    for seed in range(2_000):
        last: dict[str, str | None] = {}
        standing, world = None, None
        for world, said in history(seed, ("a", "b")):
            for source, content, _position in said:
                standing = simpler(last, standing, source, content)
        assert world is not None
        live = {content for content in world.now.values() if content is not None}
        lost += bool(live) and standing not in live
    assert lost > 200


def said(*events: Event) -> list[Verdict]:
    state, verdicts = NOTHING, []
    for each in events:
        verdict = judge(state, each, "latest")
        state = verdict.state
        verdicts.append(verdict)
    return verdicts


def outcomes(verdicts: list[Verdict]) -> list[tuple[str, str | None]]:
    return [(verdict.outcome, verdict.change) for verdict in verdicts]


def test_a_delete_ends_only_its_own_saying() -> None:
    found = said(event("a", "X", 1, 1), event("b", "X", 1, 2), event("a", None, 2, 3), event("b", None, 2, 4))
    assert outcomes(found) == [("accepted", "new"), ("duplicate", None), ("superseded", None), ("accepted", "withdrawn")]


def test_a_delete_promotes_what_another_source_says() -> None:
    found = said(event("a", "X", 1, 1, time=10), event("b", "Y", 1, 2, time=5), event("a", None, 2, 3))
    assert outcomes(found) == [("accepted", "new"), ("superseded", None), ("accepted", "promoted")]
    assert found[-1].promoted is not None
    assert found[-1].promoted.offset == 2
    assert found[-1].state.fingerprint == "Y"


def test_what_was_said_again_is_not_withdrawn_by_a_delete_from_before() -> None:
    """A comparison finds a row missing at place 5 and tells so late; the row was filled in again at place 7, with the same content."""
    for first in (1, None):
        found = said(event("a", "X", first, 1), event("a", "X", 7, 2), event("a", None, 5, 3), event("a", None, 8, 4))
        assert outcomes(found) == [("accepted", "new"), ("duplicate", None), ("duplicate", None), ("accepted", "withdrawn")]


def test_a_deleted_and_reinserted_record_stands() -> None:
    found = said(event("a", "X", 1, 1), event("a", None, 2, 2), event("a", "X", 3, 3), event("a", None, 2, 4), event("a", "X", 1, 5))
    assert outcomes(found) == [("accepted", "new"), ("accepted", "withdrawn"), ("accepted", "new"), ("duplicate", None), ("duplicate", None)]


def test_a_retraction_holds_against_repeats_of_all_and_gives_way_to_news() -> None:
    person = {"operation": RETRACT, "row": None, "way": "excel"}
    found = said(
        event("a", "X", 1, 1), event("p", None, None, 2, **person), event("a", "X", 2, 3), event("b", "X", 1, 4), event("p", None, None, 5, **person), event("a", "Y", 3, 6)
    )
    assert outcomes(found) == [("accepted", "new"), ("accepted", "withdrawn"), ("duplicate", None), ("duplicate", None), ("duplicate", None), ("accepted", "new")]


def test_an_assertion_stands_against_feeds_that_have_not_changed_since() -> None:
    person = {"operation": ASSERT, "row": None, "way": "form", "time": 1}
    found = said(event("a", "X", 1, 1, time=50), event("p", "Z", None, 2, **person), event("a", "X", 2, 3, time=60), event("a", "Y", 3, 4, time=70))
    assert outcomes(found) == [("accepted", "new"), ("accepted", "change"), ("duplicate", None), ("accepted", "change")]


def test_an_assertion_brings_a_retracted_record_back() -> None:
    found = said(
        event("p", "X", None, 1, row=None), event("p", None, None, 2, operation=RETRACT), event("p", "X", None, 3, row=None), event("p", "X", None, 4, row=None, operation=ASSERT)
    )
    assert outcomes(found) == [("accepted", "new"), ("accepted", "withdrawn"), ("duplicate", None), ("accepted", "new")]


def test_two_rows_that_swap_their_keys_end_right() -> None:
    """Row 1 moves from key A to key B and row 2 from B to A: each key sees a withdrawal and an upsert, in either order."""
    key_a = said(event("s", "one@A", 1, 1, row="1"), event("s", None, 5, 2, row="1"), event("s", "two@A", 6, 3, row="2"))
    key_b = said(event("s", "two@B", 2, 1, row="2"), event("s", "one@B", 5, 2, row="1"), event("s", None, 6, 3, row="2"))
    assert key_a[-1].state.fingerprint == "two@A"
    assert key_b[-1].state.fingerprint == "one@B"
    assert key_b[-1].outcome == "superseded"


def test_a_snapshot_without_positions_does_not_let_old_events_in_again() -> None:
    found = said(event("a", "X", 5, 1), event("a", "Y", None, 2), event("a", "X", 5, 3), event("a", None, None, 4), event("a", "X", 5, 5), event("a", "X", 6, 6))
    assert outcomes(found) == [
        ("accepted", "new"), ("accepted", "change"), ("duplicate", None), ("accepted", "withdrawn"), ("duplicate", None), ("accepted", "new"),
    ]  # fmt: skip


def test_a_delete_of_something_never_said_guards_against_its_late_insert() -> None:
    found = said(event("a", None, 5, 1), event("a", "X", 4, 2), event("a", "X", 6, 3))
    assert outcomes(found) == [("duplicate", None), ("duplicate", None), ("accepted", "new")]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["A", "B", None]), st.sampled_from([UPSERT, ASSERT, RETRACT])), max_size=12))
@settings(deadline=None)
def test_the_model_keeps_its_shape_whatever_comes(steps) -> None:
    state = NOTHING
    for offset, (source, content, operation) in enumerate(steps, start=1):
        operation = operation if content is not None or operation == RETRACT else WITHDRAW
        before = state
        verdict = judge(state, event(source, content, offset, offset)._replace(operation=operation), "latest")
        state = verdict.state
        assert (verdict.outcome == "accepted") == (state.version != before.version)
        assert (verdict.change is not None) == (verdict.outcome == "accepted")
        assert -1 <= state.standing < len(state.sayings)
        assert not (state.retracted and state.standing >= 0)
        assert isinstance(state, State)


def test_old_ended_sayings_of_a_key_are_dropped_and_what_stands_stays() -> None:
    state = judge(NOTHING, event("keeper", "X", 1, 1), "latest").state
    for row in range(MOST_ENDED + 10):
        for offset, content in enumerate(("Y", None)):
            state = judge(state, event("a", content, offset + 1, 10 * row + offset + 2, row=str(row)), "arrival").state
    kept = tidy(state)
    assert len(kept.sayings) == MOST_ENDED + 1
    assert kept.sayings[kept.standing] == state.sayings[state.standing]
    assert tidy(kept) is kept
