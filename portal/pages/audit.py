"""操作记录: the audit, as far as it is the reader's business."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.accounts.roles import Role
from portal.audit import journal
from portal.audit.journal import OUTCOMES, Entry, Wanted
from portal.frame import listing
from portal.frame.access import signed_in
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit

PATH = "/audit"
ASKED = ("since", "until", "department", "text")

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, signed_in("查看操作记录")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    visit.about(_said(query))
    found, total = journal.read(visit.db, visit.who, _wanted(visit, query), (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    table = Listing("操作记录", _columns(visit), found, total, page, PATH, query, "没有符合条件的操作记录。" if query else "还没有操作记录。")
    told: dict[str, Any] = {"everything": visit.who.role is Role.AUDITOR, "departments": visit.site.departments.values(), "most": listing.MOST_EXPORTED}
    return visit.page("audit.html", title="操作记录", listing=table, query=query, **told)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, signed_in("导出操作记录")]) -> Response:
    query = listing.asked(visit, ASKED)
    visit.about(_said(query))
    found, _ = journal.read(visit.db, visit.who, _wanted(visit, query), limit=listing.MOST_EXPORTED)
    return listing.exported(visit, "audit", "操作记录", _columns(visit), found)


def _said(query: dict[str, str]) -> str:
    return " ".join(query.values())


def _wanted(visit: Visit, query: dict[str, str]) -> Wanted:
    until = listing.day(query.get("until", ""), visit.site.zone)
    return Wanted(listing.day(query.get("since", ""), visit.site.zone), until and until + timedelta(days=1), query.get("department", ""), query.get("text", ""))


def _columns(visit: Visit) -> list[Column]:
    departments = visit.site.departments

    def named(code: str) -> str:
        return departments[code].short if code in departments else code

    def who(row: Entry) -> str:
        return f"{row.name}（{row.username}）" if row.name else row.username or "未登录"

    return [
        Column("时间", lambda row: row.at.astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M:%S"), short=True),
        Column("人员", who),
        Column("角色", lambda row: Role(row.role).label if row.role else "", short=True),
        Column("部门", lambda row: named(row.department)),
        Column("操作", lambda row: row.action, short=True),
        Column("对象", lambda row: row.subject),
        Column("涉及部门", lambda row: named(row.about)),
        Column("来自", lambda row: row.address, short=True),
        Column("结果", lambda row: OUTCOMES[row.outcome], short=True),
    ]
