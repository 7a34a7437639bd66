"""谁查询了本部门提供的记录, for the department that supplied them; and all look-ups counted, for the office."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.accounts.roles import Role
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.government import ledger
from portal.government.ledger import WAYS, Count, Period, Touched

ABOUT, COUNTS = "/looked-up", "/looked-up/counts"
OVERSEEING = (Role.OFFICE, Role.CENTRE, Role.AUDITOR)
SUPPLYING = (Role.OFFICER, Role.REVIEWER, *OVERSEEING)
ASKED = ("since", "until", "asker", "department")
ABOUT_TITLE, COUNTS_TITLE = "对提供记录的查询", "政务查询统计"

router = APIRouter(include_in_schema=False)


@router.get(ABOUT)
def about(visit: Annotated[Visit, only(*SUPPLYING, action="查看对提供记录的查询")]) -> Response:
    """A department's people see who was shown what their department supplied, whatever the address asks for; those who oversee it, any department's."""
    asked, page = listing.asked(visit, ASKED), listing.page_number(visit)
    owner, period = visit.who.department or asked.get("department", ""), _period(visit, asked)
    found, total = ledger.touching(visit.db, owner, period, (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    table = Listing(ABOUT_TITLE, _columns(visit), found, total, page, ABOUT, asked, "没有符合条件的查询。" if asked else "还没有人查询过。")
    counts = ledger.counts_about(visit.db, owner, period)
    told: dict[str, Any] = {"counts": counts, "asker": _asker(visit), "ways": WAYS, "departments": visit.site.departments.values(), "overseeing": not visit.who.department}
    title = "谁查询了本部门提供的记录" if visit.who.department else ABOUT_TITLE
    return visit.page("government_about.html", title=title, listing=table, query=asked, **told)


@router.get(ABOUT + "/export")
def export_about(visit: Annotated[Visit, only(*SUPPLYING, action="导出对提供记录的查询")]) -> Response:
    asked = listing.asked(visit, ASKED)
    found, _ = ledger.touching(visit.db, visit.who.department or asked.get("department", ""), _period(visit, asked), limit=listing.MOST_EXPORTED)
    return listing.exported(visit, "queries-about", ABOUT_TITLE, _columns(visit), found)


@router.get(COUNTS)
def counts(visit: Annotated[Visit, only(*OVERSEEING, action="查看政务查询统计")]) -> Response:
    asked, page = listing.asked(visit, ASKED[:2]), listing.page_number(visit)
    found = ledger.counts(visit.db, _period(visit, asked))
    first = (page - 1) * listing.PER_PAGE
    table = Listing(COUNTS_TITLE, _count_columns(visit), found[first : first + listing.PER_PAGE], len(found), page, COUNTS, asked, "这段时间没有查询。")
    total = {"look_ups": sum(each.look_ups for each in found), "found": sum(each.found for each in found), "records": sum(each.records for each in found)}
    return visit.page("government_counts.html", title=COUNTS_TITLE, listing=table, query=asked, total=total)


@router.get(COUNTS + "/export")
def export_counts(visit: Annotated[Visit, only(*OVERSEEING, action="导出政务查询统计")]) -> Response:
    found = ledger.counts(visit.db, _period(visit, listing.asked(visit, ASKED[:2])))
    return listing.exported(visit, "query-counts", COUNTS_TITLE, _count_columns(visit), found)


def _period(visit: Visit, asked: dict[str, str]) -> Period:
    until = listing.day(asked.get("until", ""), visit.site.zone)
    return Period(listing.day(asked.get("since", ""), visit.site.zone), until and until + timedelta(days=1), asked.get("asker", ""))


def _asker(visit: Visit) -> Any:
    """The unit that asked, in words."""
    departments = visit.site.departments

    def named(row: Any) -> str:
        if row.department:
            return departments[row.department].name if row.department in departments else row.department
        return Role(row.role).label if row.role else "—"

    return named


def _columns(visit: Visit) -> list[Column]:
    asker, departments, catalog = _asker(visit), visit.site.departments, visit.site.catalog

    def owner(row: Touched) -> str:
        return departments[row.department].short if row.department in departments else row.department

    shown = [
        Column("时间", lambda row: row.look_up.at.astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M"), short=True),
        Column("查询单位", lambda row: asker(row.look_up)),
        Column("查询人", lambda row: row.look_up.name or row.look_up.client),
        Column("方式", lambda row: WAYS[row.look_up.way], short=True),
        Column("事由", lambda row: row.look_up.matter),
        Column("案号/文号", lambda row: row.look_up.case_number),
        Column("授权", lambda row: "有" if row.look_up.authorised else "无", short=True),
        Column("被查询人", lambda row: row.look_up.subject),
        Column("信息项", lambda row: catalog[row.item].title if row.item in catalog else row.item),
        Column("记录数", lambda row: row.records, short=True),
    ]
    return shown if visit.who.department else [*shown[:8], Column("提供部门", owner), *shown[8:]]


def _count_columns(visit: Visit) -> list[Column]:
    asker = _asker(visit)

    def way(row: Count) -> str:
        return WAYS[row.way]

    return [
        Column("查询单位", asker), Column("方式", way, short=True), Column("查询次数", lambda row: row.look_ups, short=True),
        Column("查到", lambda row: row.found, short=True), Column("记录数", lambda row: row.records, short=True),
    ]  # fmt: skip
