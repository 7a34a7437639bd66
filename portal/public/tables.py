"""Applications for objection and repair with their attachments, and the reports handed out, as the portal's database keeps them."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Moment, Table


class Application(Table):
    """An application about one record. `item` and `key` are the identity it is about; `record` is the record's public number. `title` and `company` are what the public sees of it.

    `granted` is None until the office has decided.
    """

    __tablename__ = "application"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    item: Mapped[str] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(String(4000))
    record: Mapped[str] = mapped_column(String(100))
    department: Mapped[str] = mapped_column(String(32), index=True)
    company: Mapped[str] = mapped_column(String(256))
    title: Mapped[str] = mapped_column(String(400))
    applicant: Mapped[str] = mapped_column(String(64))
    capacity: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(32))
    statement: Mapped[str] = mapped_column(String(2000))
    state: Mapped[str] = mapped_column(String(16), index=True)
    filed_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    opinion: Mapped[str] = mapped_column(String(2000), default="")
    opinion_by: Mapped[str] = mapped_column(String(64), default="")
    opinion_at: Mapped[datetime | None] = mapped_column(Moment)
    granted: Mapped[bool | None] = mapped_column(Boolean)
    decision: Mapped[str] = mapped_column(String(2000), default="")
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)


class Attachment(Table):
    """A file of an application; `stored` is its name under <home>/attachments, which nothing of what was sent decides."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(Integer)
    stored: Mapped[str] = mapped_column(String(64), unique=True)


class Report(Table):
    """A report that was handed out. Counts only, no content: what is repaired later must not be read here."""

    __tablename__ = "report"

    number: Mapped[str] = mapped_column(String(24), primary_key=True)
    company: Mapped[str] = mapped_column(String(256))
    code: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Moment)
    counts: Mapped[str] = mapped_column(String(2000))
    digest: Mapped[str] = mapped_column(String(64))
