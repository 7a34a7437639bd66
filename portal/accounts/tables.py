"""Accounts, their sessions and what log-ins failed, as the portal's database keeps them."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Moment, Table


class Account(Table):
    """A person. `department` is empty for the platform's own people; `password` is an argon2id hash; accounts are disabled, never deleted, because the audit names them."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    username: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    department: Mapped[str] = mapped_column(String(32), index=True, default="")
    password: Mapped[str] = mapped_column(String(255))
    must_change: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    last_login_at: Mapped[datetime | None] = mapped_column(Moment)
    last_login_from: Mapped[str] = mapped_column(String(64), default="")


class LoginSession(Table):
    """A log-in that may go on. The cookie's secret is kept as a hash; `id` names the session on pages and opens nothing."""

    __tablename__ = "login_session"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    way: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    flash: Mapped[str] = mapped_column(String(400), default="")


class FailedLogin(Table):
    """An attempt that has not succeeded, by a digest of the name that was typed: people type their password there by mistake."""

    __tablename__ = "failed_login"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    who: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
