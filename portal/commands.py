"""`guiji token`: tokens of the HTTP API."""

import sys
from typing import Annotated

import typer

from infra import show
from infra.settings import get
from infra.show import Output
from portal import database, tokens

group = typer.Typer(no_args_is_help=True, help="Tokens of the HTTP API.")
NAMES = ("prefix", "department", "client", "items", "created_at", "expires_at", "last_used_at", "revoked_at")


@group.command()
def new(department: str, client: str, item: Annotated[list[str] | None, typer.Option()] = None, days: int | None = None) -> None:
    """Issue a token. It is shown once and never again."""
    issued = tokens.create(database.connect(get().portal_db), department, client, item or (), days)
    sys.stdout.write(issued.text + "\n")


@group.command("list")
def list_(output: Output = "table") -> None:
    """All tokens, without their secrets."""
    found = tokens.find(database.connect(get().portal_db))
    show.output(show.console(), [{name: getattr(token, name, None) for name in NAMES} for token in found], output, empty="No token has been issued.")


@group.command()
def revoke(prefix: str) -> None:
    """Refuse a token from now on."""
    tokens.revoke(database.connect(get().portal_db), prefix)
