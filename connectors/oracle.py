"""Oracle by LogMiner: a connector's own options and its administrator's statements, by Debezium's and Oracle's manuals.

**not run**: no such server can run where this is tested, so it is generated, reviewed, and not called supported.
`database.name` is the service, or `CDB/PDB` where the tables lie in a pluggable database (the user is then a common one, `C##…`).
"""

from schemas.sources import Captured, Source

REVIEW = "not run：本脚本按手册写成，没有在真实的服务器上运行过，请管理员先行审阅。数据库必须处于 ARCHIVELOG 模式；如有可插拔数据库（PDB），表上的语句在 PDB 中执行，其余在 CDB 中执行。"
_VIEWS = (
    "V_$DATABASE", "V_$LOG", "V_$LOG_HISTORY", "V_$LOGMNR_LOGS", "V_$LOGMNR_CONTENTS", "V_$LOGMNR_PARAMETERS", "V_$LOGFILE", "V_$ARCHIVED_LOG", "V_$ARCHIVE_DEST_STATUS",
    "V_$TRANSACTION", "V_$MYSTAT", "V_$STATNAME",
)  # fmt: skip


def quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def place(source: Source, table: Captured) -> tuple[str, str]:
    """Owner and table; the tapping user's own where none is named."""
    return table.name.rpartition(".")[0] or source.database.user, table.short


def options(source: Source) -> dict[str, str]:
    """Takes no lock at a snapshot (its structure must not change meanwhile) and mines with the online catalogue, which writes nothing into the database's log."""
    name, _, pluggable = source.database.name.partition("/")
    places = (place(source, table) for table in source.captured.values())
    return {
        "database.dbname": name,
        **({"database.pdb.name": pluggable} if pluggable else {}),
        "database.connection.adapter": "logminer",
        "table.include.list": ",".join(rf"{schema}\.{table}".replace("$", r"\$") for schema, table in places),
        "log.mining.strategy": "online_catalog",
        "snapshot.locking.mode": "none",
        "lob.enabled": "true",
    }


def statements(source: Source, password: str) -> list[str]:
    user, tables = quoted(source.database.user), [quoted(*place(source, table)) for table in source.captured.values()]
    everywhere = " CONTAINER=ALL" if "/" in source.database.name else ""
    system = ("CREATE SESSION", "SET CONTAINER", "SELECT ANY TRANSACTION", "LOGMINING", "SELECT_CATALOG_ROLE", "EXECUTE_CATALOG_ROLE", "CREATE TABLE")
    return [
        "ALTER DATABASE ADD SUPPLEMENTAL LOG DATA",
        *(f"ALTER TABLE {table} ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS" for table in tables),
        f'CREATE USER {user} IDENTIFIED BY "{password}" QUOTA 10M ON USERS{everywhere}',
        *(f"GRANT {right} TO {user}{everywhere}" for right in system if everywhere or right != "SET CONTAINER"),
        *(f"GRANT SELECT ON {view} TO {user}{everywhere}" for view in _VIEWS),
        *(f"GRANT EXECUTE ON {package} TO {user}{everywhere}" for package in ("DBMS_LOGMNR", "DBMS_LOGMNR_D")),
        *(f"GRANT SELECT, FLASHBACK ON {table} TO {user}" for table in tables),
    ]


def undo(source: Source) -> list[str]:
    tables = (quoted(*place(source, table)) for table in source.captured.values())
    return [*(f"ALTER TABLE {table} DROP SUPPLEMENTAL LOG DATA (ALL) COLUMNS" for table in tables), f"DROP USER {quoted(source.database.user)}"]
