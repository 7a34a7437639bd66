"""Asking a PostgreSQL database what it has and is: the only place that speaks psycopg. Every question is a read-only transaction of its own that the server ends after SECONDS."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from connectors.access import PATIENCE, SECONDS, Access, Refused, Unasked
from connectors.facts import BLURRED, LOOKED_AT, Column, Facts, Publication, Role, Scan, Server, TableFacts
from connectors.prepare_postgres import place, quoted

_SETTINGS = ["wal_level", "max_replication_slots", "max_wal_senders", "max_slot_wal_keep_size", "max_connections", "ssl", "server_version"]
_KINDS = {"r": "table", "p": "partitioned", "v": "view", "m": "view", "f": "foreign"}
_TABLES = """
SELECT n.nspname || '.' || c.relname AS name, c.oid, c.relkind::text AS relkind, c.relpersistence::text AS persistence, c.relreplident::text AS identity,
  c.relrowsecurity AS secured, c.reltuples::bigint AS rows, pg_total_relation_size(c.oid) AS bytes, coalesce(obj_description(c.oid, 'pg_class'), '') AS comment,
  ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
  ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL) AS indexed
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'
  AND (%(names)s::text[] IS NULL OR n.nspname || '.' || c.relname = ANY(%(names)s))
ORDER BY 1
"""
_COLUMNS = """
SELECT a.attrelid AS oid, a.attname AS name, CASE WHEN t.typtype = 'e' THEN 'enum' ELSE format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END, a.atttypmod) END AS type,
  NOT a.attnotnull AS nullable, CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' ELSE '' END AS generated, coalesce(col_description(a.attrelid, a.attnum), '') AS comment,
  a.atthasdef AND a.attgenerated = '' AS "default"
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
_GRANTS = """
SELECT n.nspname || '.' || c.relname AS place, a.privilege_type AS privilege FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
WHERE a.grantee = (SELECT oid FROM pg_roles WHERE rolname = %(role)s)
UNION SELECT n.nspname || '.' || c.relname, 'OWNERSHIP' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relowner = (SELECT oid FROM pg_roles WHERE rolname = %(role)s)
"""
_WRITTEN: LiteralString = """
SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = %s AND c.relname = %s AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))"""
_ROLE = """
SELECT r.rolsuper AS superuser, r.rolcreatedb AS createdb, r.rolcreaterole AS createrole, r.rolbypassrls AS bypassrls, r.rolcanlogin AS login, r.rolreplication AS replication,
  has_database_privilege(r.rolname, current_database(), 'CONNECT') AS connect,
  ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid) AS groups
FROM pg_roles r WHERE r.rolname = %s
"""


class Asked:
    """A connection, and rows as mappings."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def rows(self, sql: LiteralString, values: Any = None) -> list[dict[str, Any]]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return list(cursor.execute(sql, values).fetchall())

    def one(self, sql: LiteralString, values: Any = None) -> Any:
        """The only value."""
        return next(iter(self.rows(sql, values)[0].values()))

    def copied(self, sql: str) -> bytes:
        """What a question that was put together here, of quoted names and literals, finds: CSV, every value in quotes, a NULL nothing."""
        with self._connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, FORCE_QUOTE *, ENCODING 'UTF8')".encode()) as copied:
            return b"".join(bytes(part) for part in copied)

    def written(self, table: str) -> bool:
        """Whether a transaction that writes into a table is open: what it has done is not to be seen yet."""
        return bool(self.one(_WRITTEN, place(table)))

    def log_place(self) -> int:
        """How far the log is, as a number."""
        return int(self.one("SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, '0/0')"))

    def clock(self) -> float:
        """The server's clock minus ours, in seconds."""
        before = time.time()
        clock = float(self.one("SELECT extract(epoch FROM clock_timestamp())"))
        return clock - (before + time.time()) / 2

    @property
    def version(self) -> tuple[int, int]:
        return divmod(self._connection.info.server_version, 10_000)

    def counted(self, sql: str) -> tuple[Any, ...]:
        """The one row of a question that was put together here, of quoted names."""
        found = self._connection.execute(sql.encode()).fetchone()
        assert found is not None
        return tuple(found)


@contextmanager
def asking(access: Access, *, read_only: bool = True) -> Iterator[Asked]:
    """A session that reads only, unless it is told otherwise. Raises Refused, Unasked, also for what is asked inside."""
    options = f"-c statement_timeout={SECONDS}s -c default_transaction_read_only={'on' if read_only else 'off'} -c lock_timeout=5s"
    try:
        with psycopg.connect(
            host=access.host, port=access.port, dbname=access.name, user=access.user, password=access.password,
            connect_timeout=PATIENCE, options=options, application_name="guiji", autocommit=True,
        ) as connection:  # fmt: skip
            yield Asked(connection)
    except psycopg.Error as fault:
        said = str(fault).strip().splitlines()[-1]
        refused = "authentication failed" in str(fault) or "does not exist" in str(fault) or "not permitted to log in" in str(fault) or "permission denied for database" in str(fault)
        raise (Refused if refused else Unasked)(f"{access}: {said}") from fault


def facts(access: Access, role: str, slot: str, tables: Mapping[str, Iterable[str]]) -> Facts:
    """All that `check` judges. ``role`` is tapped with, under ``slot``; ``tables``: each with the columns that are read. Raises Refused, Unasked."""
    with asking(access) as asked:
        server, found = _server(asked), _role(asked, role)
        there = _tables(asked, {".".join(place(name)): name for name in tables}, role if found else None)
        slots = {row["slot_name"]: row["wal_status"] or "" for row in asked.rows("SELECT slot_name, wal_status FROM pg_replication_slots")}
        senders = asked.one("SELECT count(*) FROM pg_stat_replication")
        publication = _publication(asked, slot, server.number)
        scans = {name: _scan(asked, there[name], columns) for name, columns in tables.items() if name in there}
        return Facts(server, there, found, scans, slots, senders, publication)


