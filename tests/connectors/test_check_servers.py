"""`check` on real servers that nobody prepared: it says all that lacks, and after exactly what it printed nothing lacks and changes arrive."""

import json
import re
from collections.abc import Iterator

import psycopg
import pytest
import yaml
from typer.testing import CliRunner

from connectors import plan
from connectors.access import Unasked
from connectors.connect import Connect
from connectors.finding import COSTS, KNOWN, LACKS
from connectors.life import start
from guiji import app
from infra import kafka
from infra.database_servers import mariadb_absent
from schemas import codec
from schemas.registry import Registry
from schemas.sources import SourceFault
from tests.connectors.bare import ADMINISTRATOR, CATALOG, WORD, Bare, bare, wrong
from tests.waiting import eventually

pytestmark = pytest.mark.servers
VIRGIN = {
    "postgres": {"wal_level", "max_slot_wal_keep_size", "role tapping", "schema public", "permit", "publication guiji_bare_postgres"},
    "mariadb": {"log_bin", "account 'tapping'@'%'", "permit"},
}


@pytest.fixture(scope="module", params=["postgres", "mariadb"])
def server(request, tmp_path_factory) -> Iterator[Bare]:
    if request.param == "mariadb" and (absent := mariadb_absent()):
        pytest.skip(absent)
    with pytest.MonkeyPatch.context() as patch, bare(request.param, tmp_path_factory.mktemp("bare") / "home", patch) as made:
        yield made


@pytest.fixture(scope="module")
def prepared(server: Bare) -> Bare:
    """The same after what `check` printed, asked as the administrator until nothing is printed any more: MariaDB tells what its binlog lacks once it has one."""
    found = server.as_administrator()
    assert set(wrong(found)) == VIRGIN[server.kind]
    server.obey(found)
    assert wrong(server.as_administrator()) == {}
    return server


def test_a_role_that_is_not_let_in_is_told_with_the_whole_script(server: Bare) -> None:
    found = server.check("tapping", "wrong-word")
    assert (found[0].kind, found[0].place) == (LACKS, "account tapping")
    assert "--as" in found[0].says
    assert any("********" in statement for statement in found[0].statements)
    with pytest.raises(Unasked, match="stranger"):
        server.check("stranger", "wrong-word")


def test_after_what_was_printed_the_tapping_role_finds_nothing(prepared: Bare) -> None:
    found = prepared.check()
    assert wrong(found) == {}
    told = {each.place: each.says for each in found if each.kind == COSTS}
    assert set(told) == {"permit", "snapshot", "connections", "log", "locks"}
    (version,) = [each for each in found if each.place == "version"]
    assert (version.kind, "CDC tested" in version.says) == (KNOWN, True)


