"""What somebody was told on the page, what of it he has read, and by what else he wants to be told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.orm import Session

from portal.accounts.sessions import Person
from portal.reminders.tables import PAGE, Delivery, Reminder, Wish

Told = Row[Delivery, Reminder]


def told(database: Session, who: Person, skip: int = 0, limit: int | None = None, *, unread: bool = False) -> Sequence[Told]:
    """Unread ones first, then the newest."""
    query = select(Delivery, Reminder).join(Reminder, Reminder.id == Delivery.reminder_id).where(*_mine(who, unread=unread))
    return database.execute(query.order_by(Delivery.read_at.is_not(None), Reminder.id.desc()).offset(skip).limit(limit)).all()


def count(database: Session, who: Person, *, unread: bool = False) -> int:
    return database.scalar(select(func.count()).select_from(Delivery).where(*_mine(who, unread=unread))) or 0


def read(database: Session, who: Person, up_to: int, now: datetime) -> int:
    """Note as read all with numbers up to ``up_to``: what came after the page was shown stays unread. How many there were."""
    return database.connection().execute(update(Delivery).where(*_mine(who, unread=True), Delivery.id <= up_to).values(read_at=now)).rowcount


def wish(database: Session, account_id: int) -> Wish:
    """What he said last; by everything, where he said nothing."""
    return database.get(Wish, account_id) or Wish(account_id=account_id, email=True, webhook=True, muted_until="")


def _mine(who: Person, *, unread: bool) -> list[ColumnElement[bool]]:
    """Of his department only: who goes to another leaves what he was told behind."""
    ours = select(Reminder.id).where(Reminder.department == who.department)
    found = [Delivery.account_id == who.account_id, Delivery.channel == PAGE, Delivery.reminder_id.in_(ours)]
    return [*found, Delivery.read_at.is_(None)] if unread else found
