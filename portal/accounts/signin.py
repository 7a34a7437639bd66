"""Logging in with a password: five failures in a row lock the name for a quarter of an hour, whether or not there is such an account."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from portal.accounts import passwords
from portal.accounts.tables import Account, FailedLogin

FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)


class SignInFault(Exception):
    """Not let in; the message is for the person. `account` is the one that was meant, None when there is none of that name."""

    def __init__(self, message: str, account: Account | None) -> None:
        super().__init__(message)
        self.account = account


def attempt(database: sessionmaker[Session], username: str, password: str, now: datetime) -> Account:
    """The account, when the password is its own. Raises SignInFault: wrong, disabled or locked.

    The attempt is noted as failed before the password is looked at, so that attempts made at the same time cannot pass the limit together.
    """
    who = _digest(username)
    with database.begin() as session:
        session.execute(delete(FailedLogin).where(FailedLogin.at < now - LOCKED_FOR))
        session.add(FailedLogin(who=who, at=now))
    with database() as session:
        account = session.scalar(select(Account).where(Account.username == username.strip().lower()))
        failures = _failures(session, who, now)
    if failures > FAILURES:
        raise SignInFault(f"密码连续错误 {FAILURES} 次，这个账号已锁定 {LOCKED_FOR.seconds // 60} 分钟。请稍后再试，或请管理员重置密码。", account)
    if not passwords.matches(account.password if account else None, password) or account is None:
        left = FAILURES - failures
        more = f"再错 {left} 次将锁定 {LOCKED_FOR.seconds // 60} 分钟。" if left else f"这个账号已锁定 {LOCKED_FOR.seconds // 60} 分钟。"
        raise SignInFault(f"账号或密码不对。{more}", account)
    if account.disabled_at is not None:
        raise SignInFault("这个账号已停用。如有疑问请与市信用办或归集中心联系。", account)
    _succeeded(database, account, who, password)
    return account


def locks(session: Session, now: datetime) -> Callable[[str], bool]:
    """Of a user name: whether even the right password would be refused now. Asks the database once."""
    query = select(FailedLogin.who).where(FailedLogin.at >= now - LOCKED_FOR).group_by(FailedLogin.who).having(func.count() >= FAILURES)
    found = set(session.scalars(query))
    return lambda username: _digest(username) in found


def unlock(session: Session, username: str) -> None:
    """Forget the failures of this name."""
    session.execute(delete(FailedLogin).where(FailedLogin.who == _digest(username)))


def _succeeded(database: sessionmaker[Session], account: Account, who: str, password: str) -> None:
    with database.begin() as session:
        session.execute(delete(FailedLogin).where(FailedLogin.who == who))
        if passwords.outdated(account.password):
            session.get_one(Account, account.id).password = passwords.hashed(password)


def _failures(session: Session, who: str, now: datetime) -> int:
    return session.scalar(select(func.count()).where(FailedLogin.who == who, FailedLogin.at >= now - LOCKED_FOR)) or 0


def _digest(username: str) -> str:
    return hashlib.sha256(username.strip().lower().encode()).hexdigest()
