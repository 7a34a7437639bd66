"""The records behind a number of a board, and one record's life: what its source said, row by row, what was decided of it and which versions came of it.

No field's value is shown but those of the key, without a person's.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from loaders import behind, figures
from portal import owed
from portal.boards import asking, ledger, words
from portal.boards.asking import NAMES, NARROWED, Question
from portal.entry import places, showing
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.pages import status
from portal.pages.boards import PATH, SEEING
from portal.status.words import due
from portal.work import instead
from producers.refusal import Refusal
from schemas import reason
from schemas.catalog import Item
from schemas.obligations.ledger import Line

RECORDS = PATH + "/records"
PERIODS = "periods"
AT = {"messages": "判定时间", "judged": "首次收到", "decided": "报送时间", "open": "退回自", "waiting": "发布时间", "lacking": "收到时间"}
WHAT = {"messages": "结果", "judged": "现在", "decided": "产生日期", "open": "搁置", "waiting": "收到条数", "links": "登记地"}
MORE = {"messages": "违反的规则", "judged": "首次报送", "open": "违反的规则", "waiting": "已判定条数", "links": "关联到的主体"}

Row = behind.Row
router = APIRouter(include_in_schema=False)


@router.get(RECORDS)
def records(visit: Annotated[Visit, only(*SEEING, action="查看图表背后的记录")]) -> Response:
    asked, of, page = asking.question(visit), _of(visit), listing.page_number(visit)
    rows, total = _page(visit, asked, of, (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    query = {name: value for name, value in asked.query.items() if name in (*NAMES, *NARROWED)} | {"of": of}
    table = Listing(words.LISTS[of], _columns(visit, asked, of), rows, total, page, RECORDS, query, "没有记录。")
    told: dict[str, Any] = {"asked": asked, "narrowed": _narrowed(visit, asked)}
    return visit.page("boards_records.html", title=words.LISTS[of], crumbs=[(PATH, "看板")], listing=table, **told)


@router.get(RECORDS + "/export")
def export(visit: Annotated[Visit, only(*SEEING, action="导出图表背后的记录")]) -> Response:
    asked, of = asking.question(visit), _of(visit)
    rows, _ = _page(visit, asked, of, 0, listing.MOST_EXPORTED)
    return listing.exported(visit, f"{of}-{asked.first}-{asked.last}", words.LISTS[of], _columns(visit, asked, of), rows)


@router.get(RECORDS + "/{item}/{record}")
def life(item: str, record: str, visit: Annotated[Visit, only(*SEEING, action="查看一条记录的经过")]) -> Response:
    found, key, department = visit.site.catalog.get(item), places.untoken(record), visit.who.department
    if found is None or not key:
        raise Refusal("not_found", "没有这条记录。", "请从看板的记录清单中打开。")
    with owed.answering():
        events = figures.trace(visit.site.warehouse, found, key, department)
        versions = behind.versions(visit.site.warehouse, found, key, department)
    if not events:
        raise Refusal("not_found", "没有这条记录。", "请从看板的记录清单中打开；只能查看本部门的。")
    name = instead.name(found, key)
    visit.about(f"{found.title} {name}", department or str(events[0]["department"]))
    told: dict[str, Any] = {"item": found, "events": [_event(visit, each) for each in events], "changed": _changed(found, versions), "WHICH": words.WHICH, "WAYS": showing.WAYS}
    return visit.page("boards_life.html", title=name, crumbs=[(PATH, "看板")], **told)


def _event(visit: Visit, event: Row) -> Row:
    """What is shown of an event: personal numbers are covered, in the source's row, too."""
    covered = {name: reason.staff(str(event[name]), "none") for name in ("row", "ref") if event[name]}
    site = visit.site
    unit = site.departments[event["department"]].short if event["department"] in site.departments else event["department"]
    detail = [reason.staff(str(each.get("message") or ""), "none") for each in event["detail"]]
    return {**event, "row": "", "ref": "", **covered, "unit": unit, "detail": detail, "at": str(event["at"])[:19]}


def _changed(item: Item, versions: Sequence[Row]) -> dict[int, str]:
    """By version the titles of the fields it changed; of a first version how many are filled."""
    found = dict[int, str]()
    for before, after in zip([None, *versions], versions, strict=False):
        if before is None:
            found[int(after["_version"])] = f"填写 {sum(bool(after[field.name]) for field in item.fields)} 个字段"
        elif not after["_withdrawn"] and not before["_withdrawn"]:
            found[int(after["_version"])] = "、".join(field.title for field in item.fields if before[field.name] != after[field.name])
    return found


