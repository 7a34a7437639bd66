"""平台停用记录: when a way was down on our side, declared by the office; it moves due dates."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.accounts.roles import Role
from portal.declared import Saying
from portal.frame.access import only
from portal.frame.visit import Visit
from producers.refusal import Refusal
from schemas.declared import OUTAGE, WAY_TITLES

PATH = "/status/outages"
OFFICE = (Role.OFFICE, Role.CENTRE)
SEEING = (Role.OFFICER, Role.REVIEWER, *OFFICE)
LONGEST = 200

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*SEEING, action="查看平台停用记录")]) -> Response:
    return _form(visit, {}, {})


@router.post(PATH)
def add(visit: Annotated[Visit, only(*OFFICE, action="登记平台停用")]) -> Response:
    said = {name: visit.form.get(name, "").strip() for name in ("way", "from", "to", "department", "why")}
    if faults := _wrong(visit, said):
        return _form(visit, said, faults, 422)
    one = {"way": said["way"], "from": said["from"], "to": said["to"], "departments": [said["department"]] if said["department"] else [], "why": said["why"]}
    standing, _ = _standing(visit)
    visit.declare(Saying(OUTAGE, "", None, {"outages": sorted([*standing, one], key=lambda each: each["from"])}, _seen(visit)))
    return visit.go(PATH, f"已登记，{WAY_TITLES[said['way']]}的截止日期随之顺延。")


@router.post(PATH + "/remove")
def remove(visit: Annotated[Visit, only(*OFFICE, action="撤销平台停用记录")]) -> Response:
    """The form names the line it was shown as; the version it carries says that the list is still that one."""
    standing, _ = _standing(visit)
    line = visit.form.get("line", "")
    if not line.isdigit() or int(line[:8]) >= len(standing):
        raise Refusal("not_found", "没有这条停用记录。", "请刷新页面后再试。")
    visit.declare(Saying(OUTAGE, "", None, {"outages": [each for at, each in enumerate(standing) if at != int(line)]}, _seen(visit)))
    return visit.go(PATH, "已撤销，截止日期随之恢复。")


def _form(visit: Visit, said: dict[str, str], faults: dict[str, str], status: int = 200) -> Response:
    standing, version = _standing(visit)
    department = visit.who.department
    mine = [(at, each) for at, each in enumerate(standing) if not department or not each["departments"] or department in each["departments"]]
    told: dict[str, Any] = {
        "outages": mine, "said": said, "faults": faults, "seen": version, "ways": list(WAY_TITLES.items()), "departments": visit.site.departments,
        "may_declare": visit.who.role in OFFICE, "minutes": _minutes,
    }  # fmt: skip
    return visit.page("status_outages.html", status, title="平台停用记录", crumbs=[("/status", "报送情况")], **told)


def _standing(visit: Visit) -> tuple[list[dict[str, Any]], int]:
    """The list as it stands, and its version."""
    found = visit.site.declared.standing([OUTAGE]).get((OUTAGE, "", None))
    return (list(found.about["outages"]), found.version) if found else ([], 0)


def _seen(visit: Visit) -> int:
    seen = visit.form.get("seen", "")
    return int(seen) if seen.isdigit() and len(seen) < 8 else 0


def _wrong(visit: Visit, said: dict[str, str]) -> dict[str, str]:
    """By field what is wrong, everything at once."""
    faults = {} if said["way"] in WAY_TITLES else {"way": "请选择归集方式"}
    moments = {name: _moment(said[name]) for name in ("from", "to")}
    faults |= {name: "请填写日期和时间" for name, moment in moments.items() if moment is None}
    start, end, now = moments["from"], moments["to"], visit.site.now().astimezone(visit.site.zone).replace(tzinfo=None)
    if start and end and end <= start:
        faults["to"] = "结束时间应晚于开始时间"
    if end and end > now:
        faults["to"] = "停用结束后再登记"
    if said["department"] and said["department"] not in visit.site.departments:
        faults["department"] = "没有这个部门"
    if not 2 <= len(said["why"]) <= LONGEST:
        faults["why"] = f"请写明原因，2 至 {LONGEST} 个字"
    return faults


def _moment(text: str) -> datetime | None:
    """A local time as a form says it, 2017-11-01T09:00."""
    try:
        return datetime.fromisoformat(text) if len(text) == 16 else None
    except ValueError:
        return None


def _minutes(outage: dict[str, Any]) -> int:
    return int((datetime.fromisoformat(outage["to"]) - datetime.fromisoformat(outage["from"])).total_seconds() // 60)
