"""The items assigned to a department: whether it confirms each, and how many records of each year since 2015 it has. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.survey.contacts import line
from portal.survey.plan import SINCE

LONGEST = 500
MOST = 10**9  # records of a year; more is a slip of the pen
ANSWERS = {"yes": "确认", "no": "不确认"}


@dataclass(frozen=True)
class Answer:
    """What a form says of one item: `confirmed` yes, no or nothing, counts as text by year."""

    confirmed: str
    note: str
    counts: Mapping[int, str]

    def assignment(self) -> dict[str, Any] | None:
        """As it is declared; None when nothing is said."""
        return {"confirmed": self.confirmed == "yes", "note": self.note} if self.confirmed in ANSWERS else None

    def stock(self) -> dict[str, Any] | None:
        """As it is declared, years without a number left out; None when there is no number at all."""
        years = {str(year): int(text) for year, text in self.counts.items() if text}
        return {"years": years} if years else None


def years(this: int) -> Sequence[int]:
    return range(SINCE, max(this, SINCE) + 1)


def said(form: Mapping[str, str], item: str, of: Iterable[int]) -> Answer:
    """One item's answer: `confirmed.<item>`, `note.<item>`, `count.<item>.<year>`."""
    counts = {year: form.get(f"count.{item}.{year}", "").strip().replace(",", "").replace("，", "") for year in of}
    return Answer(form.get(f"confirmed.{item}", ""), line(form.get(f"note.{item}", "")), counts)


def declared(assignment: Mapping[str, Any] | None, stock: Mapping[str, Any] | None, of: Iterable[int]) -> Answer:
    """What stands, as a form shows it."""
    counts = stock["years"] if stock else {}
    confirmed = "" if assignment is None else "yes" if assignment["confirmed"] else "no"
    return Answer(confirmed, assignment["note"] if assignment else "", {year: str(counts.get(str(year), "")) for year in of})


def wrong(answer: Answer) -> dict[str, str]:
    """By part (`confirmed`, `note`, `counts`) what is wrong."""
    faults = {}
    if answer.note and not answer.confirmed:
        faults["confirmed"] = "请选择是否确认"
    if answer.confirmed == "no" and not answer.note:
        faults["note"] = "不确认的，请写明理由"
    if len(answer.note) > LONGEST:
        faults["note"] = f"不能超过 {LONGEST} 个字"
    bad = [str(year) for year, text in answer.counts.items() if text and not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= MOST)]
    if bad:
        faults["counts"] = f"{'、'.join(bad)} 年的数量请填不带小数的数字，没有的填 0"
    return faults