def _of(visit: Visit) -> str:
    """Which list the address asks for. Raises Refusal `not_found`."""
    of = visit.request.query_params.get("of", "messages")
    if of not in words.LISTS:
        raise Refusal("not_found", "没有这种清单。", "请从看板的图表中打开。")
    visit.about(words.LISTS[of], visit.who.department)
    return of


def _page(visit: Visit, asked: Question, of: str, skip: int, limit: int) -> tuple[Sequence[Any], int]:
    """A page of the list, and how long it is. Raises Refusal `unavailable`, `malformed`."""
    if of == PERIODS:
        lines = ledger.behind(visit, asked)
        return lines[skip : skip + limit], len(lines)
    if of == behind.LACKING:
        _field(visit, asked)
    site = visit.site
    with owed.answering():
        total = behind.count(site.warehouse, site.catalog, of, asked.scope)
        return behind.rows(site.warehouse, site.catalog, of, asked.scope, skip, limit), total


def _field(visit: Visit, asked: Question) -> None:
    item = visit.site.catalog.get(asked.scope.asked.item)
    if item is None or asked.scope.field not in behind.fields(item):
        raise Refusal("malformed", "没有指明信息项和字段。", "请从“完整率”的图表中打开。")


def _columns(visit: Visit, asked: Question, of: str) -> list[Column]:
    return _periods(visit) if of == PERIODS else _records(visit, asked, of)


def _records(visit: Visit, asked: Question, of: str) -> list[Column]:
    catalog, departments = visit.site.catalog, visit.site.departments
    found = [
        Column({"waiting": "批次", "links": "公示编号"}.get(of, "回执行号"), lambda row: row["number"], _life if of != "waiting" else None),
        Column("信息项", lambda row: catalog[row["item"]].title if row["item"] in catalog else row["item"]),
    ]
    if of != "waiting":
        found.append(Column("记录", lambda row: instead.name(catalog[row["item"]], row["key"]) if row["item"] in catalog else ""))
    found.append(Column("部门", lambda row: departments[row["department"]].short if row["department"] in departments else row["department"], short=True))
    if of != "links":
        found += [Column("归集方式", lambda row: showing.WAYS.get(row["way"], row["way"]), short=True), Column(AT[of], lambda row: row["at"][:19], short=True)]
    if of in ("messages", "open", "waiting", "lacking"):
        found.append(Column("信源", lambda row: row["source"], short=True))
    told: Callable[[str], str] = (lambda text: words.AGES.get(text, text)) if of == "open" else words.named
    found += [Column(WHAT[of], lambda row: told(row["what"]), short=True)] * (of in WHAT)
    return found + [Column(MORE[of], lambda row: words.named(row["more"]))] * (of in MORE)


def _periods(visit: Visit) -> list[Column]:
    site = visit.site
    return [
        Column("部门", lambda row: site.departments[row.department].short, short=True),
        Column("信息项", lambda row: site.catalog[row.item].title, _status if visit.who.role in status.SEEING else None),
        Column("期次", lambda row: row.period.label, short=True), Column("截止", lambda row: due(row.due)), Column("状态", lambda row: row.state, short=True),
        Column("完成于", lambda row: row.met_on.isoformat() if row.met_on else "", short=True), Column("条数", lambda row: row.records, short=True),
    ]  # fmt: skip


def _status(line: Line) -> str:
    return f"{status.PATH}/{line.department}/{line.item}?month={line.period.end:%Y-%m}"


def _life(row: Row) -> str:
    return f"{RECORDS}/{row['item']}/{places.token(row['key'])}"


def _narrowed(visit: Visit, asked: Question) -> list[str]:
    """What the list is of, in words."""
    scope, site = asked.scope, visit.site
    kinds = {"department": scope.asked.department, "item": scope.asked.item, "way": scope.way, "field": scope.field}
    found = [words.label(kind, value, "day", site, scope.asked.item) for kind, value in kinds.items() if value]
    found += [value for value in (scope.source, scope.rule, asked.query.get("due", "")) if value]
    return found + ([words.AGES.get(scope.which, words.named(scope.which))] if scope.which else [])

