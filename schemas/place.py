"""A place in a tapped database's own order, as text that compares within one source row (`_position`): the same for changes seen and for what was decided beside them.

Places carry the source's generation: after a rebuilt database they start anew, and every one is behind the old ones. One with an open end is behind all that was logged before it and before all later.
"""


def commit(generation: int, before: int, place: int | None = None) -> str:
    """PostgreSQL: the log's place of the commit of the transaction ``before``, and the change's own; without that, before every change that follows that commit."""
    return f"{generation:05d}/{before:016x}/" + (f"{place:016x}" if place is not None else "")


def binlog(generation: int, file: int, place: int, row: int | None = None) -> str:
    """MariaDB, MySQL: number of the log's file, place in it, row of the event; without a row, before every event from that place on."""
    return f"{generation:05d}/{file:010d}/{place:020d}/" + (f"{row:010d}" if row is not None else "")


def polled(generation: int, poll: int, row: int) -> str:
    """A polled table: number of the poll, and of the event in it; polls of a table come one after the other."""
    return f"{generation:05d}/{poll:020d}/{row:010d}"
