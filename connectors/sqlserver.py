"""SQL Server: a connector's own options and its administrator's statements, by Debezium's and Microsoft's manuals.

**not run**: no such server can run where this is tested, so it is generated, reviewed, and not called supported.
"""

from schemas.sources import Captured, Source

GATE = "guiji_cdc"  # the role that may read the change tables
REVIEW = "not run：本脚本按手册写成，没有在真实的服务器上运行过，请管理员先行审阅。SQL Server 2016 SP1 及以上，SQL Server Agent 必须在运行。"


def quoted(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def literal(text: str) -> str:
    return "N'" + text.replace("'", "''") + "'"


def place(table: Captured) -> tuple[str, str]:
    return table.name.rpartition(".")[0] or "dbo", table.short


def options(source: Source) -> dict[str, str]:
    """Reads its snapshot from row versions: nobody waits for it. The driver encrypts; the certificate is not checked, as with the other kinds."""
    return {
        "database.names": source.database.name,
        "table.include.list": ",".join(rf"{schema}\.{name}" for schema, name in map(place, source.captured.values())),
        "snapshot.isolation.mode": "snapshot",
        "driver.encrypt": "true",
        "driver.trustServerCertificate": "true",
        # Debezium's <source>.<database>.<schema>.<table>
        "transforms.route.regex": rf"{source.name}\.[^.]+\.[^.]+\.(.+)",
    }


def statements(source: Source, password: str) -> list[str]:
    """Change tables hold both images of every change; they are kept three days unless the administrator says otherwise."""
    user, database, tables = quoted(source.database.user), quoted(source.database.name), list(map(place, source.captured.values()))
    return [
        f"CREATE LOGIN {user} WITH PASSWORD = {literal(password)}",
        f"USE {database}",
        f"CREATE USER {user} FOR LOGIN {user}",
        f"ALTER DATABASE {database} SET ALLOW_SNAPSHOT_ISOLATION ON",
        "EXEC sys.sp_cdc_enable_db",
        f"CREATE ROLE {quoted(GATE)}",
        f"ALTER ROLE {quoted(GATE)} ADD MEMBER {user}",
        *(f"EXEC sys.sp_cdc_enable_table @source_schema = {literal(schema)}, @source_name = {literal(name)}, @role_name = {literal(GATE)}, @supports_net_changes = 0" for schema, name in tables),
        f"GRANT SELECT ON SCHEMA::cdc TO {user}",
        *(f"GRANT SELECT ON {quoted(schema)}.{quoted(name)} TO {user}" for schema, name in tables),
        f"GRANT VIEW DATABASE STATE TO {user}",
    ]


def undo(source: Source) -> list[str]:
    user, tables = quoted(source.database.user), map(place, source.captured.values())
    return [
        f"USE {quoted(source.database.name)}",
        *(f"EXEC sys.sp_cdc_disable_table @source_schema = {literal(schema)}, @source_name = {literal(name)}, @capture_instance = N'all'" for schema, name in tables),
        f"DROP USER {user}",
        f"DROP LOGIN {user}",
    ]
