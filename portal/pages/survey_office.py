"""摸底, the office's side: reply dates, meetings with departments, and whom to remind with which words."""

from typing import Annotated

from fastapi import APIRouter, Response

from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Listing
from portal.frame.visit import Visit
from portal.pages.survey import OFFICE, PATH
from portal.pages.survey_annexes import CRUMBS, note, seen_version
from portal.survey import columns, plan, site
from portal.survey.contacts import line
from portal.survey.overview import Status
from portal.survey.tables import MEETING, REPLY, add, notes, standing
from producers.refusal import Refusal
from schemas.departments import BATCHES

LONGEST = 200
NO_DAY = ("请填写日期，例如 2017-09-05。", "请返回上一页，改正后再提交。")

router = APIRouter(include_in_schema=False)


@router.get(PATH + "/reminders")
def reminders(visit: Annotated[Visit, only(*OFFICE, action="查看摸底提醒")]) -> Response:
    found, page = _silent(visit), listing.page_number(visit)
    first = (page - 1) * listing.PER_PAGE
    table = Listing("未反馈的部门", columns.reminders(visit), found[first : first + listing.PER_PAGE], len(found), page, PATH + "/reminders", {}, "各部门都已反馈。")
    due = [each for each in found if each.due(site.today(visit))]
    replies = {str(batch): (day, _version(visit, str(batch))) for batch, day in site.replies(visit).items()}
    return visit.page("survey_reminders.html", title="提醒", crumbs=CRUMBS, listing=table, due=due, replies=replies, batches=BATCHES, days=plan.REMIND_DAYS)


@router.get(PATH + "/reminders/export")
def export_reminders(visit: Annotated[Visit, only(*OFFICE, action="导出摸底提醒")]) -> Response:
    return listing.exported(visit, "reminders", "提醒", columns.reminders(visit), _silent(visit))


@router.post(PATH + "/reply")
def reply(visit: Annotated[Visit, only(*OFFICE, action="设定反馈截止日期")]) -> Response:
    batch, day = visit.form.get("batch", ""), plan.day(visit.form.get("day", ""))
    if batch not in BATCHES or day is None:
        raise Refusal("invalid", *NO_DAY)
    visit.about(f"第 {batch} 批反馈截止 {day}")
    add(visit.db, note(visit, REPLY, batch, {"day": day.isoformat()}), seen_version(visit, "seen"))
    return visit.go(PATH + "/reminders", f"{BATCHES[batch]}的反馈截止日期是 {day}。")


@router.post(PATH + "/{department}/meeting")
def meeting(department: str, visit: Annotated[Visit, only(*OFFICE, action="设定对接日期")]) -> Response:
    """A blank day takes the meeting back; what was set before stays in the history."""
    site.status(visit, department)
    text, place = visit.form.get("day", ""), line(visit.form.get("place", ""))
    if (text and plan.day(text) is None) or len(place) > LONGEST:
        raise Refusal("invalid", *NO_DAY)
    visit.about(f"对接日期 {text or '取消'}", department)
    add(visit.db, note(visit, MEETING, department, {"day": text, "place": place}), seen_version(visit, "seen"))
    return visit.go(f"{PATH}/{department}", "对接日期已保存。")


def _silent(visit: Visit) -> list[Status]:
    """Those who have not returned both annexes, who is latest first."""
    return sorted((each for each in site.all_statuses(visit) if not each.returned), key=lambda each: each.reply_by)


def _version(visit: Visit, batch: str) -> int:
    found = standing(notes(visit.db, batch), REPLY).get(batch)
    return found.version if found else 0
