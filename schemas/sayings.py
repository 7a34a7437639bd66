"""What a key's sources say, and what follows: the pure model of judging. State and event in, verdict out; no clock, no I/O.

A saying is what one source row (or, where a way has no row ids, one source) last said of a key. Kept true by every step:

* what stands is what some source still says, unless a person retracted it or nobody says anything;
* an event that is not newer than its saying, or repeats it, or equals what stands, makes no version;
* a source's own change always replaces its own word; against another's word the item's rule decides.
"""

from collections.abc import Sequence
from typing import NamedTuple

LATEST, ARRIVAL = "latest", "arrival"
UPSERT, WITHDRAW, ASSERT, RETRACT = "upsert", "withdraw", "assert", "retract"
ACCEPTED, DUPLICATE, SUPERSEDED = "accepted", "duplicate", "superseded"
NEW, CHANGE, PROMOTED, WITHDRAWN = "new", "change", "promoted", "withdrawn"
MOST_ENDED = 64  # ended sayings kept of one key; a table that gives a row a new id at every load would pile them up
Wins = str | Sequence[str]


class Saying(NamedTuple):
    """`fingerprint` None = ended (its position is kept against replays). `offset` is that of the record in `submitted`; `source_time` milliseconds or unknown."""

    source: str
    row: str | None
    way: str
    fingerprint: str | None
    position: str | None
    offset: int
    source_time: int | None
    asserted: bool = False


class State(NamedTuple):
    """Of one key. `standing` is an index into `sayings`, -1 where nothing stands; `fingerprint` is that of what stands, or of what was retracted."""

    version: int = 0
    standing: int = -1
    retracted: bool = False
    fingerprint: str | None = None
    sayings: tuple[Saying, ...] = ()


class Event(NamedTuple):
    """One record said of the key. `fingerprint` None for a withdrawal or retraction; `version` is what it would become."""

    source: str
    row: str | None
    way: str
    operation: str
    fingerprint: str | None
    position: str | None
    offset: int
    source_time: int | None
    version: int


class Verdict(NamedTuple):
    """`outcome` accepted, duplicate or superseded. `change` new, change, promoted or withdrawn where accepted. `promoted` is the saying that stands now by promotion."""

    outcome: str
    state: State
    change: str | None = None
    promoted: Saying | None = None


NOTHING = State()


def judge(state: State, event: Event, wins: Wins) -> Verdict:
    """What an event does to a key."""
    if event.operation == RETRACT:
        return _retracted(state, event)
    place = _place(state, event)
    saying = state.sayings[place] if place >= 0 else None
    if saying is not None and not _newer(event, saying):
        return Verdict(DUPLICATE, state)
    if event.operation == WITHDRAW:
        return _ended(state, event, place, wins)
    return _said(state, event, place, wins)


def _place(state: State, event: Event) -> int:
    for place, saying in enumerate(state.sayings):
        if saying.source == event.source and saying.row == event.row:
            return place
    return -1


def _newer(event: Event, saying: Saying) -> bool:
    """By the source's own order where both know their place in it, else by arrival."""
    return event.position is None or saying.position is None or event.position > saying.position


def _as_saying(event: Event, before: Saying | None) -> Saying:
    """An event without a position (a snapshot's row) keeps the one known: what the source sends again from before it stays old."""
    position = event.position if event.position is not None or before is None else before.position
    return Saying(event.source, event.row, event.way, event.fingerprint, position, event.offset, event.source_time, event.operation == ASSERT)


def _with(state: State, place: int, saying: Saying) -> tuple[tuple[Saying, ...], int]:
    """The sayings with this one put in; and its place."""
    if place < 0:
        return (*state.sayings, saying), len(state.sayings)
    return (*state.sayings[:place], saying, *state.sayings[place + 1 :]), place


