"""`guiji token`: tokens of the HTTP API, and the groups of commands that the portal has. Every change is written to the portal's audit."""

import sys
from typing import Annotated

import typer

from infra import show
from infra.settings import get
from infra.show import Output
from portal import database, tokens
from portal.accounts import commands as accounts
from portal.accounts.commands import noted
from portal.accounts.people import PersonFault
from portal.circular import commands as circulars
from producers.refusal import Refusal
from schemas.obligations.score import ScoreFault

group = typer.Typer(no_args_is_help=True, help="Tokens of the HTTP API.")
GROUPS = {"token": group, "user": accounts.group, "circular": circulars.group}
FAULTS = (tokens.TokenFault, PersonFault, Refusal, ScoreFault)  # what the commands of the portal raise that has an explanation
NAMES = ("prefix", "department", "client", "items", "created_at", "expires_at", "last_used_at", "revoked_at")


@group.command()
def new(department: str, client: str, item: Annotated[list[str] | None, typer.Option()] = None, days: int | None = None) -> None:
    """Issue a token. It is shown once and never again."""
    with database.connect(get().portal_db).begin() as portal:
        issued = tokens.create(portal, department, client, item or (), days)
        noted(portal, "新建令牌", f"{issued.prefix} {department}/{client}", department)
    sys.stdout.write(issued.text + "\n")


@group.command("list")
def list_(output: Output = "table") -> None:
    """All tokens, without their secrets."""
    with database.connect(get().portal_db)() as portal:
        found = tokens.find(portal)
    show.output(show.console(), [{name: getattr(token, name, None) for name in NAMES} for token in found], output, empty="No token has been issued.")


@group.command()
def revoke(prefix: str) -> None:
    """Refuse a token from now on."""
    with database.connect(get().portal_db).begin() as portal:
        tokens.revoke(portal, prefix)
        noted(portal, "撤销令牌", prefix, "")