TAKEN = {
    "postgres": [
        (["ALTER TABLE permit REPLICA IDENTITY DEFAULT"], "permit"),
        (["REVOKE SELECT ON permit FROM tapping"], "permit"),
        (["ALTER ROLE tapping NOREPLICATION"], "role tapping"),
        (["ALTER ROLE tapping SUPERUSER"], "role tapping"),
        (["GRANT INSERT ON permit TO tapping"], "role tapping"),
        (["CREATE ROLE owners", "GRANT owners TO tapping"], "role tapping"),
        (["DROP PUBLICATION guiji_bare_postgres"], "publication guiji_bare_postgres"),
        (["ALTER PUBLICATION guiji_bare_postgres SET (publish = 'insert')"], "publication guiji_bare_postgres"),
        (["CREATE TABLE other (id int)", "ALTER PUBLICATION guiji_bare_postgres ADD TABLE other"], "publication guiji_bare_postgres"),
        (["ALTER PUBLICATION guiji_bare_postgres SET TABLE permit (id, no)"], "publication guiji_bare_postgres"),
        (["ALTER PUBLICATION guiji_bare_postgres SET TABLE permit WHERE (id > 5)"], "publication guiji_bare_postgres"),
        (["DROP PUBLICATION guiji_bare_postgres", "CREATE PUBLICATION guiji_bare_postgres FOR ALL TABLES"], "publication guiji_bare_postgres"),
        (["REVOKE USAGE ON SCHEMA public FROM tapping", "REVOKE USAGE ON SCHEMA public FROM PUBLIC"], "schema public"),
        (["REVOKE CONNECT ON DATABASE dep FROM tapping", "REVOKE CONNECT ON DATABASE dep FROM PUBLIC"], "role tapping"),
        (["ALTER ROLE tapping NOLOGIN"], "role tapping"),
    ],
    "mariadb": [
        (["SET GLOBAL binlog_format = 'MIXED'"], "binlog_format"),
        (["SET GLOBAL binlog_row_image = 'MINIMAL'"], "binlog_row_image"),
        (["SET GLOBAL binlog_row_metadata = 'MINIMAL'"], "binlog_row_metadata"),
        (["SET GLOBAL expire_logs_days = 1"], "binlog retention"),
        (["REVOKE REPLICATION SLAVE ON *.* FROM tapping"], "account 'tapping'@'%'"),
        (["REVOKE LOCK TABLES ON dep.* FROM tapping"], "account 'tapping'@'%'"),
        (["REVOKE SELECT ON dep.permit FROM tapping"], "permit"),
        (["GRANT DELETE ON dep.permit TO tapping"], "account 'tapping'@'%'"),
        (["GRANT SELECT ON *.* TO tapping"], "account 'tapping'@'%'"),
        (["DROP USER tapping"], "account 'tapping'@'%'"),
    ],
}
# A column, values for it, what is said of it.
UNSOUND = {
    "postgres": [
        ("at date", ["'infinity'", "'2017-01-01'"], "infinity in 1 rows"),
        ("at timestamp", ["'0044-03-15 BC'", "'2017-01-01'"], "years before 1 or after 9999 in 1 rows"),
        ("at numeric", ["'NaN'", "1"], "NaN or infinity in 1 rows"),
        ("at varchar(9) DEFAULT 'x'", ["NULL", "'a'"], "NULL beside a default in 1 rows"),
        ("at bigint GENERATED ALWAYS AS (id * 2) STORED", [], "computed by the database"),
    ],
    "mariadb": [
        ("at date", ["'0000-00-00'", "'2017-01-01'", "'2017-00-00'"], "zero dates in 2 rows"),
        ("at year", ["0", "2017"], "YEAR 0 in 1 rows"),
        ("at varchar(9) DEFAULT 'x'", ["NULL", "'a'"], "NULL beside a default in 1 rows"),
        ("at text", ["CONCAT('a', CHAR(0), 'b')", "'ab'"], "NUL characters in 1 rows"),
    ],
}


def test_each_thing_that_is_taken_away_is_told_and_mended_by_what_is_printed(prepared: Bare) -> None:
    for taken, place in TAKEN[prepared.kind]:
        prepared.run(*taken)
        found = prepared.as_administrator()
        assert place in wrong(found), taken
        assert set(wrong(found)) <= {place, "permit"}, taken
        prepared.obey(found)
        assert wrong(prepared.check()) == {}, taken


def test_values_and_columns_that_would_not_arrive_as_they_are_are_counted(prepared: Bare) -> None:
    relaxed = ["SET SESSION sql_mode = ''"] if prepared.kind == "mariadb" else []
    for column, values, words in UNSOUND[prepared.kind]:
        prepared.run(f"ALTER TABLE permit ADD COLUMN {column}", *relaxed, *(f"INSERT INTO permit (id, at) VALUES ({1000 + number}, {value})" for number, value in enumerate(values)))
        found = wrong(prepared.check(source=prepared.source(source_time="at")))
        prepared.run("ALTER TABLE permit DROP COLUMN at", "DELETE FROM permit WHERE id >= 1000")
        assert "permit.at" in found, column
        assert set(found) <= {"permit.at", "publication guiji_bare_postgres"}, column
        assert words in found["permit.at"], column


