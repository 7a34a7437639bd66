"""双公示 and the red and black lists: what is published of one item, by department and date."""

from typing import Annotated

from fastapi import APIRouter, Response

from portal.frame import listing
from portal.frame.access import anyone
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.public import query
from portal.public.record import Record
from producers.refusal import Refusal
from schemas import publication
from schemas.catalog import Item

PATH = "/public/lists"
ASKED = ("department", "since", "to")
MOST = 5_000  # exported at once

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, anyone()]) -> Response:
    return visit.page("lists.html", title="双公示与红黑名单", crumbs=[("/public", "公共信用信息查询")], groups=query.lists(visit.site.catalog))


@router.get(PATH + "/{item}")
def show(item: str, visit: Annotated[Visit, anyone()]) -> Response:
    wanted, asked, page = _item(visit, item), _asked(visit), listing.page_number(visit)
    found, total = query.of(visit).listed(wanted, asked, (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    empty = "没有符合条件的公示信息。" if asked else "现在没有公示的信息。"
    table = Listing(wanted.title, _columns(visit), found, total, page, f"{PATH}/{wanted.code}", asked, empty)
    owing = {each.department for each in visit.site.assignments if each.item == wanted.code}
    departments = [each for each in visit.site.departments.values() if each.code in owing]
    return visit.page("list.html", title=wanted.title, crumbs=[(PATH, "双公示与红黑名单")], listing=table, query=asked, departments=departments, most=MOST)


@router.get(PATH + "/{item}/export")
def export(item: str, visit: Annotated[Visit, anyone()]) -> Response:
    wanted = _item(visit, item)
    found, _ = query.of(visit).listed(wanted, _asked(visit), 0, MOST)
    return listing.exported(visit, wanted.code, wanted.title, _columns(visit), found)


def _item(visit: Visit, code: str) -> Item:
    found = next((item for items in query.lists(visit.site.catalog).values() for item in items if item.code == code), None)
    if found is None:
        raise Refusal("not_found", "没有这个公示目录。", "请从公示目录中打开。")
    return found


def _asked(visit: Visit) -> dict[str, str]:
    """What the address asks for; a date that is none is left out."""
    asked = listing.asked(visit, ASKED)
    return {name: value for name, value in asked.items() if name == "department" or (len(value) == 10 and publication.day(value))}


def _columns(visit: Visit) -> list[Column]:
    departments = visit.site.departments

    def until(row: Record) -> str:
        return row.until.isoformat() if row.until else "—"

    return [
        Column("企业名称", lambda row: row.subject),
        Column("内容", lambda row: row.what or "查看", lambda row: f"/public/records/{row.number}"),
        Column("日期", lambda row: row.decided.isoformat() if row.decided else "—", short=True),
        Column("部门", lambda row: departments[row.department].name if row.department in departments else row.department),
        Column("公示截止", until, short=True),
        Column("状态", lambda row: "异议处理中" if row.disputed else "公示中", short=True),
    ]
