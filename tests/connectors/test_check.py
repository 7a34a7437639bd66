"""What `check` makes of a database's answers: nothing lacks in a sound one, and each thing that is taken away is told with the statement that mends it."""

from dataclasses import replace

import pytest

from connectors import check_binlog, check_postgres, check_server, check_tables, finding
from connectors.config import server_id, slot
from connectors.facts import BLURRED, LOOKED_AT, Column, Facts, Publication, Role, Scan, Server, TableFacts
from connectors.finding import COSTS, KNOWN, LACKS, WARNS, Finding
from schemas import catalog, sources

CATALOG = catalog.load()


def declared(kind: str, **said: object) -> sources.Source:
    table = {"item": "xzxk", "columns": {"XK_WSH": "no", "XK_JDRQ": "day"}, "constants": {"DFBM": "370100"}, "source_time": "at"}
    database = {"kind": kind, "host": "10.0.0.1", "port": 1, "name": "dep", "user": "guiji", "password": "${env:P}"}
    return sources.read({"source": "t", "department": "zjj", "database": database, "tables": {"permit": table}} | said, CATALOG)


def table(kind: str) -> TableFacts:
    columns = [Column("id", "bigint", nullable=False), Column("no", "varchar(100)"), Column("day", "date"), Column("at", "timestamp without time zone")]
    return TableFacts("public.permit" if kind == "postgres" else "permit", "table", {column.name: column for column in columns}, ("id",), 9_000, 2_000_000)


SETTINGS = {
    "postgres": {"wal_level": "logical", "max_replication_slots": "10", "max_wal_senders": "10", "max_slot_wal_keep_size": "1024", "max_connections": "100"},
    "mariadb": {
        "log_bin": "ON", "binlog_format": "ROW", "binlog_row_image": "FULL", "binlog_row_metadata": "FULL", "server_id": "1", "expire_logs_days": "10.000000",
        "binlog_expire_logs_seconds": "864000", "max_connections": "100",
    },
}  # fmt: skip
POSTGRES = Facts(
    Server("PostgreSQL 18.4", (18, 4), SETTINGS["postgres"], 0.0, encrypted=True, connected=3), {"permit": table("postgres")},
    Role("guiji", frozenset({"login", "replication", "connect"}), {"public": frozenset({"USAGE"}), "public.permit": frozenset({"SELECT"})}),
    {"permit": Scan(9_000)}, publication=Publication(frozenset({"public.permit"}), everything=False, operations=check_postgres.OPERATIONS),
)  # fmt: skip
MARIADB = Facts(
    Server("MariaDB 10.11.2", (10, 11, 2), SETTINGS["mariadb"], 0.0, encrypted=True, connected=3, kept=5_000_000), {"permit": table("mariadb")},
    Role("guiji@%", frozenset({"login"}), {"": frozenset({"RELOAD", "REPLICATION SLAVE", "REPLICATION CLIENT"}), "dep": frozenset({"LOCK TABLES"}), "dep.permit": frozenset({"SELECT"})}),
    {"permit": Scan(9_000)},
)  # fmt: skip
SOUND = {"postgres": POSTGRES, "mariadb": MARIADB}


def found(kind: str, facts: Facts, source: sources.Source | None = None) -> list[Finding]:
    """What is found, costs and the version apart."""
    source = source or declared(kind)
    of_kind = check_postgres.findings if kind == "postgres" else check_binlog.findings
    return [*of_kind(source, facts, near=False), *check_tables.findings(source, facts, CATALOG), *check_server.clock(facts.server)]


def changed(facts: Facts, **settings: str) -> Facts:
    return replace(facts, server=replace(facts.server, settings={**facts.server.settings, **settings}))


def of_table(facts: Facts, **said: object) -> Facts:
    return replace(facts, tables={"permit": replace(facts.tables["permit"], **said)})


@pytest.mark.parametrize("kind", SOUND)
def test_nothing_is_found_in_a_sound_database(kind: str) -> None:
    assert found(kind, SOUND[kind]) == []


