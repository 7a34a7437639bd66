"""`guiji user`: accounts from the machine itself, for the first one and when nobody can log in. Every change is written to the audit."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from infra import show
from infra.settings import get
from infra.show import Output
from portal import database
from portal.accounts import people, sessions
from portal.accounts.people import Draft, Wanted
from portal.accounts.roles import Role
from portal.audit import journal
from portal.audit.journal import Deed
from schemas import departments

group = typer.Typer(no_args_is_help=True, help="Accounts of the portal.")
Department = Annotated[str, typer.Option(help="a code of schemas/departments.csv; officers and reviewers need one")]
NAMES = ("username", "name", "role", "department", "email", "must_change", "created_at", "disabled_at", "last_login_at")


@group.command()
def add(username: str, name: str, role: Annotated[Role, typer.Option()], department: Department = "", email: str = "") -> None:
    """Make an account. The password for the first log-in is printed once and never again."""
    with _portal() as portal:
        _, password = people.add(portal, Draft(username, name, role, department, email), departments.load(), datetime.now(UTC))
        noted(portal, "新建账号", f"{username} {role}", department)
    _hand_over(username, password)


@group.command("list")
def list_(department: Department = "", role: Annotated[Role | None, typer.Option()] = None, output: Output = "table") -> None:
    """All accounts, or a department's, or a role's."""
    with _portal() as portal:
        found, _ = people.find(portal, Wanted(department, role or ""))
    show.output(show.console(), [{each: getattr(account, each) for each in NAMES} for account in found], output, empty="There is no account yet; make one with `guiji user add`.")


@group.command()
def disable(username: str) -> None:
    """Refuse its log-ins from now on and end its sessions."""
    with _portal() as portal:
        account = people.named(portal, username)
        people.disable(portal, account, datetime.now(UTC))
        noted(portal, "停用账号", username, account.department)


@group.command()
def enable(username: str) -> None:
    """Let it log in again."""
    with _portal() as portal:
        account = people.named(portal, username)
        people.enable(account)
        noted(portal, "启用账号", username, account.department)


@group.command()
def reset(username: str) -> None:
    """A new password for one log-in, printed once; ends its sessions and releases a lock."""
    with _portal() as portal:
        account = people.named(portal, username)
        password = people.reset(portal, account, datetime.now(UTC))
        noted(portal, "重置密码", username, account.department)
    _hand_over(username, password)


@group.command()
def role(username: str, to: Annotated[Role, typer.Argument()], department: Department = "") -> None:
    """Give it another role (and department); ends its sessions."""
    with _portal() as portal:
        account = people.named(portal, username)
        before = account.role
        people.place(account, to, department, departments.load())
        sessions.end_all(portal, account.id, datetime.now(UTC))
        noted(portal, "变更角色", f"{username} {before}→{to}", department)


def noted(portal: Session, action: str, subject: str, about: str) -> None:
    """Write a command into the audit, under the operating system's user."""
    journal.record_command(portal, Deed(action, subject, about), getpass.getuser(), datetime.now(UTC))


@contextmanager
def _portal() -> Iterator[Session]:
    with database.connect(get().portal_db).begin() as portal:
        yield portal


def _hand_over(username: str, password: str) -> None:
    """The password alone on standard output, so that it can be piped; what it is on standard error."""
    show.console(stderr=True).print(f"The password of {username} for the first log-in, shown this once; it must be changed then:", markup=False)
    sys.stdout.write(password + "\n")
