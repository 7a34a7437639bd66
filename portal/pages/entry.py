"""数据录入: what this department is filling in and has sent, with what became of it; and whether a second pair of eyes sees it first."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from loaders import entered
from loaders.errors import WarehouseError
from portal.accounts.roles import Role
from portal.entry import sheets, showing
from portal.entry.sheets import Sheet, Wanted
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from schemas.words import OUTCOMES

PATH = "/entry"
DEPARTMENT = (Role.OFFICER, Role.REVIEWER)
FILLING = (*DEPARTMENT, Role.CENTRE)
ASKED = ("item", "state")

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*FILLING, action="查看录入单")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    found, total = sheets.find(visit.db, visit.who, Wanted(**query), (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    table = Listing("录入单", _columns(visit, found), found, total, page, PATH, query, "没有符合条件的录入单。" if query else "还没有录入过。")
    told: dict[str, Any] = {"items": _items(visit), "query": query, "states": sheets.STATES, "centre": visit.who.role is Role.CENTRE}
    reviewed = sheets.is_reviewed(visit.db, visit.who.department)
    return visit.page("entry.html", title="数据录入", listing=table, reviewed=reviewed, may_set=visit.who.role is Role.REVIEWER, **told)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*FILLING, action="导出录入单")]) -> Response:
    found, _ = sheets.find(visit.db, visit.who, Wanted(**listing.asked(visit, ASKED)), limit=listing.MOST_EXPORTED)
    return listing.exported(visit, "entries", "录入单", _columns(visit, found), found)


@router.post(PATH + "/review")
def review(visit: Annotated[Visit, only(Role.REVIEWER, action="设置录入审核")]) -> Response:
    wanted = visit.form.get("review") == "on"
    visit.about("需要审核" if wanted else "不需要审核", visit.who.department)
    sheets.review(visit.db, visit.who, visit.site.now(), wanted=wanted)
    return visit.go(PATH, "已设置：录入后由另一位审核人员审核，再报送。" if wanted else "已设置：录入后直接报送。已经在等待审核的仍须审核。")


def _items(visit: Visit) -> Sequence[tuple[str, str]]:
    items = visit.site.owed(visit.who.department) if visit.who.department else visit.site.catalog.values()
    return [(item.code, item.title) for item in items]


def outcome_words(visit: Visit, found: Sequence[Sheet]) -> Callable[[Sheet], str]:
    """What became of each sheet, in words; one question for all."""
    try:
        known = entered.outcomes(visit.site.warehouse, [sheet.receipt for sheet in found if sheet.receipt])
    except WarehouseError:
        return lambda sheet: "查不到" if sheet.receipt else ""

    def told(sheet: Sheet) -> str:
        if not sheet.receipt:
            return ""
        return OUTCOMES[known[sheet.receipt]] if sheet.receipt in known else "处理中"

    return told


def _columns(visit: Visit, found: Sequence[Sheet]) -> list[Column]:
    catalog, departments = visit.site.catalog, visit.site.departments

    def named(sheet: Sheet) -> str:
        item = catalog.get(sheet.item)
        return (showing.name(item, sheet.said) if item else "") or "（未填）"

    columns = [
        Column("记录", named, lambda sheet: f"{PATH}/{sheet.id}"),
        Column("信息项", lambda sheet: catalog[sheet.item].title if sheet.item in catalog else sheet.item),
        Column("操作", lambda sheet: "撤销" if sheet.operation == sheets.RETRACT else "修改" if sheet.fixed else "录入", short=True),
        Column("进度", lambda sheet: sheet.title + ("（代报）" if sheet.on_behalf else ""), short=True),
        Column("处理结果", outcome_words(visit, found), short=True),
        Column("填写人", lambda sheet: sheet.maker, short=True),
        Column("时间", lambda sheet: sheet.changed_at.astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M"), short=True),
        Column("回执号", lambda sheet: sheet.receipt, short=True),
    ]
    if not visit.who.department:
        columns.insert(1, Column("部门", lambda sheet: departments[sheet.department].name if sheet.department in departments else sheet.department))
    return columns
