"""What a poll makes of two readings, against a dict: whatever becomes of the rows, and wherever a poller dies, whoever follows the events knows the table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.poll import comparison
from connectors.poll.comparison import CHANGED, CREATED, DELETED, READ, Change
from connectors.poll.event import Form, Numbered
from connectors.poll.state import State
from connectors.poll.table import Outcome, Poll, Reading
from schemas import catalog, sources

SPEC: dict[str, Any] = {
    "source": "sp", "department": "zjj", "database": {"kind": "postgres", "host": "h", "port": "1", "name": "d", "user": "u", "password": "${env:P}"}, "capture": "poll",
    "tables": {"public.permit": {"item": "xzxk", "columns": {"XK_WSH": "no"}}},
}  # fmt: skip
(TABLE,) = sources.read(SPEC, catalog.load()).tables.values()
FORM = Form(TABLE, ("id",))
Rows = dict[str, str]


class Died(Exception):
    """A poller's death, at a moment that is chosen."""


@dataclass
class Topic:
    """What was committed to a topic; ``dies``: at which batch from here on, and whether it was committed then."""

    sent: list[Numbered] = field(default_factory=list)
    dies: tuple[int, bool] | None = None

    def send(self, form: Form, batch: Numbered) -> None:
        if self.dies and (self.dies[0] <= 0):
            if self.dies[1]:
                self.sent.append(batch)
            self.dies = None
            raise Died
        self.dies = (self.dies[0] - 1, self.dies[1]) if self.dies else None
        self.sent.append(batch)

    @property
    def events(self) -> list[tuple[tuple[int, int], Change]]:
        return [((batch.poll, batch.first + n), change) for batch in self.sent for n, change in enumerate(batch.changes)]

    def followed(self) -> Rows:
        """The table as one knows it who follows the events, each at its place, repeats passed over as the judge does."""
        rows, places = Rows(), dict[str, tuple[int, int]]()
        for place, change in self.events:
            if place <= places.get(change.key, (0, -1)):
                continue
            places[change.key] = place
            assert change.before == (rows.get(change.key) if change.op in (CHANGED, DELETED) else None)
            if change.after is None:
                del rows[change.key]
            else:
                rows[change.key] = change.after
        return rows


def paged(rows: Rows, size: int = 3) -> Iterator[Rows]:
    items = list(rows.items())
    for first in range(0, len(items) + 1, size):
        yield dict(items[first : first + size])


def poll(state: State, topic: Topic, rows: Rows, at: int = 1, *, whole: bool = True, table: sources.Table = TABLE) -> Outcome:
    one = Poll(table, state, topic, at)
    one.finish(FORM)
    return one.run(Reading(FORM, paged(rows), whole))


def image(text: str) -> str:
    return json.dumps({"no": text})


def table(*numbers: int, text: str = "x") -> Rows:
    return {f'["{number}"]': image(text) for number in numbers}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path / "t.db") as opened:
        yield opened


OPEN = sources.Table(**{**vars(TABLE), "poll": sources.Poll(shrink=100)})
TABLES = st.dictionaries(st.integers(0, 12).map(lambda n: f'["{n}"]'), st.sampled_from(["a", "b", "许"]).map(image), min_size=1)
DEATHS = st.none() | st.tuples(st.integers(0, 4), st.booleans())


@settings(max_examples=40)
@given(st.lists(st.tuples(TABLES, DEATHS), min_size=1, max_size=8))
def test_whoever_follows_the_events_knows_the_table_wherever_a_poller_died(history: list[tuple[Rows, tuple[int, bool] | None]]) -> None:
    topic = Topic()
    with TemporaryDirectory() as folder:
        for number, (rows, dies) in enumerate([*history, (history[-1][0], None)]):
            with State(Path(folder) / "t.db") as state:
                topic.dies = dies
                try:
                    poll(state, topic, rows, number, table=OPEN)
                except Died:
                    continue
                topic.dies = None
                assert topic.followed() == rows
    places = [place for place, _ in topic.events]
    assert len(dict(topic.events)) == len({*topic.events}), "a place is one event"
    assert places[0][1] == 0


@settings(max_examples=30)
@given(TABLES, TABLES)
def test_only_what_is_different_is_sent_and_says_what_was_before(first: Rows, second: Rows) -> None:
    topic = Topic()
    with TemporaryDirectory() as folder, State(Path(folder) / "t.db") as state:
        poll(state, topic, first, table=OPEN)
        assert {(change.op, change.key, change.before) for _, change in topic.events} == {(READ, key, None) for key in first}
        topic.sent.clear()
        found = poll(state, topic, second, table=OPEN)
        wanted = {(CREATED, key, None, row) for key, row in second.items() if key not in first}
        wanted |= {(CHANGED, key, first[key], row) for key, row in second.items() if key in first and first[key] != row}
        wanted |= {(DELETED, key, row, None) for key, row in first.items() if key not in second}
        assert {(change.op, change.key, change.before, change.after) for _, change in topic.events} == wanted
        assert sum(found.events.values()) == len(wanted)
        assert {change.mark for _, change in topic.events} <= {"false"}


