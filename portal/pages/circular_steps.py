"""What is done with a circular: sent to departments, confirmed or objected to, decided, signed, withdrawn, corrected. Each is one step, written down with who and when."""

from typing import Annotated

from fastapi import APIRouter, Response

from portal.circular import asking, issue, office
from portal.circular.asking import DEPARTMENT, MAKING, OFFICE
from portal.circular.papers import documents
from portal.circular.shelf import File
from portal.frame.access import only
from portal.frame.visit import Visit
from portal.pages.circular_one import LINE, ONE
from schemas.obligations import calendar

router = APIRouter(include_in_schema=False)


@router.post(ONE + "/consult")
def consult(number: int, visit: Annotated[Visit, only(*MAKING, action="通报送部门征求意见")]) -> Response:
    file, act = asking.file(visit, number), asking.act(visit)
    until = office.consult(visit.db, file, calendar.known(calendar.load(), act.today), act)
    return _back(visit, file, f"已送各部门征求意见，{until}（含当日）以前答复，逾期视为无异议。")


@router.post(ONE + "/withdraw")
def withdraw(number: int, visit: Annotated[Visit, only(*MAKING, *OFFICE, action="撤回通报草稿")]) -> Response:
    file = asking.file(visit, number)
    office.withdraw(visit.db, file, visit.form.get("why", ""), asking.act(visit))
    return _back(visit, file, "已撤回。可以重新起草。")


@router.post(ONE + "/confirm")
def confirm(number: int, visit: Annotated[Visit, only(*DEPARTMENT, action="确认通报无异议")]) -> Response:
    file = asking.file(visit, number)
    office.confirm(visit.db, file, asking.act(visit))
    return _back(visit, file, "已确认。期限内可以撤销确认。")


@router.post(ONE + "/unconfirm")
def unconfirm(number: int, visit: Annotated[Visit, only(*DEPARTMENT, action="撤销通报的确认")]) -> Response:
    file = asking.file(visit, number)
    office.unconfirm(visit.db, file, asking.act(visit))
    return _back(visit, file, "已撤销确认。")


@router.post(LINE + "/object")
def object_(number: int, department: str, item: str, visit: Annotated[Visit, only(*DEPARTMENT, action="对通报提出异议")]) -> Response:
    file = asking.file(visit, number)
    asking.line(visit, file, department, item)
    office.object_(visit.db, file, {"item": item} | {name: visit.form.get(name, "") for name in ("figure", "why")}, asking.act(visit))
    return visit.go(f"{asking.PATH}/{number}/{department}/{item}", "已提出异议，由市信用办书面裁定。裁定前可以撤销。")


@router.post(ONE + "/objections/{objection}/retract")
def unobject(number: int, objection: int, visit: Annotated[Visit, only(*DEPARTMENT, action="撤销对通报的异议")]) -> Response:
    file = asking.file(visit, number)
    office.unobject(visit.db, file, objection, asking.act(visit))
    return _back(visit, file, "已撤销异议。")


@router.post(ONE + "/objections/{objection}/decide")
def decide(number: int, objection: int, visit: Annotated[Visit, only(*OFFICE, action="裁定对通报的异议")]) -> Response:
    file = asking.file(visit, number)
    visit.about(f"{asking.TITLE} {file.circular.month} 异议 {objection}", file.standing.objections[objection].department if objection in file.standing.objections else "")
    office.decide(visit.db, file, objection, {name: visit.form.get(name, "") for name in ("upheld", "part", "whole", "why")}, asking.act(visit))
    return _back(visit, file, "已裁定。签发前可以重新裁定。")


@router.post(ONE + "/issue")
def sign(number: int, visit: Annotated[Visit, only(*OFFICE, action="签发通报")]) -> Response:
    file = asking.file(visit, number)
    made = issue.issue(visit.db, file, documents, asking.act(visit))
    visit.about(f"{asking.TITLE} {file.circular.month} {made.document}")
    return _back(visit, file, f"已签发：{made.document}。")


@router.post(LINE + "/correct")
def correct(number: int, department: str, item: str, visit: Annotated[Visit, only(*MAKING, *OFFICE, action="更正已印发的通报")]) -> Response:
    """Into the open correction, or a new one; it takes effect when the office has signed it."""
    file = asking.file(visit, number)
    asking.line(visit, file, department, item)
    said = {"department": department, "item": item} | {name: visit.form.get(name, "") for name in ("figure", "part", "whole", "why")}
    made = office.correct(visit.db, file, said, asking.act(visit))
    return visit.go(f"{asking.PATH}/{made.id}", "已写入更正，由市信用办签发后生效。")


@router.post(ONE + "/changes/{change}/remove")
def uncorrect(number: int, change: int, visit: Annotated[Visit, only(*MAKING, *OFFICE, action="删去一条更正")]) -> Response:
    file = asking.file(visit, number)
    office.uncorrect(visit.db, file, change, asking.act(visit))
    return _back(visit, file, "已删去。")


def _back(visit: Visit, file: File, said: str) -> Response:
    return visit.go(f"{asking.PATH}/{file.circular.id}", said)
