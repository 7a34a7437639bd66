"""我的工作: the first page after the log-in: what is owed and when, what is rejected and open, what the month before still lacks. Without the warehouse the page says so and still leads on."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from loaders.own import Rejects
from portal.accounts.roles import DUTIES, Role
from portal.accounts.tables import Account
from portal.circular import asking as circulars
from portal.frame.access import signed_in
from portal.frame.visit import Visit
from portal.reminders import inbox
from portal.work import duties, periods, refused
from portal.work.asking import PATH
from producers.refusal import Refusal
from schemas.declared import QUANTITY

MOST = 30  # periods on this page; the others are one link away

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def work(visit: Annotated[Visit, signed_in()]) -> Response:
    who = visit.who
    account = visit.db.get_one(Account, who.account_id)
    told: dict[str, Any] = {"items": visit.site.owed(who.department) if who.department else [], "trouble": "", "office": who.role in (Role.OFFICE, Role.CENTRE)}
    told["circulars"] = circulars.pressing(visit)
    try:
        told |= _department(visit) if who.department else _office(visit) if told["office"] else {}
    except Refusal as fault:
        told["trouble"] = fault.message
    return visit.page("work.html", title="我的工作", duty=DUTIES[who.role], account=account, catalog=visit.site.catalog, today=visit.site.today, **told)


def _department(visit: Visit) -> dict[str, Any]:
    """What this department has to do. Raises Refusal `unavailable`."""
    needed = duties.urgent(duties.of(visit))
    month, items = _month(visit), visit.site.owed(visit.who.department)
    said = visit.site.declared.by_subject([QUANTITY], visit.who.department)
    lacking = [item.title for item in items if ((QUANTITY, visit.who.department, item.code), month) not in said]
    rejects = refused.count(visit, Rejects(state="open"))
    notices = inbox.count(visit.db, visit.who, unread=True)
    return {"duties": needed[:MOST], "notices": notices, "more": len(needed) - MOST, "lacking": lacking, "rejects": rejects, "month": month, "by": periods.cut_off_of(month)}


def _office(visit: Visit) -> dict[str, Any]:
    """How far the departments are with the month before. Raises Refusal `unavailable`."""
    month = _month(visit)
    said = visit.site.declared.by_subject([QUANTITY])
    owing = [code for code in visit.site.departments if visit.site.owed(code)]
    done = [code for code in owing if all(((QUANTITY, code, item.code), month) in said for item in visit.site.owed(code))]
    return {"month": month, "by": periods.cut_off_of(month), "owing": len(owing), "done": len(done)}


def _month(visit: Visit) -> str:
    return periods.before(visit.site.today)
