"""Which databases can be tapped, by version, and what is known of each: the one table that `guiji connectors check` and docs/connectors.md print."""

from dataclasses import dataclass

TESTED, UNTESTED, POLL, PUSH = "CDC tested", "CDC untested here", "poll tested", "push only"
UNKNOWN = "unknown here"


@dataclass(frozen=True)
class Support:
    """``kind``: as source files write it, "" where they cannot; versions from ``since`` to below ``until``, as ``versions`` writes them.
    ``driver``: what the connector reads it with, and its licence; ``polled``: whether polling it was tried.
    """

    kind: str
    database: str
    versions: str
    since: tuple[int, ...]
    until: tuple[int, ...]
    state: str
    driver: str
    note: str = ""
    polled: bool = False

    @property
    def told(self) -> str:
        return f"{self.state}, {POLL}" if self.polled else self.state


_PG, _MARIA, _MYSQL = "PostgreSQL JDBC 42.7.7 (BSD-2-Clause)", "MariaDB Connector/J 3.5.3 (LGPL-2.1)", "MySQL Connector/J 9.1.0 (GPL-2.0 with the Universal FOSS Exception)"
_NONE = "none here"
_NOT_RUN = "not run: configuration and script are generated and reviewed; the plug-in is not fetched."
_END = (9999,)
SUPPORT = (
    Support("postgres", "PostgreSQL", "18", (18,), (19,), TESTED, _PG, "Every test of the suite runs on 18.", polled=True),
    Support("postgres", "PostgreSQL", "14 – 17", (14,), (18,), UNTESTED, _PG, "Same plug-in (pgoutput), same statements."),
    Support("postgres", "PostgreSQL", "10 – 13", (10,), (14,), UNTESTED, _PG, "Has pgoutput, but its makers do not maintain it any more."),
    Support("postgres", "PostgreSQL", "before 10", (0,), (10,), PUSH, _PG, "No pgoutput: there is no publication."),
    Support("mariadb", "MariaDB", "10.11", (10, 11), (10, 12), TESTED, _MARIA, "Every test of the suite runs on 10.11.", polled=True),
    Support("mariadb", "MariaDB", "11 and later", (11,), _END, UNTESTED, _MARIA),
    Support("mariadb", "MariaDB", "10.5 – 10.10", (10, 5), (10, 11), UNTESTED, _MARIA, "The first with binlog_row_metadata."),
    Support("mariadb", "MariaDB", "before 10.5", (0,), (10, 5), PUSH, _MARIA, "No binlog_row_metadata: changed columns cannot be told by name."),
    Support("mysql", "MySQL", "8.0 and later", (8,), _END, UNTESTED, _MYSQL, "Configuration and statements are those of MariaDB where the two agree."),
    Support("mysql", "MySQL", "before 8.0", (0,), (8,), PUSH, _MYSQL, "No binlog_row_metadata."),
    Support("sqlserver", "SQL Server", "2016 SP1 and later", (13,), _END, UNTESTED, "Microsoft JDBC Driver (MIT)", _NOT_RUN),
    Support("oracle", "Oracle", "12.2 and later", (12, 2), _END, UNTESTED, "Oracle JDBC (Oracle Free Use Terms)", _NOT_RUN),
    Support("", "达梦 DM", "8", (8,), (9,), PUSH, _NONE, "Debezium has no connector. Front-end tables are written in its dialect (`guiji connectors table`), not run."),
    Support("", "人大金仓 KingbaseES", "V8", (8,), (9,), PUSH, _NONE, "A relative of PostgreSQL; whether its log can be read with pgoutput was not tried."),
    Support("", "openGauss / GaussDB", "any", (0,), _END, PUSH, _NONE, "A relative of PostgreSQL 9.2 with its own way to log in (SHA-256) and to decode its log (mppdb_decoding)."),
    Support("", "OceanBase", "4", (4,), (5,), PUSH, _NONE, "Its binlog service offers MySQL's protocol; not tried."),
)


def known(kind: str, number: tuple[int, ...]) -> Support | None:
    """What is known of this version; None where it is newer than all that is listed."""
    return next((each for each in SUPPORT if each.kind == kind and each.since <= number < each.until), None)


def markdown() -> str:
    """The table as docs show it."""
    head = "| database | versions | | driver and its licence | |\n|---|---|---|---|---|\n"
    return head + "".join(f"| {each.database} | {each.versions} | {each.told} | {each.driver} | {each.note} |\n" for each in SUPPORT)
