"""A front-end database on the platform's own server, made for a department and registered as a source. Every step may be repeated; what was made by somebody else is never touched."""

import os
from dataclasses import replace
from pathlib import Path

from connectors.access import Access, Unasked
from connectors.front import on_mariadb, on_postgres, source_file
from connectors.front.place import Front, Standing, variable
from connectors.front.session import Session, opened
from infra import secret, stack
from infra.settings import Settings

# The local stack's own servers, where no other is named: port, account, password.
_LOCAL = {"postgres": ("postgres", "GUIJI_POSTGRES_PASSWORD"), "mariadb": ("root", "GUIJI_MARIADB_PASSWORD")}
_FIRST = {"postgres": "postgres", "mariadb": ""}  # the database in which the server is asked


class Foreign(Exception):
    """Something of somebody else's bears a name that is needed; nothing was changed."""


def administrator(settings: Settings, kind: str) -> Access:
    """The provided server and its administrator's account: `GUIJI_FRONT_<KIND>_HOST`, `_PORT`, `_USER` and `_PASSWORD` in the environment or in secrets.env; else the local stack's. Raises Unasked."""
    user, password = _LOCAL[kind]
    names = {**os.environ, **settings.secrets()}
    if names.get(variable(kind, "USER")):
        missing = [name for part in ("HOST", "PORT", "PASSWORD") if not names.get(name := variable(kind, part))]
        if missing:
            raise Unasked(f"{', '.join(missing)} is set nowhere: put it into secrets.env of the home folder, or into the environment.")
        host, port, user, word = (names[variable(kind, part)] for part in ("HOST", "PORT", "USER", "PASSWORD"))
        return Access(kind, host, int(port), _FIRST[kind], user, word)
    port = str(stack.port(settings, kind))
    if port == "0" or password not in names:
        raise Unasked(f"No {kind} server is known: run `guiji up --server {kind}`, or set {variable(kind, 'HOST')}, _PORT, _USER and _PASSWORD.")
    return Access(kind, "127.0.0.1", int(port), _FIRST[kind], user, names[password])


def standing(front: Front, server: Session) -> Standing:
    """What is there. Raises Foreign."""
    found = on_postgres.standing(front, server) if front.kind == "postgres" else on_mariadb.standing(front, server)
    if foreign := found.foreign(front):
        raise Foreign(f"{', '.join(foreign)}: there already, and not made by `provide`. Nothing was changed. Have it renamed, or provide the other kind of database (--kind).")
    return found


def script(front: Front, access: Access | None, hidden: str) -> str:
    """What is still to be run; without ``access``, all of it. Raises Unasked, Foreign."""
    found = Standing()
    if access is not None:
        with opened(access) as server:
            found = standing(front, server)
        found = _with_inside(front, access, found)
    return on_postgres.script(front, found, hidden) if front.kind == "postgres" else on_mariadb.script(front, found, hidden)


def make(settings: Settings, front: Front, access: Access, *, new_password: bool = False) -> None:
    """Database, accounts, tables, rights and publication, as far as they are missing. The department's password is set when its account or the password is new. Raises Unasked, Foreign."""
    with opened(access) as server:
        found = standing(front, server)
        own = front.accounts[front.name]
        fresh = secret.made(settings, front.accounts.values())
        if new_password and own not in fresh:
            secret.put(settings, {own: secret.fresh_password()})
        words = settings.secrets()
        passwords = {account: server.sealed(account, words[name]) for account, name in front.accounts.items()}
        if front.name in found.accounts and own not in fresh and not new_password:
            del passwords[front.name]  # the department may have changed it
        if front.kind == "mariadb":
            for statement in on_mariadb.statements(front, found, passwords):
                server.run(statement)
            return
        for group in on_postgres.outer(front, found, passwords):
            _group(server, group)
    with opened(access, front.name) as inside:
        tables, published = on_postgres.inside(front, inside)
        _group(inside, list(on_postgres.inner(front, replace(found, tables=tables, published=published))))


def _group(session: Session, statements: list[str]) -> None:
    if len(statements) == 1:  # CREATE DATABASE stands alone
        session.run(statements[0])
    else:
        with session.together():
            for statement in statements:
                session.run(statement)


def _with_inside(front: Front, access: Access, found: Standing) -> Standing:
    if front.kind == "mariadb" or not found.database:
        return found
    with opened(access, front.name) as database:
        tables, published = on_postgres.inside(front, database)
    return replace(found, tables=tables, published=published)


def drafted(settings: Settings, front: Front, title: str) -> tuple[Path, str]:
    """The source file and what is to stand in it, the tables it has already as they are. Raises Differs."""
    path = settings.sources / f"{front.name}.yaml"
    try:
        return path, source_file.written(front, title, path.read_text(encoding="utf-8") if path.exists() else None)
    except source_file.Differs as fault:
        raise source_file.Differs(f"{path}: {fault}") from fault


def register(path: Path, text: str) -> None:
    """Write the source file, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.rename(path)


def address(kind: str) -> tuple[str, str]:
    """The variables in which a source file looks for the server."""
    return variable(kind, "HOST"), variable(kind, "PORT")


def addressed(settings: Settings, front: Front, access: Access) -> None:
    """The server's address where the source file looks for it."""
    wanted = dict(zip(address(front.kind), (access.host, str(access.port)), strict=True))
    known = settings.secrets()
    if changed := {name: value for name, value in wanted.items() if known.get(name) != value}:
        secret.put(settings, changed)


