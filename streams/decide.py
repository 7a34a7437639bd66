"""Exactly one outcome for every record of a batch, in arrival order: what was examined meets what stands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from schemas import sayings
from schemas.sayings import ACCEPTED, ASSERT, NOTHING, RETRACT, UPSERT, WITHDRAW, Event, Saying, State, Wins
from streams.examine import Bench, Examined

REJECTED, EXCLUDED = "rejected", "excluded"
OFFSET_BITS = 48


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Row ``row`` changed what stands. ``fingerprint``: of what stands, or stood when it is withdrawn."""

    row: int
    change: str
    version: int
    fingerprint: str
    promoted: Saying | None = None


@dataclass(frozen=True)
class Decided:
    """``outcomes`` and ``stands`` (the version that stands after it) by row. ``first`` are the rows that are the first word about their keys and stay alone in the batch, ascending: accepted as
    new, in columns. Of all others ``accepted`` says what changed, and ``states`` what follows: key → partition, state.
    """

    outcomes: list[str]
    stands: list[int | None]
    first: list[int] = field(default_factory=list)
    accepted: list[Acceptance] = field(default_factory=list)
    states: dict[str, tuple[int, State]] = field(default_factory=dict)


def version(generation: int, offset: int) -> int:
    """Grows with the offset in `submitted`, and with the generation after a topic was made anew."""
    return generation << OFFSET_BITS | offset


def decide(bench: Bench, batch: Examined, standing: Mapping[str, State], *, fast: bool = True) -> Decided:
    """``standing``: the states of the batch's keys that have one. ``fast`` False: every record through `sayings.judge`, for tests."""
    size = len(batch.keys)
    decided = Decided([ACCEPTED] * size, [None] * size)
    for n in batch.errors:
        decided.outcomes[n] = REJECTED
    for n, outside in enumerate(batch.excluded):
        if outside and n not in batch.errors:
            decided.outcomes[n] = EXCLUDED
    judged = [n for n, outcome in enumerate(decided.outcomes) if outcome is ACCEPTED]
    if fast:
        decided.first.extend(_first(batch, judged, standing))
        for n in decided.first:
            decided.stands[n] = version(bench.generations[batch.partitions[n]], batch.offsets[n])
        alone = set(decided.first)
        judged = [n for n in judged if n not in alone]
    for n, event in zip(judged, _events(bench, batch, judged), strict=True):
        _judge(decided, n, batch, event, standing, bench.item.wins)
    for key, (partition, state) in decided.states.items():
        if len(state.sayings) > sayings.MOST_ENDED:
            decided.states[key] = partition, sayings.tidy(state)
    return decided


def _first(batch: Examined, judged: Sequence[int], standing: Mapping[str, State]) -> list[int]:
    """Rows that say something of a key nobody has spoken of, neither before nor in this batch."""
    often = Counter([batch.keys[n] for n in judged])
    operations = batch.said["_operation"].is_in([UPSERT, ASSERT]).to_list()
    return [n for n in judged if operations[n] and (key := batch.keys[n]) not in standing and often[key] == 1]


def _judge(decided: Decided, n: int, batch: Examined, event: Event, standing: Mapping[str, State], wins: Wins) -> None:
    """One record that is not the first and only word about its key."""
    key = batch.keys[n]
    known = decided.states.get(key)
    old = known[1] if known is not None else standing.get(key, NOTHING)
    verdict = sayings.judge(old, event, wins)
    state = verdict.state
    if verdict.change is not None:
        stood = str(state.fingerprint or old.fingerprint or "")
        decided.accepted.append(Acceptance(n, verdict.change, event.version, stood, verdict.promoted))
    if state is not old:
        decided.states[key] = batch.partitions[n], state
    decided.outcomes[n] = verdict.outcome
    decided.stands[n] = state.version if state.standing >= 0 else None


def _events(bench: Bench, batch: Examined, rows: Sequence[int]) -> Iterator[Event]:
    said = batch.said[list(rows)].select("_source", "_row", "_way", "_operation", "_position", pl.col("_source_time").dt.epoch("ms"))
    ending = said["_operation"].is_in([WITHDRAW, RETRACT]).to_list()
    for n, ends, (source, row, way, operation, position, moment) in zip(rows, ending, said.iter_rows(), strict=True):
        offset = batch.offsets[n]
        print_ = None if ends else batch.fingerprints[n]
        yield Event(source, row, way, operation, print_, position, offset, moment, version(bench.generations[batch.partitions[n]], offset))


__all__ = ["EXCLUDED", "REJECTED", "Acceptance", "Decided", "decide", "version"]
