"""已录入的记录: the records that this department entered by hand, as the warehouse has them: each with every version, changed and withdrawn from here."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from loaders.errors import WarehouseError
from portal.entry import places, sheets, showing
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.pages.entry import DEPARTMENT, PATH
from portal.pages.entry_form import Filling, shown
from producers import form
from producers.refusal import Refusal
from schemas.catalog import Item

RECORDS = PATH + "/records"
TITLE = "已录入的记录"
ALL = 10_000  # of one export

router = APIRouter(include_in_schema=False)


@router.get(RECORDS)
def index(visit: Annotated[Visit, only(*DEPARTMENT, action="查看已录入的记录")]) -> Response:
    query, page = listing.asked(visit, ["item"]), listing.page_number(visit)
    items = visit.site.owed(visit.who.department)
    item = places.owed(visit, visit.who.department, query["item"]) if "item" in query else next(iter(items), None)
    trouble, found, total = "", list[Mapping[str, Any]](), 0
    if item:
        visit.about(item.title, visit.who.department)
        try:
            found, total = _found(visit, item, (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
        except WarehouseError:
            trouble = places.away().message
    table = Listing(TITLE, _columns(), found, total, page, RECORDS, query, "这个信息项还没有录入过的记录。")
    return visit.page("entry_records.html", title=TITLE, crumbs=[(PATH, "数据录入")], items=items, item=item, listing=table, trouble=trouble)


@router.get(RECORDS + "/export")
def export(visit: Annotated[Visit, only(*DEPARTMENT, action="导出已录入的记录")]) -> Response:
    item = places.owed(visit, visit.who.department, visit.request.query_params.get("item", ""))
    visit.about(item.title, visit.who.department)
    try:
        found, _ = _found(visit, item, 0, ALL)
    except WarehouseError as fault:
        raise places.away() from fault
    return listing.exported(visit, "entered", TITLE, _columns(), found)


@router.get(RECORDS + "/{code}/{record}")
def show(code: str, record: str, visit: Annotated[Visit, only(*DEPARTMENT, action="查看已录入的记录")]) -> Response:
    item, found = _record(visit, code, record)
    try:
        life, versions = places.own(visit).life(item, found["_key"]), places.own(visit).versions(item, found["_key"])
    except WarehouseError as fault:
        raise places.away() from fault
    told: dict[str, Any] = {"item": item, "record": record, "found": found, "facts": showing.facts(item, found, masked=True), "life": life}
    words: dict[str, Any] = {"WHAT": showing.WHAT, "WAYS": showing.WAYS, "changes": showing.changes(item, versions)}
    crumbs = [(PATH, "数据录入"), (f"{RECORDS}?item={item.code}", TITLE)]
    return visit.page("entry_record.html", title=showing.name(item, found), crumbs=crumbs, standing=not found["_withdrawn"], **told, **words)


@router.get(RECORDS + "/{code}/{record}/edit")
def edit(code: str, record: str, visit: Annotated[Visit, only(*DEPARTMENT, action="打开记录来修改")]) -> Response:
    """The form, filled in with what stands; it becomes a sheet when it is sent or kept as a draft."""
    item, found = _record(visit, code, record)
    sheet = sheets.begun(item, visit.who.department, visit.who, fixed=found["_key"])
    return shown(visit, Filling(sheet, item, form.filled(item, found)))


@router.post(RECORDS + "/{code}/{record}/withdraw")
def withdraw(code: str, record: str, visit: Annotated[Visit, only(*DEPARTMENT, action="撤销记录")]) -> Response:
    """A person's withdrawal: it ends the record against repeats of every way, until it is changed or entered anew."""
    item, found = _record(visit, code, record)
    why = visit.form.get("why", "").strip()[:400]
    if not why:
        raise Refusal("invalid", "撤销要写明原因。", "请返回这条记录，写明为什么撤销。")
    if found["_withdrawn"]:
        raise Refusal("conflict", "这条记录已经撤销。", "请刷新页面。")
    sheet = sheets.begun(item, visit.who.department, visit.who, fixed=found["_key"])
    sheet.operation, sheet.why = sheets.RETRACT, why
    sheets.write(visit.db, sheet, {field.name: found[field.name] for field in item.fields}, found["_key"], visit.who, visit.site.now())
    sheets.hand_in(visit.db, visit.site.door, sheet, visit.who)
    return visit.go(f"{PATH}/{sheet.id}", "撤销已收下。" if sheet.receipt else f"撤销已提交，{sheet.title}。")


def _record(visit: Visit, code: str, record: str) -> tuple[Item, Mapping[str, Any]]:
    """Raises Refusal `not_found` or `unavailable`."""
    item = visit.site.catalog.get(code)
    if item is None:
        raise Refusal.unknown_item(code)
    found = places.record(visit, item, record)
    visit.about(f"{item.title} {showing.name(item, found)}", visit.who.department)
    return item, found


def _found(visit: Visit, item: Item, skip: int, limit: int) -> tuple[list[Mapping[str, Any]], int]:
    """A page of records, each with the texts of its fields."""
    own = places.own(visit)
    rows, total = own.records(item, skip, limit)
    texts = own.standing(item, [row["key"] for row in rows])
    return [{**row, "name": showing.name(item, texts.get(row["key"], {})), "item": item.code} for row in rows], total


def _columns() -> Sequence[Column]:
    return [
        Column("记录", lambda row: row["name"], lambda row: f"{RECORDS}/{row['item']}/{places.token(row['key'])}"),
        Column("现状", lambda row: "已撤销" if row["withdrawn"] else "在库", short=True),
        Column("现行内容来自", lambda row: showing.WAYS.get(row["way"], row["way"]), short=True),
        Column("最近变动", lambda row: str(row["at"])[:16], short=True),
        Column("回执号", lambda row: row["batch"], short=True),
    ]
