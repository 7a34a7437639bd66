"""本部门记录: this department's records by any way, searched by a key field or a 回执行号, each with every version and what became of every word; to take away as a file."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from loaders.entered import Entered
from portal.entry import places, showing
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.work import instead
from portal.work.asking import CRUMBS, DEPARTMENT, PATH, own, told
from producers.refusal import Refusal
from schemas.catalog import Field, Item
from schemas.reason import covered

RECORDS = PATH + "/records"
TITLE = "本部门记录"
ASKED = ("item", "q")

Row = Mapping[str, Any]
router = APIRouter(include_in_schema=False)


@router.get(RECORDS)
def index(visit: Annotated[Visit, only(*DEPARTMENT, action="查询本部门记录")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    items = visit.site.owed(visit.who.department)
    item = places.owed(visit, visit.who.department, query["item"]) if "item" in query else next(iter(items), None)
    visit.about(f"{TITLE} {item.title if item else ''} {query.get('q', '')}".strip(), visit.who.department)
    rows, total = _found(visit, item, query.get("q", ""), (page - 1) * listing.PER_PAGE, listing.PER_PAGE) if item else ([], 0)
    empty = f"没有找到“{query['q']}”：查了{item.title if item else ''}的识别字段（{_keys(item)}）和回执行号。" if "q" in query else "这个信息项还没有本部门的记录。"
    table = Listing(TITLE, _columns(), rows, total, page, RECORDS, query, empty)
    return visit.page("work_records.html", title=TITLE, crumbs=CRUMBS, listing=table, items=items, item=item, query=query, keys=_keys(item))


@router.get(RECORDS + "/export")
def export(visit: Annotated[Visit, only(*DEPARTMENT, action="导出本部门记录")]) -> Response:
    query = listing.asked(visit, ASKED)
    items = visit.site.owed(visit.who.department)
    item = places.owed(visit, visit.who.department, query.get("item") or (items[0].code if items else ""))
    visit.about(f"{TITLE} {item.title} {query.get('q', '')}".strip(), visit.who.department)
    rows, _ = _found(visit, item, query.get("q", ""), 0, listing.MOST_EXPORTED)
    return listing.exported(visit, "records", item.title[:31], [*_columns(), *map(_field, item.fields)], rows)


@router.get(RECORDS + "/{code}/{record}")
def show(code: str, record: str, visit: Annotated[Visit, only(*DEPARTMENT, action="查看本部门记录")]) -> Response:
    item, key, life, versions = _life(visit, code, record)
    stands = told(lambda: own(visit).stands(item, [key])).get(key)
    mine = stands is not None and stands["department"] == visit.who.department
    facts = showing.facts(item, versions[-1], masked=True) if mine and versions else []
    told_: dict[str, Any] = {"item": item, "record": record, "life": life, "facts": facts, "stands": stands, "mine": mine, "instead": instead.told(stands, visit.who.department)}
    words: dict[str, Any] = {"WHAT": showing.WHAT, "WAYS": showing.WAYS, "changes": showing.changes(item, versions)}
    editable = mine and any(each.code == item.code for each in visit.site.owed(visit.who.department))
    return visit.page("work_record.html", title=instead.name(item, key), crumbs=[*CRUMBS, (f"{RECORDS}?item={item.code}", TITLE)], editable=editable, **told_, **words)


@router.get(RECORDS + "/{code}/{record}/export")
def export_versions(code: str, record: str, visit: Annotated[Visit, only(*DEPARTMENT, action="导出记录的版本")]) -> Response:
    item, _, _, versions = _life(visit, code, record)
    return listing.exported(visit, "versions", item.title[:31], [*_version_columns(), *map(_field, item.fields)], versions)


def _life(visit: Visit, code: str, record: str) -> tuple[Item, str, Sequence[Row], list[Row]]:
    """The item, the key, everything this department said of it, and the versions it made. Raises Refusal `not_found` where it said nothing, `unavailable`."""
    item = visit.site.catalog.get(code)
    if item is None:
        raise Refusal.unknown_item(code)
    key, asked = places.untoken(record), Entered(visit.site.warehouse, visit.who.department, "")
    life = told(lambda: asked.life(item, key)) if key else []
    if not life:
        raise Refusal("not_found", "没有这条记录。", "请从“本部门记录”中打开；只能查看本部门报送过的。")
    visit.about(f"{item.title} {instead.name(item, key)}", visit.who.department)
    return item, key, life, told(lambda: asked.versions(item, key))


def _found(visit: Visit, item: Item, said: str, skip: int, limit: int) -> tuple[list[Row], int]:
    """A page of the records; of a search also those that never stood by this department's word, at its end."""
    asked = own(visit)
    keys = told(lambda: asked.keys(item, said, visit.site.settings.key_secret)) if said else None
    rows, total = told(lambda: asked.records(item, keys, skip, limit))
    shown = [{**row, "item": item.code, "name": showing.name(item, row)} for row in rows]
    if keys is None or skip or total > limit:
        return shown, total
    others = [_never(item, key) for key in keys if key not in {row["_key"] for row in rows}]
    return [*shown, *others], total + len(others)


def _never(item: Item, key: str) -> Row:
    blank = dict.fromkeys(("_way", "_received_at", "_batch", "_line", *(field.name for field in item.fields)))
    return {**blank, "_key": key, "_withdrawn": None, "item": item.code, "name": instead.name(item, key)}


def _keys(item: Item | None) -> str:
    return "、".join(item.by_name[name].title for name in item.key) if item else ""


def _field(field: Field) -> Column:
    return Column(field.title, lambda row: covered(row[field.name], field.privacy) if row[field.name] else "")


def _columns() -> Sequence[Column]:
    return [
        Column("记录", lambda row: row["name"], lambda row: f"{RECORDS}/{row['item']}/{places.token(row['_key'])}"),
        Column("现状", lambda row: {None: "没有由本部门入库", 0: "在库", 1: "已撤销"}[row["_withdrawn"]], short=True),
        Column("现行内容来自", lambda row: showing.WAYS.get(row["_way"], row["_way"] or ""), short=True),
        Column("自何时起", lambda row: instead.moment(row["_received_at"] or ""), short=True),
        Column("回执行号", lambda row: f"{row['_batch']}#{row['_line']}" if row["_batch"] else "", short=True),
    ]


def _version_columns() -> Sequence[Column]:
    return [
        Column("时间", lambda row: str(row["_received_at"])[:19]),
        Column("改动", lambda row: showing.WHAT.get(row["_change"], row["_change"])),
        Column("来源", lambda row: row["_source"]),
        Column("版本", lambda row: str(row["_version"])),
    ]
