"""A place in a tapped database's own order, as text that compares within one source row (`_position`): the same for changes seen and for what was decided beside them.

Places carry the source's generation: in a rebuilt database the log starts anew, and all its places are later than the old ones. A place with an open end is later than all that was logged before it,
and earlier than all that follows.
"""

from datetime import datetime
from zoneinfo import ZoneInfo


def commit(generation: int, before: int, place: int | None = None) -> str:
    """PostgreSQL: the log's place of the commit of the transaction ``before``, and the change's own; without that, before every change that follows that commit."""
    return f"{generation:05d}/{before:016x}/" + (f"{place:016x}" if place is not None else "")


def binlog(generation: int, file: int, place: int, row: int | None = None) -> str:
    """MariaDB, MySQL: number of the log's file, place in it, row of the event; without a row, after everything at that place: rows of a snapshot bear the place at which the log is read on, and a
    change that follows stands behind its transaction's beginning."""
    return f"{generation:05d}/{file:010d}/{place:020d}/" + (f"{row:010d}" if row is not None else "~")


def polled(generation: int, poll: int, row: int | None = None) -> str:
    """A polled table: number of the poll, and of the event in it; polls of a table come one after the other. Without an event, after everything of that poll."""
    return f"{generation:05d}/{poll:020d}/" + (f"{row:010d}" if row is not None else "~")


def moment(text: str | None, zone: ZoneInfo) -> int | None:
    """Milliseconds of a column's text; one without a zone is the site's. None when it is no time that a calendar has."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return int((found if found.tzinfo else found.replace(tzinfo=zone)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
