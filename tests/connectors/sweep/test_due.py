"""When a load or a snapshot has ended."""

from connectors.sweep.due import RELEASE, RELOAD, SNAPSHOT, Done, Held, Seen, due
from schemas.sources import Marker, Reload

QUIET, MARKED = Reload(quiet=60), Reload(quiet=60, marker=Marker("load_log", "s"))
HELD = Held("shrunk", 5, 10, 5, since=500.0)


def test_a_load_has_ended_when_nothing_came_for_as_long_as_it_is_to_be_quiet() -> None:
    assert due(QUIET, Seen(newest=1000), Done(newest=900), 0, 1059) == ""
    assert due(QUIET, Seen(newest=1000), Done(newest=900), 0, 1060) == RELOAD
    assert due(QUIET, Seen(newest=1000), Done(newest=1000), 0, 2000) == "", "it was compared"
    assert due(QUIET, Seen(), Done(), 0, 2000) == "", "nothing ever came"


def test_a_load_with_a_marker_has_ended_when_it_came_and_waits_for_what_comes_after_it() -> None:
    assert due(MARKED, Seen(newest=1000), Done(), 0, 5000) == ""
    assert due(MARKED, Seen(newest=1000, marker=1001), Done(), 0, 1002) == RELOAD
    assert due(MARKED, Seen(newest=1010, marker=1001), Done(), 0, 1012) == "", "the next load has begun"
    assert due(MARKED, Seen(newest=1010, marker=1001), Done(), 0, 1070) == RELOAD
    assert due(MARKED, Seen(newest=1000, marker=1001), Done(marker=1001), 0, 2000) == ""


def test_a_snapshot_of_any_table_is_compared_once_when_it_has_been_read_to_its_end() -> None:
    for reload in (None, QUIET, MARKED):
        assert due(reload, Seen(newest=1100, reading=1000, read=False), Done(), 0, 9000) == ""
        assert due(reload, Seen(newest=1100, reading=1000), Done(), 0, 1101) == SNAPSHOT
        assert due(reload, Seen(newest=1100, reading=1000), Done(newest=1100, reading=1000), 0, 9000) == ""
    assert due(None, Seen(newest=1100), Done(), 0, 9000) == "", "a table of plain changes is not compared without a snapshot"


def test_what_is_held_is_compared_again_after_a_persons_word_once() -> None:
    assert due(QUIET, Seen(newest=400), Done(newest=400, held=HELD), 0, 9000) == ""
    assert due(QUIET, Seen(newest=400), Done(newest=400, held=HELD), 499, 9000) == "", "that was said of an earlier one"
    assert due(None, Seen(), Done(held=HELD), 501, 9000) == RELEASE
