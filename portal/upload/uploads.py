"""Uploaded files of 数据报送, as rows of the portal's database: from the upload over 试算 and confirmation to what became of them. They are work on the desk; what was sent is in the topics.

Guarantee: once the upload is answered, the file is on disk and its row committed; a restart goes on where it stood. A file is sent once: the door's key is its content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import BigInteger, Boolean, ColumnElement, Index, Integer, String, Text, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from portal.accounts.roles import Role
from portal.accounts.sessions import Person
from portal.database import Moment, Table
from portal.entry.sheets import is_reviewed
from portal.frame import receiving
from portal.frame.receiving import Received
from portal.upload import report
from portal.upload.report import Report
from producers import outcomes
from producers.refusal import Refusal
from schemas.reason import public

READING, ASKING, REFUSED, TRIED, READY = "reading", "asking", "refused", "tried", "ready"
HANDED, RETURNED, DROPPED, EXPIRED = "handed", "returned", "dropped", "expired"
SENDING, JUDGING, DONE, PARTLY, FAILED = "sending", "judging", "done", "partly", "failed"
STATES = {
    READING: "读取中", ASKING: "待对应表头", REFUSED: "不能读取", TRIED: "试报", READY: "待确认", HANDED: "待部门确认", RETURNED: "已退回", DROPPED: "已放弃",
    EXPIRED: "已过期", SENDING: outcomes.WAITING, JUDGING: outcomes.RUNNING, DONE: outcomes.DONE, PARTLY: outcomes.PARTLY, FAILED: outcomes.FAILED,
}  # fmt: skip
WORK = (READING, SENDING, JUDGING)  # what goes on by itself
OPEN = (READING, ASKING, READY, HANDED, RETURNED)  # what waits for people, up to its end
FINAL = {STATES[state]: state for state in (DONE, PARTLY, FAILED)}
WAITS, KEPT = timedelta(days=7), timedelta(days=60)  # a file that is not confirmed; one that was sent, for the workbook that goes back
MOST_OPEN, MOST_OPEN_BYTES = 40, 4 << 30  # of one department


class Upload(Table):
    """One file. `item`: the only one looked for, empty for all the department owes; `trial`: 试报; `asserted`: 以本次为准; `handed_at`: when the centre gave it to the department; `expires_at`: until
    when it is kept; `back`: the workbook that goes back is there, `whole` or with the `bad` rows only; `trouble`: why it does not go on now, `ask_at`: when it is looked at next.
    """

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_work", "state", "ask_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    department: Mapped[str] = mapped_column(String(32), index=True)
    item: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(128))
    size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    trial: Mapped[bool] = mapped_column(Boolean)
    asserted: Mapped[bool] = mapped_column(Boolean)
    on_behalf: Mapped[bool] = mapped_column(Boolean)
    handed_at: Mapped[datetime | None] = mapped_column(Moment)
    maker: Mapped[str] = mapped_column(String(64))
    username: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    decider: Mapped[str] = mapped_column(String(64), default="")
    decider_username: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(String(400), default="")
    expires_at: Mapped[datetime] = mapped_column(Moment)
    has_file: Mapped[bool] = mapped_column(Boolean, default=True)
    back: Mapped[str] = mapped_column(String(8), default="")
    said: Mapped[str] = mapped_column("report", Text, default="{}")
    trouble: Mapped[str] = mapped_column(String(400), default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    ask_at: Mapped[datetime] = mapped_column(Moment)
    revision: Mapped[int] = mapped_column(Integer)

    # A person and the work behind the pages, or two people, at once: the second is told.
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def report(self) -> Report:
        return report.loads(self.said)

    @property
    def title(self) -> str:
        """Its state, as people read it."""
        return self.report.state if self.state == JUDGING else STATES[self.state]

    @property
    def busy(self) -> bool:
        return self.state in WORK

    @property
    def by(self) -> str:
        """Who said it, for the submission: whoever uploaded it, and who confirmed it where that was somebody else."""
        return f"{self.username}/{self.decider_username}" if self.on_behalf else self.username


@dataclass(frozen=True)
class Wanted:
    """Which uploads; what is empty restricts nothing."""

    state: str = ""
    name: str = ""


@dataclass(frozen=True)
class Asked:
    """What is to be done with a file."""

    department: str
    item: str = ""
    trial: bool = False
    asserted: bool = False


def path(home: Path, upload: Upload, *, back: bool = False) -> Path:
    """Where its file lies, or the workbook that goes back. Names of files are never part of it."""
    return receiving.folder(home) / (f"{upload.uid}.back" if back else upload.uid)


def take(database: Session, home: Path, received: Received, asked: Asked, who: Person, now: datetime) -> Upload:
    """Keep a file that arrived; it is read as soon as its turn comes. Raises Refusal `empty` or `busy`."""
    if not received.size:
        raise Refusal("empty", f"文件“{received.name}”是空的。", "请填写数据后重新上传。")
    mine = select(func.count(), func.coalesce(func.sum(Upload.size), 0)).where(Upload.department == asked.department, Upload.state.in_(OPEN))
    count, size = database.execute(mine).one()
    if count >= MOST_OPEN or size + received.size > MOST_OPEN_BYTES:
        raise Refusal("busy", f"还有 {count} 个文件等待确认，先不能上传新的。", "请在“数据报送”中确认或放弃以前上传的文件。")
    made = Upload(
        uid=uuid4().hex, department=asked.department, item=asked.item, name=public(received.name, ""), size=received.size, state=READING, trial=asked.trial, asserted=asked.asserted,
        on_behalf=who.role is Role.CENTRE, maker=who.name, username=who.username, created_at=now, expires_at=now + WAITS, ask_at=now, has_file=True, back="", said="{}", trouble="",
        attempts=0, decider="", decider_username="", reason="",
    )  # fmt: skip
    received.keep(path(home, made))
    database.add(made)
    database.flush()
    return made


def visible(who: Person) -> ColumnElement[bool]:
    """A department sees its own, and what the centre handed it; the centre what it uploaded for others."""
    if who.role is Role.CENTRE:
        return Upload.on_behalf.is_(True)
    return and_(Upload.department == who.department, Upload.on_behalf.is_(False) | Upload.handed_at.is_not(None))


def find(database: Session, who: Person, wanted: Wanted, skip: int = 0, limit: int | None = None) -> tuple[Sequence[Upload], int]:
    """A page of what this person sees, newest first, and how many there are."""
    query = select(Upload).where(visible(who))
    if wanted.state:
        query = query.where(Upload.state == wanted.state)
    if wanted.name:
        query = query.where(Upload.name.contains(wanted.name, autoescape=True))
    total = database.scalar(select(func.count()).select_from(query.subquery())) or 0
    return database.scalars(query.order_by(Upload.id.desc()).offset(skip).limit(limit)).all(), total


def one(database: Session, who: Person, number: int) -> Upload | None:
    """The upload, None when this person may not know of it."""
    return database.scalar(select(Upload).where(Upload.id == number, visible(who))) if 0 < number < 1 << 31 else None


def may_change(who: Person, upload: Upload) -> bool:
    """Whose work it is before it is confirmed: a department's people, or the centre."""
    return upload.state in (READING, ASKING, READY, RETURNED) and upload.on_behalf == (who.role is Role.CENTRE)


