"""Reminders as the portal's database keeps them. What the database refuses twice: a stage of an obligation, and a reminder for one person by one channel."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Moment, Table

DUE, SILENCE = "due", "silence"
PAGE, EMAIL, WEBHOOK = CHANNELS = ("page", "email", "webhook")
WAITING, SENDING, SENT, FAILED, DROPPED = STATES = ("waiting", "sending", "sent", "failed", "dropped")
LONGEST = 400


class Reminder(Table):
    """One stage of one obligation: of `item` and the period `of` (DUE), or of the `way` that has been silent since the day `of` (SILENCE). `due` is a day, or blank."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("kind", "department", "item", "way", "of", "stage", name="uq_reminder"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    department: Mapped[str] = mapped_column(String(32))
    item: Mapped[str] = mapped_column(String(64))
    way: Mapped[str] = mapped_column(String(16))
    of: Mapped[str] = mapped_column(String(64))
    stage: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(String(LONGEST))
    due: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(Moment)


class Delivery(Table):
    """The reminder for one person by one channel. `next_at`: when it is tried (again), and until when whoever tries it now has it to himself; `trouble`: why it did not arrive."""

    __tablename__ = "reminder_delivery"
    __table_args__ = (
        UniqueConstraint("reminder_id", "channel", "account_id", name="uq_reminder_delivery"),
        Index("ix_reminder_delivery_work", "channel", "state", "next_at"), Index("ix_reminder_delivery_account", "account_id", "channel"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminder.id"))
    channel: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    trouble: Mapped[str] = mapped_column(String(LONGEST), default="")


class Wish(Table):
    """By what somebody wants to be told besides the page, and until which day by nothing else (`muted_until`, blank: not muted)."""

    __tablename__ = "reminder_wish"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    email: Mapped[bool] = mapped_column(Boolean, default=True)
    webhook: Mapped[bool] = mapped_column(Boolean, default=True)
    muted_until: Mapped[str] = mapped_column(String(10), default="")
