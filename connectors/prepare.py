"""What the owner of a front-end database runs once: a role with the least it needs, and whatever makes changes complete (full before images). SQL as text: the platform has no right to run it."""

from connectors.config import slot
from schemas.sources import Source, Table

HEAD = "-- 由前置机数据库的管理员执行一次；口令自行设定，与 Connect 的环境变量一致。\n"


def statements(source: Source, password: str) -> list[str]:
    """The statements, one each, in order; to be run as the database's administrator, in the database itself. May be repeated on MariaDB/MySQL; on Postgres after `undo`."""
    return _postgres(source, password) if source.database.kind == "postgres" else _mariadb(source, password)


def script(source: Source, password: str = "********") -> str:
    """The same as a file to hand over."""
    return HEAD + "".join(f"{statement};\n" for statement in statements(source, password))


def undo(source: Source) -> list[str]:
    """What takes it all away again. A slot that nobody reads fills the owner's disk: drop it with the connector."""
    user = source.database.user
    if source.database.kind != "postgres":
        return [f"DROP USER IF EXISTS '{user}'@'%'"]
    return [
        f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{slot(source)}'",
        f'DROP PUBLICATION IF EXISTS "{slot(source)}"',
        f'DROP OWNED BY "{user}"',
        f'DROP ROLE IF EXISTS "{user}"',
    ]


def _postgres(source: Source, password: str) -> list[str]:
    user, tables = source.database.user, [_quoted(table) for table in source.tables.values()]
    schemas = sorted({_schema(table) for table in source.tables.values()})
    return [
        f"CREATE ROLE \"{user}\" LOGIN REPLICATION PASSWORD '{_escaped(password)}'",
        f'GRANT CONNECT ON DATABASE "{source.database.name}" TO "{user}"',
        *(f'GRANT USAGE ON SCHEMA "{schema}" TO "{user}"' for schema in schemas),
        f'GRANT SELECT ON {", ".join(tables)} TO "{user}"',
        *(f"ALTER TABLE {table} REPLICA IDENTITY FULL" for table in tables),
        f'CREATE PUBLICATION "{slot(source)}" FOR TABLE {", ".join(tables)}',
    ]


def _mariadb(source: Source, password: str) -> list[str]:
    user, name = source.database.user, source.database.name
    tables = [f"GRANT SELECT ON `{name}`.`{table.short}` TO '{user}'@'%'" for table in source.tables.values()]
    return [
        f"CREATE USER IF NOT EXISTS '{user}'@'%' IDENTIFIED BY '{_escaped(password)}'",
        f"ALTER USER '{user}'@'%' IDENTIFIED BY '{_escaped(password)}'",
        # RELOAD: the moment's lock at a snapshot's start, so that rows and position fit together.
        f"GRANT RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '{user}'@'%'",
        f"GRANT LOCK TABLES ON `{name}`.* TO '{user}'@'%'",
        *tables,
    ]


def _schema(table: Table) -> str:
    return table.name.rpartition(".")[0] or "public"


def _quoted(table: Table) -> str:
    return f'"{_schema(table)}"."{table.short}"'


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace("'", "''")
