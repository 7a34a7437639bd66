"""The statements that make a MariaDB or MySQL database ready to be tapped, one by one, and how names and texts are written there."""

from schemas.sources import Captured, Source

# RELOAD: the moment's lock at a snapshot's start, so that rows and position fit together.
GLOBAL = ("RELOAD", "REPLICATION SLAVE", "REPLICATION CLIENT")


def quoted(*names: str) -> str:
    """An identifier, or several with dots between."""
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)


def literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def account(user: str, host: str = "%") -> str:
    return f"{literal(user)}@{literal(host)}"


def created(who: str, password: str) -> list[str]:
    return [f"CREATE USER IF NOT EXISTS {who} IDENTIFIED BY {literal(password)}", f"ALTER USER {who} IDENTIFIED BY {literal(password)}"]


def replicating(who: str, rights: tuple[str, ...] = GLOBAL) -> str:
    return f"GRANT {', '.join(rights)} ON *.* TO {who}"


def locking(database: str, who: str) -> str:
    return f"GRANT LOCK TABLES ON {quoted(database)}.* TO {who}"


def reading(database: str, table: Captured, who: str) -> str:
    return f"GRANT SELECT ON {quoted(database, table.short)} TO {who}"


def setting(name: str, value: str | int) -> str:
    return f"SET GLOBAL {name} = {literal(value) if isinstance(value, str) else value}"


def statements(source: Source, password: str) -> list[str]:
    """All of them, in order. One that is asked (`poll`) needs only to be read."""
    name, who = source.database.name, account(source.database.user)
    logged = [replicating(who), locking(name, who)] if source.capture == "log" else []
    return [*created(who, password), *logged, *(reading(name, table, who) for table in source.captured.values())]


def undo(source: Source) -> list[str]:
    return [f"DROP USER IF EXISTS {account(source.database.user)}"]
