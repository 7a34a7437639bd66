"""异议与修复: the applications, as the departments whose records they are about and the credit office work on them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.accounts.roles import Role
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.public import applications, attachments
from portal.public.applications import ANSWERS, KINDS, LONGEST, STATES, NotNow, Wanted
from portal.public.tables import Application, Attachment
from producers.refusal import Refusal

PATH = "/objections"
DEPARTMENT = (Role.OFFICER, Role.REVIEWER)
STAFF = (*DEPARTMENT, Role.OFFICE, Role.CENTRE)
ASKED = ("department", "state", "kind")

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*STAFF, action="查看异议与修复")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    found, total = applications.find(visit.db, _wanted(visit, query), (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    table = Listing("异议与修复", _columns(visit), found, total, page, PATH, query, "没有符合条件的申请。" if query else "还没有申请。")
    told: dict[str, Any] = {"departments": [] if visit.who.department else list(visit.site.departments.values()), "states": list(STATES.items()), "kinds": list(KINDS.items())}
    return visit.page("objections.html", title="异议与修复", listing=table, query=query, **told)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*STAFF, action="导出异议与修复")]) -> Response:
    found, _ = applications.find(visit.db, _wanted(visit, listing.asked(visit, ASKED)), limit=listing.MOST_EXPORTED)
    return listing.exported(visit, "objections", "异议与修复", _columns(visit), found)


@router.get(PATH + "/{application_id}")
def show(application_id: int, visit: Annotated[Visit, only(*STAFF, action="查看异议或修复申请")]) -> Response:
    return _shown(visit, _application(visit, application_id))


@router.get(PATH + "/{application_id}/attachments/{attachment_id}")
def attachment(application_id: int, attachment_id: int, visit: Annotated[Visit, only(*STAFF, action="下载申请的附件")]) -> Response:
    """To be saved, never shown in the page: what a stranger sent is opened by what the reader trusts."""
    application = _application(visit, application_id)
    found = visit.db.get(Attachment, attachment_id) if attachment_id < 1 << 31 else None
    content = attachments.read(visit.site.settings.home, found.stored) if found and found.application_id == application.id else None
    if found is None or content is None:
        raise Refusal("not_found", "没有这份附件。", "请从申请中打开。")
    visit.about(f"{application.number} {found.name}", application.department)
    return visit.file(content, "application/octet-stream", f"{application.number}-{found.id}.{found.kind}")


@router.post(PATH + "/{application_id}/accept")
def accept(application_id: int, visit: Annotated[Visit, only(Role.OFFICE, action="受理异议或修复申请")]) -> Response:
    yes = visit.form.get("yes", "") == "1"
    return _done(visit, application_id, lambda each, words: applications.accept(each, words, visit.who.name, visit.site.now(), yes=yes), "受理" if yes else "不予受理", needs_words=not yes)


@router.post(PATH + "/{application_id}/opinion")
def opinion(application_id: int, visit: Annotated[Visit, only(*DEPARTMENT, action="填写核查意见")]) -> Response:
    return _done(visit, application_id, lambda each, words: applications.answer(each, words, visit.who.name, visit.site.now()), "核查意见")


@router.post(PATH + "/{application_id}/decision")
def decision(application_id: int, visit: Annotated[Visit, only(Role.OFFICE, action="决定异议或修复申请")]) -> Response:
    """Holds at every public exit with the next request."""
    granted = visit.form.get("granted", "") == "1"
    told = "决定：停止公示" if granted else "决定：继续公示"
    return _done(visit, application_id, lambda each, words: applications.decide(each, words, visit.who.name, visit.site.now(), granted=granted), told)


def _done(visit: Visit, application_id: int, do: Callable[[Application, str], None], told: str, *, needs_words: bool = True) -> Response:
    application, words = _application(visit, application_id), visit.form.get("words", "").strip()
    visit.about(f"{application.number} {told}", application.department)
    if needs_words and not 2 <= len(words) <= LONGEST:
        return _shown(visit, application, f"请写明意见或理由，2 至 {LONGEST} 个字。", 422)
    try:
        do(application, words[:LONGEST])
    except NotNow as fault:
        raise Refusal("conflict", f"这件申请现在是“{fault}”，不能这样办理。", "请刷新页面，按现在的状态办理。") from fault
    return visit.go(f"{PATH}/{application.id}", f"已记下：{told}。")


def _wanted(visit: Visit, query: dict[str, str]) -> Wanted:
    """A department's people see their own department, whatever the address asks for."""
    return Wanted(visit.who.department or query.get("department", ""), query.get("state", ""), query.get("kind", ""))


def _application(visit: Visit, application_id: int) -> Application:
    """Raises Refusal `not_found`: there is none, or it is about another department's record."""
    found = visit.db.get(Application, application_id) if application_id < 1 << 31 else None
    if found is None:
        raise Refusal("not_found", "没有这件申请。", "请从列表中打开。")
    visit.about(found.number, found.department)
    visit.belongs(found.department, "这件申请")
    return found


def _columns(visit: Visit) -> list[Column]:
    departments, site = visit.site.departments, visit.site
    return [
        Column("编号", lambda row: row.number, lambda row: f"{PATH}/{row.id}", short=True),
        Column("种类", lambda row: KINDS[row.kind], short=True),
        Column("企业", lambda row: row.company),
        Column("信息", lambda row: row.title),
        Column("部门", lambda row: departments[row.department].short if row.department in departments else row.department),
        Column("提交", lambda row: row.filed_at.astimezone(site.zone).strftime("%Y-%m-%d"), short=True),
        Column("天数", lambda row: applications.days(row, site.now(), site.zone), short=True),
        Column("状态", applications.said, short=True),
    ]


def _shown(visit: Visit, application: Application, fault: str = "", status: int = 200) -> Response:
    role = visit.who.role
    told = {
        "application": application, "files": applications.files(visit.db, application), "said": applications.said(application), "fault": fault,
        "kind": KINDS[application.kind], "answers": ANSWERS[application.kind], "days": applications.days(application, visit.site.now(), visit.site.zone),
        "may_accept": role is Role.OFFICE and application.state in ("filed", "refused"), "may_answer": role in DEPARTMENT and application.state in ("accepted", "answered"),
        "may_decide": role is Role.OFFICE and application.state in ("accepted", "answered", "decided"),
    }  # fmt: skip
    return visit.page("objection.html", status, title=application.number, crumbs=[(PATH, "异议与修复")], **told)