def tables(access: Access) -> dict[str, TableFacts]:
    """Every table and view that is there, with its columns, by `schema.name`."""
    with asking(access) as asked:
        return _tables(asked, None, None)


def _server(asked: Asked) -> Server:
    settings = {row["name"]: row["setting"] for row in asked.rows("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (_SETTINGS,))}
    encrypted = asked.one("SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)")
    connected = int(asked.one("SELECT sum(numbackends)::bigint FROM pg_stat_database"))
    return Server(f"PostgreSQL {settings['server_version']}", asked.version, settings, asked.clock(), encrypted, connected)


def _role(asked: Asked, name: str) -> Role | None:
    rows = asked.rows(_ROLE, (name,))
    if not rows:
        return None
    (row,) = rows
    attributes = {attribute for attribute, has in row.items() if has is True} | {f"member of {group}" for group in row["groups"]}
    rights: dict[str, set[str]] = {}
    for grant in asked.rows(_GRANTS, {"role": name}):
        rights.setdefault(grant["place"], set()).add(grant["privilege"])
    for schema in asked.rows("SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%s, oid, 'USAGE')", (name,)):
        rights.setdefault(schema["nspname"], set()).add("USAGE")
    return Role(name, frozenset(attributes), {place: frozenset(each) for place, each in rights.items()})


def _tables(asked: Asked, wanted: Mapping[str, str] | None, role: str | None) -> dict[str, TableFacts]:
    """``wanted``: name with schema → the name it gets here."""
    rows = asked.rows(_TABLES, {"names": None if wanted is None else list(wanted)})
    columns: dict[int, dict[str, Column]] = {row["oid"]: {} for row in rows}
    for each in asked.rows(_COLUMNS, (list(columns),)):
        columns[each["oid"]][each["name"]] = Column(each["name"], each["type"], each["nullable"], each["generated"], each["comment"], each["default"])
    readable = set(columns)
    if role:
        readable = {row["oid"] for row in asked.rows("SELECT oid FROM unnest(%s::oid[]) AS oid WHERE has_table_privilege(%s, oid, 'SELECT')", (list(columns), role))}
    return {
        (wanted or {}).get(row["name"], row["name"]): TableFacts(
            row["name"], "unlogged" if row["persistence"] == "u" else _KINDS[row["relkind"]], columns[row["oid"]], tuple(row["key"]), row["rows"] if row["rows"] >= 0 else None,
            row["bytes"], row["comment"], readable=row["oid"] in readable and (role is not None or wanted is None), full=row["identity"] == "f", hidden=row["secured"],
            indexed=frozenset(row["indexed"]),
        )
        for row in rows
    }  # fmt: skip


def _publication(asked: Asked, name: str, version: tuple[int, ...]) -> Publication | None:
    rows = asked.rows("SELECT puballtables, pubinsert AS insert, pubupdate AS update, pubdelete AS delete, pubtruncate AS truncate FROM pg_publication WHERE pubname = %s", (name,))
    if not rows:
        return None
    (row,) = rows
    everything = row.pop("puballtables")
    tables = {each["name"] for each in asked.rows("SELECT schemaname || '.' || tablename AS name FROM pg_publication_tables WHERE pubname = %s", (name,))}
    narrowed, computed = set(), False
    if version >= (18,):
        computed = asked.one("SELECT pubgencols = 's' FROM pg_publication WHERE pubname = %s", (name,))
    if version >= (15,):
        question = """SELECT n.nspname || '.' || c.relname AS name FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = %s AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL)"""
        narrowed = {each["name"] for each in asked.rows(question, (name,))}
    return Publication(frozenset(tables), everything, frozenset(operation for operation, on in row.items() if on), frozenset(narrowed), computed)


def suspicions(columns: Iterable[Column]) -> dict[tuple[str, str], str]:
    """What may stand in such columns and would not arrive as a value of its field: (column, what) → the condition."""
    found = {}
    for column in columns:
        name = quoted(column.name)
        if column.type == "date" or column.type.startswith("timestamp"):
            found[column.name, "infinity"] = f"NOT isfinite({name})"
            found[column.name, "years before 1 or after 9999"] = f"isfinite({name}) AND extract(year FROM {name}) NOT BETWEEN 1 AND 9999"
        elif column.type.startswith(("numeric", "real", "double precision")):
            found[column.name, "NaN or infinity"] = f"{name}::text IN ('NaN', 'Infinity', '-Infinity')"
        if column.blurred:
            found[column.name, BLURRED] = f"{name} IS NULL"
    return found


def _scan(asked: Asked, table: TableFacts, columns: Iterable[str]) -> Scan:
    suspected = suspicions(table.columns[name] for name in sorted(columns) if name in table.columns)
    if not suspected:
        return Scan()
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in suspected.values())
    read = ", ".join(quoted(name) for name in dict.fromkeys(column for column, _ in suspected))
    try:
        rows, *found = asked.counted(f"SELECT count(*), {counts} FROM (SELECT {read} FROM {quoted(*place(table.name))} LIMIT {LOOKED_AT}) AS looked")
    except (psycopg.errors.QueryCanceled, psycopg.errors.InsufficientPrivilege, psycopg.errors.LockNotAvailable) as fault:
        return Scan(stopped=str(fault).strip().splitlines()[0])
    return Scan(rows, {what: count for what, count in zip(suspected, found, strict=True) if count})
