"""What was declared (`credit.declarations`) as the ledger understands it: who owes what at which frequency, nil reports, outages, counts of the stock and of months.

Pure; of each subject the highest version stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from schemas.catalog import Catalog
from schemas.declared import ASSIGNMENT, FREQUENCY, NIL, OUTAGE, QUANTITY, STOCK, WAYS
from schemas.departments import Assignment
from schemas.obligations.due import Outage
from schemas.obligations.ledger import Duty, Nil
from schemas.obligations.period import Since, most_frequent

KINDS = (WAYS, FREQUENCY, ASSIGNMENT, STOCK, NIL, QUANTITY, OUTAGE)
SINCE, START, STOCK_DUE = date(2015, 1, 1), date(2017, 10, 1), date(2017, 10, 31)  # 济信用办〔2017〕42号: what is collected; after the survey the standing mechanism begins; the stock's last day


@dataclass(frozen=True)
class Stated:
    """One declaration, on its local ``day``; ``item`` blank where it is about none."""

    kind: str
    department: str
    item: str
    version: int
    about: Mapping[str, Any]
    day: date


@dataclass(frozen=True)
class Quantity:
    """What a department declares of a month: ``produced``, of which ``grounded`` were not reported with 未报送依据."""

    produced: int
    grounded: int


def duties(assignments: Sequence[Assignment], catalog: Catalog, said: Sequence[Stated], on: date) -> list[Duty]:
    """What each assignment makes its department owe, as of ``on``: period duties from START on. Without a declared frequency the item's own counts."""
    heard = sorted((each for each in said if each.day <= on and each.kind in (WAYS, FREQUENCY, ASSIGNMENT)), key=lambda each: each.version)
    found = []
    for one in assignments:
        item = catalog[one.item]
        mine = [each for each in heard if each.department == one.department and each.item in ("", one.item)]
        ways = next((tuple(each.about["ways"]) for each in reversed(mine) if each.kind == WAYS), ())
        answers = ["yes" if each.about["confirmed"] else "no" for each in mine if each.kind == ASSIGNMENT]
        confirmed = answers[-1] if answers else "yes" if one.confirmed_on and one.confirmed_on <= on else ""
        found.append(Duty(one.department, one.item, max(one.start, START), one.end, ways, _in_force(mine, item.frequency), item.frequency, item.due, confirmed, one.start))
    return found


def nils(said: Sequence[Stated]) -> list[Nil]:
    """The nil reports that are signed and not revoked."""
    return [
        Nil(each.department, each.item, *(date.fromisoformat(day) for day in each.about["of"].split("/")), each.day)
        for each in _standing(said, NIL) if each.about["signed"]
    ]  # fmt: skip


def outages(said: Sequence[Stated]) -> list[Outage]:
    """The outages on our side that the office has declared: the last list of them."""
    return [
        Outage(each["way"], datetime.fromisoformat(each["from"]), datetime.fromisoformat(each["to"]), frozenset(each.get("departments", ())), each.get("why", ""))
        for stated in _standing(said, OUTAGE) for each in stated.about["outages"]
    ]  # fmt: skip


def quantities(said: Sequence[Stated]) -> dict[tuple[str, str, str], Quantity]:
    """By department, item and month (2017-10) what was declared of it. What was not reported counts as grounded where grounds are given."""
    return {
        (each.department, each.item, each.about["of"]): Quantity(each.about["produced"], each.about["unreported"] if each.about["grounds"].strip() else 0)
        for each in _standing(said, QUANTITY)
    }  # fmt: skip


def stock(said: Sequence[Stated]) -> dict[tuple[str, str], int]:
    """By department and item how many records of the stock were stated in the survey."""
    return {(each.department, each.item): sum(each.about["years"].values()) for each in _standing(said, STOCK)}


def _standing(said: Iterable[Stated], kind: str) -> Iterable[Stated]:
    mine = sorted((each for each in said if each.kind == kind), key=lambda each: each.version)
    return {(each.department, each.item, each.about.get("of", "")): each for each in mine}.values()


def _in_force(mine: Sequence[Stated], default: str) -> tuple[Since, ...]:
    """A frequency set for the item goes before the department's most frequent one."""
    changes = sorted({each.day for each in mine if each.kind in (WAYS, FREQUENCY)})
    return tuple(Since(day, _frequency([each for each in mine if each.day <= day]) or default) for day in changes)


def _frequency(mine: Sequence[Stated]) -> str | None:
    own = next((each.about["frequency"] for each in reversed(mine) if each.kind == FREQUENCY), "")
    ticked = next((each.about["ways"].values() for each in reversed(mine) if each.kind == WAYS), ())
    return own or most_frequent([frequency for way in ticked for frequency in way["frequencies"]])
