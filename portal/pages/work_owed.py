"""应报送周期: every period a department owed lately, when it is due, its state and what met it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.entry import showing
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.work import duties
from portal.work.asking import CRUMBS, DEPARTMENT, PATH
from portal.work.duties import Duty
from schemas.obligations.ledger import MET_BY, STATES

OWED = PATH + "/owed"
TITLE = "应报送周期"
ASKED = ("item", "state")

router = APIRouter(include_in_schema=False)


@router.get(OWED)
def index(visit: Annotated[Visit, only(*DEPARTMENT, action="查看应报送周期")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    visit.about(TITLE, visit.who.department)
    found, first = _found(visit, query), (page - 1) * listing.PER_PAGE
    table = Listing(TITLE, _columns(visit), found[first : first + listing.PER_PAGE], len(found), page, OWED, query, "没有符合条件的周期。")
    told: dict[str, Any] = {"items": [(item.code, item.title) for item in visit.site.owed(visit.who.department)], "states": [(each, each) for each in STATES], "query": query}
    return visit.page("work_owed.html", title=TITLE, crumbs=CRUMBS, listing=table, **told)


@router.get(OWED + "/export")
def export(visit: Annotated[Visit, only(*DEPARTMENT, action="导出应报送周期")]) -> Response:
    visit.about(TITLE, visit.who.department)
    return listing.exported(visit, "owed", TITLE, _columns(visit), _found(visit, listing.asked(visit, ASKED)))


def _found(visit: Visit, query: dict[str, str]) -> list[Duty]:
    return [each for each in duties.of(visit) if query.get("item", each.line.item) == each.line.item and query.get("state", each.line.state) == each.line.state]


def _columns(visit: Visit) -> Sequence[Column]:
    catalog = visit.site.catalog
    return [
        Column("信息项", lambda row: catalog[row.line.item].title, lambda row: f"{PATH}/nil?item={row.line.item}"),
        Column("周期", lambda row: row.line.period.label, short=True),
        Column("起止", lambda row: row.line.period.of.replace("/", " 至 "), short=True),
        Column("应报日期", lambda row: row.line.due.day.isoformat() + ("（暂定）" if row.line.due.provisional else ""), short=True),
        Column("状态", lambda row: row.line.state, short=True),
        Column("方式", lambda row: "、".join(showing.WAYS[way] for way in row.line.ways)),
        Column("由何完成", lambda row: MET_BY[row.line.met_by], short=True),
        Column("完成日期", lambda row: row.line.met_on.isoformat() if row.line.met_on else "", short=True),
        Column("记录", lambda row: row.line.records, short=True),
        Column("无数据上报", lambda row: f"{row.nil} {row.said.by}" if row.nil else ""),
    ]
