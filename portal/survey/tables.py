"""What the survey keeps in the portal's own database, because no figure follows from it: contacts, meetings, reply dates. Lines are added, never changed; triggers in the database refuse it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, Text, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.database import Moment, Table
from portal.declared import stale

CONTACTS, MEETING, REPLY = "contacts", "meeting", "reply"


class Note(Table):
    """One statement: `kind` of the three above, `subject` a department's code (a batch's number for `reply`), `version` from 1, the highest stands; `text` is what is stated as JSON."""

    __tablename__ = "survey_note"
    __table_args__ = (UniqueConstraint("kind", "subject", "version", name="uq_survey_note"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def of(cls, kind: str, subject: str, about: Mapping[str, Any], by: str, at: datetime) -> "Note":
        """A line that is to be added, its version not yet known."""
        return cls(kind=kind, subject=subject, text=json.dumps(about, ensure_ascii=False), by=by, at=at)

    @property
    def about(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.text)
        return found


def notes(database: Session, department: str = "") -> Sequence[Note]:
    """All lines, or those of one department, oldest first."""
    query = select(Note).where(Note.subject == department) if department else select(Note)
    return database.scalars(query.order_by(Note.id)).all()


def standing(found: Sequence[Note], kind: str) -> dict[str, Note]:
    """The line that stands for each subject."""
    return {note.subject: note for note in sorted(found, key=lambda note: note.version) if note.kind == kind}


def add(database: Session, note: Note, seen: int) -> None:
    """State something anew. `seen` is the version that whoever states it had before him. Raises Refusal `conflict` when another one stands by now."""
    stands = standing(notes(database, note.subject), note.kind).get(note.subject)
    if (stands.version if stands else 0) != seen:
        raise stale()
    note.version = seen + 1
    database.add(note)
    try:
        database.flush()
    except IntegrityError as fault:  # somebody else's at the same moment
        raise stale() from fault
