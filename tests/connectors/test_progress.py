"""Progress of snapshots from notifications: states, rows, rate, time left."""

from connectors.progress import INCREMENTAL, INITIAL, Note, Progress, note, progress

DATA = {"data_collections": "public.a,public.b"}


def notes(*said: tuple[str, dict[str, str], float], kind: str = INCREMENTAL) -> list[Note]:
    return [Note("x", kind, each, data, at) for each, data, at in said]


def chunk(table: str, at: float) -> tuple[str, dict[str, str], float]:
    return "IN_PROGRESS", DATA | {"current_collection_in_progress": f"public.{table}"}, at


def scanned(table: str, rows: int, at: float, status: str = "SUCCEEDED") -> tuple[str, dict[str, str], float]:
    return "TABLE_SCAN_COMPLETED", DATA | {"scanned_collection": f"public.{table}", "total_rows_scanned": str(rows), "status": status}, at


def test_rate_and_time_left_are_known_while_a_table_is_read() -> None:
    a, b = progress(notes(("STARTED", DATA, 0.0), chunk("a", 0.0), chunk("a", 10.0), chunk("a", 20.0)), 100, {"a": 900, "b": 5}, 25.0)
    assert (a.state, a.rows, a.total, a.rate, a.left) == ("running", 300, 900, 15.0, 40.0)
    assert (b.state, b.rows, b.left) == ("waiting", 0, None)
    assert str(a) == "a: running, 300 rows of about 900, 15 a second, 40 s left"


def test_what_is_read_has_its_true_rows_and_the_next_table_goes_on() -> None:
    a, b = progress(notes(("STARTED", DATA, 0.0), chunk("a", 0.0), scanned("a", 42, 2.0), chunk("b", 3.0), scanned("b", 7, 4.0), ("COMPLETED", {}, 4.0)), 100, {}, 9.0)
    assert [(one.state, one.rows) for one in (a, b)] == [("completed", 42), ("completed", 7)]
    assert a.rate == 21.0


def test_paused_time_is_not_counted_and_stopping_is_told() -> None:
    said = [("STARTED", DATA, 0.0), chunk("a", 0.0), ("PAUSED", DATA, 10.0)]
    paused = progress(notes(*said), 100, {"a": 900}, 5000.0)[0]
    assert (paused.state, paused.rate) == ("paused", 10.0)
    late = progress(notes(*said, chunk("a", 10.5)), 100, {"a": 900}, 5000.0)[0]
    assert (late.state, late.rows) == ("paused", 200), "the piece that was being read when it was paused"
    resumed = progress(notes(*said, ("RESUMED", DATA, 100.0), chunk("a", 100.0), chunk("a", 110.0)), 100, {"a": 900}, 111.0)[0]
    assert (resumed.state, resumed.rows, resumed.rate) == ("running", 300, 15.0)
    stopped = progress(notes(*said, ("ABORTED", {"data_collections": "public.a"}, 20.0)), 100, {}, 30.0)
    assert [one.state for one in stopped] == ["stopped", "paused"]


def test_a_table_that_cannot_be_read_says_why() -> None:
    (a, _) = progress(notes(("STARTED", DATA, 0.0), scanned("a", 0, 1.0, "NO_PRIMARY_KEY")), 100, {}, 2.0)
    assert a.state.startswith("failed: it has no primary key")
    assert not a.under_way


def test_a_second_snapshot_begins_from_nothing() -> None:
    (a, _) = progress(notes(("STARTED", DATA, 0.0), scanned("a", 42, 1.0), ("COMPLETED", {}, 1.0), ("STARTED", DATA, 50.0), chunk("a", 51.0)), 100, {}, 52.0)
    assert (a.state, a.rows, a.started) == ("running", 100, 50.0)


def test_a_first_snapshot_tells_its_tables_rows_when_they_are_read() -> None:
    both = {"data_collections": "hbj.a, hbj.b"}
    said = [("STARTED", {}, 0.0), ("IN_PROGRESS", both | {"current_collection_in_progress": "hbj.a"}, 1.0)]
    a, b = progress(notes(*said, kind=INITIAL), 100, {"a": 50}, 5.0)
    assert (a.state, a.rows, a.worked, b.state) == ("running", 0, 4.0, "waiting")
    read = both | {"scanned_collection": "hbj.a", "total_rows_scanned": "50", "status": "SUCCEEDED"}
    a, b = progress(notes(*said, ("TABLE_SCAN_COMPLETED", read, 3.0), ("ABORTED", {}, 4.0), kind=INITIAL), 100, {}, 5.0)
    assert [(one.state, one.rows) for one in (a, b)] == [("completed", 50), ("stopped", 0)]


def test_a_notification_is_read_as_debezium_writes_it() -> None:
    found = note({"id": "7", "aggregate_type": INITIAL, "type": "STARTED", "additional_data": None, "timestamp": 1500})
    assert found == Note("7", INITIAL, "STARTED", {}, 1.5)
    assert progress([found], 1, {}, 2.0) == []
    assert Progress("t", INITIAL, "running").record()["seconds_left"] is None
