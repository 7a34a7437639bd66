"""What goes on behind the pages: an uploaded file is read and told beforehand, sent through the door, followed until all of it is judged, and written back.

Guarantee: each step ends with one commit of the upload's row and may be repeated from its beginning after a death: reading and telling store nothing else, and the door knows a file by its content.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from portal import workbooks
from portal.frame import receiving
from portal.outcomes import Told
from portal.site import Site
from portal.upload import report, uploads
from portal.upload.report import Report
from portal.upload.uploads import ASKING, EXPIRED, FINAL, JUDGING, KEPT, OPEN, READING, READY, REFUSED, SENDING, TRIED, WORK, Upload
from producers import file as files
from producers.file import File, Filled, Sender, Terms
from producers.preview import Preview
from producers.refusal import Refusal
from producers.returned import book
from producers.returned.book import WHOLE_ROWS, Judged
from producers.tables.mapping import Kept, proposals
from schemas.reason import public

LOG = structlog.get_logger(__name__)
SMALL = 4 << 20  # bytes; larger files have a lane of their own, so that small ones need not wait for them
MOST_ATTEMPTS = 3  # a file that takes the process down with it is not read for ever
LATER = {"unavailable", "busy"}  # what passes by itself
SOONEST, LONGEST = timedelta(seconds=1), timedelta(minutes=1)
ABANDONED = timedelta(hours=1)  # a file on the disk that no upload knows
Step = Callable[[Site, Upload], None]


def step(site: Site, *, small: bool) -> bool:
    """Do the next piece of work of a lane; False when there is none now."""
    upload = _next(site, small=small)
    if upload is None:
        return False
    try:
        STEPS[upload.state](site, upload)
    except Refusal as refusal:
        if refusal.code not in LATER:
            raise
        upload.attempts = 0
        _postpone(upload, refusal.message, site.now())
    except Exception:  # a fault of ours in one file must not hold up the others; the person is told, and it is tried again
        LOG.exception("an uploaded file does not go on", upload=upload.id, state=upload.state)
        _postpone(upload, "平台内部出错，已记入日志，正在重试。", site.now())
    _keep(site, upload)
    return True


def _next(site: Site, *, small: bool) -> Upload | None:
    """The upload that has waited longest. That it was begun is committed first."""
    mine = Upload.size <= SMALL if small else Upload.size > SMALL
    with site.database() as database:
        query = select(Upload).where(Upload.state.in_(WORK), Upload.ask_at <= site.now(), mine).order_by(Upload.ask_at, Upload.id).limit(1)
        upload = database.scalar(query)
        if upload is None:
            return None
        if upload.state == READING:
            upload.attempts += 1
        database.commit()
        database.expunge(upload)
        return upload


def _keep(site: Site, upload: Upload) -> None:
    """The row as the step left it, unless a person decided otherwise meanwhile."""
    try:
        with site.database.begin() as database:
            database.merge(upload)
    except StaleDataError:
        LOG.info("an uploaded file was changed while it was worked on", upload=upload.id)
        return
    if not upload.has_file:
        uploads.path(site.settings.home, upload).unlink(missing_ok=True)


def read(site: Site, upload: Upload) -> None:
    """What is in the file and what it would do."""
    if upload.attempts > MOST_ATTEMPTS:
        told = Report(message=f"读了 {MOST_ATTEMPTS} 次都没有读完。", remedy="请删除多余的格式、公式和图片，或分成几个文件后重新上传；如果仍然不行，请把文件交给归集中心。")
        _refuse(upload, told)
        return
    try:
        with _opened(site, upload) as found:
            told = Report(notes=report.covered(found.notes), parts=[_part(site, upload, found, number) for number in range(len(found.tables))])
    except Refusal as refusal:
        if refusal.code in LATER:
            raise
        _not_read(upload, refusal)
        return
    upload.said, upload.trouble, upload.state = told.dumps(), "", TRIED if upload.trial else READY
    upload.has_file = not upload.trial


def send(site: Site, upload: Upload) -> None:
    """Every table through the door, under a receipt of its own."""
    told = upload.report
    try:
        with _opened(site, upload) as found:
            receipts = files.submit(site.door, found, _sender(upload), asserted=upload.asserted)
            told.parts = [_sent(told, number, table) for number, table in enumerate(found.tables)]
    except Refusal as refusal:
        if refusal.code in LATER:
            raise
        _not_read(upload, refusal)
        return
    for part, receipt in zip(told.parts, receipts, strict=True):
        part.receipt, part.repeated, part.rows = receipt.receipt, receipt.repeated, receipt.records
    upload.said, upload.state, upload.trouble, upload.ask_at = told.dumps(), JUDGING, "", site.now()


def follow(site: Site, upload: Upload) -> None:
    """How far the judge is; once it is done, the reasons and the workbook that goes back."""
    told, ask = upload.report, Told(site.warehouse, site.catalog)
    for part in told.parts:
        found = ask(part.receipt, part.item, 0, 1)
        part.judged, part.settled = dict(found.counts), found.settled
    upload.trouble = ""
    state = FINAL.get(told.state)
    if state is None:
        _later(upload, site.now())
    else:
        if any(part.judged.get("rejected") for part in told.parts):
            _write_back(site, upload, told, ask)
        upload.state, upload.expires_at = state, site.now() + KEPT
    upload.said = told.dumps()


STEPS: dict[str, Step] = {READING: read, SENDING: send, JUDGING: follow}


def sweep(site: Site) -> None:
    """What nobody confirmed in time expires; files that no upload needs any more leave the disk."""
    now = site.now()
    with site.database.begin() as database:
        for upload in database.scalars(select(Upload).where(Upload.expires_at < now, Upload.has_file)):
            upload.state = EXPIRED if upload.state in OPEN else upload.state
            upload.has_file, upload.back = False, ""
    with site.database() as database:
        wanted = set(database.scalars(select(Upload.uid).where(Upload.has_file)))
    for path in receiving.folder(site.settings.home).iterdir():
        known = path.name.partition(".")[0] in wanted
        if not known and (path.stat().st_mtime < (now - ABANDONED).timestamp() or _is_done_with(site, path.name)):
            path.unlink(missing_ok=True)


def _is_done_with(site: Site, name: str) -> bool:
    """Whether the file belongs to an upload, which does not need it: one that is just arriving belongs to none."""
    with site.database() as database:
        return database.scalar(select(Upload.id).where(Upload.uid == name.partition(".")[0])) is not None


def terms(site: Site, department: str, item: str) -> Terms:
    """How a department's files are read: for one item, or for all it owes."""
    items = [each for each in site.owed(department) if item in ("", each.code)]
    if not items:
        raise Refusal("unknown_item", "没有分配给这个部门的信息项。", "如果分配有误，请与市信用办联系。")
    return Terms(items, site.settings.key_secret, Kept(site.settings.mappings))


