"""退回记录: every rejected record of this department, whatever way it came, with all its reasons; mended here, mended at the source, or ignored with a reason. They close by themselves."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from loaders import known
from loaders.own import Rejects
from portal.entry import places, showing
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.work import marks, refused
from portal.work.asking import CRUMBS, DEPARTMENT, PATH, own, told
from portal.work.refused import Row
from producers.refusal import Refusal
from schemas.declared import REJECT_STATES

REJECTS = PATH + "/rejects"
TITLE = "退回记录"
ASKED = ("item", "way", "state", "rule", "batch")

router = APIRouter(include_in_schema=False)


@router.get(REJECTS)
def index(visit: Annotated[Visit, only(*DEPARTMENT, action="查看退回记录")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    visit.about(TITLE, visit.who.department)
    which = _which(query)
    total = refused.count(visit, which)
    rows = refused.page(visit, which, (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    empty = "没有符合条件的退回记录。" if query else "没有需要处理的退回记录。"
    table = Listing(TITLE, _columns(visit), rows, total, page, REJECTS, query, empty)
    told_: dict[str, Any] = {"query": query, "items": _items(visit), "ways": showing.WAYS, "states": marks.STATES, "says": _says(), "open": which.closed is False}
    return visit.page("work_rejects.html", title=TITLE, crumbs=CRUMBS, listing=table, longest=marks.LONGEST, **told_)


@router.get(REJECTS + "/export")
def export(visit: Annotated[Visit, only(*DEPARTMENT, action="导出退回记录")]) -> Response:
    visit.about(TITLE, visit.who.department)
    rows = refused.page(visit, _which(listing.asked(visit, ASKED)), 0, listing.MOST_EXPORTED)
    return listing.exported(visit, "rejects", TITLE, _columns(visit), rows)


@router.post(REJECTS)
def say(visit: Annotated[Visit, only(*DEPARTMENT, action="处理退回记录")]) -> Response:
    """The department's word on those that are ticked, or on the one whose page this is."""
    numbers = [places.untoken(text) for text in visit.chosen.get("record", ())]
    state, reason = visit.form.get("state", ""), " ".join(visit.form.get("reason", "").split())
    if not numbers:
        raise Refusal("invalid", "没有选择记录。", "请返回，勾选要处理的记录。")
    if fault := marks.wrong(state, reason):
        raise Refusal("invalid", fault, "请返回改正。")
    visit.about(f"{REJECT_STATES[state]} {'、'.join(numbers)}", visit.who.department)
    count = refused.say(visit, numbers, state, reason)
    return visit.go(_back(visit), f"已记下：{count} 条{REJECT_STATES[state]}。")


@router.get(REJECTS + "/{record}")
def show(record: str, visit: Annotated[Visit, only(*DEPARTMENT, action="查看退回记录")]) -> Response:
    row, is_open = refused.one(visit, record)
    mendable = is_open and any(item.code == row["_item"] for item in visit.site.owed(visit.who.department))
    told_: dict[str, Any] = {"row": row, "open": is_open, "facts": refused.facts(visit, row), "states": marks.STATES, "says": _says(), "ways": showing.WAYS}
    answered = None if is_open else _answered(visit, row)
    return visit.page("work_reject.html", title=row["name"], crumbs=[*CRUMBS, (REJECTS, TITLE)], mendable=mendable, answered=answered, longest=marks.LONGEST, **told_)


def _answered(visit: Visit, row: Row) -> dict[str, Any] | None:
    """What closed it: our own batch with its way, or another department's, of which nothing more is told."""
    found = told(lambda: own(visit).answered(row))
    if found is None:
        return None
    whose = told(lambda: known.said_in(visit.site.warehouse, found["batch"]))
    mine = any(each["department"] == visit.who.department for each in whose)
    return {"number": f"{found['batch']}#{found['line']}" if mine else "", "way": showing.WAYS.get(whose[0]["way"], "") if mine else "", "at": str(found["at"])[:16]}


def _which(query: dict[str, str]) -> Rejects:
    """Open ones, unless those closed are asked for."""
    closed = query.get("state") == marks.CLOSED
    return Rejects(**{**query, "state": "" if closed else query.get("state", "")}, closed=closed)


def _says() -> list[tuple[str, str]]:
    return [("fixed", "已修改（在源头改正，等待再次报送）"), ("ignored", "已忽略（写明原因）"), ("open", "恢复为未处理")]


def _items(visit: Visit) -> Sequence[tuple[str, str]]:
    return [(item.code, item.title) for item in visit.site.owed(visit.who.department)]


def _back(visit: Visit) -> str:
    """The list as it was asked for: a path of ours whatever the form says."""
    back = visit.form.get("back", "")
    return back if back.startswith(f"{REJECTS}?") else REJECTS


def _columns(visit: Visit) -> Sequence[Column]:
    def reasons(row: Row) -> str:
        return "；".join(f"{each.get('title') or ''}：{each['message']} {each.get('remedy') or ''}".strip("： ") for each in row["reasons"])

    return [
        Column("记录", lambda row: row["name"], lambda row: f"{REJECTS}/{row['token']}"),
        Column("信息项", lambda row: row["title"]),
        Column("方式", lambda row: showing.WAYS.get(row["_way"], row["_way"]), short=True),
        Column("退回原因", reasons),
        Column("规则", lambda row: " ".join(row["rules"])),
        Column("处理", lambda row: marks.STATES.get(row["state"], row["state"]), short=True),
        Column("说明", lambda row: row["reason"]),
        Column("处理人", lambda row: row["by"], short=True),
        Column("处理时间", lambda row: row["declared_at"], short=True),
        Column("收到时间", lambda row: str(row["_received_at"])[:16], short=True),
        Column("回执行号", lambda row: row["number"], short=True),
        Column("来源行", lambda row: row["_row"] or row["_line"], short=True),
    ]
