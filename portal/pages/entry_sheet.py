"""One sheet of 数据录入: what is filled in, where it stands, what became of it; released or returned by the second pair of eyes."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.entry import places, sheets, showing, trial
from portal.entry.sheets import Sheet
from portal.frame.access import only
from portal.frame.visit import Visit
from portal.outcomes import Told
from portal.pages.entry import DEPARTMENT, FILLING, PATH
from producers.outcomes import Outcome, status
from producers.refusal import Refusal
from schemas.catalog import Item
from schemas.words import OUTCOMES

ASK_AGAIN = 2  # seconds, then longer each time
ASKED_MOST = 20  # after which a page left open asks no more

router = APIRouter(include_in_schema=False)


@router.get(PATH + "/{number}")
def show(number: int, visit: Annotated[Visit, only(*FILLING, action="查看录入单")]) -> Response:
    sheet, item = places.sheet(visit, number)
    told: dict[str, Any] = {"sheet": sheet, "item": item, "facts": showing.facts(item, sheet.said, masked=False), "key": places.token(sheet.key), "own": bool(visit.who.department)}
    may = {"may_edit": sheets.may_edit(visit.who, sheet), "may_remove": sheets.may_remove(visit.who, sheet), "may_decide": sheets.may_decide(visit.db, visit.who, sheet)}
    made = trial.judged(visit, sheet, item, sheet.said) if sheet.state != sheets.SENT else None
    return visit.page("entry_sheet.html", title=showing.name(item, sheet.said) or "（未填）", crumbs=[(PATH, "数据录入")], judged=made, **told, **may, **_became(visit, sheet, 0))


@router.get(PATH + "/{number}/outcome")
def outcome(number: int, visit: Annotated[Visit, only(*FILLING)]) -> Response:
    """What became of it so far: for the page that is open, which asks again by itself."""
    sheet, _ = places.sheet(visit, number)
    text = visit.request.query_params.get("asked", "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    return visit.fragment("entry_outcome.html", sheet=sheet, own=bool(visit.who.department), key=places.token(sheet.key), **_became(visit, sheet, asked))


@router.post(PATH + "/{number}/delete")
def delete(number: int, visit: Annotated[Visit, only(*FILLING, action="删除草稿")]) -> Response:
    sheet, _ = places.sheet(visit, number)
    if not sheets.may_remove(visit.who, sheet):
        raise Refusal("conflict", f"这张录入单“{sheet.title}”，不能删除。", "只能删除草稿和被退回的。")
    sheets.remove(visit.db, sheet)
    return visit.go(PATH, "草稿已删除。")


@router.post(PATH + "/{number}/release")
def release(number: int, visit: Annotated[Visit, only(*DEPARTMENT, action="审核录入")]) -> Response:
    """It is judged once more: rules and days may have changed since it was filled in."""
    sheet, item = _to_decide(visit, number)
    made = trial.judged(visit, sheet, item, sheet.said)
    if made.count:
        wrong = "；".join(reason.message for reasons in made.errors.values() for reason in reasons)
        raise Refusal("conflict", f"这条记录现在不能报送：{wrong}", "请退回填写人改正。")
    sheets.release(visit.db, visit.site.door, sheet, visit.who, visit.site.now())
    return visit.go(f"{PATH}/{sheet.id}", "已收下。")


@router.post(PATH + "/{number}/return")
def give_back(number: int, visit: Annotated[Visit, only(*DEPARTMENT, action="退回录入")]) -> Response:
    sheet, _ = _to_decide(visit, number)
    reason = visit.form.get("reason", "").strip()[:400]
    if not reason:
        raise Refusal("invalid", "退回要写明原因。", "请返回录入单，写明哪里不对、怎样改。")
    sheets.give_back(visit.db, sheet, visit.who, reason, visit.site.now())
    return visit.go(f"{PATH}/{sheet.id}", "已退回填写人。")


def _to_decide(visit: Visit, number: int) -> tuple[Sheet, Item]:
    """The sheet as this person saw it, where it is his to decide. Raises Refusal `not_found`, `forbidden` or `conflict`."""
    sheet, item = places.sheet(visit, number)
    if not sheets.may_decide(visit.db, visit.who, sheet):
        remedy = "填写人不能审核自己填写的内容，请另一位审核人员来做。" if sheet.state == sheets.WAITING else "请从“数据录入”的列表中打开。"
        raise Refusal("forbidden" if sheet.state == sheets.WAITING else "conflict", f"这张录入单“{sheet.title}”，您不能审核。", remedy)
    if visit.form.get("revision") != str(sheet.revision):
        raise Refusal("conflict", "这张录入单刚刚被别人改动，您的操作没有执行。", "请刷新页面，看过现在的内容再做。")
    return sheet, item


def _became(visit: Visit, sheet: Sheet, asked: int) -> dict[str, Any]:
    """For the template: the state in one word, the record's outcome once there is one, and when to ask again."""
    told: dict[str, Any] = {"became": "", "outcome": None, "word": "", "trouble": "", "again": None}
    if not sheet.receipt:
        return told
    try:
        found = Told(visit.site.warehouse, visit.site.catalog)(sheet.receipt, sheet.item, 0, 1)
    except Refusal as fault:
        return told | {"became": "处理中", "trouble": fault.message, "again": _again(asked)}
    one: Outcome | None = found.records[0] if found.settled and found.records else None
    return told | {"became": status(found, 1), "outcome": one, "word": OUTCOMES[one.outcome] if one else "", "again": None if one else _again(asked)}


def _again(asked: int) -> tuple[int, int] | None:
    """The number of the next question and the seconds until it is asked."""
    return (asked + 1, ASK_AGAIN + asked) if asked < ASKED_MOST else None
