"""Exactly one outcome for every record of a batch, in arrival order: what was examined meets what stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streams import sayings
from streams.examine import Bench, Examined
from streams.sayings import ACCEPTED, ASSERT, NEW, NOTHING, RETRACT, UPSERT, WITHDRAW, Event, Saying, State

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
    """``outcomes`` and ``stands`` (the version that stands after it) by row; ``states`` holds what changed: key → partition, state."""

    outcomes: list[str]
    stands: list[int | None]
    accepted: list[Acceptance] = field(default_factory=list)
    states: dict[str, tuple[int, State]] = field(default_factory=dict)


def version(generation: int, offset: int) -> int:
    """Grows with the offset in `submitted`, and with the generation after a topic was made anew."""
    return generation << OFFSET_BITS | offset


def decide(bench: Bench, batch: Examined, standing: Mapping[str, State], *, fast: bool = True) -> Decided:
    """``standing``: the states of the batch's keys that have one. ``fast`` False: every record through `sayings.judge`, for tests."""
    decided = Decided([], [])
    wins = bench.item.wins
    for n, event in enumerate(_events(bench, batch)):
        if n in batch.errors or batch.excluded[n]:
            decided.outcomes.append(REJECTED if n in batch.errors else EXCLUDED)
            decided.stands.append(None)
            continue
        key, partition = batch.keys[n], batch.messages[batch.places[n]].partition
        known = decided.states.get(key)
        old = known[1] if known is not None else standing.get(key, NOTHING)
        if fast and old is NOTHING and event.operation in (UPSERT, ASSERT):
            state, outcome = _first_word(event), ACCEPTED
            decided.accepted.append(Acceptance(n, NEW, event.version, batch.fingerprints[n]))
        else:
            verdict = sayings.judge(old, event, wins)
            state, outcome = verdict.state, verdict.outcome
            if verdict.change is not None:
                stood = str(state.fingerprint or old.fingerprint or "")
                decided.accepted.append(Acceptance(n, verdict.change, event.version, stood, verdict.promoted))
        if state is not old:
            decided.states[key] = partition, state
        decided.outcomes.append(outcome)
        decided.stands.append(state.version if state.standing >= 0 else None)
    for key, (partition, state) in decided.states.items():
        if len(state.sayings) > sayings.MOST_ENDED:
            decided.states[key] = partition, sayings.tidy(state)
    return decided


def _first_word(event: Event) -> State:
    """What `sayings.judge` makes of the first word about a record."""
    asserted = event.operation == ASSERT
    said = Saying(event.source, event.row, event.way, event.fingerprint, event.position, event.offset, event.source_time, asserted)
    return State(event.version, 0, retracted=False, fingerprint=event.fingerprint, sayings=(said,))


def _events(bench: Bench, batch: Examined) -> list[Event]:
    names = ("_source", "_row", "_way", "_operation", "_position")
    source, row, way, operation, position = (batch.said[name].to_list() for name in names)
    moments = batch.said["_source_time"].dt.epoch("ms").to_list()
    places = [(batch.messages[place].partition, batch.messages[place].offset) for place in batch.places]
    offsets = [offset for _, offset in places]
    versions = [version(bench.generations[partition], offset) for partition, offset in places]
    ending = batch.said["_operation"].is_in([WITHDRAW, RETRACT]).to_list()
    said = [None if ends else print_ for ends, print_ in zip(ending, batch.fingerprints, strict=True)]
    columns = zip(source, row, way, operation, said, position, offsets, moments, versions, strict=True)
    return [Event(*each) for each in columns]


__all__ = ["EXCLUDED", "REJECTED", "Acceptance", "Decided", "decide", "version"]
