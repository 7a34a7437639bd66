"""What addresses of 通报 lead to: a circular, a line of it, the rows behind one of its numbers; found, or refused to whoever may not see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from loaders.obligations import Asked
from portal import owed
from portal.accounts.roles import Role
from portal.circular import freeze, office, shelf, steps
from portal.circular.frozen import AGED, DECIDED, JUDGED, Frozen, Packed
from portal.circular.office import Act
from portal.circular.shelf import File
from portal.frame.visit import Visit
from portal.work import periods
from producers.refusal import Refusal
from schemas.obligations import period
from schemas.obligations.score import ScoreFault

PATH, TITLE = "/circular", "通报"
MAKING, DEPARTMENT, OFFICE = (Role.CENTRE,), (Role.OFFICER, Role.REVIEWER), (Role.OFFICE,)
SEEING = (*DEPARTMENT, *OFFICE, *MAKING)
CRUMBS = [(PATH, TITLE)]
# What of a line leads to rows: the block they are in, what they are called, and which of them.
BEHIND: Mapping[str, tuple[str, str, str]] = {
    "decided": (DECIDED, "当月产生并归集的记录", ""), "late": (DECIDED, "当月产生、迟报的记录", "late"), "judged": (JUDGED, "当月首次收到的记录", ""),
    "again": (JUDGED, "当月首次收到、不是一次合规的记录", "again"), "open": (JUDGED, "当月首次收到、截止时仍退回的记录", "open"), "aged": (AGED, "截止时尚未改正的退回记录", ""),
}  # fmt: skip
KEEPS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "": lambda row: True, "late": lambda row: bool(row["timely"] == "迟报"), "again": lambda row: not row["first_try"], "open": lambda row: bool(row["open"]),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line of a circular: as it was frozen, and its figures as they stand."""

    frozen: Mapping[str, Any]
    stands: Mapping[str, Any]


def act(visit: Visit) -> Act:
    return Act(visit.who, visit.site.now(), visit.site.today)


def file(visit: Visit, number: int) -> File:
    """Raises Refusal `not_found`: there is none, or a department may not see it yet."""
    found = shelf.one(visit.db, number)
    visit.about(f"{TITLE} {found.circular.month} {found.issue.document if found.issue else number}" if found else f"{TITLE} {number}", visit.who.department)
    if found is None or not may_see(visit, found):
        raise Refusal("not_found", "没有这份通报。", "请从“通报”的列表中打开。")
    return found


def may_see(visit: Visit, found: File) -> bool:
    """The office and the centre see all; a department what it is asked about and what was issued."""
    return not visit.who.department or found.standing.state == steps.ISSUED or (found.standing.state == steps.CONSULTING and visit.who.department in found.departments)


def pressing(visit: Visit) -> list[tuple[str, str]]:
    """What of circulars waits for whoever visits: its address and what is to be done."""
    found, mine, today = list[tuple[str, str]](), visit.who.department, visit.site.today
    for each in shelf.files(visit.db) if visit.who.role in SEEING else ():
        if each.standing.state != steps.CONSULTING:
            continue
        if mine and may_see(visit, each) and each.standing.answer(mine, today) == steps.AWAITED:
            found.append((f"{PATH}/{each.circular.id}", f"{each.title}：请核对本部门的数字，在 {each.standing.until} 以前（含当日）答复。"))
        elif visit.who.role in OFFICE and each.standing.undecided:
            found.append((f"{PATH}/{each.circular.id}", f"{each.title}：有 {len(each.standing.undecided)} 条异议待裁定。"))
    return found


def line(visit: Visit, found: File, department: str, item: str) -> Line:
    """Raises Refusal `not_found`: there is none, or it is another department's."""
    visit.about(f"{TITLE} {found.circular.month} {department} {item}", department)
    visit.belongs(department, "这个部门的明细")
    for at, each in enumerate(found.text["lines"]):
        if (each["department"], each["item"]) == (department, item):
            return Line(each, found.result["lines"][at])
    raise Refusal("not_found", "通报里没有这个部门的这项任务。", "请从通报的明细中打开。")


def rows(visit: Visit, found: File, place: tuple[str, str], of: str) -> list[dict[str, Any]]:
    """The frozen rows behind a number."""
    block, _, which = BEHIND[of]
    return [row for row in shelf.rows(visit.db, found, (*place, block)) if KEEPS[which](row)]


def months(today: date) -> list[str]:
    """Months that a circular can be drafted of, newest first."""
    return periods.months(today)


def frozen(visit: Visit, month: str, last: str) -> tuple[Frozen, list[Packed]]:
    """Freeze a month as of the end of a day that is over. Raises Refusal."""
    site = visit.site
    try:
        first, end = period.month(month)
        day = date.fromisoformat(last) if last else freeze.last_day(month, site.today)
    except ValueError:
        raise Refusal("malformed", "月份或日期不对。", "月份写成 2017-10，日期写成 2017-11-10。") from None
    if not end <= day < site.today:
        raise Refusal("invalid", f"统计截止日应在 {end} 与昨天之间。", "请返回后改正。")
    office.free(visit.db, month)
    ground = freeze.Ground(site.warehouse, owed.owing(site), owed.declared(site), site.departments)
    try:
        with owed.answering():
            return freeze.freeze(ground, Asked(first, end, owed.until(site, day)))
    except ScoreFault as fault:
        raise Refusal("unavailable", f"评分办法有误：{'；'.join(fault.faults)}", "请归集中心改正 schemas/score.yaml。") from fault
