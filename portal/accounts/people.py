"""Accounts: made, found, disabled, reset. What is wrong with a new one is told all at once, in Chinese for pages and in English for the command line."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts import passwords, sessions, signin
from portal.accounts.roles import DEPARTMENTAL, Role
from portal.accounts.tables import Account

USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
NAME = re.compile(r"[^\x00-\x1f<>]{1,40}")


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong with one field."""

    field: str
    chinese: str
    english: str


class PersonFault(Exception):
    """An account cannot be made or changed as asked; `faults` has everything."""

    def __init__(self, faults: Sequence[Wrong]) -> None:
        super().__init__("\n".join(fault.english for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Draft:
    """An account to be made. `role` is checked, so it is text; `department` and `email` may be empty."""

    username: str
    name: str
    role: str
    department: str = ""
    email: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which accounts; what is empty restricts nothing. `text` stands in the user name or the name."""

    department: str = ""
    role: str = ""
    text: str = ""


def add(database: Session, draft: Draft, departments: Collection[str], now: datetime) -> tuple[Account, str]:
    """A new account and the password for its first log-in, which exists only here. Raises PersonFault."""
    faults = [*_wrong(draft), *_place(draft.role, draft.department, departments), *_taken(database, draft)]
    if faults:
        raise PersonFault(faults)
    password = passwords.one_time()
    account = Account(
        username=draft.username, name=draft.name, email=draft.email.lower() or None, role=draft.role, department=draft.department,
        password=passwords.hashed(password), must_change=True, created_at=now, disabled_at=None, last_login_at=None, last_login_from="",
    )  # fmt: skip
    database.add(account)
    try:
        database.flush()
    except IntegrityError as fault:  # somebody else's at the same moment
        database.rollback()
        raise PersonFault(_taken(database, draft)) from fault
    return account, password


def find(database: Session, wanted: Wanted = Wanted(), skip: int = 0, limit: int | None = None) -> tuple[Sequence[Account], int]:
    """A page of the accounts, by department and name, and how many there are in all."""
    query = select(Account)
    if wanted.department:
        query = query.where(Account.department == wanted.department)
    if wanted.role:
        query = query.where(Account.role == wanted.role)
    if wanted.text:
        query = query.where(or_(Account.username.contains(wanted.text.lower(), autoescape=True), Account.name.contains(wanted.text, autoescape=True)))
    total = database.scalar(select(func.count()).select_from(query.subquery())) or 0
    return database.scalars(query.order_by(Account.department, Account.username).offset(skip).limit(limit)).all(), total


def named(database: Session, username: str) -> Account:
    """The account of this user name. Raises PersonFault."""
    found = database.scalar(select(Account).where(Account.username == username))
    if found is None:
        raise PersonFault([Wrong("username", f"没有账号“{username[:40]}”", f"there is no account {username!r}; `guiji user list` shows them")])
    return found


def disable(database: Session, account: Account, now: datetime) -> None:
    """Refuse its log-ins and end its sessions; again is a no-op."""
    account.disabled_at = account.disabled_at or now
    sessions.end_all(database, account.id, now)


def enable(account: Account) -> None:
    account.disabled_at = None


def reset(database: Session, account: Account, now: datetime) -> str:
    """A new password for one log-in, the old one and all sessions ended, the lock released."""
    password = passwords.one_time()
    account.password, account.must_change = passwords.hashed(password), True
    sessions.end_all(database, account.id, now)
    signin.unlock(database, account.username)
    return password


def place(account: Account, role: str, department: str, departments: Collection[str]) -> None:
    """Give the account another role or department. Raises PersonFault."""
    faults = list(_place(role, department, departments))
    if faults:
        raise PersonFault(faults)
    account.role, account.department = role, department


def _wrong(draft: Draft) -> Sequence[Wrong]:
    faults = []
    if not USERNAME.fullmatch(draft.username):
        faults.append(
            Wrong("username", "账号用小写字母开头，由小写字母、数字和 . _ - 组成，3 至 32 个字符", f"user name {draft.username!r}: a-z, then a-z 0-9 . _ -, 3 to 32 characters")
        )
    if not NAME.fullmatch(draft.name.strip()):
        faults.append(Wrong("name", "请填写姓名，不超过 40 个字", "the name must have 1 to 40 characters"))
    if draft.email and not (EMAIL.fullmatch(draft.email) and len(draft.email) <= 254):
        faults.append(Wrong("email", "邮箱的写法不对，例如 zhang@example.cn", f"{draft.email!r} is no e-mail address"))
    return faults


def _place(role: str, department: str, departments: Collection[str]) -> Sequence[Wrong]:
    if role not in set(Role):
        return [Wrong("role", "请选择角色", f"role {role!r} must be one of {', '.join(Role)}")]
    if Role(role) in DEPARTMENTAL and department not in departments:
        return [Wrong("department", "部门经办和部门审核须选择所属部门", f"role {role} needs a department of schemas/departments.csv, not {department!r}")]
    if Role(role) not in DEPARTMENTAL and department:
        return [Wrong("department", f"“{Role(role).label}”不属于任何部门，请不要选部门", f"role {role} belongs to no department")]
    return []


def _taken(database: Session, draft: Draft) -> Sequence[Wrong]:
    faults = []
    if database.scalar(select(Account.id).where(Account.username == draft.username)) is not None:
        faults.append(Wrong("username", "这个账号已经有了，请换一个", f"user name {draft.username!r} is taken"))
    if draft.email and database.scalar(select(Account.id).where(Account.email == draft.email.lower())) is not None:
        faults.append(Wrong("email", "这个邮箱已经用于另一个账号", f"e-mail {draft.email!r} belongs to another account"))
    return faults
