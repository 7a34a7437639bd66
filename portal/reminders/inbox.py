"""What somebody was told on the page, what of it he has read, and by what else he wants to be told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.orm import Session

from portal.reminders.tables import PAGE, Delivery, Reminder, Wish

Told = Row[tuple[Delivery, Reminder]]


def told(database: Session, account_id: int, skip: int = 0, limit: int | None = None, *, unread: bool = False) -> Sequence[Told]:
    """Unread ones first, then the newest."""
    query = _mine(select(Delivery, Reminder), account_id, unread=unread).order_by(Delivery.read_at.is_not(None), Reminder.id.desc())
    return database.execute(query.offset(skip).limit(limit)).all()


def count(database: Session, account_id: int, *, unread: bool = False) -> int:
    return database.scalar(_mine(select(func.count()), account_id, unread=unread)) or 0


def read(database: Session, account_id: int, up_to: int, now: datetime) -> int:
    """Note as read all with numbers up to ``up_to``: what came after the page was shown stays unread. How many there were."""
    mine = (Delivery.account_id == account_id, Delivery.channel == PAGE, Delivery.read_at.is_(None), Delivery.id <= up_to)
    return database.connection().execute(update(Delivery).where(*mine).values(read_at=now)).rowcount


def wish(database: Session, account_id: int) -> Wish:
    """What he said last; by everything, where he said nothing."""
    return database.get(Wish, account_id) or Wish(account_id=account_id, email=True, webhook=True, muted_until="")


def _mine(query: Select[tuple[Delivery, Reminder]] | Select[tuple[int]], account_id: int, *, unread: bool) -> Select[tuple[Delivery, Reminder]]:
    found = query.select_from(Delivery).join(Reminder, Reminder.id == Delivery.reminder_id).where(Delivery.account_id == account_id, Delivery.channel == PAGE)
    return found.where(Delivery.read_at.is_(None)) if unread else found  # type: ignore[return-value]  # counts and rows alike