@pytest.mark.parametrize("kind", SOUND)
def test_it_costs_what_the_database_estimates(kind: str) -> None:
    told = {each.place: each.says for each in [*check_server.costs(declared(kind), SOUND[kind]), *(check_postgres if kind == "postgres" else check_binlog).costs(SOUND[kind])]}
    assert told["permit"] == "about 9,000 rows, 2.0 MB with its indexes"
    assert "0.0 minutes at 4,500 rows/s" in told["snapshot"]
    assert "3 of 100" in told["connections"]
    assert set(told) == {"permit", "snapshot", "connections", "log", "locks"}
    assert ("1,024 MB" if kind == "postgres" else "10 days, 5 MB now") in told["log"]


PG = [
    (changed(POSTGRES, wal_level="replica"), "wal_level", "ALTER SYSTEM SET wal_level = 'logical'"),
    (changed(POSTGRES, max_replication_slots="0"), "max_replication_slots", "ALTER SYSTEM SET max_replication_slots = '11'"),
    (changed(replace(POSTGRES, slots={"a": "", "b": ""}), max_replication_slots="2"), "max_replication_slots", "ALTER SYSTEM SET max_replication_slots = '13'"),
    (changed(replace(POSTGRES, senders=3), max_wal_senders="3"), "max_wal_senders", "ALTER SYSTEM SET max_wal_senders = '14'"),
    (replace(POSTGRES, slots={slot(declared("postgres")): "lost"}), "slot", "SELECT pg_drop_replication_slot('guiji_t')"),
    (replace(POSTGRES, role=replace(POSTGRES.role, attributes=frozenset({"login", "connect"}))), "role guiji", 'ALTER ROLE "guiji" REPLICATION'),
    (replace(POSTGRES, role=replace(POSTGRES.role, attributes=frozenset({"replication", "connect"}))), "role guiji", 'ALTER ROLE "guiji" LOGIN'),
    (replace(POSTGRES, role=replace(POSTGRES.role, attributes=frozenset({"replication", "login"}))), "role guiji", 'GRANT CONNECT ON DATABASE "dep" TO "guiji"'),
    (replace(POSTGRES, role=replace(POSTGRES.role, rights={"public.permit": frozenset({"SELECT"})})), "schema public", 'GRANT USAGE ON SCHEMA "public" TO "guiji"'),
    (of_table(POSTGRES, readable=False), "permit", 'GRANT SELECT ON "public"."permit" TO "guiji"'),
    (of_table(POSTGRES, full=False), "permit", 'ALTER TABLE "public"."permit" REPLICA IDENTITY FULL'),
    (replace(POSTGRES, publication=None), "publication guiji_t", 'CREATE PUBLICATION "guiji_t" FOR TABLE "public"."permit"'),
    (replace(POSTGRES, publication=replace(POSTGRES.publication, tables=frozenset({"public.permit", "public.x"}))), "publication guiji_t", 'ALTER PUBLICATION "guiji_t" SET TABLE "public"."permit"'),
    (replace(POSTGRES, publication=replace(POSTGRES.publication, tables=frozenset())), "publication guiji_t", 'ALTER PUBLICATION "guiji_t" SET TABLE "public"."permit"'),
    (replace(POSTGRES, publication=replace(POSTGRES.publication, narrowed=frozenset({"public.permit"}))), "publication guiji_t", 'ALTER PUBLICATION "guiji_t" SET TABLE "public"."permit"'),
    (replace(POSTGRES, publication=replace(POSTGRES.publication, everything=True)), "publication guiji_t", 'DROP PUBLICATION "guiji_t"'),
    (
        replace(POSTGRES, publication=replace(POSTGRES.publication, operations=frozenset({"insert"}))), "publication guiji_t",
        "ALTER PUBLICATION \"guiji_t\" SET (publish = 'insert, update, delete, truncate')",
    ),
]  # fmt: skip
BINLOG = [
    (changed(MARIADB, log_bin="OFF"), "log_bin", "log_bin=bin"),
    (changed(MARIADB, binlog_format="MIXED"), "binlog_format", "SET GLOBAL binlog_format = 'ROW'"),
    (changed(MARIADB, binlog_row_image="MINIMAL"), "binlog_row_image", "SET GLOBAL binlog_row_image = 'FULL'"),
    (changed(MARIADB, binlog_row_metadata="NO_LOG"), "binlog_row_metadata", "SET GLOBAL binlog_row_metadata = 'FULL'"),
    (changed(MARIADB, server_id="0"), "server_id", "SET GLOBAL server_id = 1"),
    (changed(MARIADB, server_id=str(server_id(declared("mariadb")))), "server_id", "SET GLOBAL server_id = 1"),
    (changed(MARIADB, binlog_expire_logs_seconds="86400"), "binlog retention", "SET GLOBAL binlog_expire_logs_seconds = 604800"),
    (changed(MARIADB, binlog_do_db="a,b"), "binlog_do_db, binlog_ignore_db", "# binlog_do_db / binlog_ignore_db: dep"),
    (changed(MARIADB, binlog_ignore_db="dep"), "binlog_do_db, binlog_ignore_db", "# binlog_do_db / binlog_ignore_db: dep"),
    (replace(MARIADB, server=replace(MARIADB.server, encrypted=False)), "TLS", "ssl_cert=…"),
    (replace(MARIADB, role=replace(MARIADB.role, rights={**MARIADB.role.rights, "": frozenset({"RELOAD"})})), "account 'guiji'@'%'",
     "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'guiji'@'%'"),
    (replace(MARIADB, role=replace(MARIADB.role, rights={**MARIADB.role.rights, "dep": frozenset()})), "account 'guiji'@'%'", "GRANT LOCK TABLES ON `dep`.* TO 'guiji'@'%'"),
    (of_table(MARIADB, readable=False), "permit", "GRANT SELECT ON `dep`.`permit` TO 'guiji'@'%'"),
    (replace(MARIADB, tables={}, scans={}), "permit", "GRANT SELECT ON `dep`.`permit` TO 'guiji'@'%'"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "facts", "place", "statement"), [("postgres", *each) for each in PG] + [("mariadb", *each) for each in BINLOG])
