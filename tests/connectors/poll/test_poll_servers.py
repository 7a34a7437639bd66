"""Polling real databases with a role that may only read: what is sent, whatever is killed, and whoever else polls."""

import signal
import subprocess
import time

import pytest

from connectors.access import of
from connectors.check import check
from connectors.finding import COSTS, LACKS, WARNS
from connectors.poll import hold, provide
from infra import held, kafka
from schemas.topics import feed
from tests.connectors.poll.conftest import CATALOG, Asked, insert
from tests.waiting import eventually

pytestmark = pytest.mark.servers


def test_every_difference_is_an_event_and_nothing_else_is(front: Asked) -> None:
    front.run(insert(1, 2, 3))
    first = front.poll()
    assert (first.fault, first.rows, first.events) == ("", 3, {"r": 3})
    assert [event["source"]["snapshot"] for event in front.events()] == ["first", "true", "last"]
    assert front.poll().events == {}
    front.run(insert(4), "UPDATE permit SET name = '改' WHERE id = 1", "DELETE FROM permit WHERE id = 2", "UPDATE permit SET at = '2018-01-01' WHERE id = 3")
    assert front.poll().events == {"c": 1, "u": 1, "d": 1}, "a column that nothing is mapped from changes nothing"
    assert front.followed() == front.rows()
    changed = front.events()[3]
    assert (changed["op"], changed["before"]["name"], changed["after"]["name"], changed["after"]["day"]) == ("u", "项目", "改", "2017-01-02")
    assert (changed["source"]["connector"], changed["source"]["table"], changed["source"]["snapshot"]) == ("poll", "permit", "false")


def test_topics_and_schemas_are_made_before_the_first_poll_and_no_connector(front: Asked) -> None:
    source = front.source
    (topic,) = [table.topic for table in source.tables.values()]
    assert [(change.kind, change.options) for change in provide.plan(front.settings, {source.name: source})] == [("created", (topic,))]
    assert provide.apply(front.settings, {source.name: source}, lambda _line: None) == []
    assert [change.kind for change in provide.plan(front.settings, {source.name: source})] == ["same"]
    assert kafka.compare(front.settings, [feed(topic)]) == []
    assert {front.registry.compatibility(f"{topic}-{side}") for side in ("key", "value")} == {"NONE"}
    known = front.registry.id(f"{topic}-value")
    front.run(insert(1))
    front.poll()
    assert front.registry.id(f"{topic}-value") == known


def test_check_finds_nothing_lacking_where_the_role_may_only_read(front: Asked) -> None:
    front.declare(permit={"poll": {"by": "column", "column": "at"}, "source_time": "at"})
    front.run("CREATE INDEX changed ON permit (at)")
    found = check(front.source, CATALOG, of(front.source.database, front.settings.secrets()))
    wrong = {(each.kind, each.place) for each in found if each.kind in (LACKS, WARNS)}
    assert wrong == {(WARNS, f"{front.table()}.at")}, "it may be NULL"
    assert any(each.place == f"{front.table()}.at" and "has an index" in each.says for each in found if each.kind == COSTS)
    assert any("deletes are not seen" in each.says for each in found)
    assert any("poll tested" in each.says for each in found)
    front.run("DROP INDEX changed" + (" ON permit" if front.kind == "mariadb" else ""))
    front.declare(permit={"poll": {"by": "column", "column": "no"}})
    found = check(front.source, CATALOG, of(front.source.database, front.settings.secrets()))
    assert (LACKS, f"{front.table()}.no") in {(each.kind, each.place) for each in found}
    assert any("no index begins with it" in each.says for each in found)


def test_by_update_column_late_commits_are_seen_deletes_are_not_until_the_table_is_read_as_a_whole(front: Asked) -> None:
    front.declare(permit={"poll": {"by": "column", "column": "at", "overlap": "5m"}})
    front.run(insert(1, at="2017-02-03 04:05:00"), insert(2, at="2017-02-03 04:10:00.25"), insert(9, at="2090-01-01"))
    assert front.poll().events == {"r": 3}
    # Committed late, within the overlap; of the same moment as the newest; changed without its time; before the overlap.
    front.run(insert(3, at="2017-02-03 04:06:00"), insert(4, at="2017-02-03 04:10:00.25"), insert(5, at="2017-02-03 03:00:00"))
    front.run("UPDATE permit SET name = '改', at = '2017-02-03 04:20:00' WHERE id = 1", "DELETE FROM permit WHERE id = 2")
    again = front.poll()
    assert (again.events, again.rows) == ({"c": 2, "u": 1}, 4), "the row of the future hides nothing, and is read each time"
    assert sorted(front.brief()[3:]) == [("c", "3"), ("c", "4"), ("u", "1")]
    assert front.poll().events == {}
    hold.anew(front.settings, front.source, front.source.tables.values())
    assert front.poll().events == {"r": 5, "d": 1}
    assert front.followed() == front.rows()


