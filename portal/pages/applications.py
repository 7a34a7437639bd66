"""异议与修复申请: a company files one about a record, and learns by its number how it stands."""

from typing import Annotated

from fastapi import APIRouter, Response

from portal.frame import listing
from portal.frame.access import anyone, entrance
from portal.frame.visit import Visit
from portal.public import applications, attachments, query
from portal.public.applications import KINDS, Draft
from portal.public.record import Record
from producers.refusal import Refusal

PATH = "/public/applications"

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def ask(visit: Annotated[Visit, anyone()]) -> Response:
    """How the application with this number stands. Nothing of the applicant is shown: a number may be read over a shoulder."""
    number = listing.asked(visit, ["number"]).get("number", "")
    if number:
        query.of(visit)  # counted like any look-up
    found = applications.numbered(visit.db, number) if number else None
    told = {"said": applications.said(found), "days": applications.days(found, visit.site.now(), visit.site.zone)} if found else {"said": "", "days": 0}
    crumbs = [("/public", "公共信用信息查询")]
    return visit.page("application_state.html", 404 if number and not found else 200, title="办理进度", crumbs=crumbs, number=number[:40], application=found, kinds=KINDS, **told)


@router.get(PATH + "/new/{number}")
def new(number: str, visit: Annotated[Visit, anyone()]) -> Response:
    kind = listing.asked(visit, ["kind"]).get("kind", "")
    return _form(visit, query.of(visit).record(number), Draft(kind, "", "", "", ""), {})


@router.post(PATH + "/new/{number}")
def file(number: str, visit: Annotated[Visit, entrance("提交异议或修复申请", attachments.BOUND)]) -> Response:
    """The number is told in the answer. Files are written before the row and removed when it comes to nothing."""
    about = query.of(visit).record(number)
    kind, applicant, capacity, phone, statement = (visit.form.get(name, "").strip() for name in ("kind", "applicant", "capacity", "phone", "statement"))
    draft = Draft(kind, applicant, capacity, phone, statement, visit.files)
    visit.about(about.number, about.department)
    if about.person:
        raise Refusal("forbidden", "这条信息是关于自然人的，不在网上受理。", "请本人持身份证到市信用办办理。")
    if faults := applications.faults(draft):
        return _form(visit, about, draft, faults, 422)
    _paced(visit)
    with attachments.kept(visit.site.settings.home, draft.files) as stored:
        made = applications.file(visit.db, about, draft, stored, visit.site.now(), visit.site.today)
        visit.about(made.number, made.department)
        return visit.page("application_filed.html", title="申请已提交", application=made, kinds=KINDS)


def _paced(visit: Visit) -> None:
    try:
        visit.site.applications.spend(visit.address)
    except Refusal as refusal:
        raise Refusal(refusal.code, "从您的网络地址提交的申请太多。", "请十分钟后再提交。") from refusal


def _form(visit: Visit, about: Record, draft: Draft, faults: dict[str, str], status: int = 200) -> Response:
    told = {"record": about, "draft": draft, "faults": faults, "kinds": list(KINDS.items()), "bound": attachments.BOUND}
    return visit.page("application_new.html", status, title="异议与修复申请", crumbs=[("/public", "公共信用信息查询")], **told)