def test_what_was_taken_away_is_told_alone_and_with_its_statement(kind: str, facts: Facts, place: str, statement: str) -> None:
    (only,) = found(kind, facts)
    assert (only.kind, only.place, only.statements[0]) == (LACKS, place, statement)


@pytest.mark.parametrize("kind", SOUND)
def test_a_missing_role_lacks_everything_of_a_role_and_no_password_is_told(kind: str) -> None:
    told = [statement for each in found(kind, replace(of_table(SOUND[kind], readable=False), role=None)) for statement in each.statements]
    assert sum("********" in statement for statement in told) == (1 if kind == "postgres" else 2)
    assert len(told) == (4 if kind == "postgres" else 5)


EITHER = [
    ({"key": ()}, "permit", "no primary key"),
    ({"kind": "view"}, "permit", "view"),
    ({"hidden": True}, "permit", "row level security"),
    ({"columns": {name: column for name, column in table("postgres").columns.items() if name != "day"}}, "permit", "no column day"),
    ({"columns": table("postgres").columns | {"at": Column("at", "timestamp", generated="stored")}}, "permit.at", "computed"),
    ({"columns": table("postgres").columns | {"day": Column("day", "integer")}}, "permit.day", "needs a format"),
    ({"columns": table("postgres").columns | {"no": Column("no", "bytea")}}, "permit.no", "XK_WSH"),
]


def with_column(generated: str) -> Facts:
    return of_table(POSTGRES, columns=table("postgres").columns | {"sum": Column("sum", "bigint", generated=generated)}, full=generated == "stored")


def test_a_computed_column_that_nobody_maps_must_not_stop_the_owners_updates() -> None:
    (only,) = found("postgres", with_column("stored"))
    assert only.statements == ("ALTER PUBLICATION \"guiji_t\" SET (publish_generated_columns = 'stored')",)
    assert found("postgres", replace(with_column("stored"), publication=replace(POSTGRES.publication, computed=True))) == []
    (only,) = found("postgres", replace(with_column("stored"), publication=None))
    assert only.statements == ("CREATE PUBLICATION \"guiji_t\" FOR TABLE \"public\".\"permit\" WITH (publish_generated_columns = 'stored')",)
    older = with_column("stored")
    assert found("postgres", replace(older, server=replace(older.server, number=(17, 1)))) == []
    (only,) = found("postgres", replace(with_column("virtual"), publication=None))
    assert (only.kind, only.statements) == (LACKS, ())
    assert "must not be published" in only.says


