"""本期无数据: a department signs that it has nothing to report for a period that is over; it may take that back until the cut-off, and records that arrive cancel it.

The office sees who signed what.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.declared import Saying
from portal.entry import places
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.pages.survey_annexes import seen_version
from portal.work import duties
from portal.work.asking import CRUMBS, DEPARTMENT, PATH, SEEING
from producers.declarations import Declaration
from producers.refusal import Refusal
from schemas.declared import NIL, OF

NILS = PATH + "/nil"
LIST = NILS + "/list"
TITLE = "本期无数据"

router = APIRouter(include_in_schema=False)


@router.get(NILS)
def form(visit: Annotated[Visit, only(*DEPARTMENT, action="打开本期无数据")]) -> Response:
    items, asked = visit.site.owed(visit.who.department), visit.request.query_params.get("item", "")
    item = places.owed(visit, visit.who.department, asked) if asked else next(iter(items), None)
    visit.about(f"{TITLE} {item.title if item else ''}".strip(), visit.who.department)
    found = [each for each in duties.of(visit) if item and each.line.item == item.code and each.line.period.end < visit.site.today] if item else []
    told: dict[str, Any] = {"items": items, "item": item, "duties": found, "today": visit.site.today, "of": visit.request.query_params.get("of", "")}
    return visit.page("work_nil.html", title=TITLE, crumbs=CRUMBS, **told)


@router.post(NILS)
def send(visit: Annotated[Visit, only(*DEPARTMENT, action="签署本期无数据")]) -> Response:
    """Declared: the ledger takes a period for reported, or no longer."""
    item = places.owed(visit, visit.who.department, visit.form.get("item", ""))
    signed = visit.form.get("do") == "sign"
    found = next((each for each in duties.of(visit) if (each.line.item, each.line.period.of) == (item.code, visit.form.get("of", ""))), None)
    if found is None:
        raise Refusal("not_found", "没有这个报送周期。", "请从列表中选择。")
    visit.about(f"{'签署' if signed else '撤回'} {item.title} {found.line.period.label}", visit.who.department)
    if fault := found.fault(visit.site.today, signed=signed):
        raise Refusal("conflict", fault, "请返回刷新页面。")
    visit.declare(Saying(NIL, visit.who.department, item.code, {OF: found.line.period.of, "signed": signed}, seen_version(visit, "seen")))
    said = f"已签署：{item.title} {found.line.period.label} 无数据。" if signed else f"已撤回：{item.title} {found.line.period.label}。"
    return visit.go(f"{NILS}?item={item.code}", said)


@router.get(LIST)
def index(visit: Annotated[Visit, only(*SEEING, action="查看无数据上报")]) -> Response:
    visit.about(TITLE, visit.who.department)
    found, page = _all(visit), listing.page_number(visit)
    first = (page - 1) * listing.PER_PAGE
    table = Listing(TITLE, _columns(visit), found[first : first + listing.PER_PAGE], len(found), page, LIST, {}, "还没有签署过。")
    return visit.page("survey_history.html", title=f"{TITLE}：签署和撤回", crumbs=CRUMBS, listing=table)


@router.get(LIST + "/export")
def export(visit: Annotated[Visit, only(*SEEING, action="导出无数据上报")]) -> Response:
    visit.about(TITLE, visit.who.department)
    return listing.exported(visit, "nil", TITLE, _columns(visit), _all(visit))


def _all(visit: Visit) -> Sequence[Declaration]:
    """Every word on it, newest first."""
    return sorted(visit.site.declared.history([NIL], visit.who.department), key=lambda each: each.declared_at, reverse=True)


def _columns(visit: Visit) -> Sequence[Column]:
    catalog, departments, zone = visit.site.catalog, visit.site.departments, visit.site.zone
    return [
        Column("部门", lambda row: departments[row.department].name if row.department in departments else row.department),
        Column("信息项", lambda row: catalog[row.item].title if row.item in catalog else row.item),
        Column("周期", lambda row: str(row.about[OF]).replace("/", " 至 "), short=True),
        Column("内容", lambda row: "签署" if row.about["signed"] else "撤回", short=True),
        Column("人员", lambda row: row.by, short=True),
        Column("时间", lambda row: row.declared_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"), short=True),
    ]
