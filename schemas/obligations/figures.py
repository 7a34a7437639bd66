"""The office's rates, each with both numbers beside it and between 0 and 1 by how it is made: a part and the rest of a whole. Pure.

What each figure is stands in docs/obligations.md. 0/0 is no rate: it is shown as — and ranked nowhere.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.obligations.ledger import LATE, MISSED, REPORTED, Line
from schemas.obligations.stated import Quantity

UNDECLARED, UNDERSTATED = "未申报", "申报数不足"


@dataclass(frozen=True)
class Rate:
    """``part`` of ``part + rest``. Neither is negative: ValueError."""

    part: int
    rest: int

    def __post_init__(self) -> None:
        if self.part < 0 or self.rest < 0:
            raise ValueError(f"a rate counts what is there: {self.part} and {self.rest}")

    @property
    def whole(self) -> int:
        return self.part + self.rest

    @property
    def value(self) -> float | None:
        """0 to 1; None for 0/0."""
        return self.part / self.whole if self.whole else None

    def __str__(self) -> str:
        return f"{self.value:.1%}（{self.part}/{self.whole}）" if self.value is not None else "—"

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.part + other.part, self.rest + other.rest)


@dataclass(frozen=True)
class Decided:
    """So many ``identities`` that stand were decided on ``day`` and delivered on ``delivered`` (None: not known when, never late)."""

    day: date
    delivered: date | None
    identities: int


@dataclass(frozen=True)
class Collected:
    """归集率 of a month: what stands, of what was produced less what was not reported with grounds, or of what stands where that is more.

    ``remark``: UNDECLARED (not ranked), UNDERSTATED (a listed problem) or blank.
    """

    rate: Rate
    remark: str = ""


def collected(arrived: int, declared: Quantity | None) -> Collected:
    """``declared`` None: nothing was; then there is no rate."""
    if declared is None:
        return Collected(Rate(0, 0), UNDECLARED)
    expected = declared.produced - declared.grounded
    return Collected(Rate(arrived, max(0, expected - arrived)), UNDERSTATED if arrived > expected else "")


def timely(decided: Iterable[Decided], due: Callable[[date], date], on: date, declared: Quantity | None = None) -> Rate:
    """及时率: identities delivered by their due date, of those whose due date has passed by ``on``.

    ``declared``, handed over once all decisions of its month are due, counts what never came, too.
    """
    over = [each for each in decided if due(each.day) < on]
    good = sum(each.identities for each in over if each.delivered is None or each.delivered <= due(each.day))
    arrived = sum(each.identities for each in over)
    expected = max(arrived, declared.produced - declared.grounded) if declared else arrived
    return Rate(good, expected - good)


def late(lines: Iterable[Line]) -> Rate:
    """超时率: periods that were met after they were due, of the periods that are due."""
    return _of(LATE, lines)


def missed(lines: Iterable[Line]) -> Rate:
    """漏报率: periods that nothing met, of the periods that are due."""
    return _of(MISSED, lines)


def met(lines: Iterable[Line]) -> Rate:
    """Periods met in time, of the periods that are due."""
    return _of(REPORTED, lines)


def _of(state: str, lines: Iterable[Line]) -> Rate:
    due: Sequence[Line] = [each for each in lines if each.over]
    those = sum(each.state == state for each in due)
    return Rate(those, len(due) - those)
