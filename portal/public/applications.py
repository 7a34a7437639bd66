"""异议 and 修复: filed by a company, accepted by the office, looked into by the department, decided by the office. What follows for the record is read off these rows by `marks`.

Days are counted by the calendar, from the day of filing to the decision, the first not included.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.public import attachments
from portal.public.marks import ACCEPTED, ANSWERED, DECIDED, FILED, OBJECTION, REFUSED, REPAIR
from portal.public.record import Record
from portal.public.tables import Application, Attachment
from schemas import reason

KINDS = {OBJECTION: "异议", REPAIR: "信用修复"}
STATES = {FILED: "待受理", REFUSED: "不予受理", ACCEPTED: "部门核查中", ANSWERED: "待信用办决定", DECIDED: "已办结"}
ANSWERS = {OBJECTION: {True: "异议成立，停止公示", False: "异议不成立，继续公示"}, REPAIR: {True: "同意修复，停止公示", False: "不同意修复，继续公示"}}
LONGEST, SHORTEST = 2000, 10
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another when read out
_PHONE = re.compile(r"[0-9+() -]{7,20}")


@dataclass(frozen=True)
class Draft:
    """What an applicant fills in."""

    kind: str
    applicant: str
    capacity: str
    phone: str
    statement: str
    files: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True)
class Wanted:
    """Which applications; what is blank restricts nothing."""

    department: str = ""
    state: str = ""
    kind: str = ""


class NotNow(Exception):
    """The application is not in a state in which this may be done; says which state it is in."""


def faults(draft: Draft) -> dict[str, str]:
    """Field → what is wrong with it, all at once."""
    found = {"files": "；".join(attachments.faults(draft.files))}
    found["kind"] = "" if draft.kind in KINDS else "请选择申请的种类。"
    found["applicant"] = "" if 2 <= len(draft.applicant) <= 64 else "请填写申请人姓名。"
    found["capacity"] = "" if 2 <= len(draft.capacity) <= 64 else "请填写申请人与企业的关系，如法定代表人、受托人。"
    found["phone"] = "" if _PHONE.fullmatch(draft.phone) else "请填写联系电话，7 至 20 位。"
    found["statement"] = "" if SHORTEST <= len(draft.statement) <= LONGEST else f"请写明理由，{SHORTEST} 至 {LONGEST} 个字。"
    return {name: words for name, words in found.items() if words}


def number(prefix: str, today: date) -> str:
    """A number nobody can guess: the day and fifty bits."""
    return f"{prefix}{today:%Y%m%d}-{''.join(secrets.choice(LETTERS) for _ in range(10))}"


def file(database: Session, about: Record, draft: Draft, stored: Sequence[str], now: datetime, today: date) -> Application:
    """A new application with its attachments, which are `stored` already. Personal numbers in the statement are not kept."""
    made = Application(
        number=number("YY" if draft.kind == OBJECTION else "XF", today), kind=draft.kind, item=about.item.code, key=about.key, record=about.number,
        department=about.department, company=about.subject[:256], title=f"{about.item.title} {about.what}"[:400], applicant=draft.applicant,
        capacity=draft.capacity, phone=draft.phone, statement=reason.public(draft.statement, "content"), state=FILED, filed_at=now, opinion="", opinion_by="",
        decision="", decided_by="",
    )  # fmt: skip
    database.add(made)
    database.flush()
    for (name, content), place in zip(draft.files, stored, strict=True):
        database.add(Attachment(application_id=made.id, name=attachments.named(name), kind=attachments.kind(content), size=len(content), stored=place))
    return made


def find(database: Session, wanted: Wanted, skip: int = 0, limit: int = 100_000) -> tuple[list[Application], int]:
    """Applications, newest first, and how many there are."""
    asked = select(Application)
    for column, value in ((Application.department, wanted.department), (Application.state, wanted.state), (Application.kind, wanted.kind)):
        asked = asked.where(column == value) if value else asked
    total = database.scalar(select(func.count()).select_from(asked.subquery())) or 0
    return list(database.scalars(asked.order_by(Application.id.desc()).offset(skip).limit(limit))), total


def numbered(database: Session, said: str) -> Application | None:
    return database.scalar(select(Application).where(Application.number == said.strip().upper()))


def files(database: Session, application: Application) -> list[Attachment]:
    return list(database.scalars(select(Attachment).where(Attachment.application_id == application.id).order_by(Attachment.id)))


def accept(application: Application, words: str, who: str, now: datetime, *, yes: bool) -> None:
    """The office takes it up, or refuses it. Raises NotNow once the department has answered."""
    _in(application, FILED, ACCEPTED, REFUSED)
    application.state, application.accepted_at = (ACCEPTED, now) if yes else (REFUSED, None)
    application.decision, application.decided_by, application.decided_at = ("", "", None) if yes else (reason.public(words, "content"), who, now)


def answer(application: Application, words: str, who: str, now: datetime) -> None:
    """The department's opinion; a later one takes the place of the one before. Raises NotNow."""
    _in(application, ACCEPTED, ANSWERED)
    application.state, application.opinion, application.opinion_by, application.opinion_at = ANSWERED, reason.public(words, "content"), who, now


def decide(application: Application, words: str, who: str, now: datetime, *, granted: bool) -> None:
    """The office's decision; a later one takes the place of the one before, so that a wrong one can be taken back. Raises NotNow."""
    _in(application, ACCEPTED, ANSWERED, DECIDED)
    application.state, application.granted, application.decision = DECIDED, granted, reason.public(words, "content")
    application.decided_by, application.decided_at = who, now


def said(application: Application) -> str:
    """How it stands, in words."""
    if application.state == DECIDED and application.granted is not None:
        return ANSWERS[application.kind][application.granted]
    return STATES[application.state]


def days(application: Application, now: datetime, zone: ZoneInfo) -> int:
    """How many days it took, or has taken so far."""
    return ((application.decided_at or now).astimezone(zone).date() - application.filed_at.astimezone(zone).date()).days


def _in(application: Application, *states: str) -> None:
    if application.state not in states:
        raise NotNow(STATES[application.state])
