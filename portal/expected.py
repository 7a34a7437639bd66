"""Of whom deliveries are expected, and how often: what departments declared of their ways (annex 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.declared import Declared
from schemas.declared import WAYS

LONGEST = {"day": 4, "week": 11, "month": 45, "quarter": 120}  # days between two deliveries: a holiday, or some days' delay, is no silence
Place = tuple[str, str]  # department, way


@dataclass(frozen=True)
class Rhythm:
    """The longest time between two deliveries, and since when the way has been declared without a break."""

    longest: timedelta
    since: datetime


def rhythms(declared: Declared) -> Mapping[Place, Rhythm]:
    """Raises Refusal while the warehouse is away."""
    found = dict[Place, Rhythm]()
    for each in declared.history((WAYS,)):
        mine = {way: max(days) for way, about in each.about["ways"].items() if (days := [LONGEST[every] for every in about["frequencies"] if every in LONGEST])}
        before = {way: found.pop((department, way)) for department, way in list(found) if department == each.department}
        for way, longest in mine.items():
            known = before.get(way)
            found[each.department, way] = Rhythm(timedelta(days=longest), known.since if known else each.declared_at)
    return found
