"""The stock duty: what was decided from 2015-01-01 up to the day on which the standing mechanism began, against the counts stated in the survey. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from schemas.obligations.due import Due
from schemas.obligations.figures import UNDECLARED, UNDERSTATED, Rate
from schemas.obligations.ledger import AWAITED, LATE, MISSED, REPORTED


@dataclass(frozen=True)
class Stock:
    """``stated`` None: the department has not said how much there is, so that nothing meets the duty.

    ``met_on``: when as many records had come as were stated (None: not met, or not known when).
    """

    department: str
    item: str
    stated: int | None
    arrived: int
    due: Due
    state: str
    met_on: date | None = None

    @property
    def rate(self) -> Rate:
        return Rate(0, 0) if self.stated is None else Rate(self.arrived, max(0, self.stated - self.arrived))

    @property
    def remark(self) -> str:
        if self.stated is None:
            return UNDECLARED
        return UNDERSTATED if self.arrived > self.stated else ""


def stock(place: tuple[str, str], stated: int | None, deliveries: Iterable[tuple[date | None, int]], due: Due, on: date) -> Stock:
    """``deliveries``: when (None: not known, never late) how many records of the stock came that stand, by ``on``."""
    came = sorted(deliveries, key=lambda each: each[0] or date.min)
    arrived, reached, met, met_on = sum(number for _, number in came), 0, stated == 0, None
    for day, number in came:
        if stated is not None and reached < stated <= reached + number:
            met, met_on = True, day
        reached += number
    unmet = AWAITED if on <= due.day else MISSED
    state = (LATE if met_on and met_on > due.day else REPORTED) if met else unmet
    return Stock(*place, stated, arrived, due, state, met_on)
