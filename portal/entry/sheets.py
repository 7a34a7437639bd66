"""The sheets of 数据录入 (录入单): one record filled in by hand, from the draft to its receipt. They are work on the desk; what was sent is in the topics and counts from there.

Guarantee: a sheet is sent once. Its state and its receipt are written before the door is asked, in a transaction that commits after it; whoever dies in between leaves a sheet that can be sent
again and gets the same receipt.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Boolean, ColumnElement, Integer, String, Text, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from portal.accounts.roles import Role
from portal.accounts.sessions import Person
from portal.database import Moment, Table
from producers.door import Door, digest
from producers.refusal import Refusal
from producers.submission import Row, Submission
from schemas import identity
from schemas.catalog import Item

DRAFT, WAITING, RETURNED, SENT = "draft", "waiting", "returned", "sent"
STATES = {DRAFT: "草稿", WAITING: "待审核", RETURNED: "已退回", SENT: "已报送"}
CONFIRMING = "待部门确认"  # what waiting is called when the centre filled it in
WAY = "form"
ASSERT, RETRACT = "assert", "retract"  # a person's word: streams/sayings


class Sheet(Table):
    """One record as it is being filled in. `fields`: its text by field code, as JSON; `fixed`: the key of the record that it changes or withdraws, empty for a new one; `key`: the record's own,
    empty while it is incomplete; `ref`: what corrections of it share: its own uid, or the 回执行号 of a rejected record that it mends;
    `maker`, `username`: who changed it last; `why`: why the record is withdrawn; `reason`: why the sheet was returned;
    `receipt`: 回执号, empty until it is sent.
    """

    __tablename__ = "entry_sheet"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    ref: Mapped[str] = mapped_column(String(200))
    department: Mapped[str] = mapped_column(String(32), index=True)
    item: Mapped[str] = mapped_column(String(64))
    operation: Mapped[str] = mapped_column(String(16), default=ASSERT)
    fields: Mapped[str] = mapped_column(Text, default="{}")
    fixed: Mapped[str] = mapped_column(Text, default="")
    key: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16), default=DRAFT)
    on_behalf: Mapped[bool] = mapped_column(Boolean, default=False)
    maker_id: Mapped[int] = mapped_column(Integer)
    maker: Mapped[str] = mapped_column(String(64))
    username: Mapped[str] = mapped_column(String(32))
    changed_at: Mapped[datetime] = mapped_column(Moment)
    decider: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    why: Mapped[str] = mapped_column(String(400), default="")
    reason: Mapped[str] = mapped_column(String(400), default="")
    receipt: Mapped[str] = mapped_column(String(32), default="", index=True)
    revision: Mapped[int] = mapped_column(Integer)

    # Two who change it at once: the second is told.
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def said(self) -> dict[str, str | None]:
        """The record's text by field code."""
        return dict(json.loads(self.fields))

    @property
    def title(self) -> str:
        """Its state, as people read it."""
        return CONFIRMING if self.on_behalf and self.state == WAITING else STATES[self.state]


class Reviewed(Table):
    """A department whose entries wait for a second pair of eyes (审核); without a row here they do not."""

    __tablename__ = "entry_review"

    department: Mapped[str] = mapped_column(String(32), primary_key=True)
    since: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Wanted:
    """Which sheets; what is empty restricts nothing."""

    item: str = ""
    state: str = ""


def begun(item: Item, department: str, who: Person, *, fixed: str = "", ref: str = "") -> Sheet:
    """A new sheet, not yet in the database. Filled in by the centre it is 代报."""
    uid = uuid4().hex
    return Sheet(
        uid=uid, ref=ref or uid, department=department, item=item.code, operation=ASSERT, fixed=fixed, state=DRAFT, on_behalf=who.role is Role.CENTRE,
        fields="{}", key="", why="", reason="", receipt="", decider="",
    )  # fmt: skip


def write(database: Session, sheet: Sheet, said: Mapping[str, str | None], key: str | None, who: Person, now: datetime) -> None:
    """Put down what was filled in. Raises Refusal `conflict` when somebody else changed the sheet meanwhile."""
    sheet.fields = json.dumps(said, ensure_ascii=False)
    sheet.key, sheet.changed_at = key or "", now
    sheet.maker_id, sheet.maker, sheet.username = who.account_id, who.name, who.username
    database.add(sheet)
    _flushed(database)


def visible(who: Person) -> ColumnElement[bool]:
    """A department sees its own, and what the centre handed it; the centre what it filled in for others."""
    if who.role is Role.CENTRE:
        return Sheet.on_behalf.is_(True)
    return and_(Sheet.department == who.department, (Sheet.on_behalf.is_(False)) | (Sheet.state != DRAFT))


