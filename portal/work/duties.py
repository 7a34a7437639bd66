"""What a department owes and when, from the obligation ledger, with what it signed of each period. Nothing of it is kept in the portal's database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal import owed
from portal.frame.visit import Visit
from portal.site import Site
from portal.work import periods
from producers.declarations import Declaration
from schemas.declared import NIL
from schemas.obligations.ledger import AWAITED, MISSED, NOT_YET, Line

SIGNED, REVOKED, REPLACED = "已签署", "已撤回", "已被记录取代"
NEEDED = (MISSED, AWAITED, NOT_YET)  # what a department has to do something about, the most urgent first


@dataclass(frozen=True)
class Duty:
    """A period that is owed. `said`: the last word on 本期无数据, None where nothing was said."""

    line: Line
    said: Declaration | None

    @property
    def seen(self) -> int:
        return self.said.version if self.said else 0

    @property
    def signed(self) -> bool:
        return bool(self.said and self.said.about["signed"])

    @property
    def nil(self) -> str:
        """What became of the nil report, blank where nobody signed one. Records that arrive cancel it by themselves, whoever revokes nothing."""
        if self.said is None:
            return ""
        return REVOKED if not self.signed else REPLACED if self.line.records else SIGNED

    @property
    def cut_off(self) -> date:
        return periods.cut_off(self.line.period.end)

    def may_sign(self, today: date) -> bool:
        """Of a period that is over and in which nothing came; late, too: then it is late, and met."""
        return self.line.period.end < today and not self.signed and not self.line.records

    def may_revoke(self, today: date) -> bool:
        return self.signed and today <= self.cut_off

    def fault(self, today: date, *, signed: bool) -> str:
        """Why it may not be signed, or taken back; empty when it may."""
        if signed and not self.may_sign(today):
            return "这个周期还没有结束，不能签署。" if self.line.period.end >= today else "这个周期已经签署。" if self.signed else "这个周期已有记录，不能签署无数据。"
        if not signed and not self.may_revoke(today):
            return f"已过截止日（{self.cut_off.isoformat()}），不能撤回。" if self.signed else "这个周期没有签署，或者已经撤回。"
        return ""


def of(visit: Visit) -> list[Duty]:
    """The visitor's department's, newest period first. Raises Refusal `unavailable`."""
    return of_department(visit.site, visit.who.department)


def of_department(site: Site, department: str) -> list[Duty]:
    """A department's, newest period first. Raises Refusal `unavailable`."""
    said = site.declared.by_subject([NIL], department)
    found = [Duty(line, said.get(((NIL, department, line.item), line.period.of))) for line in owed.of(site, department, site.today)]
    return sorted(found, key=lambda each: (each.line.period.end, each.line.item), reverse=True)


def urgent(found: Sequence[Duty]) -> list[Duty]:
    """Those a department has to do something about, the most urgent first."""
    return sorted((each for each in found if each.line.state in NEEDED), key=lambda each: (NEEDED.index(each.line.state), each.line.due.day, each.line.item))
