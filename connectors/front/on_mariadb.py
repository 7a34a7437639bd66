"""The statements that provide a department's front-end database on MariaDB, as far as they are still missing, and what is there already."""

from collections.abc import Iterator

from connectors.front.place import MARK, Front, Standing
from connectors.front.session import Session
from connectors.prepare_binlog import account, literal, locking, quoted, replicating
from schemas import front_receipts, front_table
from schemas.front_receipts import LOADS, ROWS

_DATABASE = "SELECT SCHEMA_COMMENT FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s"
_COLUMNS = "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s"
CONNECTIONS = 20  # of a department's account


def standing(front: Front, server: Session) -> Standing:
    """An account bears no mark: those there are ours where the database is."""
    comments = [comment for (comment,) in server.run(_DATABASE, [front.name])]
    ours = comments[0] == MARK if comments else None
    names = [name for (name,) in server.run("SELECT User FROM mysql.user WHERE User IN %s", [list(front.accounts)])]
    tables: dict[str, set[str]] = {}
    for table, column in server.run(_COLUMNS, [front.name]):
        tables.setdefault(table, set()).add(column)
    return Standing(ours, dict.fromkeys(names, bool(ours)), {name: frozenset(columns) for name, columns in tables.items()})


def statements(front: Front, found: Standing, passwords: dict[str, str], by: str = "IDENTIFIED BY PASSWORD") -> Iterator[str]:
    """All of them, in order; each may be repeated. ``passwords`` by account, of those that are to be set, in the form that ``by`` wants."""
    if found.database is None:
        yield f"CREATE DATABASE {quoted(front.name)} CHARACTER SET utf8mb4 COMMENT {literal(MARK)}"
    for name, password in passwords.items():
        yield from (f"{word} {account(name)} {by} {literal(password)}" for word in ("CREATE USER IF NOT EXISTS", "ALTER USER"))
    yield f"USE {quoted(front.name)}"
    for item in front.items:
        if item.code not in found.tables:
            yield from front_table.statements(item, "mysql")
        missing = [field.name for field in item.fields if field.name not in found.tables.get(item.code, frozenset(item.by_name))]
        yield from (f"ALTER TABLE {quoted(item.code)} ADD COLUMN {quoted(name)} text" for name in missing)
        yield from front_receipts.statements(item.code, "mysql")
        yield from _granted(front, item.code)
    yield replicating(account(front.tapping))
    yield locking(front.name, account(front.tapping))
    yield f"ALTER USER {account(front.name)} WITH MAX_USER_CONNECTIONS {CONNECTIONS}"


def _granted(front: Front, table: str) -> Iterator[str]:
    own, receipts = quoted(front.name, table), [quoted(front.name, table + ending) for ending in (ROWS, LOADS)]
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {own} TO {account(front.name)}"
    yield f"GRANT SELECT ON {own} TO {account(front.tapping)}"
    for each in receipts:
        yield f"GRANT SELECT ON {each} TO {account(front.name)}"
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {each} TO {account(front.answering)}"


def script(front: Front, found: Standing, hidden: str) -> str:
    """For an administrator to run with the mariadb client; ``hidden`` stands where he puts passwords."""
    return "".join(f"{statement};\n" for statement in statements(front, found, {name: hidden for name in front.accounts if name not in found.accounts}, "IDENTIFIED BY"))