def _said(state: State, event: Event, place: int, wins: Wins) -> Verdict:
    before = state.sayings[place] if place >= 0 else None
    repeats = before is not None and before.fingerprint == event.fingerprint
    asserted = event.operation == ASSERT
    stands = state.standing >= 0
    if before is not None and repeats and not asserted:
        return Verdict(DUPLICATE, _moved(state, event, place, before))
    same = state.fingerprint == event.fingerprint and (stands or (state.retracted and not asserted))
    sayings, now = _with(state, place, _as_saying(event, before))
    if same:
        return Verdict(DUPLICATE, state._replace(sayings=sayings))
    own = stands and place == state.standing
    if stands and not own and not asserted and not _wins(event, state.sayings[state.standing], wins):
        return Verdict(SUPERSEDED, state._replace(sayings=sayings))
    return Verdict(ACCEPTED, State(event.version, now, False, event.fingerprint, sayings), CHANGE if stands else NEW)  # noqa: FBT003


def _moved(state: State, event: Event, place: int, saying: Saying) -> State:
    """A repeat is said at its own place: a delete that is told late, of what was missing before it, is older."""
    return state if event.position in (None, saying.position) else state._replace(sayings=_with(state, place, saying._replace(position=event.position))[0])


def _wins(event: Event, stands: Saying, wins: Wins) -> bool:
    if not isinstance(wins, str):
        mine, other = _rank(event.way, wins), _rank(stands.way, wins)
        if mine != other:
            return mine < other
    if wins == ARRIVAL or event.source_time is None or stands.source_time is None:
        return True
    return event.source_time >= stands.source_time


def _rank(way: str, ways: Sequence[str]) -> int:
    return ways.index(way) if way in ways else len(ways)


def _ended(state: State, event: Event, place: int, wins: Wins) -> Verdict:
    """A source's delete: it ends its own saying and nothing else."""
    before = state.sayings[place] if place >= 0 else None
    sayings, _ = _with(state, place, _as_saying(event, before)._replace(fingerprint=None))
    rest = state._replace(sayings=sayings)
    if before is None or before.fingerprint is None:
        return Verdict(DUPLICATE, rest if event.position is not None else state)
    if state.standing < 0:
        return Verdict(DUPLICATE, rest)
    if place != state.standing:
        return Verdict(SUPERSEDED, rest)
    others = [number for number, saying in enumerate(sayings) if saying.fingerprint is not None]
    if not others:
        return Verdict(ACCEPTED, rest._replace(version=event.version, standing=-1, fingerprint=None), WITHDRAWN)
    same = [number for number in others if sayings[number].fingerprint == state.fingerprint]
    if same:
        return Verdict(SUPERSEDED, rest._replace(standing=_best(sayings, same, wins)))
    heir = _best(sayings, others, wins)
    promoted = sayings[heir]
    return Verdict(ACCEPTED, rest._replace(version=event.version, standing=heir, fingerprint=promoted.fingerprint), PROMOTED, promoted)


def _best(sayings: Sequence[Saying], places: Sequence[int], wins: Wins) -> int:
    """Which of several sayings would stand, had they been said one after the other in the order of their arrival."""
    ordered = sorted(places, key=lambda place: sayings[place].offset)
    best = ordered[0]
    for place in ordered[1:]:
        later = sayings[place]
        if later.asserted or _wins(_again(later), sayings[best], wins):
            best = place
    return best


def _again(saying: Saying) -> Event:
    return Event(saying.source, saying.row, saying.way, UPSERT, saying.fingerprint, saying.position, saying.offset, saying.source_time, 0)


def _retracted(state: State, event: Event) -> Verdict:
    """A person's withdrawal ends the record against repeats of all; only something changed, or a person's assertion, is news afterwards."""
    if state.standing < 0:
        return Verdict(DUPLICATE, state)
    return Verdict(ACCEPTED, state._replace(version=event.version, standing=-1, retracted=True), WITHDRAWN)


def tidy(state: State) -> State:
    """Without the oldest ended sayings where they are more than `MOST_ENDED`: a replay as old as those would be taken for news."""
    ended = sorted((saying.offset, place) for place, saying in enumerate(state.sayings) if saying.fingerprint is None)
    gone = {place for _, place in ended[: max(0, len(ended) - MOST_ENDED)]}
    if not gone:
        return state
    kept = [place for place in range(len(state.sayings)) if place not in gone]
    standing = kept.index(state.standing) if state.standing >= 0 else -1
    return state._replace(standing=standing, sayings=tuple(state.sayings[place] for place in kept))
