"""What a table compared as a whole withdraws, and when it withdraws nothing: pure.

A record is taken back only when no row of the table has its key any more. A saying of a row that is gone, whose key another row has now (loads that number their rows anew), ends when that other
row has said the record; until then, or where that row was rejected, it stands.

The brake: a load that leaves nothing, or too much less than there was, is taken for one that is broken or not complete, and nothing is withdrawn until a person, or a fuller load, says otherwise.
"""

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass

Pair = tuple[str, str | None]  # key of the record, row of the table
EMPTY, SHRUNK = "empty", "shrunk"


@dataclass(frozen=True)
class Brake:
    """``shrink``: the percentage above which fewer rows are no plain change; ``before``: rows of the table when it was compared last, 0 = never; ``agreed``: so many withdrawals a person agreed to."""

    shrink: int
    before: int = 0
    agreed: int = 0


@dataclass(frozen=True)
class Compared:
    """``rows``: what is in the table; ``said``: what stands of it; ``missing``: so many sayings their rows are gone of; ``gone``: those to be withdrawn now, in order: all of them, or none where
    ``held`` says why (EMPTY, SHRUNK)."""

    rows: int
    said: int
    missing: int
    gone: tuple[Pair, ...] = ()
    held: str = ""


def compare(said: Set[Pair], there: Set[Pair], brake: Brake) -> Compared:
    """``said``: what stands from this table; ``there``: what is in it now, as far as it is to be said."""
    lost = {key for key, _ in said} - {key for key, _ in there}
    gone = tuple(sorted(_gone(said, there, lost), key=lambda pair: (pair[0], pair[1] or "")))
    held = _held(said, there, lost, brake) if len(gone) > brake.agreed else ""
    return Compared(len(there), len(said), len(gone), () if held else gone, held)


def _gone(said: Set[Pair], there: Set[Pair], lost: Set[str]) -> set[Pair]:
    heirs = defaultdict[str, set[str | None]](set)
    for key, row in there & said:
        heirs[key].add(row)
    return {pair for pair in said - there if pair[0] in lost or pair[0] in heirs}


def _held(said: Set[Pair], there: Set[Pair], lost: Set[str], brake: Brake) -> str:
    if not there:
        return EMPTY
    left = 100 - brake.shrink
    fewer = 100 * len(there) < left * brake.before
    return SHRUNK if fewer or 100 * len(lost) > brake.shrink * len({key for key, _ in said}) else ""
