"""A table that its owner empties and fills anew: what is there is said at once, what is deleted is not believed until the load has ended."""

from dataclasses import replace

from schemas.sources import Reload
from tests.streams.test_map_batch import FEED, _counts, _event, _mapped, _row

assert FEED.table is not None
RELOADED = replace(FEED, table=replace(FEED.table, reload=Reload()))


def test_deletes_and_truncates_of_a_load_withdraw_nothing_and_what_is_written_is_said_at_once() -> None:
    events = (
        _event("d", _row(), None, 0), _event("t", None, None, 1), _event("d", _row(status="0"), None, 2), _event("d", _row(), None, 3, moved=True), _event("c", None, _row(), 4),
        _event("u", _row(), _row(kind="改"), 5),
    )  # fmt: skip
    said, found = _mapped(*events, feed=RELOADED)
    assert [(each["_operation"], each["XK_SPLB"]) for each in said] == [("upsert", "普通"), ("upsert", "改")]
    assert _counts(found, events, RELOADED) == {"rows": 2, "events": 6, "outside": 0, "housekeeping": 4, "unreadable": 0, "splits": 0}


def test_a_change_that_names_its_row_is_believed_at_once() -> None:
    events = (_event("u", _row(), _row(no="W2"), 0), _event("u", _row(), _row(status="0"), 1))
    said, _ = _mapped(*events, feed=RELOADED)
    assert [(each["_operation"], each["XK_WSH"]) for each in said] == [("withdraw", "W1"), ("upsert", "W2"), ("withdraw", "W1")]
