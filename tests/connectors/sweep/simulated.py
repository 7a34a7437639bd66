"""A department's database, its connector, map and judge, each as far as the test lets it come: what the rounds see of the world, with the real model of judging."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from connectors.sweep.due import Done, Seen
from connectors.sweep.remembered import Release
from connectors.sweep.rounds import Place, Stand
from connectors.sweep.whole import Pair
from schemas.sayings import ACCEPTED, NOTHING, UPSERT, WITHDRAW, Event, State, judge
from schemas.sources import Reload, Table


class Killed(Exception):
    """The watcher dies here."""


@dataclass
class Simulated:
    """``rows``: row → key, as committed; ``logged``: everything that was committed: (row, key or None for a delete); ``brought``: so much of it is in Kafka, each with the time it came;
    ``submitted``: what map said; ``judged``: so much of it was judged.
    """

    table: Table
    now: float = 1000.0
    rows: dict[str, str] = field(default_factory=dict)
    logged: list[tuple[str, str | None]] = field(default_factory=list)
    came: list[float] = field(default_factory=list)
    submitted: list[tuple[str, str, str, str]] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    decided: int = 0
    writing: bool = False
    known: dict[str, Done] = field(default_factory=dict)
    released: list[Release] = field(default_factory=list)
    kill_at: str = ""
    reading: float = 0.0
    withdrawn: list[tuple[str, bool]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)

    # What the department does.

    def write(self, row: str, key: str) -> None:
        self.rows[row] = key
        self.logged.append((row, key))

    def delete(self, row: str) -> None:
        del self.rows[row]
        self.logged.append((row, None))

    def unseen_delete(self, row: str) -> None:
        """While the connector's slot was dropped."""
        del self.rows[row]

    # What our processes do.

    def bring(self, events: int = 1_000) -> None:
        """The connector and map: deletes are housekeeping."""
        for row, key in self.logged[len(self.came) : len(self.came) + events]:
            self.came.append(self.now)
            if key is not None:
                self.submitted.append((row, key, UPSERT, position(len(self.came))))

    def decide(self, records: int = 1_000) -> None:
        for row, key, operation, place in self.submitted[self.decided : self.decided + records]:
            self.decided += 1
            event = Event("s.t", row, "cdc", operation, key if operation == UPSERT else None, place, self.decided, None, self.decided)
            verdict = judge(self.states.get(key, NOTHING), event, "latest")
            self.states[key] = verdict.state
            self.outcomes += [verdict.change or ""] * (verdict.outcome == ACCEPTED)

    @property
    def standing(self) -> set[str]:
        return {key for key, state in self.states.items() if state.standing >= 0}

    # What the rounds ask.

    def stand(self, _table: Table) -> Stand:
        return Stand((0, len(self.came)), f"{len(self.came):06d}.5")

    def seen(self, table: Table) -> Seen:
        newest = self.came[-1] if self.came and table.reload else 0.0
        return Seen(newest, reading=self.reading)

    def log(self, _table: Table) -> Place | None:
        return None if self.writing else (0, len(self.logged))

    def judged(self, _table: Table) -> bool:
        return self.decided == len(self.submitted)

    def said(self, _table: Table) -> Set[Pair]:
        return {(key, saying.row) for key, state in self.states.items() for saying in state.sayings if saying.fingerprint is not None}

    def there(self, _table: Table) -> Set[Pair]:
        return {(key, row) for row, key in self.rows.items()}

    def withdraw(self, _table: Table, gone: Sequence[Pair], place: str | None) -> None:
        self._die("before")
        for key, row in gone:
            self.withdrawn.append((key, key in self.rows.values()))
            self.submitted.append((str(row), key, WITHDRAW, str(place)))
        self._die("after")

    def done(self) -> Mapping[str, Done]:
        return self.known

    def releases(self) -> Sequence[Release]:
        return self.released

    def finish(self, table: Table, covered: Done) -> None:
        self._die("finish")
        self.known[table.source_id] = covered
        self._die("finished")

    def _die(self, point: str) -> None:
        if self.kill_at == point:
            self.kill_at = ""
            raise Killed(point)


def position(number: int) -> str:
    return f"{number:06d}.0"


def table(reload: Reload | None) -> Table:
    return Table("public.t", "s", "item", "withdraw", {}, {}, {}, None, None, reload=reload)
