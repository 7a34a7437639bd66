"""摸底: how far everybody is, one department's answers, and their history. The office sees all departments, a department its own."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.accounts.roles import Role
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Listing
from portal.frame.visit import Visit
from portal.survey import columns, plan, site
from portal.survey.contacts import FIELDS
from producers.annexes import forms
from producers.template import MEDIA
from schemas.declared import FREQUENCY_TITLES, WAY_TITLES
from schemas.departments import BATCHES

PATH = "/survey"
OFFICE = (Role.OFFICE, Role.CENTRE)
SEEING = (Role.OFFICER, Role.REVIEWER, *OFFICE)
ASKED = ("batch", "open")

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*SEEING, action="查看摸底")]) -> Response:
    if visit.who.department:
        return _shown(visit, visit.who.department)
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    everybody = site.all_statuses(visit)
    found = [each for each in everybody if _wanted(each, query)]
    first = (page - 1) * listing.PER_PAGE
    table = Listing("各部门进度", columns.progress(visit), found[first : first + listing.PER_PAGE], len(found), page, PATH, query, "没有符合条件的部门。")
    told: dict[str, Any] = {
        "returned": sum(each.returned for each in everybody), "done": sum(not each.missing for each in everybody), "all": len(everybody),
        "due": sum(each.due(site.today(visit)) for each in everybody), "batches": BATCHES, "planned": plan.MEETINGS, "replies": site.replies(visit),
    }  # fmt: skip
    return visit.page("survey.html", title="摸底", listing=table, query=query, **told)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*SEEING, action="导出摸底")]) -> Response:
    """Everything that was answered, a line for each department."""
    query = listing.asked(visit, ASKED)
    found = [each for each in site.all_statuses(visit) if visit.who.department in ("", each.department.code) and _wanted(each, query)]
    return listing.exported(visit, "survey", "摸底", columns.everything(visit), found)


@router.get(PATH + "/{department}")
def show(department: str, visit: Annotated[Visit, only(*SEEING, action="查看部门的摸底")]) -> Response:
    return _shown(visit, department)


@router.get(PATH + "/{department}/annex1.xlsx")
def annex_1(department: str, visit: Annotated[Visit, only(*SEEING, action="下载附件1")]) -> Response:
    status = site.status(visit, department)
    return visit.file(forms.contacts(status.department.name, status.contacts or {}), MEDIA, f"{department}-annex1.xlsx")


@router.get(PATH + "/{department}/annex2.xlsx")
def annex_2(department: str, visit: Annotated[Visit, only(*SEEING, action="下载附件2")]) -> Response:
    status = site.status(visit, department)
    return visit.file(forms.ways(status.department.name, status.ways or {"ways": {}, "suggestion": ""}), MEDIA, f"{department}-annex2.xlsx")


@router.get(PATH + "/{department}/history")
def history(department: str, visit: Annotated[Visit, only(*SEEING, action="查看摸底的变更记录")]) -> Response:
    found, page, path = site.changes(visit, department), listing.page_number(visit), f"{PATH}/{department}/history"
    first = (page - 1) * listing.PER_PAGE
    table = Listing("变更记录", columns.changes(visit), found[first : first + listing.PER_PAGE], len(found), page, path, {}, "还没有填写过。")
    name = visit.site.departments[department].name
    return visit.page("survey_history.html", title="变更记录", crumbs=[(PATH, "摸底"), (f"{PATH}/{department}", name)], listing=table)


@router.get(PATH + "/{department}/history/export")
def export_history(department: str, visit: Annotated[Visit, only(*SEEING, action="导出摸底的变更记录")]) -> Response:
    return listing.exported(visit, "survey-history", "变更记录", columns.changes(visit), site.changes(visit, department))


def _shown(visit: Visit, department: str) -> Response:
    status = site.status(visit, department)
    told: dict[str, Any] = {
        "standing": status, "code": department, "today": site.today(visit), "items": [visit.site.catalog[item] for item in status.items], "fields": FIELDS,
        "ways": WAY_TITLES, "frequencies": FREQUENCY_TITLES, "batch": BATCHES[str(status.department.batch)],
    }  # fmt: skip
    rights = {"may_fill": visit.who.role is Role.OFFICER, "may_meet": visit.who.role in OFFICE, "meeting_version": site.version_of_meeting(visit, department)}
    crumbs = [] if visit.who.department else [(PATH, "摸底")]
    return visit.page("survey_department.html", title=f"{status.department.name}的摸底" if crumbs else "摸底", crumbs=crumbs, **told, **rights)


def _wanted(status: Any, query: dict[str, str]) -> bool:
    return query.get("batch", "") in ("", str(status.department.batch)) and not ("open" in query and status.returned)
