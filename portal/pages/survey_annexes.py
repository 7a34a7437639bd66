"""摸底, the two annexes: filled in as forms, or read out of the workbooks as they were issued into the form, to be looked at and sent."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.accounts.roles import Role
from portal.declared import Saying
from portal.frame.access import Files, only
from portal.frame.visit import Visit
from portal.survey import contacts, ways
from portal.survey.tables import CONTACTS, Note, add, notes, standing
from producers.annexes import reading
from producers.refusal import Refusal
from schemas.declared import FREQUENCY_TITLES, WAY_TITLES, WAYS

PATH = "/survey"
CRUMBS = [(PATH, "摸底")]
FILE = Files(1, reading.LIMITS.file_bytes)
FILLED = "已从文件读入，还没有提交。请核对后点“提交”。"

router = APIRouter(include_in_schema=False)


@router.get(PATH + "/annex1")
def annex_1(visit: Annotated[Visit, only(Role.OFFICER, action="打开附件1")]) -> Response:
    note = _contacts(visit)
    return _form_1(visit, note.about if note else {}, note.version if note else 0)


@router.post(PATH + "/annex1")
def send_1(visit: Annotated[Visit, only(Role.OFFICER, action="提交附件1")]) -> Response:
    said, seen = contacts.cleaned(visit.form), seen_version(visit, "seen")
    faults = contacts.wrong(said)
    if faults:
        return _form_1(visit, said, seen, faults, status=422)
    visit.about("附件1 人员信息表", visit.who.department)
    add(visit.db, note(visit, CONTACTS, visit.who.department, said), seen)
    return visit.go(PATH, "附件1 已提交。")


@router.post(PATH + "/annex1/read")
def read_1(visit: Annotated[Visit, only(Role.OFFICER, action="读入附件1", files=FILE)]) -> Response:
    unit, said = reading.contacts(_sheets(visit))
    _is_ours(visit, unit)
    stands = _contacts(visit)
    found = contacts.cleaned(said)
    return _form_1(visit, found, stands.version if stands else 0, contacts.wrong(found), FILLED)


@router.get(PATH + "/annex2")
def annex_2(visit: Annotated[Visit, only(Role.OFFICER, action="打开附件2")]) -> Response:
    answer, seen = _ways(visit)
    return _form_2(visit, answer, seen)


@router.post(PATH + "/annex2")
def send_2(visit: Annotated[Visit, only(Role.OFFICER, action="提交附件2")]) -> Response:
    """Declared: the periods that a department owes follow from it."""
    answer, seen = ways.said(visit.form, visit.chosen), seen_version(visit, "seen")
    faults = ways.wrong(answer)
    if faults:
        return _form_2(visit, answer, seen, faults, status=422)
    visit.about(f"附件2 {ways.told(answer)}", visit.who.department)
    visit.declare(Saying(WAYS, visit.who.department, None, answer, seen))
    return visit.go(PATH, "附件2 已提交。")


@router.post(PATH + "/annex2/read")
def read_2(visit: Annotated[Visit, only(Role.OFFICER, action="读入附件2", files=FILE)]) -> Response:
    unit, answer = reading.ways(_sheets(visit))
    _is_ours(visit, unit)
    return _form_2(visit, answer, _ways(visit)[1], ways.wrong(answer), FILLED)


def note(visit: Visit, kind: str, subject: str, about: Mapping[str, Any]) -> Note:
    """A line to be added, by whoever visits, now."""
    return Note.of(kind, subject, about, visit.who.username, visit.site.now())


def seen_version(visit: Visit, name: str) -> int:
    """The version that the form was made from."""
    text = visit.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _contacts(visit: Visit) -> Note | None:
    return standing(notes(visit.db, visit.who.department), CONTACTS).get(visit.who.department)


def _ways(visit: Visit) -> tuple[Mapping[str, Any], int]:
    found = visit.site.declared.standing([WAYS], visit.who.department).get((WAYS, visit.who.department, None))
    return (found.about, found.version) if found else (ways.NOTHING, 0)


def _sheets(visit: Visit) -> list[reading.Grid]:
    if not visit.files or not visit.files[0][1]:
        raise Refusal("empty", "没有选择文件，或者文件是空的。", "请返回，选择填好的附件后再读入。")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "annex"
        path.write_bytes(visit.files[0][1])
        return reading.grids(path)


def _is_ours(visit: Visit, unit: str) -> None:
    """A blank name is nobody else's. Raises Refusal `invalid`."""
    own = visit.site.departments[visit.who.department]
    if unit and unit not in (own.name, own.short):
        raise Refusal("invalid", f"文件中的单位名称是“{unit[:60]}”，不是本部门（{own.name}）。", "请上传本部门的附件；如果名称写得不同，请改成全称。")


def _form_1(visit: Visit, said: Mapping[str, str], seen: int, faults: Mapping[str, str] | None = None, read: str = "", status: int = 200) -> Response:
    told = {"said": said, "seen": seen, "faults": faults or {}, "read": read, "fields": contacts.FIELDS, "longest": contacts.LONGEST}
    return visit.page("survey_annex1.html", status, title="附件1 信源单位人员信息表", crumbs=CRUMBS, **told)


def _form_2(visit: Visit, answer: Mapping[str, Any], seen: int, faults: Mapping[str, str] | None = None, read: str = "", status: int = 200) -> Response:
    told = {"answer": answer, "seen": seen, "faults": faults or {}, "read": read, "ways": WAY_TITLES, "frequencies": FREQUENCY_TITLES, "longest": ways.LONGEST}
    return visit.page("survey_annex2.html", status, title="附件2 数据归集方式反馈表", crumbs=CRUMBS, **told)
