"""Saved statements: the desk's own, so that what one analyst worked out others can use. Who saved each, and when, is shown; a changed one is saved anew."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.accounts.sessions import Person
from portal.database import Moment, Table

LONGEST_NAME = 80


class Saved(Table):
    """One statement, as it was written."""

    __tablename__ = "saved_query"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    text: Mapped[str] = mapped_column(Text)
    username: Mapped[str] = mapped_column(String(32))
    saved_by: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(Moment)


def every(database: Session) -> Sequence[Saved]:
    """All of them, by name."""
    return database.scalars(select(Saved).order_by(Saved.name, Saved.id)).all()


def one(database: Session, number: int) -> Saved | None:
    return database.get(Saved, number)


def save(database: Session, person: Person, name: str, text: str, now: datetime) -> Saved:
    """A new one."""
    made = Saved(name=name, text=text, username=person.username, saved_by=person.name, saved_at=now)
    database.add(made)
    database.flush()
    return made
