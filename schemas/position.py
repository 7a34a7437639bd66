"""A place in a tapped database's own order, as text that compares: what an event's place, and the place of a whole table that was read, look like. Every number is of fixed width."""

import re

_FILE = re.compile(r".*\.(\d+)")


def sequenced(generation: int, commit: int, place: int) -> str:
    """PostgreSQL: the commit of the transaction before, and the place in the log. With place 0: after everything of that transaction, before everything that committed later."""
    return f"{generation:05d}/{commit:016x}/{place:016x}"


def logged(generation: int, file: str, pos: int, row: int) -> str | None:
    """MariaDB, MySQL: number of the log file, place in it, row of the event. None where the file has no number."""
    found = _FILE.fullmatch(file)
    return f"{generation:05d}/{int(found[1]):010d}/{pos:020d}/{row:010d}" if found else None
