"""Tables compared as a whole, one after the other, when their loads and snapshots have ended.

Guarantee: a comparison counts only where the connector had brought everything the database had logged before it (a connector that stalls is not quiet), and, of a table that is filled anew, only where
nothing at all happened in the table from before its first row was read until after its last. Withdrawals carry the place in the database's order that everything before had been brought to: a row that
is written again later is later than its withdrawal, whichever of the two arrives first. What a comparison covers is written down after its withdrawals: a death at any moment repeats it.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from connectors.sweep import whole
from connectors.sweep.due import Done, Held, Seen, due
from connectors.sweep.remembered import Release
from connectors.sweep.whole import Brake, Compared, Pair
from schemas.sources import Table

LOG = structlog.get_logger(__name__)
Place = tuple[int, int]


@dataclass(frozen=True)
class Stand:
    """How far a connector has brought its database's log: everything up to ``place`` is in Kafka. ``position``: the same as a record's `_position`, None where the source has no such order."""

    place: Place
    position: str | None


class World(Protocol):
    """What a round asks and does outside."""

    def stand(self, table: Table) -> Stand | None:
        """None while the connector has no place, or a first snapshot is being read."""
        ...

    def seen(self, table: Table) -> Seen: ...

    def log(self, table: Table) -> Place | None:
        """How far the database's log is now; None while somebody's transaction that writes into the table is open."""
        ...

    def judged(self, table: Table) -> bool:
        """Whether everything that is in Kafka of the table was judged."""
        ...

    def said(self, table: Table) -> Set[Pair]:
        """What stands from the table."""
        ...

    def there(self, table: Table) -> Set[Pair]:
        """What is in the table now, as far as it is to be said."""
        ...

    def withdraw(self, table: Table, gone: Sequence[Pair], position: str | None) -> None:
        """Said durably when this returns."""
        ...

    def done(self) -> Mapping[str, Done]: ...

    def releases(self) -> Sequence[Release]: ...

    def finish(self, table: Table, covered: Done) -> None:
        """Write down what a comparison covers, and tell people of what is held."""
        ...


@dataclass(frozen=True)
class Attempt:
    """A comparison under way. ``until``: the connector must have come so far for the next step; ``position``: of its withdrawals; ``found``: the result, which stands if nothing happens until then."""

    seen: Seen
    until: Place
    position: str | None = None
    found: Compared | None = None


class Rounds:
    """Keeps nothing that must outlive it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._attempts: dict[str, Attempt] = {}

    def step(self, table: Table, now: float) -> None:
        """The next step of a table, if there is one. Raises what the world raises: then it is to be taken again."""
        name, world = table.source_id, self._world
        stand = world.stand(table)
        seen, done = world.seen(table), world.done().get(name, Done())  # asked for after the connector's place: what came with it is seen
        attempt = self._attempts.get(name)
        if attempt is None or attempt.seen != seen:
            self._attempts.pop(name, None)
            self._begin(table, seen, done, now)
        elif stand is None or stand.place < attempt.until:
            return
        elif attempt.found is not None:
            self._finish(table, attempt, attempt.found, now)
        elif world.judged(table):
            self._compare(table, replace(attempt, position=stand.position), done, now)

    def _begin(self, table: Table, seen: Seen, done: Done, now: float) -> None:
        released = max((each.at for each in self._world.releases() if each.table == table.source_id), default=0.0) if done.held else 0.0
        if (why := due(table.reload, seen, done, released, now)) and (place := self._world.log(table)) is not None:
            LOG.info("to be compared as a whole", table=table.source_id, why=why)
            self._attempts[table.source_id] = Attempt(seen, place)

    def _compare(self, table: Table, attempt: Attempt, done: Done, now: float) -> None:
        said = self._world.said(table)
        found = whole.compare(said, self._world.there(table), self._brake(table, done)) if said else Compared(done.rows, 0, 0)
        if table.reload is None or not said:
            self._finish(table, attempt, found, now)
        elif (place := self._world.log(table)) is None:
            del self._attempts[table.source_id]  # somebody has begun to write
        else:
            self._attempts[table.source_id] = replace(attempt, until=place, found=found)

    def _brake(self, table: Table, done: Done) -> Brake:
        agreed = 0
        if done.held is not None:
            agreed = max((each.missing for each in self._world.releases() if each.table == table.source_id and each.at > done.held.since), default=0)
        return Brake(shrink(table), done.rows, agreed)

    def _finish(self, table: Table, attempt: Attempt, found: Compared, now: float) -> None:
        before = self._world.done().get(table.source_id, Done())
        if found.gone:
            self._world.withdraw(table, found.gone, attempt.position)
        held = Held(found.held, found.rows, max(before.rows, found.said), found.missing, now) if found.held else None
        self._world.finish(table, Done(attempt.seen.newest, attempt.seen.marker, attempt.seen.reading, before.rows if held else found.rows, held))
        LOG.info("compared as a whole", table=table.source_id, rows=found.rows, said=found.said, missing=found.missing, withdrawn=len(found.gone), held=found.held)
        del self._attempts[table.source_id]


def shrink(table: Table) -> int:
    """The brake's percentage of a table; that of one that is neither filled anew nor polled is the default of both."""
    return table.reload.shrink if table.reload else table.poll.shrink