@pytest.mark.parametrize("kind", SOUND)
@pytest.mark.parametrize(("said", "place", "words"), EITHER)
def test_what_a_table_lacks_is_told(kind: str, said: dict, place: str, words: str) -> None:
    (only,) = [each for each in found(kind, of_table(SOUND[kind], **said)) if each.place == place]
    assert only.kind == LACKS
    assert words in only.says


@pytest.mark.parametrize(
    ("scan", "kind", "place", "words"),
    [
        (Scan(9, {("day", "zero dates"): 2}), LACKS, "permit.day", "2 rows: arrive as NULL"),
        (Scan(9, {("day", "YEAR 0"): 1}), LACKS, "permit.day", "stops the snapshot"),
        (Scan(9, {("day", BLURRED): 1}), LACKS, "permit.day", "arrives as the column's default"),
        (Scan(9, {("day", "infinity"): 1}), WARNS, "permit.day", "infinity in 1 rows"),
        (Scan(LOOKED_AT), KNOWN, "permit", "first 1,000,000 rows"),
        (Scan(stopped="canceling statement due to statement timeout"), WARNS, "permit", "timeout"),
    ],
)
def test_values_that_change_on_the_way_are_told_by_their_count(scan: Scan, kind: str, place: str, words: str) -> None:
    (only,) = found("mariadb", replace(MARIADB, scans={"permit": scan}))
    assert (only.kind, only.place) == (kind, place)
    assert words in only.says


MORE = [
    ("postgres", replace(POSTGRES, role=replace(POSTGRES.role, attributes=POSTGRES.role.attributes | {"superuser"})), 'ALTER ROLE "guiji" NOSUPERUSER'),
    ("postgres", replace(POSTGRES, role=replace(POSTGRES.role, attributes=POSTGRES.role.attributes | {"member of owners"})), 'REVOKE "owners" FROM "guiji"'),
    ("postgres", replace(POSTGRES, role=replace(POSTGRES.role, rights={**POSTGRES.role.rights, "public.x": frozenset({"SELECT"})})), 'REVOKE SELECT ON "public"."x" FROM "guiji"'),
    ("mariadb", replace(MARIADB, role=replace(MARIADB.role, rights={**MARIADB.role.rights, "dep.permit": frozenset({"SELECT", "DELETE"})})), "REVOKE DELETE ON `dep`.`permit` FROM 'guiji'@'%'"),
    ("postgres", changed(POSTGRES, max_slot_wal_keep_size="-1"), "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "facts", "statement"), MORE)
def test_more_than_is_needed_is_warned_of(kind: str, facts: Facts, statement: str) -> None:
    (only,) = found(kind, facts)
    assert (only.kind, only.statements[0]) == (WARNS, statement)


@pytest.mark.parametrize(("ahead", "words"), [(61.0, "61 s ahead of"), (-7.0, "7 s behind")])
def test_a_clock_that_goes_wrong_is_warned_of(ahead: float, words: str) -> None:
    (only,) = found("postgres", replace(POSTGRES, server=replace(POSTGRES.server, clock=ahead)))
    assert words in only.says
    assert found("postgres", replace(POSTGRES, server=replace(POSTGRES.server, clock=4.0))) == []


@pytest.mark.parametrize("kind", SOUND)
def test_a_database_that_is_only_asked_needs_no_log(kind: str) -> None:
    bare = replace(SOUND[kind], server=replace(SOUND[kind].server, settings={}), publication=None)
    login = frozenset({"login", "connect"})
    rights = {place: each for place, each in SOUND[kind].role.rights.items() if "permit" in place or place == "public"}
    bare = of_table(replace(bare, role=replace(bare.role, attributes=login, rights=rights)), full=False, kind="view")
    assert found(kind, bare, declared(kind, capture="poll")) == []


def test_the_script_has_the_statements_and_nothing_else() -> None:
    told = [Finding(LACKS, "a", "words", ("SELECT 1",), restart=True), Finding(KNOWN, "b", "words"), Finding(LACKS, "c", "words", ("x=1",), file=True), Finding(COSTS, "d", "words")]
    script = finding.script(told).splitlines()
    assert [line for line in script if not line.startswith("--")] == ["SELECT 1;", "x=1"]
    assert "重新启动" in script[-1]
    assert finding.script(told[1:2]) == ""
