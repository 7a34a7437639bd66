"""通报: the circulars and their corrections; the centre drafts one for a month."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.circular import asking, columns, freeze, office, shelf
from portal.circular.asking import MAKING, SEEING, TITLE
from portal.circular.shelf import File
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Listing
from portal.frame.visit import Visit

PATH = asking.PATH

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*SEEING, action="查看通报列表")]) -> Response:
    found, page = _seen(visit), listing.page_number(visit)
    first = (page - 1) * listing.PER_PAGE
    table = Listing(TITLE, columns.files(PATH), found[first : first + listing.PER_PAGE], len(found), page, PATH, {}, _empty(visit))
    months = asking.months(visit.site.today)
    told: dict[str, Any] = {"months": months, "may_draft": visit.who.role in MAKING, "cut_off": freeze.last_day(months[0], visit.site.today)}
    return visit.page("circular.html", title=TITLE, listing=table, **told)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*SEEING, action="导出通报列表")]) -> Response:
    return listing.exported(visit, "circulars", TITLE, columns.files(PATH), _seen(visit))


@router.post(PATH)
def draft(visit: Annotated[Visit, only(*MAKING, action="起草通报")]) -> Response:
    """Freezes the month: from then on nothing of it follows the data any more."""
    month = visit.form.get("month", "")
    visit.about(f"{TITLE} {month[:7]}")
    text, blocks = asking.frozen(visit, month, visit.form.get("last", ""))
    made = office.draft(visit.db, text, blocks, asking.act(visit))
    return visit.go(f"{PATH}/{made.id}", "已起草。请核对后送各部门征求意见。")


def _seen(visit: Visit) -> list[File]:
    return [each for each in shelf.files(visit.db) if asking.may_see(visit, each)]


def _empty(visit: Visit) -> str:
    return "还没有通报。" if visit.who.department else "还没有通报。归集中心选择月份起草第一份。"
