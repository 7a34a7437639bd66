"""One uploaded file: what it would do, to be confirmed; how far the judge is; what was wrong, and the workbook that goes back."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal import assets
from portal.frame.access import only
from portal.frame.visit import Visit
from portal.pages.upload import DEPARTMENT, PATH, SENDING
from portal.upload import uploads
from portal.upload.uploads import Upload
from producers.refusal import Refusal
from producers.tables.mapping import Kept, confirmed
from producers.template import MEDIA
from schemas.words import OUTCOMES

SLOWER_WITHOUT_SCRIPTS = 2  # seconds: a whole page each time
ASKED_MOST = 150  # after which a page left open asks no more
CRUMBS = [(PATH, "数据报送")]

router = APIRouter(include_in_schema=False)


@router.get(PATH + "/{number}")
def show(number: int, visit: Annotated[Visit, only(*SENDING, action="查看报送的文件")]) -> Response:
    return _page(visit, one(visit, number))


@router.get(PATH + "/{number}/progress")
def progress(number: int, visit: Annotated[Visit, only(*SENDING)]) -> Response:
    """The page that a browser without scripts keeps asking for while there is something to wait for."""
    found = one(visit, number)
    return _page(visit, found) if found.busy else visit.go(f"{PATH}/{found.id}")


@router.get(PATH + "/{number}/status")
def status(number: int, visit: Annotated[Visit, only(*SENDING)]) -> Response:
    """How far it is by now: for the page that is open, which asks again by itself."""
    return visit.fragment("upload_body.html", **_told(visit, one(visit, number)))


@router.post(PATH + "/{number}/header")
def explain(number: int, visit: Annotated[Visit, only(*SENDING, action="确认表头对应")]) -> Response:
    """What the department's own titles mean, remembered for it; then the file is read again."""
    found = _to_change(visit, number, uploads.ASKING)
    asked = strange(found)
    said = {each["unknown"]: visit.form.get(f"means.{n}", "") for n, each in enumerate(asked)}
    if missing := [title for title, means in said.items() if not means]:
        raise Refusal("invalid", f"还没有选择：{'、'.join(missing)}。", "请返回，为每一列选择一个字段，或选择“不要这一列”。")
    item = visit.site.catalog[asked[0]["item"]]
    Kept(visit.site.settings.mappings).keep(found.department, item.code, confirmed(item, said))
    uploads.again(found, visit.site.now())
    uploads.flushed(visit.db)
    return visit.go(f"{PATH}/{found.id}")


@router.post(PATH + "/{number}/assert")
def asserted(number: int, visit: Annotated[Visit, only(*SENDING, action="设置以本次为准")]) -> Response:
    """All rows stand against other ways, or no longer; what that would do is told anew."""
    found = _to_change(visit, number, uploads.READY)
    found.asserted = visit.form.get("asserted") == "on"
    uploads.again(found, visit.site.now())
    uploads.flushed(visit.db)
    return visit.go(f"{PATH}/{found.id}")


@router.post(PATH + "/{number}/send")
def send(number: int, visit: Annotated[Visit, only(*SENDING, action="确认报送")]) -> Response:
    """What the centre uploaded goes to the department first."""
    found = _to_change(visit, number, uploads.READY)
    uploads.confirm(found, visit.who, visit.site.now())
    uploads.flushed(visit.db)
    return visit.go(f"{PATH}/{found.id}", "已交给部门确认。" if found.state == uploads.HANDED else "")


@router.post(PATH + "/{number}/release")
def release(number: int, visit: Annotated[Visit, only(*DEPARTMENT, action="确认代报")]) -> Response:
    found = _to_decide(visit, number)
    uploads.confirm(found, visit.who, visit.site.now())
    uploads.flushed(visit.db)
    return visit.go(f"{PATH}/{found.id}")


@router.post(PATH + "/{number}/return")
def give_back(number: int, visit: Annotated[Visit, only(*DEPARTMENT, action="退回代报")]) -> Response:
    found = _to_decide(visit, number)
    reason = visit.form.get("reason", "").strip()[:400]
    if not reason:
        raise Refusal("invalid", "退回要写明原因。", "请返回，写明哪里不对、怎样改。")
    uploads.give_back(found, visit.who, reason)
    uploads.flushed(visit.db)
    return visit.go(f"{PATH}/{found.id}", "已退回归集中心。")


