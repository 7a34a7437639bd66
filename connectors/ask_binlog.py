"""Asking a MariaDB or MySQL database what it has and is: the only place that speaks pymysql. The session reads only, and the server ends a question after SECONDS."""

import re
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.constants import ER
from pymysql.cursors import DictCursor, SSCursor

from connectors.access import PATIENCE, SECONDS, Access, Refused, Unasked
from connectors.facts import BLURRED, LOOKED_AT, Column, Facts, Role, Scan, Server, TableFacts
from connectors.prepare_binlog import quoted

_SETTINGS = (
    "log_bin", "binlog_format", "binlog_row_image", "binlog_row_metadata", "server_id", "expire_logs_days", "binlog_expire_logs_seconds", "max_connections", "version",
)  # fmt: skip
_ALIKE = {"BINLOG MONITOR": "REPLICATION CLIENT"}  # MariaDB's own name since 10.5
_TABLES = """
SELECT TABLE_NAME AS name, TABLE_TYPE AS kind, TABLE_ROWS AS `rows`, COALESCE(DATA_LENGTH + INDEX_LENGTH, 0) AS bytes, COALESCE(TABLE_COMMENT, '') AS comment
FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s
"""
_COLUMNS = """
SELECT TABLE_NAME AS place, COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE = 'YES' AS nullable, COLUMN_COMMENT AS comment, COALESCE(COLUMN_DEFAULT, 'NULL') <> 'NULL' AS has_default,
  COLUMN_KEY = 'PRI' AS primary_ FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s ORDER BY TABLE_NAME, ORDINAL_POSITION
"""
_INDEXED = "SELECT TABLE_NAME AS place, COLUMN_NAME AS name FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = %s AND SEQ_IN_INDEX = 1"
_RIGHTS = """
SELECT '' AS place, PRIVILEGE_TYPE AS privilege FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = %(grantee)s
UNION SELECT TABLE_SCHEMA, PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = %(grantee)s
UNION SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE = %(grantee)s
"""


class Asked:
    """A connection, and rows as mappings."""

    def __init__(self, connection: "pymysql.Connection[Any]", kind: str) -> None:
        self._connection = connection
        connection.cursor().execute("SET SESSION TRANSACTION READ ONLY")
        connection.cursor().execute(f"SET SESSION max_statement_time = {SECONDS}" if kind == "mariadb" else f"SET SESSION max_execution_time = {SECONDS * 1000}")

    def rows(self, sql: str, values: Any = None) -> list[dict[str, Any]]:
        with self._connection.cursor(DictCursor) as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def lines(self, sql: str) -> list[bytes]:
        """The one column, in UTF-8, of a question that was put together here, of quoted names and literals; read while the server sends it."""
        with self._connection.cursor(SSCursor) as cursor:
            cursor.execute(sql)
            found = [line.encode() for (line,) in cursor.fetchall_unbuffered() if line is not None]
            if cursor.rownumber != len(found):
                raise Unasked("a row is longer than the server's max_allowed_packet: raise that")
        return found

    def log_place(self) -> tuple[int, int]:
        """How far the binlog is: the number of its file, and the place in it."""
        (found,) = self.allowed("SHOW MASTER STATUS") or self.rows("SHOW BINARY LOG STATUS")  # the latter on MySQL from 8.2 on
        return int(found["File"].rpartition(".")[2]), int(found["Position"])

    def clock(self) -> float:
        """The server's clock minus ours, in seconds."""
        before = time.time()
        clock = float(self.rows("SELECT UNIX_TIMESTAMP(SYSDATE(6)) AS now")[0]["now"])
        return clock - (before + time.time()) / 2

    def allowed(self, sql: str) -> list[dict[str, Any]]:
        """Rows, none where the account may not ask that."""
        try:
            return self.rows(sql)
        except pymysql.Error as fault:
            if fault.args[0] in (ER.SPECIFIC_ACCESS_DENIED_ERROR, ER.ACCESS_DENIED_ERROR, ER.NO_BINARY_LOGGING, ER.TABLEACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, ER.PARSE_ERROR):
                return []
            raise


@contextmanager
def asking(access: Access) -> Iterator[Asked]:
    """A read-only session. Raises Refused, Unasked, also for what is asked inside."""
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE  # as the connector does: encrypted, certificate not checked
    try:
        with pymysql.connect(
            host=access.host, port=access.port, database=access.name, user=access.user, password=access.password, charset="utf8mb4",
            connect_timeout=PATIENCE, read_timeout=2 * SECONDS, autocommit=True, ssl=None if access.near else unchecked,
        ) as connection:  # fmt: skip
            yield Asked(connection, access.kind)
    except pymysql.Error as fault:
        refused = fault.args and fault.args[0] in (ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, ER.BAD_DB_ERROR)
        raise (Refused if refused else Unasked)(f"{access}: {fault.args[-1] if fault.args else fault}") from fault


def facts(access: Access, role: str, tables: Mapping[str, Iterable[str]]) -> Facts:
    """All that `check` judges. ``role`` is tapped with; ``tables``: each with the columns that are read. Raises Refused, Unasked."""
    with asking(access) as asked:
        server, found = _server(asked), _role(asked, role)
        there = _tables(asked, access.name, found)
        named = {name: there[short] for name in tables if (short := name.rpartition(".")[2]) in there}
        scans = {name: _scan(asked, access.name, named[name], columns) for name, columns in tables.items() if name in named}
        return Facts(server, named, found, scans)


