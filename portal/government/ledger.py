"""The look-ups: each subject once, with who asked and why and every record he was shown. Lines are only added; what departments and the office read and count is counted here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal_column, select
from sqlalchemy.orm import Session

from portal.accounts.sessions import Person
from portal.government.record import Record
from portal.government.tables import Authorisation, LookUp, ShownRecord
from portal.public.applications import number
from schemas import reason
from schemas.normalize import ZONE

FOUND, SEVERAL, NONE, REFUSED = "found", "several", "none", "refused"
OUTCOMES = {FOUND: "查到", SEVERAL: "有多家", NONE: "未查到", REFUSED: "未受理"}
PAGE, LIST, API = "page", "list", "api"
WAYS = {PAGE: "页面", LIST: "清单", API: "接口"}
KEPT = timedelta(hours=24)  # for so long the result can be opened again


@dataclass(frozen=True)
class Asker:
    """Who asks: a person with an account, or a department's system (`client`)."""

    account_id: int | None
    username: str
    name: str
    role: str
    department: str
    client: str
    address: str

    @classmethod
    def of(cls, who: Person, address: str) -> "Asker":
        return cls(who.account_id, who.username, who.name, str(who.role), who.department, "", address)


@dataclass(frozen=True)
class Question:
    """What was asked and why, as it is kept: no digit of a personal number in `matter` and `case_number`."""

    way: str
    kind: str
    asked: str
    matter: str
    case_number: str
    authorised: bool = False
    list_id: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class Answer:
    """What came of it. `subject`: whom, in words."""

    outcome: str
    subject: str = ""
    records: Sequence[Record] = ()


@dataclass(frozen=True)
class Period:
    """Which look-ups; what is None or blank restricts nothing; `until` is not included."""

    since: datetime | None = None
    until: datetime | None = None
    asker: str = ""

    def holds(self) -> ColumnElement[bool]:
        return and_(
            LookUp.id.is_not(None), *([LookUp.at >= self.since] if self.since else []), *([LookUp.at < self.until] if self.until else []),
            *([LookUp.department == self.asker] if self.asker else []),
        )  # fmt: skip


def add(database: Session, asker: Asker, question: Question, answer: Answer, now: datetime) -> LookUp:
    """A look-up and what it showed; it stands when the caller's transaction commits."""
    made = LookUp(
        number=number("ZC", now.astimezone(ZONE).date()), at=now, **vars(asker), way=question.way, list_id=question.list_id, line=question.line,
        matter=reason.public(question.matter, "none")[:400], case_number=reason.public(question.case_number, "none")[:128], kind=question.kind,
        asked=reason.staff(question.asked, "none")[:400], authorised=question.authorised, outcome=answer.outcome, subject=reason.staff(answer.subject, "none")[:400], records=len(answer.records),
    )  # fmt: skip
    database.add(made)
    database.flush()
    database.add_all(ShownRecord(look_up_id=made.id, department=each.department, item=each.item.code, key=each.key, version=each.version) for each in answer.records)
    return made


def own(database: Session, account_id: int, skip: int = 0, limit: int | None = None) -> tuple[list[LookUp], int]:
    """What an account looked up on the page, newest first, and how much that is."""
    asked = select(LookUp).where(LookUp.account_id == account_id, LookUp.way == PAGE)
    return list(database.scalars(asked.order_by(LookUp.id.desc()).offset(skip).limit(limit))), _count(database, asked)


def numbered(database: Session, said: str) -> LookUp | None:
    return database.scalar(select(LookUp).where(LookUp.number == said))


def shown(database: Session, look_up_id: int) -> list[ShownRecord]:
    """The records of one look-up in the order in which they were shown."""
    return list(database.scalars(select(ShownRecord).where(ShownRecord.look_up_id == look_up_id).order_by(ShownRecord.id)))


