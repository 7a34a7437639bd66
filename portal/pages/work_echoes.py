"""重复与被取代: records of this department that changed nothing, each with what stands instead, from which way and since when."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from loaders.own import Echoes
from portal.entry import places, showing
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.work import instead
from portal.work.asking import CRUMBS, DEPARTMENT, PATH, own, told
from schemas.catalog import Item
from schemas.words import OUTCOMES

ECHOES = PATH + "/echoes"
TITLE = "重复与被取代"
ASKED = ("item", "outcome", "way", "batch")
KINDS = {name: OUTCOMES[name] for name in ("duplicate", "superseded")}

Row = Mapping[str, Any]
router = APIRouter(include_in_schema=False)


@router.get(ECHOES)
def index(visit: Annotated[Visit, only(*DEPARTMENT, action="查看重复与被取代的记录")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    visit.about(TITLE, visit.who.department)
    items = visit.site.owed(visit.who.department)
    item = places.owed(visit, visit.who.department, query["item"]) if "item" in query else next(iter(items), None)
    rows, total = _found(visit, item, query, (page - 1) * listing.PER_PAGE, listing.PER_PAGE) if item else ([], 0)
    table = Listing(TITLE, _columns(), rows, total, page, ECHOES, query, "这个信息项没有重复或被取代的记录。")
    told_: dict[str, Any] = {"items": items, "item": item, "query": query, "kinds": KINDS, "ways": showing.WAYS}
    return visit.page("work_echoes.html", title=TITLE, crumbs=CRUMBS, listing=table, **told_)


@router.get(ECHOES + "/export")
def export(visit: Annotated[Visit, only(*DEPARTMENT, action="导出重复与被取代的记录")]) -> Response:
    query = listing.asked(visit, ASKED)
    items = visit.site.owed(visit.who.department)
    item = places.owed(visit, visit.who.department, query.get("item") or (items[0].code if items else ""))
    visit.about(f"{TITLE} {item.title}", visit.who.department)
    rows, _ = _found(visit, item, query, 0, listing.MOST_EXPORTED)
    return listing.exported(visit, "echoes", TITLE, _columns(), rows)


def _found(visit: Visit, item: Item, query: Mapping[str, str], skip: int, limit: int) -> tuple[list[Row], int]:
    which = Echoes(query.get("outcome", ""), query.get("way", ""), query.get("batch", ""))
    rows, total = told(lambda: own(visit).echoes(item, which, skip, limit))
    keys = sorted({row["key"] for row in rows})
    stands = told(lambda: own(visit).stands(item, keys))
    shown = [{**row, "item": item.code, "name": instead.name(item, row["key"]), "instead": instead.told(stands.get(row["key"]), visit.who.department)} for row in rows]
    return shown, total


def _columns() -> Sequence[Column]:
    return [
        Column("记录", lambda row: row["name"], lambda row: f"{PATH}/records/{row['item']}/{places.token(row['key'])}"),
        Column("判定", lambda row: KINDS[row["outcome"]], short=True),
        Column("报送方式", lambda row: showing.WAYS.get(row["way"], row["way"]), short=True),
        Column("收到", lambda row: instead.moment(row["at"]), short=True),
        Column("回执行号", lambda row: f"{row['batch']}#{row['line']}", short=True),
        Column("现行内容来自", lambda row: row["instead"]["way"] or "没有现行内容", short=True),
        Column("自何时起", lambda row: row["instead"]["since"], short=True),
        Column("现行内容的回执行号", lambda row: row["instead"]["number"], short=True),
    ]