def test_a_computed_column_never_stops_its_owners_updates(prepared: Bare) -> None:
    """PostgreSQL 18 refuses updates of a published table with full before images, a computed column of which is not published."""
    if prepared.kind == "mariadb":
        pytest.skip("of Postgres")
    prepared.run("ALTER TABLE permit ADD COLUMN sum bigint GENERATED ALWAYS AS (id * 2) STORED")
    with pytest.raises(psycopg.Error, match="unpublished generated columns"):
        prepared.run("UPDATE permit SET name = name")
    prepared.obey(prepared.check())
    prepared.run("UPDATE permit SET name = name", "ALTER TABLE permit DROP COLUMN sum")
    assert wrong(prepared.check()) == {}
    prepared.run("ALTER TABLE permit ADD COLUMN sum bigint GENERATED ALWAYS AS (id * 2) VIRTUAL")
    assert "must not be published" in wrong(prepared.check())["permit"]
    prepared.run("ALTER TABLE permit DROP COLUMN sum")


def test_tables_that_cannot_be_followed_are_told(prepared: Bare) -> None:
    prepared.run("ALTER TABLE permit RENAME TO gone")
    assert "is no table" in wrong(prepared.check())["permit"]
    prepared.run("CREATE VIEW permit AS SELECT * FROM gone")
    try:
        assert "is a view" in " ".join(each.says for each in prepared.as_administrator() if each.kind == LACKS and each.place == "permit")
    finally:
        prepared.run("DROP VIEW permit", "ALTER TABLE gone RENAME TO permit")
    columns = {"XK_WSH": "nowhere", "XK_XMMC": "name", "XK_NR": "content", "XK_JDRQ": "day"}
    assert "no column nowhere" in wrong(prepared.check(source=prepared.source(columns=columns)))["permit"]
    prepared.run("CREATE TABLE keyless AS SELECT * FROM permit", "ALTER TABLE permit RENAME TO gone", "ALTER TABLE keyless RENAME TO permit")
    try:
        assert "no primary key" in " ".join(each.says for each in prepared.as_administrator())
    finally:
        prepared.run("DROP TABLE permit", "ALTER TABLE gone RENAME TO permit")
    assert wrong(prepared.check()) == {}


@pytest.fixture
def commanded(prepared: Bare, tmp_path, monkeypatch) -> Bare:
    """The command line, with a folder of source files of its own."""
    monkeypatch.setenv("GUIJI_SOURCES", str(tmp_path))
    monkeypatch.setenv("GUIJI_HOME", str(prepared.settings.home))
    monkeypatch.setenv("DEP_WORD", WORD)
    return prepared


def _about(server: Bare) -> list[str]:
    return ["--department", "zjj", "--kind", server.kind, "--host", "127.0.0.1", "--port", str(server.port), "--database", "dep", "--user", "tapping", "--password-env", "DEP_WORD"]


def test_new_drafts_a_file_that_is_refused_for_what_it_says_is_open_and_never_overwrites_one(commanded: Bare, tmp_path) -> None:
    run, words = CliRunner(), ["connectors", "new", *_about(commanded), "--table", "permit", "--item", "xzxk"]
    made = run.invoke(app, words)
    assert made.exit_code == 0, made.output
    file = tmp_path / "zjj_dep.yaml"
    text = file.read_text(encoding="utf-8")
    open_ = re.findall(r"# 待定 (\w+) ", text)
    assert "DFBM" in open_
    assert WORD not in text
    refused = run.invoke(app, ["connectors", "plan"])
    assert isinstance(refused.exception, SourceFault)
    assert all(f"required field {name} " in str(refused.exception) for name in open_)
    assert len(refused.exception.faults) == len(open_)
    again = run.invoke(app, words)
    assert again.exit_code == 2
    assert "is there already" in again.output
    assert file.read_text(encoding="utf-8") == text
    strange = run.invoke(app, ["connectors", "new", *_about(commanded), "--table", "permitt", "--item", "xzxk", "--name", "other"])
    assert isinstance(strange.exception, Unasked)
    assert not (tmp_path / "other.yaml").exists()