@router.post(PATH + "/{number}/drop")
def drop(number: int, visit: Annotated[Visit, only(*SENDING, action="放弃上传的文件")]) -> Response:
    found = one(visit, number)
    if not uploads.may_change(visit.who, found):
        raise _not_now(found)
    uploads.drop(found)
    uploads.flushed(visit.db)
    uploads.path(visit.site.settings.home, found).unlink(missing_ok=True)
    return visit.go(PATH, "已放弃，文件已删除，没有报送任何内容。")


@router.get(PATH + "/{number}/file")
def original(number: int, visit: Annotated[Visit, only(*SENDING, action="下载上传的文件")]) -> Response:
    """The file as it was uploaded: whoever confirms it may want to look into it."""
    found = one(visit, number)
    path = uploads.path(visit.site.settings.home, found)
    if not found.has_file or not path.is_file():
        raise _gone()
    return visit.stored(path, "application/octet-stream", found.name)


@router.get(PATH + "/{number}/back.xlsx")
def back(number: int, visit: Annotated[Visit, only(*SENDING, action="下载退回的工作簿")]) -> Response:
    found = one(visit, number)
    path = uploads.path(visit.site.settings.home, found, back=True)
    if not found.back or not path.is_file():
        raise _gone()
    return visit.stored(path, MEDIA, f"退回_{found.name.rpartition('.')[0] or found.name}.xlsx")


def one(visit: Visit, number: int) -> Upload:
    """The upload. Raises Refusal `not_found`: there is none, or it is another department's."""
    found = uploads.one(visit.db, visit.who, number)
    if found is None:
        raise Refusal("not_found", "没有这个文件。", "请从“数据报送”的列表中打开；只能查看本部门的。")
    visit.about(found.name, found.department)
    return found


def strange(upload: Upload) -> list[dict[str, Any]]:
    """The titles that are asked about, each once: `unknown`, `column`, `proposed`, `item`."""
    found = [each for each in upload.report.details if isinstance(each, dict) and "unknown" in each]
    return list({each["unknown"]: each for each in found}.values())


def _to_change(visit: Visit, number: int, state: str) -> Upload:
    """The upload as this person saw it. Raises Refusal `not_found` or `conflict`."""
    found = one(visit, number)
    if found.state != state or not uploads.may_change(visit.who, found):
        raise _not_now(found)
    return _as_seen(visit, found)


def _to_decide(visit: Visit, number: int) -> Upload:
    found = one(visit, number)
    if found.state == uploads.HANDED and not uploads.may_decide(visit.db, visit.who, found):
        raise Refusal("forbidden", "本部门设置了审核，代报的文件由审核人员确认。", "请告诉本部门的审核人员。")
    if found.state != uploads.HANDED:
        raise _not_now(found)
    return _as_seen(visit, found)


def _as_seen(visit: Visit, found: Upload) -> Upload:
    if visit.form.get("revision") != str(found.revision):
        raise Refusal("conflict", "这个文件的状态刚刚变了，您的操作没有执行。", "请刷新页面，看过现在的内容再做。")
    return found


def _not_now(found: Upload) -> Refusal:
    return Refusal("conflict", f"这个文件“{found.title}”，现在不能这样做。", "请刷新页面。")


def _gone() -> Refusal:
    return Refusal("not_found", "这个文件已经不在平台上了：没有生成，没有报送，或者过了保存期。", "请使用本部门自己保存的文件。")


def _page(visit: Visit, found: Upload) -> Response:
    polled, told = bool(assets.address(visit.site.settings.cache, assets.HTMX)), _told(visit, found)
    refresh = (told["again"][0], told["again"][1] + SLOWER_WITHOUT_SCRIPTS) if told["again"] else None
    return visit.page("upload_file.html", title=found.name, crumbs=CRUMBS, polled=polled, refresh=refresh, **told)


def _told(visit: Visit, found: Upload) -> dict[str, Any]:
    told: dict[str, Any] = {"upload": found, "report": found.report, "uploads": uploads, "outcomes": OUTCOMES, "again": _again(visit) if found.busy else None}
    may = {"may_change": uploads.may_change(visit.who, found), "may_decide": uploads.may_decide(visit.db, visit.who, found), "may_undo": uploads.may_undo(visit.who, found)}
    asked = strange(found) if found.state == uploads.ASKING else []
    return {**told, **may, "asked": asked, "asked_item": visit.site.catalog.get(asked[0]["item"]) if asked else None}


def _again(visit: Visit) -> tuple[int, int] | None:
    """The number of the next question and the seconds until it is asked."""
    text = visit.request.query_params.get("asked", "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    return (asked + 1, 2 + asked // 10) if asked < ASKED_MOST else None
