"""How the offsets of a partition are made again elsewhere: pure.

Offsets have gaps where markers of transactions and given-up records stood. A broker gives offsets one after the other, so what stood in a gap is replaced by something readers pass over as well: the
marker of a committed transaction (one offset), or records of one that is given up, and its marker (two offsets or more). A gap at the beginning is filled with records that are deleted again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 5_000  # records of one run


@dataclass(frozen=True)
class Run:
    """Records that follow each other without a gap, by their places ``first`` to ``last`` (exclusive) in what is read, and how many offsets without a record come after them."""

    first: int
    last: int
    gap: int

    @property
    def marked(self) -> bool:
        """Whether they are written in a transaction, whose marker is the gap."""
        return self.gap == 1

    @property
    def fillers(self) -> int:
        """Records of a transaction that is given up: with its marker they are the gap."""
        return self.gap - 1 if self.gap > 1 else 0


def runs(offsets: Sequence[int], end: int, longest: int = LONGEST) -> Iterator[Run]:
    """Offsets in their order, all below ``end``; the last gap reaches up to ``end``. What lies before the first one is no part of it."""
    first = 0
    for n, offset in enumerate(offsets):
        following = offsets[n + 1] if n + 1 < len(offsets) else end
        gap = following - offset - 1
        if gap or n + 1 - first >= longest or n + 1 == len(offsets):
            yield Run(first, n + 1, gap)
            first = n + 1


def leading(offsets: Sequence[int], end: int) -> int:
    """How many offsets lie before the first record; all, where there is none."""
    return offsets[0] if offsets else end
