"""Circulars as the portal's database keeps them. Append-only: triggers refuse changing and deleting; what became of a circular is the sequence of its steps."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Moment, Table

CIRCULAR, CORRECTION = KINDS = ("circular", "correction")


class Circular(Table):
    """What was frozen: ``frozen`` is its text (JSON, `portal.circular.frozen`) and ``digest`` the SHA-256 of that. A correction names the circular it ``corrects`` and freezes nothing of its own.

    ``turn``: the how-manieth of its kind for the month (a correction: of the circular), so that two people who draft at once do not both.
    """

    __tablename__ = "circular"
    __table_args__ = (UniqueConstraint("month", "kind", "turn", name="uq_circular_turn"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    month: Mapped[str] = mapped_column(String(7))
    turn: Mapped[int] = mapped_column(Integer)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("circular.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    frozen: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class Block(Table):
    """The rows behind the numbers of one department and item, or a document as it was issued (``of`` its form, ``department`` and ``item`` blank).

    ``content`` is compressed, ``digest`` that of what it holds.
    """

    __tablename__ = "circular_block"

    circular_id: Mapped[int] = mapped_column(ForeignKey("circular.id"), primary_key=True)
    department: Mapped[str] = mapped_column(String(32), primary_key=True)
    item: Mapped[str] = mapped_column(String(64), primary_key=True)
    of: Mapped[str] = mapped_column(String(16), primary_key=True)
    rows: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Step(Table):
    """One step of the procedure, the ``number``-th: what (`portal.circular.steps`), for which department, ``about`` as JSON, by whom."""

    __tablename__ = "circular_step"
    __table_args__ = (UniqueConstraint("circular_id", "number", name="uq_circular_step"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    circular_id: Mapped[int] = mapped_column(ForeignKey("circular.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    department: Mapped[str] = mapped_column(String(32))
    about: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(Integer)
    username: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment)


class Issue(Table):
    """A circular or correction as it was issued: its number of the year (文号), who signed, and ``content``: the result as it stands from then on (JSON), with its SHA-256."""

    __tablename__ = "circular_issue"
    __table_args__ = (UniqueConstraint("year", "number", name="uq_circular_number"),)

    circular_id: Mapped[int] = mapped_column(ForeignKey("circular.id"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    document: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    signer: Mapped[str] = mapped_column(String(64))
    username: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Moment)
