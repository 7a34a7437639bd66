"""Tokens of the HTTP interface: `gj_<12 of prefix>_<43 of secret>`, shown once, kept as a hash.

The secret is 256 random bits, so nobody can guess it and a slow password hash would protect nothing: SHA-256, compared in constant time,
costs each request microseconds.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.database import Token
from producers.principal import SUBMIT, UNSUITABLE, Principal, suitable

FORM = re.compile(r"gj_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
USED_EVERY = timedelta(minutes=1)


class TokenFault(ValueError):
    """A token cannot be made or found as asked; the message says why, for the operator."""


@dataclass(frozen=True)
class Issued:
    """A new token. `text` exists only here."""

    prefix: str
    text: str


def create(database: Session, department: str, client: str, items: Sequence[str] = (), days: int | None = None, scope: str = SUBMIT) -> Issued:
    """A new token for `client` of `department`, good for `items` (all when none) and `days` (for ever when None), once the transaction commits. `scope`: what it is for.

    Raises TokenFault for a client name that is not a-z, 0-9 and '-', or is reserved for another way.
    """
    if not suitable(client):
        raise TokenFault(f"{client!r} {UNSUITABLE}")
    prefix, secret, now = secrets.token_hex(6), secrets.token_urlsafe(32), datetime.now(UTC)
    expires = None if days is None else now + timedelta(days=days)
    token = Token(
        prefix=prefix, department=department, client=client, items=",".join(items), hash=_hash(secret), created_at=now, expires_at=expires, scope=scope
    )
    database.add(token)
    return Issued(prefix, f"gj_{prefix}_{secret}")


def find(database: Session, department: str | None = None) -> list[Token]:
    """All tokens, or a department's, oldest first; revoked and expired ones too."""
    query = select(Token).order_by(Token.created_at)
    if department is not None:
        query = query.where(Token.department == department)
    return list(database.scalars(query))


def revoke(database: Session, prefix: str) -> None:
    """The token with this prefix is refused from now on; again is a no-op. Raises TokenFault when there is none."""
    token = database.get(Token, prefix)
    if token is None:
        raise TokenFault(f"no token has the prefix {prefix!r}")
    token.revoked_at = token.revoked_at or datetime.now(UTC)


def rotate(database: Session, token: Token, grace_days: int, days: int | None) -> Issued:
    """A new token for the same client and items, good for `days`; the old one ends after `grace_days`, or at its own time if that is sooner.

    Raises TokenFault when the old one is not good any more.
    """
    now = datetime.now(UTC)
    if not good(token, now):
        raise TokenFault(f"token {token.prefix} is revoked or expired")
    issued = create(database, token.department, token.client, [*filter(None, token.items.split(","))], days, token.scope)
    ends = now + timedelta(days=grace_days)
    token.expires_at = min(ends, token.expires_at or ends)
    return issued


def good(token: Token, now: datetime) -> bool:
    """Whether it is neither revoked nor expired."""
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now)


def authenticate(database: sessionmaker[Session], text: str, now: datetime) -> Principal | None:
    """Whose token this is; None for one that is unknown, wrong, revoked or expired. Notes the use, at most once a minute."""
    form = FORM.fullmatch(text)
    if form is None:
        return None
    with database() as session:
        token = session.get(Token, form[1])
        if token is None or not hmac.compare_digest(token.hash, _hash(form[2])):
            return None
        if not good(token, now):
            return None
        if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
            token.last_used_at = now
            session.commit()
        return Principal(token.department, token.client, frozenset(filter(None, token.items.split(","))), token.prefix, token.scope)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