def may_decide(database: Session, who: Person, upload: Upload) -> bool:
    """What the centre uploaded is confirmed by a reviewer where the department has 审核, else by any of its people."""
    if upload.state != HANDED or who.department != upload.department:
        return False
    return who.role is Role.REVIEWER or not is_reviewed(database, upload.department)


def may_undo(who: Person, upload: Upload) -> bool:
    return upload.state in (DONE, PARTLY) and who.department == upload.department


def again(upload: Upload, now: datetime) -> None:
    """Read it once more: a header was explained, or 以本次为准 changed."""
    upload.state, upload.ask_at, upload.attempts, upload.trouble = READING, now, 0, ""


def confirm(upload: Upload, who: Person, now: datetime) -> None:
    """On to the door; what the centre uploaded, on to its department."""
    if upload.on_behalf and upload.state == READY:
        upload.state, upload.handed_at, upload.expires_at, upload.reason = HANDED, now, now + WAITS, ""
        return
    if upload.on_behalf:
        upload.decider, upload.decider_username = who.name, who.username
    upload.state, upload.sent_at, upload.expires_at, upload.ask_at, upload.attempts = SENDING, now, now + KEPT, now, 0


def give_back(upload: Upload, who: Person, reason: str) -> None:
    upload.state, upload.decider, upload.decider_username, upload.reason = RETURNED, who.name, who.username, reason


def drop(upload: Upload) -> None:
    """It is not sent."""
    upload.state, upload.has_file = DROPPED, False


def flushed(database: Session) -> None:
    """Raises Refusal `conflict` when somebody else changed it meanwhile."""
    try:
        database.flush()
    except StaleDataError as fault:
        raise Refusal("conflict", "这个文件的状态刚刚变了，您的操作没有执行。", "请刷新页面，看过现在的内容再做。") from fault
