"""What the obligation ledger is fed: declarations, and from the warehouse the days that accepted records speak for, proofs of "no change", and what is rejected.

Everything as of one moment: what was judged, declared or compared later is not seen. Raises what `Warehouse.query` raises.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from loaders import statements
from loaders.capability import ZONE
from loaders.warehouse import Warehouse
from schemas.catalog import Catalog
from schemas.departments import Assignment
from schemas.obligations import calendar, ledger, stated
from schemas.obligations.calendar import ONE, Calendar, Exceptional
from schemas.obligations.ledger import Duty, Facts, Line, Nil, Proof, Spoken
from schemas.obligations.stated import Stated

KINDS = stated.KINDS
EQUAL = "equal"  # the verdict of a comparison that found no difference
LONGEST = timedelta(days=200)  # no period, the piece before it included, is longer
Place = tuple[str, str]  # department, item
Row = Mapping[str, Any]
Fact = TypeVar("Fact", Spoken, Nil, Proof)


class Said(Protocol):
    """A declaration as whoever reads `credit.declarations` has it."""

    @property
    def kind(self) -> str: ...
    @property
    def department(self) -> str: ...
    @property
    def item(self) -> str | None: ...
    @property
    def version(self) -> int: ...
    @property
    def about(self) -> Mapping[str, Any]: ...
    @property
    def declared_at(self) -> datetime: ...


@dataclass(frozen=True)
class Owing:
    """Who owes what: the catalogue, the assignments, and what was announced of holidays."""

    catalog: Catalog
    assignments: Sequence[Assignment]
    announced: tuple[Exceptional, ...] = field(default_factory=calendar.load)

    def calendar(self, on: date) -> Calendar:
        return calendar.known(self.announced, on)


@dataclass(frozen=True)
class Asked:
    """Periods that end from ``first`` to ``last``, as of ``until`` (aware; what happened before it counts); blank means all departments, all items.

    ``running``: the period that is running on the last day, too, which otherwise stands only where no period ends.
    """

    first: date
    last: date
    until: datetime
    department: str = ""
    item: str = ""
    running: bool = False

    @property
    def on(self) -> date:
        """The last day that is over, or under way, at ``until``."""
        return (self.until.astimezone(ZoneInfo(ZONE)) - timedelta(microseconds=1)).date()

    @property
    def parameters(self) -> dict[str, Any]:
        """As statements take it."""
        return {"until": local(self.until), "first": self.first.isoformat(), "last": self.last.isoformat(), "department": self.department, "item": self.item}

    def holds(self, department: str, item: str) -> bool:
        return self.department in ("", department) and self.item in ("", item)


def lines(warehouse: Warehouse, owing: Owing, declared: Iterable[Said], asked: Asked) -> list[Line]:
    """The ledger, in the order of the assignments and of time."""
    said = heard(declared, asked.until)
    facts, known = _Facts(warehouse, said, asked), owing.calendar(asked.on)
    found = list[Line]()
    for duty in duties(owing, said, asked):
        found += _asked(list(ledger.lines(duty, facts.of(duty), known, asked.on, (asked.first, asked.last))), asked)
    return found


def duties(owing: Owing, said: Sequence[Stated], asked: Asked) -> list[Duty]:
    """What is owed in the days asked for, by the departments and of the items asked for."""
    every = stated.duties(owing.assignments, owing.catalog, said, asked.on)
    return [each for each in every if asked.holds(each.department, each.item) and each.start <= asked.last and (each.end is None or asked.first <= each.end)]


def heard(declared: Iterable[Said], until: datetime) -> list[Stated]:
    """What was declared before ``until``, by local day."""
    zone = ZoneInfo(ZONE)
    return [
        Stated(each.kind, each.department, each.item or "", each.version, each.about, each.declared_at.astimezone(zone).date())
        for each in declared if each.declared_at < until
    ]  # fmt: skip


def local(moment: datetime) -> str:
    """A moment as statements take it."""
    return moment.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M:%S")


def day(text: str) -> date | None:
    """A day of an answer; None where it is blank or none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


class _Facts:
    """All that is known, asked for once, handed out by duty."""

    def __init__(self, warehouse: Warehouse, said: Sequence[Stated], asked: Asked) -> None:
        began = asked.first - LONGEST
        self._spoken = _by_duty(_spoken(warehouse, asked, began))
        self._proofs = _by_duty(_proofs(warehouse, asked, began))
        self._nils, self._outages = _by_duty(stated.nils(said)), stated.outages(said)

    def of(self, duty: Duty) -> Facts:
        place = duty.department, duty.item
        return Facts(self._spoken[place], self._nils[place], self._proofs[place], self._outages)


def _asked(found: Sequence[Line], asked: Asked) -> Sequence[Line]:
    ended = ledger.ending(found, asked.first, asked.last)
    running = [each for each in found if each.period.holds(asked.last) and each.period.end > asked.last]
    return ended + running if asked.running else ended or running


def _spoken(warehouse: Warehouse, asked: Asked, began: date) -> Iterator[Spoken]:
    """Days of records up to the end of the longest period that is running on the last day asked for."""
    parameters = asked.parameters | {"first": began.isoformat(), "last": (asked.last + LONGEST).isoformat()}
    found = [*warehouse.query(statements.composed("decided"), parameters | {"dated": 1}).dicts(), *warehouse.query(statements.text("altered"), parameters).dicts()]
    for row in found:
        if dated := day(row["day"]):
            yield Spoken(row["department"], row["item"], dated, day(row["delivered"]), row["identities"])


def _proofs(warehouse: Warehouse, asked: Asked, began: date) -> Iterator[Proof]:
    """For each day on which a table was found equal the day up to which all of the item's tables were, and the day after the last reject that was open."""
    parameters = {"until": local(asked.until), "department": asked.department}
    rows = warehouse.query(statements.text("proofs"), parameters | {"since": f"{began} 00:00:00"}).dicts()
    refused = _grouped(warehouse.query(statements.composed("open_days"), parameters).dicts())
    for place, mine in _grouped(rows).items():
        unclean = [date.fromisoformat(row["day"]) for row in refused[place]]
        sources = {row["source"] for row in mine}
        equal = [(date.fromisoformat(row["compared"]), row["source"]) for row in mine if row["verdict"] == EQUAL]
        for on in sorted({each for each, _ in equal}):
            last = {source: each for each, source in sorted(equal) if each <= on}
            if last.keys() == sources:
                yield Proof(*place, min(last.values()), max((each + ONE for each in unclean if each <= on), default=date.min))


def _grouped(rows: Iterable[Row]) -> dict[Place, list[Row]]:
    found = defaultdict[Place, list[Row]](list)
    for row in rows:
        found[row["department"], row["item"]].append(row)
    return found


def _by_duty(facts: Iterable[Fact]) -> dict[Place, list[Fact]]:
    found = defaultdict[Place, list[Fact]](list)
    for each in facts:
        found[each.department, each.item].append(each)
    return found