def find(database: Session, who: Person, wanted: Wanted, skip: int = 0, limit: int | None = None) -> tuple[Sequence[Sheet], int]:
    """A page of what this person sees, last changed first, and how many there are."""
    query = select(Sheet).where(visible(who))
    if wanted.item:
        query = query.where(Sheet.item == wanted.item)
    if wanted.state:
        query = query.where(Sheet.state == wanted.state)
    total = database.scalar(select(func.count()).select_from(query.subquery())) or 0
    return database.scalars(query.order_by(Sheet.changed_at.desc(), Sheet.id.desc()).offset(skip).limit(limit)).all(), total


def one(database: Session, who: Person, number: int) -> Sheet | None:
    """The sheet, None when this person may not know of it."""
    return database.scalar(select(Sheet).where(Sheet.id == number, visible(who))) if number < 1 << 31 else None


def last(database: Session, who: Person, department: str, item: str) -> Sheet | None:
    """The sheet of this item that was changed last, to copy from."""
    query = select(Sheet).where(visible(who), Sheet.department == department, Sheet.item == item, Sheet.operation == ASSERT)
    return database.scalar(query.order_by(Sheet.changed_at.desc(), Sheet.id.desc()).limit(1))


def entered(database: Session, sheet: Sheet, key: str) -> Sheet | None:
    """The sheet by which the record of this key was entered before and not withdrawn since, when `sheet` claims to be a new record."""
    if sheet.fixed:
        return None
    query = select(Sheet).where(Sheet.department == sheet.department, Sheet.item == sheet.item, Sheet.key == key, Sheet.state == SENT, Sheet.ref != sheet.ref)
    with database.no_autoflush:
        found = database.scalar(query.order_by(Sheet.id.desc()).limit(1))
    return found if found and found.operation == ASSERT else None


def is_reviewed(database: Session, department: str) -> bool:
    return database.get(Reviewed, department) is not None


def review(database: Session, who: Person, now: datetime, *, wanted: bool) -> None:
    """Whether the entries of this person's department wait for a reviewer from now on."""
    found = database.get(Reviewed, who.department)
    if wanted and not found:
        database.add(Reviewed(department=who.department, since=now, by=who.name))
    if found and not wanted:
        database.delete(found)
    _flushed(database)


def may_edit(who: Person, sheet: Sheet) -> bool:
    """What is filled in; a withdrawal has nothing to fill in."""
    return sheet.operation == ASSERT and may_remove(who, sheet)


def may_remove(who: Person, sheet: Sheet) -> bool:
    return sheet.state in (DRAFT, RETURNED) and sheet.on_behalf == (who.role is Role.CENTRE)


def may_decide(database: Session, who: Person, sheet: Sheet) -> bool:
    """Nobody releases what he filled in himself. What the centre filled in is confirmed by a reviewer where the department has 审核, else by any of its people."""
    if sheet.state != WAITING or who.department != sheet.department or who.account_id == sheet.maker_id:
        return False
    return who.role is Role.REVIEWER or (sheet.on_behalf and not is_reviewed(database, sheet.department))


def hand_in(database: Session, door: Door, sheet: Sheet, who: Person) -> None:
    """Send the sheet, or let it wait for whoever must see it first. Raises Refusal `conflict`, and what the door raises."""
    if sheet.on_behalf or is_reviewed(database, sheet.department):
        sheet.state, sheet.reason = WAITING, ""
        _flushed(database)
    else:
        _send(database, door, sheet, who.username)


def release(database: Session, door: Door, sheet: Sheet, who: Person, now: datetime) -> None:
    """The second pair of eyes agrees: the sheet is sent. Raises as `hand_in`."""
    sheet.decider, sheet.decided_at = who.name, now
    _send(database, door, sheet, f"{sheet.username}/{who.username}")


def give_back(database: Session, sheet: Sheet, who: Person, reason: str, now: datetime) -> None:
    """The second pair of eyes does not agree. Raises Refusal `conflict`."""
    sheet.state, sheet.decider, sheet.decided_at, sheet.reason = RETURNED, who.name, now, reason
    _flushed(database)


def remove(database: Session, sheet: Sheet) -> None:
    database.delete(sheet)
    _flushed(database)


def source(department: str) -> str:
    """Who says it, in every record that was entered by hand."""
    return f"{department}/{WAY}"


def _send(database: Session, door: Door, sheet: Sheet, by: str) -> None:
    payload = digest(json.dumps([sheet.item, sheet.operation, sheet.said], ensure_ascii=False, sort_keys=True).encode())
    key = f"{sheet.uid}:{payload}"
    sheet.state, sheet.receipt = SENT, identity.batch(source(sheet.department), key)
    _flushed(database)
    row = Row(1, sheet.said, sheet.operation, sheet.ref)
    door.submit(Submission(source(sheet.department), sheet.department, WAY, sheet.item, payload, [row], key, None, by))


def _flushed(database: Session) -> None:
    try:
        database.flush()
    except StaleDataError as fault:
        raise Refusal("conflict", "这张录入单刚刚被别人改动，您的操作没有执行。", "请刷新页面，看过现在的内容再做。") from fault