def test_the_command_has_its_exit_codes_and_tells_no_password(commanded: Bare, tmp_path, monkeypatch) -> None:
    name = f"bare_{commanded.kind}"
    columns = {"XK_WSH": "no", "XK_XMMC": "name", "XK_NR": "content", "XK_JDRQ": "day"}
    constants = {field.name: field.example for field in CATALOG["xzxk"].fields if field.required and field.name not in columns}
    table = {"item": "xzxk", "columns": columns, "constants": constants, "source_time": "changed"}
    database = {"kind": commanded.kind, "host": "127.0.0.1", "port": commanded.port, "name": "dep", "user": "tapping", "password": "${env:DEP_WORD}"}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"source": name, "department": "zjj", "database": database, "tables": {"permit": table}}), encoding="utf-8")
    run = CliRunner()
    done = run.invoke(app, ["connectors", "check", name, "-o", "json"])
    assert done.exit_code == 0, done.output
    assert {each["kind"] for each in json.loads(done.output)} == {KNOWN, COSTS}
    word = commanded.settings.secrets()[f"GUIJI_{commanded.kind.upper()}_PASSWORD"]
    done = run.invoke(app, ["connectors", "check", name, "--as", ADMINISTRATOR[commanded.kind], "--password-env", f"GUIJI_{commanded.kind.upper()}_PASSWORD"])
    assert (done.exit_code, word in done.output) == (0, False)
    monkeypatch.setenv("DEP_WORD", "wrong-word-3")
    done = run.invoke(app, ["connectors", "check", name])
    assert done.exit_code == 2
    assert "********" in done.output
    assert "wrong-word-3" not in done.output
    monkeypatch.delenv("DEP_WORD")
    assert "DEP_WORD is set nowhere" in str(run.invoke(app, ["connectors", "check", name]).exception)


@pytest.fixture
def followed(prepared: Bare, stack, settings) -> Iterator[tuple[Connect, Registry]]:
    name = prepared.source().name
    with Connect(settings.connect) as connect, Registry(settings.registry) as registry:
        yield connect, registry
        start.patient(lambda: connect.delete(name))
        eventually(lambda: connect.status(name).state == "absent")
        if prepared.kind == "postgres":
            eventually(lambda: not prepared.run("SELECT 1 FROM pg_replication_slots WHERE active"))
            prepared.run("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")


def test_after_what_was_printed_apply_works_and_changes_arrive(prepared: Bare, settings, followed) -> None:
    connect, registry = followed
    source = prepared.source()
    plan.apply(settings, {source.name: source})
    topic = f"cdc.{source.name}.permit"
    eventually(lambda: len(list(kafka.read_to_end(settings, topic))) >= 1)
    prepared.run("UPDATE permit SET name = '改' WHERE id = 1", "DELETE FROM permit WHERE id = 1")
    messages = eventually(lambda: len(found := list(kafka.read_to_end(settings, topic))) >= 3 and found)
    events = codec.decode([message.value() for message in messages], registry.schema).records
    assert [event["op"] for event in events] == ["r", "u", "d"]
    assert [event["before"] and event["before"]["name"] for event in events] == [None, "项目", "改"]
    assert connect.status(source.name).running
    assert wrong(prepared.check()) == {}, "with its slot in use"
    counted = "pg_stat_activity WHERE usename" if prepared.kind == "postgres" else "information_schema.PROCESSLIST WHERE user"
    eventually(lambda: prepared.run(f"SELECT count(*) FROM {counted} = 'tapping'") == (((2,),) if prepared.kind == "mariadb" else [(4,)]))