def _opened(site: Site, upload: Upload) -> AbstractContextManager[File]:
    return files.opened(uploads.path(site.settings.home, upload), terms(site, upload.department, upload.item), _sender(upload))


def _sender(upload: Upload) -> Sender:
    return Sender(upload.department, upload.by, name=upload.name)


def _part(site: Site, upload: Upload, found: File, number: int) -> report.Part:
    table = found.tables[number]
    seen = workbooks.foreseen(site.settings, site.warehouse, site.catalog, table, upload.department, asserted=upload.asserted)
    receipt = files.number(found, table, _sender(upload), asserted=upload.asserted)
    return report.foreseen(table, seen, receipt if site.door.find(receipt) else "")


def _sent(told: Report, number: int, table: Filled) -> report.Part:
    """The table as it was told of; anew, where the same file reads otherwise by now."""
    part = told.parts[number] if number < len(told.parts) else None
    return part if part and part.item == table.item.code else report.foreseen(table, Preview(), "")


def _not_read(upload: Upload, refusal: Refusal) -> None:
    told = Report(message=public(refusal.message, ""), remedy=refusal.remedy, details=refusal.details)
    if refusal.code == "wrong_header" and proposals(refusal):
        upload.said, upload.state, upload.trouble, upload.attempts = told.dumps(), ASKING, "", 0
    else:
        _refuse(upload, told)


def _refuse(upload: Upload, told: Report) -> None:
    upload.said, upload.state, upload.trouble, upload.has_file = told.dumps(), REFUSED, "", False


def _write_back(site: Site, upload: Upload, told: Report, ask: Told) -> None:
    """The reasons in the report, and the workbook with them in it. Where it cannot be made, the reasons are told all the same."""
    reasons = [workbooks.rejections(ask, part.receipt, part.item, WHOLE_ROWS) for part in told.parts]
    try:
        with _opened(site, upload) as found:
            for part, table, each in zip(told.parts, found.tables, reasons, strict=True):
                report.judged(part, table, each)
            whole = book.write(found, [Judged(*each) for each in zip(found.tables, (part.receipt for part in told.parts), reasons, strict=True)], uploads.path(site.settings.home, upload, back=True))
        upload.back = "whole" if whole else "bad"
    except Refusal as refusal:
        told.message, told.remedy = f"没有生成退回的工作簿：{refusal.message}", refusal.remedy


def _later(upload: Upload, now: datetime) -> None:
    """Asked for again soon, then more and more rarely."""
    age = now - (upload.sent_at or upload.created_at)
    upload.ask_at = now + min(max(age / 5, SOONEST), LONGEST)


def _postpone(upload: Upload, trouble: str, now: datetime) -> None:
    upload.trouble = trouble
    _later(upload, now)
