"""The survey as a visit sees it: statuses of departments, history, today. What another department answered is never given to a department's people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.frame.visit import Visit
from portal.survey import contacts, items, plan, ways
from portal.survey.overview import Status, Told
from portal.survey.tables import CONTACTS, MEETING, Note, notes, standing
from producers.declarations import Declaration
from producers.refusal import Refusal
from schemas.declared import ASSIGNMENT, STOCK, WAYS

KINDS = (WAYS, ASSIGNMENT, STOCK)


@dataclass(frozen=True)
class Change:
    """One line of a department's history: what was stated, which time, by whom, when, and what it says."""

    what: str
    version: int
    by: str
    at: datetime
    told: str


def today(visit: Visit) -> date:
    return visit.site.now().astimezone(visit.site.zone).date()


def replies(visit: Visit) -> Mapping[int, date]:
    """The reply date of each batch."""
    return plan.reply_dates(list(notes(visit.db)))


def all_statuses(visit: Visit) -> Sequence[Status]:
    """Every department's, in the plan's order."""
    told = Told(notes(visit.db), visit.site.declared.standing(KINDS))
    dates = plan.reply_dates(list(told.notes))
    return [told.status(each, _owed(visit, code), dates[each.batch]) for code, each in visit.site.departments.items()]


def status(visit: Visit, department: str) -> Status:
    """One department's. Raises Refusal `not_found`: there is none of this code, or it is another one than the visitor's."""
    known = visit.site.departments.get(department)
    if known is None:
        raise Refusal("not_found", "没有这个部门。", "请从“摸底”的列表中打开。")
    visit.about(f"摸底 {department}", department)
    visit.belongs(department, "这个部门的摸底")
    told = Told(notes(visit.db), visit.site.declared.standing(KINDS, department))
    return told.status(known, _owed(visit, department), plan.reply_dates(list(told.notes))[known.batch])


def version_of_meeting(visit: Visit, department: str) -> int:
    """Which version of the meeting stands, 0 where there is none."""
    found = standing(notes(visit.db, department), MEETING).get(department)
    return found.version if found else 0


def changes(visit: Visit, department: str) -> Sequence[Change]:
    """Everything that was ever stated about a department, newest first. Raises as `status`."""
    status(visit, department)
    found = [_noted(note) for note in notes(visit.db, department)] + [_declared(visit, each) for each in visit.site.declared.history(KINDS, department)]
    return sorted(found, key=lambda change: (change.at, change.version), reverse=True)


def _owed(visit: Visit, department: str) -> Sequence[str]:
    return [item.code for item in visit.site.owed(department)]


def _noted(note: Note) -> Change:
    if note.kind == CONTACTS:
        said = "；".join(f"{title} {note.about[name]}" for name, title in contacts.FIELDS.items())
        return Change("附件1 人员信息表", note.version, note.by, note.at, said)
    return Change("对接日期", note.version, note.by, note.at, " ".join(filter(None, (note.about["day"], note.about["place"]))) or "取消")


def _declared(visit: Visit, said: Declaration) -> Change:
    item = visit.site.catalog.get(said.item or "")
    of = f" {item.title if item else said.item}" if said.item else ""
    if said.kind == WAYS:
        remarks = [about["remark"] for about in said.about["ways"].values()]
        return Change("附件2 归集方式反馈表", said.version, said.by, said.declared_at, "；".join(filter(None, (ways.told(said.about), *remarks, said.about["suggestion"]))))
    if said.kind == ASSIGNMENT:
        answer = items.ANSWERS["yes" if said.about["confirmed"] else "no"]
        return Change(f"信息项确认{of}", said.version, said.by, said.declared_at, "：".join(filter(None, (answer, said.about["note"]))))
    counts = "，".join(f"{year} 年 {count}" for year, count in sorted(said.about["years"].items()))
    return Change(f"存量数量{of}", said.version, said.by, said.declared_at, counts)
