"""Sessions: a log-in is a row on the server, so that it can be ended from anywhere. The cookie holds 256 random bits; the database a hash of them."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.accounts.roles import Role
from portal.accounts.tables import Account, LoginSession

SEEN_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Limits:
    """How long a session lives without being used, and at all."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True)
class Person:
    """Who is logged in, as pages need it. `must_change`: nothing else is open before the password is changed."""

    account_id: int
    username: str
    name: str
    role: Role
    department: str
    must_change: bool
    session_id: str
    flash: str


@dataclass(frozen=True)
class Origin:
    """Where a log-in came from: `way` password or oidc, the address, the browser's own name for itself."""

    way: str
    address: str
    agent: str


def start(database: Session, account: Account, origin: Origin, now: datetime) -> str:
    """A new session; the cookie's secret, which exists only here. Every log-in gets one of its own, whatever cookie came with it."""
    secret = secrets.token_urlsafe(32)
    database.execute(delete(LoginSession).where(LoginSession.created_at < now - KEPT))
    database.add(
        LoginSession(
            id=secrets.token_hex(8), hash=_hash(secret), account_id=account.id, way=origin.way, address=origin.address, agent=origin.agent[:200],
            created_at=now, seen_at=now, ended_at=None, flash="",
        )
    )  # fmt: skip
    account.last_login_at, account.last_login_from = now, origin.address
    return secret


def person(database: Session, secret: str, limits: Limits, now: datetime) -> Person | None:
    """Who the cookie belongs to; None when the session has ended, was idle too long or is too old, or its account is disabled. Notes the use once a minute."""
    found = database.execute(select(LoginSession, Account).join(Account).where(LoginSession.hash == _hash(secret))).one_or_none()
    if found is None:
        return None
    session, account = found
    who = _person(session, account, limits, now)
    if who is not None and now - session.seen_at > SEEN_EVERY:
        session.seen_at = now
    return who


def going_on(database: Session, session_id: str, limits: Limits, now: datetime) -> Person | None:
    """Whose session this is, while it would be let in. Does not note a use: a page that moves by itself is nobody's work, and keeps no session alive."""
    found = database.execute(select(LoginSession, Account).join(Account).where(LoginSession.id == session_id)).one_or_none()
    return _person(*found, limits, now) if found else None


def _person(session: LoginSession, account: Account, limits: Limits, now: datetime) -> Person | None:
    if account.disabled_at is not None or not _alive(session, limits, now):
        return None
    must_change = account.must_change and session.way == "password"
    return Person(account.id, account.username, account.name, Role(account.role), account.department, must_change, session.id, session.flash)


def live(database: Session, account_id: int, limits: Limits, now: datetime) -> Sequence[LoginSession]:
    """The account's sessions that would be let in now, last used first."""
    rows = database.scalars(select(LoginSession).where(LoginSession.account_id == account_id, LoginSession.ended_at.is_(None)).order_by(LoginSession.seen_at.desc()))
    return [row for row in rows if _alive(row, limits, now)]


def end(database: Session, account_id: int, session_id: str, now: datetime) -> bool:
    """End this session of this account; whether there was one that had not ended."""
    row = database.scalar(select(LoginSession).where(LoginSession.account_id == account_id, LoginSession.id == session_id, LoginSession.ended_at.is_(None)))
    if row is None:
        return False
    row.ended_at = now
    return True


def end_all(database: Session, account_id: int, now: datetime, but: str = "") -> None:
    """End all sessions of the account, except the one with this id."""
    database.execute(
        update(LoginSession).where(LoginSession.account_id == account_id, LoginSession.id != but, LoginSession.ended_at.is_(None)).values(ended_at=now)
    )


def say(database: Session, session_id: str, text: str) -> None:
    """What the next page of this session tells once; empty: it was told."""
    database.execute(update(LoginSession).where(LoginSession.id == session_id).values(flash=text[:400]))


def form_token(secret: str) -> str:
    """What every form of a browser with this cookie must carry. It follows from the cookie and tells nothing about it."""
    return hashlib.sha256(f"form:{secret}".encode()).hexdigest()


def _alive(session: LoginSession, limits: Limits, now: datetime) -> bool:
    return session.ended_at is None and now - session.seen_at <= limits.idle and now - session.created_at <= limits.whole


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
