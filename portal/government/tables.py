"""政务查询 as the portal's database keeps it: who looked up whom and why, what he was shown, and what came with it. Triggers refuse changing the first two: figures are counted of them."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Moment, Table

_LONG = BigInteger().with_variant(Integer, "sqlite")


class LookUp(Table):
    """One subject looked up once. `department` is empty for the platform's own people; `client` names the system that asked through the interface, then `account_id` is None.

    `asked` and `subject` hold at most the first 6 and the last 1 of a personal number, `matter` and `case_number` none of its digits. `list_id` and `line`: where it stood in a list of companies.
    """

    __tablename__ = "look_up"
    __table_args__ = (UniqueConstraint("list_id", "line", name="uq_look_up_line"),)

    id: Mapped[int] = mapped_column(_LONG, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    account_id: Mapped[int | None] = mapped_column(Integer, index=True)
    username: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    department: Mapped[str] = mapped_column(String(32), index=True)
    client: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    way: Mapped[str] = mapped_column(String(8))
    list_id: Mapped[int | None] = mapped_column(Integer)
    line: Mapped[int | None] = mapped_column(Integer)
    matter: Mapped[str] = mapped_column(String(400))
    case_number: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    asked: Mapped[str] = mapped_column(String(400))
    authorised: Mapped[bool] = mapped_column(Boolean)
    outcome: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(400))
    records: Mapped[int] = mapped_column(Integer)


class ShownRecord(Table):
    """A record that a look-up showed, in the version in which it stood. `department` supplied it. A key holds no personal number, only its HMAC."""

    __tablename__ = "look_up_record"

    id: Mapped[int] = mapped_column(_LONG, primary_key=True)
    look_up_id: Mapped[int] = mapped_column(ForeignKey("look_up.id"), index=True)
    department: Mapped[str] = mapped_column(String(32), index=True)
    item: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(4000))
    version: Mapped[int] = mapped_column(BigInteger)


class Authorisation(Table):
    """The subject's written consent that came with a look-up; `stored` is its name in the folder of attachments."""

    __tablename__ = "authorisation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    look_up_id: Mapped[int] = mapped_column(ForeignKey("look_up.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(Integer)
    stored: Mapped[str] = mapped_column(String(64), unique=True)


class CompanyList(Table):
    """A list of companies that somebody wants looked up: what is to be done, so that a death loses none of it. How far it is follows from the look-ups. `companies` and `asker` are JSON."""

    __tablename__ = "company_list"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    account_id: Mapped[int] = mapped_column(Integer, index=True)
    asker: Mapped[str] = mapped_column(Text)
    matter: Mapped[str] = mapped_column(String(400))
    case_number: Mapped[str] = mapped_column(String(128))
    companies: Mapped[str] = mapped_column(Text)
    total: Mapped[int] = mapped_column(Integer)
    repeated: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