def authorisations(database: Session, look_up_id: int) -> list[Authorisation]:
    return list(database.scalars(select(Authorisation).where(Authorisation.look_up_id == look_up_id).order_by(Authorisation.id)))


def of_list(database: Session, list_id: int) -> list[LookUp]:
    """The look-ups of a list of companies, by line."""
    return list(database.scalars(select(LookUp).where(LookUp.list_id == list_id).order_by(LookUp.line)))


def shown_by_list(database: Session, list_id: int) -> list[tuple[LookUp, ShownRecord]]:
    """What the look-ups of a list showed, by line."""
    asked = select(LookUp, ShownRecord).join(ShownRecord, ShownRecord.look_up_id == LookUp.id).where(LookUp.list_id == list_id)
    return [(look_up, record) for look_up, record in database.execute(asked.order_by(LookUp.line, ShownRecord.id))]


@dataclass(frozen=True)
class Touched:
    """A look-up that showed records of one department: of which item, how many."""

    look_up: LookUp
    department: str
    item: str
    records: int


def touching(database: Session, department: str, period: Period, skip: int = 0, limit: int | None = None) -> tuple[list[Touched], int]:
    """Look-ups that showed what a department supplied (of all departments when blank), newest first, one line an item; and how many lines that is."""
    asked = (
        select(ShownRecord.look_up_id, ShownRecord.department, ShownRecord.item, func.count())
        .join(LookUp, LookUp.id == ShownRecord.look_up_id).where(period.holds(), *_supplied(department))
        .group_by(ShownRecord.look_up_id, ShownRecord.department, ShownRecord.item)
    )  # fmt: skip
    lines = database.execute(asked.order_by(ShownRecord.look_up_id.desc(), ShownRecord.department, ShownRecord.item).offset(skip).limit(limit)).all()
    by_id = {each.id: each for start in range(0, len(lines), 500) for each in _look_ups(database, lines[start : start + 500])}
    return [Touched(by_id[look_up], owner, item, count) for look_up, owner, item, count in lines], _count(database, asked)


@dataclass(frozen=True)
class Count:
    """Per unit that asks (blank: the platform's own people, by `role`) and way: look-ups, subjects found, records shown."""

    department: str
    role: str
    way: str
    look_ups: int
    found: int
    records: int


def counts(database: Session, period: Period) -> list[Count]:
    """All look-ups, counted."""
    asked = select(*_asker(), func.count(), func.sum(case((LookUp.outcome == FOUND, 1), else_=0)), func.sum(LookUp.records)).where(period.holds())
    return _counted(database, asked)


def counts_about(database: Session, department: str, period: Period) -> list[Count]:
    """Look-ups that showed what a department supplied (of all departments when blank); `records` are those it supplied alone."""
    look_ups = func.count(LookUp.id.distinct())
    asked = select(*_asker(), look_ups, look_ups, func.count()).join(ShownRecord, ShownRecord.look_up_id == LookUp.id).where(period.holds(), *_supplied(department))
    return _counted(database, asked)


def _counted(database: Session, asked: Select[*tuple[Any, ...]]) -> list[Count]:
    return [Count(*line) for line in database.execute(asked.group_by(*_asker()).order_by(*_asker()))]


def _asker() -> list[Any]:
    """What look-ups are counted by: a department's together, the platform's own people by role."""
    blank: ColumnElement[str] = literal_column("''")  # a parameter in GROUP BY is another one than in SELECT
    return [LookUp.department, case((LookUp.department == blank, LookUp.role), else_=blank), LookUp.way]


def _supplied(department: str) -> list[ColumnElement[bool]]:
    return [ShownRecord.department == department] if department else []


def _look_ups(database: Session, lines: Sequence[Row[*tuple[Any, ...]]]) -> list[LookUp]:
    return list(database.scalars(select(LookUp).where(LookUp.id.in_({line[0] for line in lines}))))


def _count(database: Session, asked: Select[*tuple[Any, ...]]) -> int:
    return database.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0
