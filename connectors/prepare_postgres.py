"""The statements that make a PostgreSQL database ready to be tapped, one by one, and how names and texts are written there."""

from collections.abc import Iterable

from schemas.sources import Captured, Source

OPERATIONS = "insert, update, delete, truncate"


def quoted(*names: str) -> str:
    """An identifier, or several with dots between."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def place(table: str) -> tuple[str, str]:
    """Schema and name of a table as a source file writes it."""
    schema, _, name = table.rpartition(".")
    return schema or "public", name


def named(table: Captured) -> str:
    return quoted(*place(table.name))


def setting(name: str, value: str) -> str:
    return f"ALTER SYSTEM SET {name} = {literal(value)}"


def role(user: str, password: str, *, replicates: bool) -> str:
    return f"CREATE ROLE {quoted(user)} LOGIN {'REPLICATION ' if replicates else ''}PASSWORD {literal(password)}"


def able(user: str, attribute: str) -> str:
    """Gives or takes an attribute: LOGIN, NOSUPERUSER …"""
    return f"ALTER ROLE {quoted(user)} {attribute}"


def connecting(database: str, user: str) -> str:
    return f"GRANT CONNECT ON DATABASE {quoted(database)} TO {quoted(user)}"


def using(schema: str, user: str) -> str:
    return f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {quoted(user)}"


def reading(tables: Iterable[Captured], user: str) -> str:
    return f"GRANT SELECT ON {', '.join(map(named, tables))} TO {quoted(user)}"


def full(table: Captured) -> str:
    return f"ALTER TABLE {named(table)} REPLICA IDENTITY FULL"


COMPUTED = "publish_generated_columns = 'stored'"  # since PostgreSQL 18, which refuses updates of a table with full before images and a computed column that is not published


def publication(name: str, tables: Iterable[Captured], *, computed: bool = False) -> str:
    return f"CREATE PUBLICATION {quoted(name)} FOR TABLE {', '.join(map(named, tables))}" + (f" WITH ({COMPUTED})" if computed else "")


def statements(source: Source, publishes: str, password: str) -> list[str]:
    """All of them, in order. ``publishes``: the publication's name. One that is asked (`poll`) needs only to be read."""
    user, tables, logged = source.database.user, list(source.captured.values()), source.capture == "log"
    return [
        role(user, password, replicates=logged),
        connecting(source.database.name, user),
        *(using(schema, user) for schema in sorted({place(table.name)[0] for table in tables})),
        reading(tables, user),
        *([*map(full, tables), publication(publishes, tables)] if logged else []),
    ]


def undo(source: Source, publishes: str) -> list[str]:
    """What takes it all away again."""
    user = source.database.user
    return [
        f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {literal(publishes)}",
        f"DROP PUBLICATION IF EXISTS {quoted(publishes)}",
        f"DROP OWNED BY {quoted(user)}",
        f"DROP ROLE IF EXISTS {quoted(user)}",
    ]
