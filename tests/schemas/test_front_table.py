"""Front-end tables: every item's statements run on a real PostgreSQL and a real MariaDB, take the item's example and what is wrong with it, and say what each column means."""

import psycopg
import pymysql
import pytest
from typer.testing import CliRunner

from guiji import app
from infra import stack
from infra.database_servers import mariadb_absent
from infra.settings import Settings
from schemas.catalog import load
from schemas.front_table import DIALECTS, ID, OPERATION, WRITTEN, script, statements

CATALOG = load()


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp("front") / "home", free_disk_mb=1)
    try:
        stack.up(settings, ("postgres",) if mariadb_absent() else ("postgres", "mariadb"), lambda _: None)
        yield settings
    finally:
        stack.down(settings, lambda _: None)


def columns(item) -> list[str]:
    return [ID, *(field.name for field in item.fields), OPERATION, WRITTEN]


@pytest.mark.servers
def test_every_item_has_its_table_on_postgres(settings) -> None:
    word = settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
    with psycopg.connect(host="127.0.0.1", port=stack.port(settings, "postgres"), user="postgres", password=word, dbname="postgres", autocommit=True) as client:
        for item in CATALOG.values():
            for statement in statements(item, "postgres"):
                client.execute(statement)
            said = {name: value for name, value in item.example.items() if value is not None} | {item.key[0]: "过长的值" * 5000}
            names, places = ", ".join(f'"{name}"' for name in said), ", ".join(["%s"] * len(said))
            client.execute(f'INSERT INTO "{item.code}" ({names}) VALUES ({places})', list(said.values()))
            asked = "SELECT column_name, col_description(%s::regclass, ordinal_position) FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
            found = client.execute(asked, [f'"{item.code}"', item.code]).fetchall()
            assert [name for name, _ in found] == columns(item)
            assert all(field.title in dict(found)[field.name] for field in item.fields)


@pytest.mark.servers
@pytest.mark.skipif(mariadb_absent() is not None, reason=mariadb_absent() or "")
def test_every_item_has_its_table_on_mariadb(settings) -> None:
    word = settings.secrets()["GUIJI_MARIADB_PASSWORD"]
    with pymysql.connect(host="127.0.0.1", port=stack.port(settings, "mariadb"), user="root", password=word, autocommit=True) as client, client.cursor() as cursor:
        cursor.execute("CREATE DATABASE qianzhi CHARACTER SET utf8mb4")
        cursor.execute("USE qianzhi")
        for item in CATALOG.values():
            for statement in statements(item, "mysql"):
                cursor.execute(statement)
            said = {name: value for name, value in item.example.items() if value is not None} | {item.key[0]: "过长的值" * 5000}
            cursor.execute(f"INSERT INTO `{item.code}` ({', '.join(f'`{name}`' for name in said)}) VALUES ({', '.join(['%s'] * len(said))})", list(said.values()))
            cursor.execute("SELECT column_name, column_comment FROM information_schema.columns WHERE table_schema = 'qianzhi' AND table_name = %s ORDER BY ordinal_position", [item.code])
            found = cursor.fetchall()
            assert [name for name, _ in found] == columns(item)
            assert all(field.title in dict(found)[field.name] for field in item.fields)


@pytest.mark.parametrize("database", DIALECTS)
def test_every_script_names_every_column_and_says_whether_it_ran(database: str) -> None:
    for item in CATALOG.values():
        text = script(item, database)
        assert all(f"{DIALECTS[database].quote}{name}{DIALECTS[database].quote}" in text for name in columns(item))
        assert ("not run" in text.splitlines()[0]) == (database not in ("postgres", "mysql"))
        assert text.count("'") % 2 == 0


def test_long_texts_are_large_objects_on_oracle_and_dm() -> None:
    for database in ("oracle", "dm"):
        (create, *_) = statements(CATALOG["xzxk"], database)
        assert '"XK_NR" CLOB' in create
        assert '"XK_WSH" VARCHAR' in create


def test_the_command_prints_the_script() -> None:
    done = CliRunner().invoke(app, ["connectors", "table", "xzxk", "--database", "dm"])
    assert done.exit_code == 0
    assert done.output.startswith("-- 行政许可（xzxk）前置机表，达梦")
    assert CliRunner().invoke(app, ["connectors", "table", "no"]).exit_code == 2
