"""How long records waited, as counts in buckets that grow by a fixed ratio: two of them can be added up, and a quantile is never too small and at most 19 % too large. Pure.

A bucket is named by a whole number n and holds waits of up to RATIO ** n milliseconds that no smaller one holds.
"""

import math
from collections.abc import Mapping
from datetime import timedelta

RATIO = 2**0.25
LONGEST = 160  # up to some 35 years: what is behind it is a wrong clock
Waits = Mapping[str, int]  # bucket → records; text, because JSON's names are


def bucket(wait: timedelta) -> str:
    """Where a wait belongs; none at all, or one before its beginning, counts as a millisecond."""
    milliseconds = max(wait / timedelta(milliseconds=1), 1.0)
    return str(min(math.ceil(math.log(milliseconds, RATIO) - 1e-9), LONGEST))


def added(one: Waits, other: Waits) -> dict[str, int]:
    """Both together."""
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other}, key=int)}


def quantile(waits: Waits, level: float) -> float | None:
    """Seconds in which the share ``level`` (0–1) of the records was done, as the upper end of its bucket; None where there are none."""
    wanted, reached = math.ceil(level * sum(waits.values())), 0
    for name in sorted(waits, key=int):
        reached += waits[name]
        if waits[name] and reached >= wanted:
            return float(f"{RATIO ** int(name) / 1000:.4g}")
    return None