def tables(access: Access) -> dict[str, TableFacts]:
    """Every table and view that is there, with its columns, by name."""
    with asking(access) as asked:
        return _tables(asked, access.name, None)


def _server(asked: Asked) -> Server:
    settings = {row["Variable_name"].lower(): row["Value"] for row in asked.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN {_SETTINGS!r}")}
    for row in asked.allowed("SHOW MASTER STATUS"):
        settings |= {name.lower(): row[name] for name in ("Binlog_Do_DB", "Binlog_Ignore_DB") if row.get(name)}
    status = {row["Variable_name"]: row["Value"] for row in asked.rows("SHOW STATUS WHERE Variable_name IN ('Ssl_cipher', 'Threads_connected')")}
    logs = asked.allowed("SHOW BINARY LOGS")
    number = tuple(int(part) for part in re.findall(r"\d+", settings["version"])[:3])
    version = f"{'MariaDB' if 'mariadb' in settings['version'].lower() else 'MySQL'} {settings['version']}"
    return Server(version, number, settings, asked.clock(), bool(status.get("Ssl_cipher")), int(status["Threads_connected"]), sum(int(row["File_size"]) for row in logs) if logs else None)


def _role(asked: Asked, name: str) -> Role | None:
    """The account of that name that may come from anywhere, else any; our own, where others' cannot be seen."""
    current = asked.rows("SELECT CURRENT_USER() AS me")[0]["me"]
    accounts = [f"{row['User']}@{row['Host']}" for row in asked.allowed("SELECT User, Host FROM mysql.user") if row["User"] == name]
    if current.rpartition("@")[0] == name:
        accounts = [current]
    if not accounts:
        return None
    found = next((account for account in accounts if account.endswith("@%")), accounts[0])
    user, _, host = found.rpartition("@")
    rights: dict[str, set[str]] = {}
    for row in asked.rows(_RIGHTS, {"grantee": f"'{user}'@'{host}'"}):
        rights.setdefault(row["place"], set()).add(_ALIKE.get(row["privilege"], row["privilege"]))
    return Role(found, frozenset({"login"}), {place: frozenset(each - {"USAGE"}) for place, each in rights.items()})


def _tables(asked: Asked, database: str, role: Role | None) -> dict[str, TableFacts]:
    columns: dict[str, dict[str, Column]] = {}
    keys: dict[str, list[str]] = {}
    for each in asked.rows(_COLUMNS, (database,)):
        columns.setdefault(each["place"], {})[each["name"]] = Column(each["name"], each["type"], bool(each["nullable"]), comment=each["comment"], default=bool(each["has_default"]))
        keys.setdefault(each["place"], []).extend([each["name"]] * each["primary_"])
    indexed: dict[str, set[str]] = {}
    for each in asked.rows(_INDEXED, (database,)):
        indexed.setdefault(each["place"], set()).add(each["name"])
    return {
        row["name"]: TableFacts(
            row["name"], "view" if "VIEW" in row["kind"] else "table", columns.get(row["name"], {}), tuple(keys.get(row["name"], ())), row["rows"], int(row["bytes"]), row["comment"],
            readable=role is not None and any("SELECT" in role.rights.get(place, ()) for place in ("", database, f"{database}.{row['name']}")),
            indexed=frozenset(indexed.get(row["name"], ())),
        )
        for row in asked.rows(_TABLES, (database,))
    }  # fmt: skip


def suspicions(columns: Iterable[Column]) -> dict[tuple[str, str], str]:
    """What may stand in such columns and would not arrive as it stands: (column, what) → the condition."""
    found = {}
    for column in columns:
        name = quoted(column.name)
        if column.type.startswith(("date", "timestamp")):
            found[column.name, "zero dates"] = f"MONTH({name}) = 0 OR DAY({name}) = 0 OR YEAR({name}) = 0"
        elif column.type.startswith("year"):
            found[column.name, "YEAR 0"] = f"{name} = 0"
        elif re.match("(var)?char|.*text", column.type):
            found[column.name, "NUL characters"] = f"INSTR({name}, '\\0') > 0"
        if column.blurred:
            found[column.name, BLURRED] = f"{name} IS NULL"
    return found


def _scan(asked: Asked, database: str, table: TableFacts, columns: Iterable[str]) -> Scan:
    suspected = suspicions(table.columns[name] for name in sorted(columns) if name in table.columns)
    if not suspected:
        return Scan()
    counts = ", ".join(f"COALESCE(SUM({condition}), 0) AS n{number}" for number, condition in enumerate(suspected.values()))
    read = ", ".join(quoted(name) for name in dict.fromkeys(column for column, _ in suspected))
    try:
        (row,) = asked.rows(f"SELECT COUNT(*) AS `rows`, {counts} FROM (SELECT {read} FROM {quoted(database, table.name)} LIMIT {LOOKED_AT}) AS looked")
    except (pymysql.OperationalError, pymysql.ProgrammingError) as fault:
        return Scan(stopped=str(fault.args[-1]))
    return Scan(int(row["rows"]), {what: int(row[f"n{number}"]) for number, what in enumerate(suspected) if row[f"n{number}"]})
