"""A year of all departments' reporting, invented: who hands in what and when, how much of it is wrong, said again, put right or changed. From a seed; pure.

A record is a function of its department, its item and its number, so that a later delivery can say it again as it was, or as it should have been.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from demo.year_records import Fields, Maker, room
from schemas.catalog import Catalog, Item
from schemas.departments import Assignment

WAYS = (("excel", "excel"), ("api", "erp"), ("form", "form"), ("file", "file"))  # way, and the client's name in the source
DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91}
HEAVIEST = 60.0  # of an assignment, against the lightest


@dataclass(frozen=True)
class Plan:
    """``records``: about how many are said in all."""

    records: int
    year: int = 2017
    seed: int = 2018
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class Delivery:
    """What one department hands in of one item at one time: new records ``first`` … ``first + new - 1``, the last ``wrong`` of them with a mistake; and of
    the delivery before, dated ``earlier``: ``mended`` put right, ``again`` as they were, ``changed`` with another text. ``day``: what the new ones are dated by."""

    at: datetime
    department: str
    item: str
    way: str
    source: str
    day: date
    first: int
    new: int
    wrong: int
    mended: range
    again: range
    changed: range
    earlier: date

    @property
    def rows(self) -> int:
        return self.new + len(self.mended) + len(self.again) + len(self.changed)

    @property
    def outcomes(self) -> dict[str, int]:
        """What must become of them."""
        return {"accepted": self.new - self.wrong + len(self.mended) + len(self.changed), "duplicate": len(self.again), "superseded": 0, "rejected": self.wrong, "excluded": 0}


def deliveries(catalog: Catalog, assignments: Sequence[Assignment], plan: Plan) -> list[Delivery]:
    """Of all departments, in the order of time."""
    owed = [each for each in assignments if each.item in catalog and each.holds(date(plan.year, 12, 31))]
    weights = [min(Random(f"{plan.seed}/{each.department}/{each.item}/weight").paretovariate(0.9), HEAVIEST) for each in owed]
    shares = [plan.records * weight / sum(weights) for weight in weights]
    found = [one for each, share in zip(owed, shares, strict=True) for one in _of(catalog[each.item], each.department, plan, share)]
    return sorted(found, key=lambda one: (one.at, one.department, one.item))


def _of(item: Item, department: str, plan: Plan, records: float) -> Iterator[Delivery]:
    """A department that has its habits: how often it is late or forgets, and how sloppy it is."""
    rng, step = Random(f"{plan.seed}/{department}/{item.code}"), DAYS[item.frequency]
    way, client = rng.choice(WAYS)
    habit, sloppy = rng.choice([0.02, 0.05, 0.1, 0.3]), rng.choice([0.002, 0.01, 0.03, 0.08])
    starts = [date(plan.year, 1, 1) + timedelta(days=n) for n in range(0, 365, step)]
    first, left, before, bad, day = 0, 0, range(0), range(0), starts[0]
    for start in starts:
        left += max(1, round(records / len(starts) * rng.uniform(0.7, 1.3)))
        if rng.random() < habit / 4 and start != starts[-1]:
            continue  # forgotten; it comes with the next
        new = min(left, room(item) - first)
        if not new:
            return
        earlier, day, good = day, start + timedelta(days=step // 2), new - round(new * sloppy * rng.uniform(0.5, 1.5))
        again = before[: round(len(before) * rng.choice([0.0, 0.0, 0.0, 0.05]))]
        changed = before[len(again) :][: round(len(before) * 0.01)]
        at = datetime.combine(start + timedelta(days=step), time(9), plan.zone) + _term(item) + _delay(rng, habit)
        yield Delivery(at, department, item.code, way, f"{department}/{client}", day, first, new, new - good, bad, again, changed, earlier)
        before, bad = range(first, first + good), range(first + good, first + new)
        first, left = first + new, 0


def _delay(rng: Random, habit: float) -> timedelta:
    """From nine o'clock of the due day: mostly a little early, in office hours."""
    return timedelta(days=rng.randint(1, 25) if rng.random() < habit else -rng.randint(0, 2), minutes=rng.randrange(480))


def _term(item: Item) -> timedelta:
    return timedelta(days=round(item.due.get("days", 0) + 1.4 * item.due.get("working_days", 0)))


def records(maker: Maker, one: Delivery) -> Iterator[Fields]:
    """A delivery's rows, as canonical text; ``maker``: of its item and department."""
    good = one.first + one.new - one.wrong
    yield from maker.records(range(one.first, good), one.day)
    for number, record in enumerate(maker.records(range(good, one.first + one.new), one.day)):
        maker.mistakes[number % len(maker.mistakes)](record)
        yield record
    yield from maker.records([*one.mended, *one.again], one.earlier)
    for record in maker.records(one.changed, one.earlier):
        record[maker.free] = f"{record[maker.free]}（更正）"
        yield record
