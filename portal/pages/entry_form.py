"""The form of 数据录入: filled in, judged at once with all faults at their fields, kept as a draft, tried (试报) or sent."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal import assets
from portal.entry import places, sheets, showing, trial
from portal.entry.judging import Judged
from portal.entry.sheets import Sheet
from portal.frame.access import only
from portal.frame.visit import Visit
from portal.pages.entry import FILLING, PATH
from portal.work import refused
from producers import form
from producers.refusal import Refusal
from schemas.catalog import Item

MOST = 1 << 20  # bytes: the longest record there can be, percent-encoded

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Filling:
    """A sheet on the screen: whose and of which item, and the inputs' values. `corrects`: the number of the sheet that it corrects; `reject`: the rejected record, whatever way it came."""

    sheet: Sheet
    item: Item
    values: dict[str, list[str]]
    corrects: str = ""
    reject: str = ""


@router.get(PATH + "/new")
def new(visit: Annotated[Visit, only(*FILLING, action="打开录入表单")]) -> Response:
    """The form, once it is known for whom and which item; before that the choice."""
    asked = visit.request.query_params
    department = visit.who.department or asked.get("department", "")
    if not asked.get("item") or department not in visit.site.departments:
        return _choice(visit, department)
    item = places.owed(visit, department, asked["item"])
    corrects, reject = asked.get("corrects", ""), asked.get("reject", "")
    copied = refused.to_mend(visit, item, reject)[0] if reject else places.copied(visit, department, item, corrects or asked.get("copy", ""))
    visit.about(item.title, department)
    return shown(visit, Filling(sheets.begun(item, department, visit.who), item, form.filled(item, copied), corrects, reject))


@router.post(PATH)
def add(visit: Annotated[Visit, only(*FILLING, action="录入", form_bytes=MOST)]) -> Response:
    department = visit.who.department or visit.form.get("department", "")
    item = places.owed(visit, department, visit.form.get("item", ""))
    fixed, corrects = visit.form.get("fixed", ""), visit.form.get("corrects", "")
    if fixed:
        fixed = places.record(visit, item, fixed)["_key"]
    reject = visit.form.get("reject", "")
    ref = refused.to_mend(visit, item, reject)[1] if reject else places.corrected(visit, department, item, corrects).ref if corrects else ""
    sheet = sheets.begun(item, department, visit.who, fixed=fixed, ref=ref)
    return _answer(visit, Filling(sheet, item, {}, corrects, reject))


@router.get(PATH + "/{number}/edit")
def edit(number: int, visit: Annotated[Visit, only(*FILLING, action="打开录入单")]) -> Response:
    sheet, item = places.to_edit(visit, number)
    return shown(visit, Filling(sheet, item, form.filled(item, sheet.said)))


@router.post(PATH + "/{number}")
def change(number: int, visit: Annotated[Visit, only(*FILLING, action="填写录入单", form_bytes=MOST)]) -> Response:
    sheet, item = places.to_edit(visit, number)
    if visit.form.get("revision") != str(sheet.revision):
        raise Refusal("conflict", "这张录入单刚刚被别人改动，您填写的内容没有保存。", "请返回并复制您填写的内容，再打开这张录入单重新填写。")
    return _answer(visit, Filling(sheet, item, {}))


def _answer(visit: Visit, asked: Filling) -> Response:
    """What the pressed button asks for: `draft`, `try`, else send."""
    sheet, item = asked.sheet, asked.item
    said = form.said(item, [(name, value) for name, values in visit.chosen.items() for value in values])
    wanted = visit.form.get("do", "")
    word = {"draft": "存草稿", "try": "试报"}.get(wanted, "报送")
    visit.about(f"{word} {item.title} {showing.name(item, said)}", sheet.department)
    made = trial.judged(visit, sheet, item, said)
    filling = replace(asked, values=form.filled(item, said))
    if wanted == "try":
        return shown(visit, filling, made, foreseen=trial.foreseen(visit, sheet, item, made))
    if wanted != "draft" and made.count:
        return shown(visit, filling, made, status=422)
    sheets.write(visit.db, sheet, said, made.key, visit.who, visit.site.now())
    if wanted == "draft":
        return visit.go(f"{PATH}/{sheet.id}", f"草稿已保存。{f'现在还有 {made.count} 处需要改正。' if made.count else '填写的内容没有问题，可以报送。'}")
    sheets.hand_in(visit.db, visit.site.door, sheet, visit.who)
    return visit.go(f"{PATH}/{sheet.id}", "已收下。" if sheet.receipt else f"已提交，{sheet.title}。")


def _choice(visit: Visit, department: str) -> Response:
    found = department in visit.site.departments
    told: dict[str, Any] = {"items": visit.site.owed(department) if found else [], "chosen": department if found else "", "departments": visit.site.departments.values()}
    return visit.page("entry_choice.html", title="新录入", crumbs=[(PATH, "数据录入")], centre=not visit.who.department, **told)


def shown(visit: Visit, filling: Filling, made: Judged | None = None, *, foreseen: tuple[str, str] | None = None, status: int = 200) -> Response:
    """The form with what is filled in, its faults once it is judged, and what was foreseen."""
    sheet, item = filling.sheet, filling.item
    named = "修改" if sheet.fixed else "代报" if sheet.on_behalf else "录入"
    told: dict[str, Any] = {"sheet": sheet, "item": item, "values": filling.values, "corrects": filling.corrects, "reject": filling.reject, "judged": made, "foreseen": foreseen, "NOTE": form.NOTE}
    drawn: dict[str, Any] = {"groups": showing.of(item, visit.site.catalog.version), "strays": showing.strays, "record": places.token(sheet.fixed)}
    drawn["scripts"] = assets.address(visit.site.settings.cache, assets.ENTRY)
    waits = sheet.on_behalf or sheets.is_reviewed(visit.db, sheet.department)
    last = None if sheet.id or sheet.fixed else sheets.last(visit.db, visit.who, sheet.department, item.code)
    crumbs = [(PATH, "数据录入"), *([(f"{PATH}/{sheet.id}", "录入单")] if sheet.id else [])]
    return visit.page("entry_form.html", status, title=f"{named}：{item.title}", crumbs=crumbs, waits=waits, has_last=last is not None, **told, **drawn)
