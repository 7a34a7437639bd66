"""The audit: one line for every action and look-up, written in the transaction of what it tells, before it is answered.

Append-only: triggers in the database refuse UPDATE, DELETE and TRUNCATE (and, in SQLite, a REPLACE). Who owns the database can drop triggers: that is outside the promise.
No password, token or personal number can get in: texts are covered by content, and no caller hands over what was typed into a password field.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.accounts.roles import Role
from portal.accounts.sessions import Person
from portal.database import Moment, Table
from schemas import reason

DONE, REFUSED, FAILED = "done", "refused", "failed"
OUTCOMES = {DONE: "完成", REFUSED: "拒绝", FAILED: "未成功"}
LONGEST = 400
_TOKEN = re.compile(r"(gj_[0-9a-f]{12})_[A-Za-z0-9_-]+")


class Entry(Table):
    """One line. `about` is the department whose business it was, empty when nobody's; `account_id` is None for the command line and for whoever is not logged in."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    account_id: Mapped[int | None] = mapped_column(Integer, index=True)
    username: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    department: Mapped[str] = mapped_column(String(32), index=True)
    about: Mapped[str] = mapped_column(String(32), index=True)
    address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(LONGEST))
    outcome: Mapped[str] = mapped_column(String(16))


@dataclass(frozen=True)
class Deed:
    """What was done: the action's title, what to, whose business that is, from where, and how it ended."""

    action: str
    subject: str = ""
    about: str = ""
    address: str = ""
    outcome: str = DONE


@dataclass(frozen=True)
class Wanted:
    """Which lines; what is empty restricts nothing. `text` stands in the user, the action or the subject; `until` is not included."""

    since: datetime | None = None
    until: datetime | None = None
    department: str = ""
    text: str = ""


def record(database: Session, deed: Deed, who: Person | None, now: datetime) -> None:
    """Add a line. It stands when the caller's transaction commits."""
    account_id, username, name, role, department = (who.account_id, who.username, who.name, str(who.role), who.department) if who else (None, "", "", "", "")
    database.add(
        Entry(
            at=now, account_id=account_id, username=username, name=name, role=role, department=department, about=deed.about or department,
            address=deed.address, action=deed.action, subject=covered(deed.subject), outcome=deed.outcome,
        )
    )  # fmt: skip


def record_command(database: Session, deed: Deed, user: str, now: datetime) -> None:
    """Add a line for a command on the machine; `user` is the operating system's."""
    database.add(
        Entry(
            at=now, account_id=None, username=user, name="", role="", department="", about=deed.about, address="命令行",
            action=deed.action, subject=covered(deed.subject), outcome=deed.outcome,
        )
    )  # fmt: skip


def record_client(database: Session, deed: Deed, department: str, client: str, now: datetime) -> None:
    """Add a line for a department's system; `client` names it and its token's prefix."""
    database.add(
        Entry(
            at=now, account_id=None, username=client[:64], name="", role="", department=department, about=deed.about or department, address=deed.address,
            action=deed.action, subject=covered(deed.subject), outcome=deed.outcome,
        )
    )  # fmt: skip


def read(database: Session, reader: Person, wanted: Wanted, skip: int = 0, limit: int | None = None) -> tuple[Sequence[Entry], int]:
    """A page of what the reader may see, newest first, and how many lines there are in all: an auditor everything, a department's people what it did and what concerns it, others their own deeds."""
    query = _wanted(select(Entry).where(_visible(reader)), wanted)
    total = database.scalar(select(func.count()).select_from(query.subquery())) or 0
    return database.scalars(query.order_by(Entry.id.desc()).offset(skip).limit(limit)).all(), total


def covered(text: str) -> str:
    """The text without a digit of a personal number and without the secret of a token, cut to what a line holds."""
    return reason.public(_TOKEN.sub(r"\1_***", text), "")[:LONGEST]


def _visible(reader: Person) -> ColumnElement[bool]:
    if reader.role is Role.AUDITOR:
        return Entry.id.is_not(None)
    if reader.department:
        return or_(Entry.department == reader.department, Entry.about == reader.department)
    return Entry.account_id == reader.account_id


def _wanted(query: Select[Entry], wanted: Wanted) -> Select[Entry]:
    if wanted.since:
        query = query.where(Entry.at >= wanted.since)
    if wanted.until:
        query = query.where(Entry.at < wanted.until)
    if wanted.department:
        query = query.where(or_(Entry.department == wanted.department, Entry.about == wanted.department))
    if wanted.text:
        texts = (Entry.username, Entry.name, Entry.action, Entry.subject)
        query = query.where(or_(*(column.contains(wanted.text, autoescape=True) for column in texts)))
    return query
