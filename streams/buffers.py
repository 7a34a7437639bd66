"""What was taken from the topics and is not judged yet, by partition, and whose turn it is. Pure: the time comes from outside.

Within a partition the order of the log is kept. Between partitions nobody waits for a large neighbour: a turn is shared out evenly, so that whoever has little is served whole.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from infra.linger import Linger

Place = tuple[str, int]
Message = Any  # confluent_kafka's: topic(), partition(), offset(), and its length
LINGER = Linger()
_OWN = 300  # bytes a message takes besides its value, about


@dataclass(frozen=True, slots=True)
class Limits:
    """``rows`` of one turn at most, of at most ``items`` topics; a topic's turn comes when it has ``enough`` rows or its oldest has waited as long as ``linger`` says; ``bytes`` are held in all."""

    rows: int = 20_000
    items: int = 8
    enough: int = 4_000
    linger: Linger = LINGER
    bytes: int = 96 << 20


@dataclass(slots=True)
class _Held:
    """One partition's messages as they came: (time of arrival, messages), and the offset that comes next."""

    next: int
    blocks: deque[tuple[float, list[Message]]] = field(default_factory=deque)
    rows: int = 0
    bytes: int = 0

    def put(self, arrived: float, messages: list[Message], *, first: bool = False) -> None:
        (self.blocks.appendleft if first else self.blocks.append)((arrived, messages))
        self._count(messages, 1)

    def take(self, rows: int) -> list[Message]:
        taken: list[Message] = []
        while self.blocks and len(taken) < rows:
            arrived, messages = self.blocks.popleft()
            mine = messages[: rows - len(taken)]
            if len(mine) < len(messages):
                self.blocks.appendleft((arrived, messages[len(mine) :]))
            taken += mine
        self._count(taken, -1)
        return taken

    def _count(self, messages: list[Message], sign: int) -> None:
        self.rows += sign * len(messages)
        self.bytes += sign * (sum(map(len, messages)) + _OWN * len(messages))


class Buffers:
    """The partitions somebody expects records of; what comes of others, or below the offset expected, is dropped."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held: dict[Place, _Held] = {}
        self._resting: dict[str, float] = {}

    def expect(self, place: Place, offset: int) -> None:
        """Take this partition's records from this offset on; what was held of it is dropped."""
        self._held[place] = _Held(offset)

    def forget(self, place: Place) -> None:
        self._held.pop(place, None)

    def add(self, messages: Iterable[Message], arrived: float) -> None:
        """Messages as they came from the broker."""
        for place, group in groupby(messages, key=_place):
            held = self._held.get(place)
            if held is None:
                continue
            mine = list(group)
            if mine[0].offset() < held.next:
                mine = [message for message in mine if message.offset() >= held.next]
            if mine:
                held.next = mine[-1].offset() + 1
                held.put(arrived, mine)

    def put_back(self, turn: Mapping[Place, list[Message]], arrived: float) -> None:
        """What `turn` gave and nobody could judge goes before everything else of its partition."""
        for place, messages in turn.items():
            if place in self._held:
                self._held[place].put(arrived, messages, first=True)

    def rest(self, topic: str, until: float) -> None:
        """It is not this topic's turn before then, however much there is of it."""
        self._resting[topic] = until

    def wait(self, now: float) -> float:
        """Seconds until somebody's turn comes; at most what few rows wait."""
        waiting = self._topics(now).values()
        if any(rows >= self._enough for _, rows in waiting):
            return 0.0
        linger = self._limits.linger
        return max(0.0, min(linger.seconds, *(oldest + linger.of(rows) - now for oldest, rows in waiting)) if waiting else linger.seconds)

    def turn(self, now: float) -> dict[Place, list[Message]]:
        """What is judged next, by partition, in order of offset; empty while everybody may wait for more."""
        ripe = {topic: oldest for topic, (oldest, rows) in self._topics(now).items() if rows >= self._enough or now - oldest >= self._limits.linger.of(rows)}
        chosen = sorted(ripe, key=lambda topic: ripe[topic])[: self._limits.items]
        sizes = {place: held.rows for place, held in self._held.items() if held.rows and place[0] in chosen}
        return {place: self._held[place].take(share) for place, share in shares(sizes, self._limits.rows).items() if share}

    def full(self) -> set[Place]:
        """Partitions that hold more than their share of the memory."""
        return self._above(self._share())

    def lean(self) -> set[Place]:
        """Partitions that hold less than half of their share."""
        return set(self._held) - self._above(self._share() // 2)

    def places(self) -> list[Place]:
        """Partitions records are expected of."""
        return list(self._held)

    @property
    def rows(self) -> int:
        """How many are held."""
        return sum(held.rows for held in self._held.values())

    @property
    def _enough(self) -> int:
        return min(self._limits.enough, self._limits.rows)

    def _share(self) -> int:
        return self._limits.bytes // max(1, sum(1 for held in self._held.values() if held.rows))

    def _above(self, share: int) -> set[Place]:
        return {place for place, held in self._held.items() if held.bytes > share}

    def _topics(self, now: float) -> dict[str, tuple[float, int]]:
        """Arrival of the oldest record and number of rows, by topic that has any and does not rest."""
        found: dict[str, tuple[float, int]] = {}
        for (topic, _), held in self._held.items():
            if held.rows and self._resting.get(topic, now) <= now:
                oldest, rows = found.get(topic, (held.blocks[0][0], 0))
                found[topic] = min(oldest, held.blocks[0][0]), rows + held.rows
        return found


def shares(sizes: Mapping[Place, int], total: int) -> dict[Place, int]:
    """Shares out ``total`` rows: nobody gets more than he has, and nobody less than another unless that is all he has."""
    found, left = {}, total
    for n, place in enumerate(sorted(sizes, key=lambda place: sizes[place])):
        found[place] = min(sizes[place], -(-left // (len(sizes) - n)))
        left -= found[place]
    return found


def _place(message: Message) -> Place:
    return message.topic(), message.partition()


__all__ = ["Buffers", "Limits", "Message", "Place", "shares"]
