"""A submission of an uploaded file taken back: first what would be restored, withdrawn and left alone; then, as it was seen, done."""

from typing import Annotated

from fastapi import APIRouter, Response

from portal.frame.access import only
from portal.frame.visit import Visit
from portal.knowledge import Warehoused
from portal.pages.upload import DEPARTMENT, PATH
from portal.pages.upload_file import one
from portal.upload import report, uploads
from portal.upload.uploads import Upload
from producers import undo
from producers.door import digest
from producers.refusal import Refusal
from producers.undo import Plan

SHOWN = 100

router = APIRouter(include_in_schema=False)


@router.get(PATH + "/{number}/undo/{part}")
def plan(number: int, part: int, visit: Annotated[Visit, only(*DEPARTMENT, action="查看撤销的后果")]) -> Response:
    found = _mine(visit, number, part)
    made = _plan(visit, found, part)
    item = visit.site.catalog[made.batch.item]
    steps = sorted(made.steps, key=lambda step: step.what != undo.SKIPPED)[:SHOWN]
    shown = [(report.name(item, {name: undo.said(value) for name, value in step.touched.now.fields.items()}), undo.TITLES[step.what], step.why) for step in steps]
    crumbs = [(PATH, "数据报送"), (f"{PATH}/{found.id}", found.name)]
    return visit.page("upload_undo.html", title="撤销一次报送", crumbs=crumbs, upload=found, number=part, item=item, plan=made, shown=shown, seen=_seen(made))


@router.post(PATH + "/{number}/undo/{part}")
def do(number: int, part: int, visit: Annotated[Visit, only(*DEPARTMENT, action="撤销一次报送")]) -> Response:
    """Only what was seen is done: where others have spoken meanwhile, the plan is shown anew."""
    found = _mine(visit, number, part)
    made = _plan(visit, found, part)
    if visit.form.get("seen") != _seen(made):
        raise Refusal("conflict", "这些记录刚刚又有了变化，没有撤销。", "请刷新页面，看过现在的后果再撤销。")
    told = found.report
    receipt = undo.do(visit.site.door, made, visit.who.username)
    told.parts[part].undo, told.parts[part].undone_by = receipt.receipt, visit.who.name
    found.said = told.dumps()
    uploads.flushed(visit.db)
    return visit.go(f"{PATH}/{found.id}", f"撤销已收下，回执号 {receipt.receipt}。")


def _mine(visit: Visit, number: int, part: int) -> Upload:
    """Raises Refusal `not_found` or `conflict`."""
    found = one(visit, number)
    parts = found.report.parts
    if not 0 <= part < len(parts):
        raise Refusal("not_found", "没有这个表。", "请从报送的文件中打开。")
    visit.about(f"{found.name} {parts[part].title} {parts[part].receipt}", found.department)
    if not uploads.may_undo(visit.who, found) or parts[part].undo:
        raise Refusal("conflict", "这次报送现在不能撤销：还没有处理完，或者已经撤销。", "请刷新页面。")
    return found


def _plan(visit: Visit, found: Upload, part: int) -> Plan:
    said = found.report.parts[part]
    knowledge = Warehoused(visit.site.warehouse, visit.site.catalog)
    item = visit.site.catalog.get(said.item)
    if item is None:
        raise Refusal.unknown_item(said.item)
    return undo.plan(knowledge, said.receipt, item, found.department, visit.site.settings.key_secret)


def _seen(made: Plan) -> str:
    """What the person was shown, in one word."""
    return digest("\n".join(f"{step.touched.key} {step.what} {step.touched.now.batch}" for step in made.steps).encode())[:32]
