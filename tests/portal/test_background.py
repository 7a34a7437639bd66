"""Work after the answer: in turn, once at a time, and left off when told to."""

from threading import Event

from portal.background import Background
from tests.waiting import eventually


def test_what_is_under_way_is_not_begun_twice_and_a_failure_stops_nothing() -> None:
    background, go, done = Background(), Event(), list[str]()

    def first(_: Event) -> None:
        go.wait(10)
        done.append("first")
        raise ValueError("broken")

    background.begin("a", first)
    background.begin("a", lambda _: done.append("again"))
    background.begin("b", lambda _: done.append("second"))
    go.set()
    eventually(lambda: len(done) == 2, 10)
    background.begin("a", lambda _: done.append("anew"))
    background.close()
    assert done[:2] == ["first", "second"]
    assert "again" not in done


def test_what_runs_is_told_to_leave_off_and_nothing_begins_any_more() -> None:
    background, began, done = Background(), Event(), list[str]()

    def long(stop: Event) -> None:
        began.set()
        assert stop.wait(10)
        done.append("left off")

    background.begin("a", long)
    began.wait(10)
    background.close()
    background.begin("b", lambda _: done.append("late"))
    assert done == ["left off"]
