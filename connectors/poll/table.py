"""One poll of one table: it is read, compared with what is known of it, and every difference is sent.

Guarantee: each difference is sent at least once, before it is taken over, and again with the same numbers where a poller died in between: nothing is lost, and what is repeated has the same position.
A row is known as it was last sent; so an event's `before` is what was sent, whatever was missed in between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from connectors.poll import comparison
from connectors.poll.comparison import FIRST, LAST, Change
from connectors.poll.event import Form, Numbered
from connectors.poll.state import State
from infra import failpoint
from schemas.sources import Table

LOG = structlog.get_logger(__name__)
BATCH = 8_000_000  # characters in one transaction


class Way(Protocol):
    """Where events go."""

    def send(self, form: Form, batch: Numbered) -> None: ...


@dataclass(frozen=True)
class Reading:
    """What the database was asked for. ``rows``: its answer, page by page, each row's image by its key; ``whole``: every row, not only those changed of late; ``newest``: the highest value of the
    update column, asked for before."""

    form: Form
    rows: Iterable[dict[str, str]]
    whole: bool
    newest: str | None = None


@dataclass
class Outcome:
    """``rows`` read; ``events`` sent, by operation; ``anew``: the whole table was said; ``before`` rows were known and ``missing`` of them wait behind the brake; ``poll``: its
    number; ``again``: something had been said of the table before it was said as a whole."""

    rows: int = 0
    events: dict[str, int] = field(default_factory=dict)
    anew: bool = False
    before: int = 0
    missing: int = 0
    poll: int = 0
    again: bool = False


class Poll:
    """One poll. ``at``: epoch milliseconds; no number of the table's events may be lower than that of an earlier poll, and with a lost state nothing but the clock knows them."""

    def __init__(self, table: Table, state: State, way: Way, at: int) -> None:
        self._table, self._state, self._way, self._at = table, state, way, at
        self._made: dict[str, int] = {}

    def finish(self, form: Form) -> None:
        """What another poller wrote down and did not live to take over."""
        if pending := self._state.pending():
            about = self._state.about
            LOG.info("sends again", topic=self._table.topic, poll=about.poll, events=len(pending))
            self._way.send(form, Numbered(about.poll, min(pending), about.at, list(pending.values())))
            self._state.settle()

    def run(self, reading: Reading) -> Outcome:
        """Compare and send. Whatever is raised on the way leaves what was sent until then taken over."""
        state, about = self._state, self._state.about
        anew = reading.whole and not about.whole
        state.tell(replace(about, poll=max(about.poll + 1, self._at), at=self._at, number=0))
        found = Outcome(anew=anew, before=state.count())
        state.begin()
        carried: list[Change] = []
        for rows in reading.rows:
            found.rows += len(rows)
            keys = comparison.differing(rows, state.seen(rows))
            made = comparison.changes(rows, list(rows) if anew else keys, state.images(rows if anew else keys), whole=anew)
            # The last row of a whole reading is known as that only when no other comes.
            carried, made = ([*carried, *made][-1:], [*carried, *made][:-1]) if anew else ([], made)
            self._send(reading.form, made, begins=anew)
        self._send(reading.form, [replace(change, mark=LAST) for change in carried])
        if reading.whole:
            self._deletes(reading.form, found)
        done = state.about
        state.tell(replace(done, whole=done.whole or reading.whole, newest=reading.newest, passes=done.passes if found.missing else None))
        found.events, found.poll = self._made, done.poll
        return found

    def _deletes(self, form: Form, found: Outcome) -> None:
        """Rows that are not there any more, unless they are too many at once."""
        passes = self._state.about.passes
        if comparison.shrunk(found.before, found.rows, self._table.poll.shrink) and (passes is None or found.rows < passes):
            found.missing = self._state.missing()
            return
        for gone in self._state.unseen():
            self._send(form, comparison.deleted(gone))

    def _send(self, form: Form, made: Sequence[Change], *, begins: bool = False) -> None:
        for batch in comparison.batches(made, BATCH):
            about = self._state.about
            if begins and about.number == 0:
                batch = [replace(batch[0], mark=FIRST), *batch[1:]]
            self._state.note({about.number + place: change for place, change in enumerate(batch)})
            failpoint.point("poll.noted")
            self._way.send(form, Numbered(about.poll, about.number, about.at, batch))
            self._state.settle()
            failpoint.point("poll.settled")
            for change in batch:
                self._made[change.op] = self._made.get(change.op, 0) + 1