@pytest.mark.parametrize(("count", "marks"), [(0, []), (1, ["last"]), (2, ["first", "last"]), (6, ["first", "true", "true", "true", "true", "last"])])
def test_a_whole_reading_says_where_it_begins_and_ends(state: State, count: int, marks: list[str]) -> None:
    topic = Topic()
    assert poll(state, topic, table(*range(count))).anew
    assert [change.mark for _, change in topic.events] == marks
    assert not poll(state, topic, table(*range(count))).anew
    assert len(topic.events) == count


def test_a_whole_reading_that_broke_off_begins_again_with_its_first_row(state: State) -> None:
    topic = Topic(dies=(1, True))
    with pytest.raises(Died):
        poll(state, topic, table(*range(7)))
    assert [change.mark for _, change in topic.events] == ["first", "true", "true", "true", "true"]
    topic.sent.clear()
    assert poll(state, topic, table(*range(7))).anew
    repeated, rest = topic.events[:3], topic.events[3:]
    assert [change.mark for _, change in repeated] == ["true"] * 3
    assert [change.mark for _, change in rest] == ["first", *["true"] * 5, "last"]
    assert topic.followed().keys() == table(*range(7)).keys()


def test_a_lost_state_costs_a_whole_reading_and_places_go_on(tmp_path: Path) -> None:
    topic = Topic()
    with State(tmp_path / "t.db") as state:
        poll(state, topic, table(1, 2), at=1000)
    (tmp_path / "t.db").write_bytes(b"this is no database, whatever it is called" * 100)
    with State(tmp_path / "t.db") as state:
        assert "could not be read" in state.lost
        assert poll(state, topic, table(2, 3, text="y"), at=2000).events == {READ: 2}
    assert topic.followed() == table(1) | table(2, 3, text="y"), "what went before the loss is found by comparing the reading"


def test_a_table_that_another_topic_knows_or_an_older_generation_is_said_again(state: State) -> None:
    topic = Topic()
    for of, events in ((("a", 1), {READ: 2}), (("a", 1), {}), (("b", 1), {READ: 2}), (("b", 2), {READ: 2}), (("b", 2), {})):
        state.of(of[1], of[0])
        assert poll(state, topic, table(1, 2)).events == events


def test_rows_changed_of_late_are_compared_and_nothing_is_missed_elsewhere(state: State) -> None:
    topic = Topic()
    poll(state, topic, table(1, 2, 3))
    assert poll(state, topic, table(2) | table(3, 4, text="y"), whole=False).events == {CHANGED: 1, CREATED: 1}
    assert topic.followed() == table(1, 2) | table(3, 4, text="y")


@pytest.mark.parametrize(
    ("before", "now", "percent", "braked"),
    [(10, 8, 20, False), (10, 7, 20, True), (10, 0, 100, True), (1, 0, 100, True), (10, 1, 100, False), (10, 11, 1, False), (0, 0, 20, False), (5, 4, 20, False), (4, 3, 20, True)],
)
def test_the_brake(before: int, now: int, percent: int, braked: bool) -> None:
    assert comparison.shrunk(before, now, percent) is braked


def test_a_shrunken_table_loses_nothing_until_it_is_back_or_let_through(state: State) -> None:
    topic = Topic()
    poll(state, topic, table(*range(10)))
    for rows in (table(), table(1, 2) | table(20)):
        found = poll(state, topic, rows)
        assert (found.missing, found.before) == (10 if not rows else 8, 10)
        assert DELETED not in found.events
    assert topic.followed().keys() == {*table(*range(10)), *table(20)}, "what came meanwhile is told all the same"
    back = poll(state, topic, table(*range(9)) | table(20))
    assert (back.missing, back.events) == (0, {DELETED: 1})


def test_what_was_let_through_once_is_deleted_unless_still_more_is_gone(state: State) -> None:
    topic = Topic()
    poll(state, topic, table(*range(10)))
    poll(state, topic, table(1, 2, 3))
    state.tell(replace(state.about, passes=3))
    assert poll(state, topic, table(1, 2)).missing == 8
    assert poll(state, topic, table(1, 2, 3)).events == {DELETED: 7}
    poll(state, topic, table())
    assert topic.followed() == table(1, 2, 3), "it was let through once"


@given(st.lists(st.text(max_size=20).map(lambda text: Change("c", "k", None, text)), max_size=20), st.integers(1, 30))
def test_batches_hold_everything_in_order_and_are_no_larger_than_they_must(made: list[Change], limit: int) -> None:
    found = list(comparison.batches(made, limit))
    assert [change for batch in found for change in batch] == made
    assert all(len(batch) == 1 or sum(len(change.key) + len(change.after or "") for change in batch) <= limit for batch in found)
