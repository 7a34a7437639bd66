"""Provided front-end databases on a real PostgreSQL and a real MariaDB: an account sees its own tables and nothing else, nothing of others is touched, and every step may be repeated."""

import os
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from connectors.access import Unasked
from connectors.front import provide, session
from connectors.front.place import Front
from connectors.prepare import HIDDEN
from infra import database_servers
from schemas import sources
from tests.connectors.front.conftest import CATALOG, Site
from tests.waiting import eventually

pytestmark = pytest.mark.servers
FIELDS = {"postgres": '("XK_WSH") VALUES (\'甲\')', "mariadb": "(XK_WSH) VALUES ('甲')"}


def written(site: Site, front: Front) -> list[Any]:
    """Every table and column of a provided database, and what is published."""
    where = replace(site.administrator, name=front.name)
    if site.kind == "mariadb":
        return site.run(where, f"SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '{front.name}' ORDER BY 1, 2")
    columns = site.run(where, "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2")
    return columns + site.run(where, "SELECT pubname, tablename FROM pg_publication_tables ORDER BY 2")


def test_a_department_sees_and_writes_its_own_tables_alone(site: Site) -> None:
    mine, neighbour = site.front("zjj"), site.front("hbj")
    site.make(mine)
    site.make(neighbour)
    me = site.account(mine, mine.name)
    site.run(me, f"INSERT INTO xzxk {FIELDS[site.kind]}", "UPDATE xzxk SET \"XK_WSH\" = '乙'" if site.kind == "postgres" else "UPDATE xzxk SET XK_WSH = '乙'", "SELECT * FROM xzxk_hz")
    assert len(site.run(me, "SELECT * FROM xzxk")) == 1
    assert "denied" in site.refused(me, "DELETE FROM xzxk_hz")
    assert "denied" in site.refused(me, "CREATE TABLE other (id int)")
    if site.kind == "postgres":
        assert "must be owner" in site.refused(me, "DROP TABLE xzxk")
        assert "permission denied for database" in site.refused(replace(me, name=neighbour.name), "SELECT 1")
    else:
        assert "denied" in site.refused(me, "DROP TABLE xzxk")
        assert "denied" in site.refused(me, f"SELECT * FROM {neighbour.name}.xzxk")
        assert neighbour.name not in {name for (name,) in site.run(me, "SHOW DATABASES")}


def test_the_tapping_account_reads_tables_and_the_answering_one_writes_receipts_and_neither_more(site: Site) -> None:
    front = site.front("gsj")
    site.make(front)
    assert site.wrong(front) == {}
    tapping, answering = site.account(front, front.tapping), site.account(front, front.answering)
    site.run(tapping, "SELECT * FROM xzxk")
    for where, statement in (
        (tapping, "SELECT * FROM xzxk_hz"), (tapping, "DELETE FROM xzxk"),
        (answering, "SELECT * FROM xzxk"), (answering, f"INSERT INTO xzxk {FIELDS[site.kind]}"),
    ):  # fmt: skip
        assert "denied" in site.refused(where, statement)
    site.run(answering, "SELECT * FROM xzxk_hzd", "DELETE FROM xzxk_hz")


def test_again_changes_nothing_and_an_item_given_later_is_added(site: Site) -> None:
    front = site.front("rsj")
    site.make(front)
    before, file = written(site, front), site.settings.sources / "rsj_front.yaml"
    file.write_text(file.read_text("utf-8").replace("# 许可", "# 由人改过：许可", 1), "utf-8")
    text = file.read_text("utf-8")
    site.make(front)
    assert (written(site, front), file.read_text("utf-8")) == (before, text)
    site.make(site.front("rsj", "xzcf"))
    found = sources.load(site.settings.sources, CATALOG)[front.name]
    assert [table.item for table in found.tables.values()] == ["xzxk", "xzcf"]
    assert file.read_text("utf-8").startswith(text)
    assert site.wrong(front) == {}
    assert set(before) < set(written(site, front))


def test_whatever_died_in_the_middle_is_finished_by_the_next_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    run, done = session.Session.run, list[str]()

    def dying(this: session.Session, statement: str, values: Any = None) -> Any:
        if len(done) == left:
            raise KeyboardInterrupt
        done.append(statement)
        return run(this, statement, values)

    left = -1
    monkeypatch.setattr(session.Session, "run", dying)
    site.make(site.front("ghj"))
    whole = len(done)
    for department, share in {"swj": 0.05, "gaj": 0.1, "jtw": 0.2, "czj": 0.4, "fgw": 0.6, "jxw": 0.8, "lfw": 0.97}.items():
        done.clear()
        left, front = int(whole * share), site.front(department)
        with pytest.raises(KeyboardInterrupt):
            site.make(front)
        left = -1
        site.make(front)
        assert site.wrong(front) == {}
        site.run(site.account(front, front.name), f"INSERT INTO xzxk {FIELDS[site.kind]}", "SELECT * FROM xzxk_hz", "SELECT * FROM xzxk_hzd")


