"""数据报送: what this department owes, with templates; files sent up, and what became of those that were."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal import assets
from portal.accounts.roles import Role
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.receiving import Large
from portal.frame.visit import Visit
from portal.upload import uploads
from portal.upload.uploads import Asked, Upload, Wanted
from producers.refusal import Refusal
from producers.tables.worker import Limits
from schemas.departments import Department

PATH = "/report"
DEPARTMENT = (Role.OFFICER, Role.REVIEWER)
SENDING = (*DEPARTMENT, Role.CENTRE)
LARGE = Large(most=20, bytes_all=Limits.file_bytes)
ASKED = ("state", "name")

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*SENDING, action="查看数据报送")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    found, total = uploads.find(visit.db, visit.who, Wanted(**query), (page - 1) * listing.PER_PAGE, listing.PER_PAGE)
    table = Listing("报送过的文件", _columns(visit), found, total, page, PATH, query, "没有符合条件的文件。" if query else "还没有报送过文件。")
    centre = visit.who.role is Role.CENTRE
    items = visit.site.catalog.values() if centre else visit.site.owed(visit.who.department)
    told: dict[str, Any] = {"items": items, "departments": _departments(visit) if centre else (), "centre": centre, "states": uploads.STATES}
    limits: dict[str, Any] = {"most": LARGE.most, "bytes_all": LARGE.bytes_all, "megabytes": LARGE.bytes_all >> 20, "days": uploads.WAITS.days}
    script = assets.address(visit.site.settings.cache, assets.UPLOAD)
    return visit.page("upload.html", title="数据报送", listing=table, query=query, script=script, **told, **limits)


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*SENDING, action="导出报送过的文件")]) -> Response:
    found, _ = uploads.find(visit.db, visit.who, Wanted(**listing.asked(visit, ASKED)), limit=listing.MOST_EXPORTED)
    return listing.exported(visit, "uploads", "报送过的文件", _columns(visit), found)


@router.post(PATH)
def upload(visit: Annotated[Visit, only(*SENDING, action="上传文件", large=LARGE)]) -> Response:
    """Several files are several uploads, each confirmed by itself."""
    if not visit.received:
        raise Refusal("empty", "没有选择文件。", "请返回，选择要报送的文件后再上传。")
    asked = _asked(visit)
    visit.about("、".join(each.name for each in visit.received), asked.department)
    made = [uploads.take(visit.db, visit.site.settings.home, each, asked, visit.who, visit.site.now()) for each in visit.received]
    return visit.go(f"{PATH}/{made[0].id}") if len(made) == 1 else visit.go(PATH, f"收到 {len(made)} 个文件，正在读取。请逐个打开，核对后确认报送。")


def _asked(visit: Visit) -> Asked:
    """What is to be done, for whom. Raises Refusal `invalid`."""
    department = visit.who.department or visit.form.get("department", "")
    if department not in visit.site.departments:
        raise Refusal("invalid", "没有选择部门。", "请返回，选择替哪个部门报送。")
    item = visit.form.get("item", "")
    if item not in {"", *(each.code for each in visit.site.owed(department))}:
        raise Refusal("invalid", "这个信息项没有分配给该部门。", "请返回，重新选择信息项；如果分配有误，请与市信用办联系。")
    return Asked(department, item, trial=visit.form.get("do") == "trial", asserted=visit.form.get("asserted") == "on")


def _departments(visit: Visit) -> Sequence[Department]:
    return [each for code, each in visit.site.departments.items() if visit.site.owed(code)]


def result(upload: Upload) -> str:
    """What became of it, or would, in figures."""
    told = upload.report
    judged = {name: sum(part.judged.get(name, 0) for part in told.parts) for name in ("accepted", "duplicate", "superseded", "excluded", "rejected")}
    if any(judged.values()):
        words = (("入库", "accepted"), ("重复", "duplicate"), ("不生效", "superseded"), ("不在归集范围", "excluded"), ("退回", "rejected"))
        return "，".join(f"{word} {judged[name]:,}" for word, name in words if judged[name])
    return "；".join(part.told for part in told.parts)


def _columns(visit: Visit) -> list[Column]:
    departments = visit.site.departments

    def received(upload: Upload) -> str:
        return "、".join(part.receipt for part in upload.report.parts if part.receipt)

    columns = [
        Column("文件", lambda upload: upload.name, lambda upload: f"{PATH}/{upload.id}"),
        Column("信息项", lambda upload: "、".join(dict.fromkeys(part.title for part in upload.report.parts))),
        Column("状态", lambda upload: upload.title, short=True),
        Column("行数", lambda upload: sum(part.rows for part in upload.report.parts) or None, short=True),
        Column("情况", result),
        Column("上传", lambda upload: upload.maker + ("（归集中心代报）" if upload.on_behalf else "")),
        Column("时间", lambda upload: upload.created_at.astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M"), short=True),
        Column("回执号", received),
    ]
    if not visit.who.department:
        columns.insert(1, Column("部门", lambda upload: departments[upload.department].name if upload.department in departments else upload.department))
    return columns