def test_an_emptied_table_takes_nothing_back_and_both_sides_are_told(front: Asked) -> None:
    front.run(insert(*range(10)))
    front.poll()
    front.run("DELETE FROM permit WHERE id < 4", insert(20))
    kept = front.poll()
    assert (kept.events, kept.missing, kept.rows, kept.before) == ({"c": 1}, 4, 7, 10)
    front.run("DELETE FROM permit")
    assert front.poll().missing == 11
    topic = f"cdc.{front.name}.permit"
    notes = held.read(front.settings, held.poll(front.name))
    assert "--let-through" in notes.held[topic]
    assert "0 行" in notes.told[topic]["message"]
    assert front.name in " ".join(held.lines(front.settings))
    front.run(insert(*range(10), 20))
    assert (front.poll().missing, held.read(front.settings, held.poll(front.name)).held) == (0, {})
    assert {op for op, _ in front.brief()} == {"r", "c"}
    front.run("DELETE FROM permit WHERE id > 1")
    front.poll()
    assert hold.let_through(front.settings, front.source, front.source.tables[front.table()]) == 9
    assert front.notes().next == 0
    assert front.poll().events == {"d": 9}
    assert front.followed() == front.rows()


STEPS = [
    ["UPDATE permit SET name = '改' WHERE id = 1", insert(11), "DELETE FROM permit WHERE id = 2"],
    ["UPDATE permit SET name = '又改' WHERE id = 1", "DELETE FROM permit WHERE id = 11", insert(2, 12)],
    ["UPDATE permit SET name = '三改' WHERE id IN (1, 12)", "DELETE FROM permit WHERE id = 3"],
]


@pytest.mark.parametrize("point", ["poll.noted", "poll.produced", "poll.committed", "poll.settled"])
def test_a_poller_killed_at_any_moment_loses_nothing_whatever_changes_meanwhile(postgres: Asked, point: str) -> None:
    postgres.run(insert(*range(10)))
    for kill_at, statements in ((f"{point}:1", []), (f"{point}:1", STEPS[0]), (f"{point}:2", STEPS[1]), ("", STEPS[2])):
        postgres.run(*statements)
        done = postgres.process("once", kill_at=kill_at).wait(60)
        assert done == (-signal.SIGKILL if kill_at else 0)
    assert postgres.followed() == postgres.rows()
    places = [(event["source"]["poll"], event["source"]["row"], event["op"], event["key"]) for event in postgres.events()]
    assert len({place[:2] for place in places}) == len(set(places)), "what is repeated has the place it had"
    assert (len(places) > len(set(places))) == (point == "poll.committed")


def test_of_two_pollers_one_works_and_the_other_goes_on_when_it_is_killed(postgres: Asked) -> None:
    postgres.spec["every"] = "1s"
    postgres.declare(permit={})
    postgres.run(insert(1))
    both = [postgres.process(), postgres.process()]
    try:
        for number in (2, 3):
            postgres.run(insert(number))
            eventually(lambda number=number: str(number) in postgres.followed(), told=postgres.notes)
        both[0].kill()
        both[0].wait(30)
        postgres.run(insert(4))
        eventually(lambda: "4" in postgres.followed(), told=postgres.notes)
    finally:
        for each in both:
            each.terminate()
        assert both[1].wait(30) == 0
    assert [key for _, key in postgres.brief()] == ["1", "2", "3", "4"], "each change once"


def test_whoever_comes_second_waits_until_the_first_is_done(postgres: Asked) -> None:
    postgres.run(insert(1))
    with hold.source(postgres.settings, postgres.name):
        second = postgres.process("once", log=subprocess.PIPE)
        assert second.stderr is not None
        assert any(b"waits: another process polls it" in line for line in second.stderr)
        assert second.poll() is None
    with second.stderr:
        assert second.wait(60) == 0
    assert postgres.brief() == [("r", "1")]


def test_a_table_that_fails_holds_no_other_and_is_asked_again_later_each_time(postgres: Asked) -> None:
    postgres.declare(permit={}, other={})
    postgres.run(insert(1), insert(1, table="other"), "ALTER TABLE permit DROP COLUMN name")
    for number, pause in ((1, 10), (2, 20)):
        began, failed = time.time(), postgres.poll()
        assert (failed.failures, "has no column name" in failed.fault) == (number, True)
        assert pause <= failed.next - began < 10 * pause
    assert postgres.notes("other").events == {}
    assert postgres.brief("other") == [("r", "1")]
    postgres.run("ALTER TABLE permit ADD COLUMN name varchar(100) DEFAULT NULL")
    assert (postgres.poll().fault, postgres.notes().failures) == ("", 0)
