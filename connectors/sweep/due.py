"""When a table is to be compared as a whole: pure.

A load (`load: reload`) has ended when nothing came of the table for as long as it is to be quiet, or when its marker came (should something come after the marker, it must have been quiet, too).
A complete snapshot, of a table loaded in any way, begins when it is asked for and ends when the connector has read the table to its end.
"""

from dataclasses import dataclass

from schemas.sources import Reload

RELOAD, SNAPSHOT, RELEASE = "reload", "snapshot", "release"


@dataclass(frozen=True)
class Seen:
    """What is known of a table now, times in epoch seconds, 0 = never. ``newest``: when its newest event came; ``marker``: when the newest row came that says its load has ended; ``reading``: when it
    was last begun to be read as a whole, after something had been said of it; ``read``: nothing is being read as a whole now.
    """

    newest: float = 0.0
    marker: float = 0.0
    reading: float = 0.0
    read: bool = True


@dataclass(frozen=True)
class Held:
    """The last comparison withdrew nothing. ``why``: EMPTY, SHRUNK; ``rows`` are left of ``before``, ``missing`` withdrawals wait; ``since``: epoch seconds."""

    why: str
    rows: int
    before: int
    missing: int
    since: float


@dataclass(frozen=True)
class Done:
    """What a table's last comparison covers, as of `Seen`; ``rows``: how many were in the table when something was last withdrawn, or was not to be."""

    newest: float = 0.0
    marker: float = 0.0
    reading: float = 0.0
    rows: int = 0
    held: Held | None = None


def due(reload: Reload | None, seen: Seen, done: Done, released: float, now: float) -> str:
    """RELOAD, SNAPSHOT or RELEASE where it is to be compared, else nothing. ``released``: when a person last let go what was held."""
    if done.held is not None and released > done.held.since:
        return RELEASE
    if not seen.read:
        return ""
    if seen.reading > done.reading:
        return SNAPSHOT
    if reload is None:
        return ""
    quiet = now - seen.newest >= reload.quiet
    if reload.marker is not None:
        return RELOAD if seen.marker > done.marker and (quiet or seen.newest <= seen.marker) else ""
    return RELOAD if quiet and seen.newest > done.newest else ""