def test_what_somebody_else_made_is_refused_and_not_touched(site: Site) -> None:
    site.run(site.administrator, "CREATE DATABASE mzj_front")
    front = site.front("mzj")
    with pytest.raises(provide.Foreign, match="database mzj_front"):
        site.make(front)
    assert written(site, front) == []
    user = "CREATE ROLE gtj_front_hz" if site.kind == "postgres" else "CREATE USER gtj_front_hz"
    site.run(site.administrator, user)
    with pytest.raises(provide.Foreign, match="account gtj_front_hz"):
        site.make(site.front("gtj"))
    with pytest.raises(Unasked):
        site.run(replace(site.administrator, name="gtj_front"), "SELECT 1")


def test_a_field_that_the_item_gained_becomes_a_column(site: Site) -> None:
    front = site.front("syj")
    shorter = replace(front, items=[replace(item, fields=[field for field in item.fields if field.name != "BZ"]) for item in front.items])
    provide.make(site.settings, shorter, site.administrator)
    assert ("xzxk", "BZ") not in written(site, front)
    provide.make(site.settings, front, site.administrator)
    assert ("xzxk", "BZ") in written(site, front)


def test_the_department_s_password_is_changed_only_on_demand(site: Site) -> None:
    front = site.front("sfj")
    site.make(front)
    first = site.account(front, front.name)
    site.make(front)
    site.run(first, "SELECT 1")
    site.make(front, new_password=True)
    with pytest.raises(Unasked):
        site.run(first, "SELECT 1")
    site.run(site.account(front, front.name), "SELECT 1")


def test_no_password_stands_in_the_server_s_log_of_statements(site: Site) -> None:
    where, folder = replace(site.administrator, name="postgres" if site.kind == "postgres" else "mysql"), site.settings.home
    file = folder / "logs" / "postgres.log" if site.kind == "postgres" else folder / "mariadb" / "statements.log"
    logging = (
        ("ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()") if site.kind == "postgres" else (f"SET GLOBAL general_log_file = '{file}'", "SET GLOBAL general_log = 1")
    )
    quiet = ("ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()") if site.kind == "postgres" else ("SET GLOBAL general_log = 0",)
    site.run(where, *logging)
    try:
        front = site.front("wgxj")
        eventually(lambda: site.run(where, "SELECT 'seen'") and file.exists() and "SELECT 'seen'" in file.read_text(errors="replace"))
        site.make(front)
        site.make(front, new_password=True)
    finally:
        site.run(where, *quiet)
    told = file.read_text(errors="replace")
    assert "wgxj_front_hz" in told
    assert not [name for name in front.accounts.values() if site.settings.secrets()[name] in told]
    site.run(site.account(front, front.name), "SELECT 1")


def test_the_printed_statements_do_the_same_by_the_administrator_s_own_client(site: Site) -> None:
    front = site.front("jyj")
    word, where = "administrators-word", site.administrator
    script = provide.script(front, where, HIDDEN)
    assert HIDDEN in script
    environment = {"PGPASSWORD": where.password, "MYSQL_PWD": where.password}
    if site.kind == "postgres":
        psql = str(database_servers.postgres_binaries() / "psql")
        command = [psql, "-v", "ON_ERROR_STOP=1", "-q", "-h", where.host, "-p", str(where.port), "-U", where.user, "postgres"]
    else:
        command = [str(shutil.which("mariadb")), "-h", where.host, "-P", str(where.port), "-u", where.user, "--default-character-set=utf8mb4"]
    subprocess.run(command, input=script.replace(HIDDEN, word), text=True, check=True, env=os.environ | environment, capture_output=True)
    with site.settings.secrets_file.open("a") as file:
        file.writelines(f"{name}={word}\n" for name in front.accounts.values())
    provide.register(*provide.drafted(site.settings, front, "教育局"))
    provide.addressed(site.settings, front, where)
    assert site.wrong(front) == {}
    site.run(site.account(front, front.name), f"INSERT INTO xzxk {FIELDS[site.kind]}")
    assert "CREATE" not in provide.script(front, where, HIDDEN).replace("CREATE ON SCHEMA", "").replace("CREATE TABLE IF NOT EXISTS", "")
