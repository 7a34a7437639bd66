"""Receipts in a department's own database: what its administrator is handed is enough, and no more than that."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors import prepare
from connectors.access import Access, Unasked
from connectors.answers import check
from connectors.answers.said import Answer
from connectors.answers.tables import Tables
from connectors.finding import KNOWN, LACKS
from connectors.front.session import opened
from schemas import sources
from tests.connectors.front.conftest import CATALOG, Site

pytestmark = pytest.mark.servers
COLUMNS = {"XK_WSH": "no", "XK_XMMC": "no", "XK_NR": "no", "XK_XDR": "no", "XK_JDRQ": "no"}
NOW = datetime(2017, 8, 1, tzinfo=UTC)


def test_the_script_that_prepare_prints_lets_receipts_be_written_and_nothing_else(site: Site) -> None:
    name, where = "own", site.administrator
    table = "office.permit" if site.kind == "postgres" else "permit"
    database = {"kind": site.kind, "host": where.host, "port": where.port, "name": name, "user": "own_cdc", "password": "${env:A}"}
    spec = {"source": "own", "department": "zjj", "database": database, "receipts": {"user": "own_hz", "password": "${env:B}"}}
    source = sources.read({**spec, "tables": {table: {"item": "xzxk", "columns": COLUMNS, "constants": {"DFBM": "370100"}}}}, CATALOG)
    (declared,) = source.tables.values()
    words = {"A": "cdc-word-1", "B": "hz-word-1"}
    site.run(where, f"CREATE DATABASE {name}")
    inside = replace(where, name=name)
    site.run(inside, *["CREATE SCHEMA office"] * (site.kind == "postgres"), f"CREATE TABLE {table} (part varchar(9), no varchar(9), PRIMARY KEY (part, no))")
    script = "".join(line for line in prepare.script(source, "hz-word-1").splitlines(keepends=True) if not line.startswith("--"))
    (refused,) = check.findings(source, words)
    assert (refused.kind, refused.place, "not let in" in refused.says) == (LACKS, "account own_hz", True)
    site.run(inside, *filter(None, (statement.strip() for statement in script.split(";\n"))))
    assert [each.kind for each in check.findings(source, words)] == [KNOWN]
    _lacking(site, inside, source, words)
    with opened(replace(inside, user="own_hz", password="hz-word-1")) as session:
        tables = Tables(session, site.kind, ZoneInfo("Asia/Shanghai"))
        tables.write(declared, [Answer('["a","7"]', 1, "退回", "R-X-01", "原因", "b#1", NOW)], [])
        assert list(tables.stored(declared, {'["a","7"]'})) == ['["a","7"]']
    assert [row[:2] for row in site.run(inside, f"SELECT * FROM {table}_hz")] == [('["a","7"]', "退回")]
    with pytest.raises(Unasked, match="denied"):
        site.run(replace(inside, user="own_hz", password="hz-word-1"), f"SELECT * FROM {table}")
    assert prepare.script(replace(source, receipts=None)).count("_hz") == 0


def _lacking(site: Site, inside: Access, source: sources.Source, words: dict[str, str]) -> None:
    """Whatever is taken away is found, and what `check` prints brings it back."""
    (table,) = source.tables.values()
    user = '"own_hz"' if site.kind == "postgres" else "'own_hz'@'%'"
    quote = '"' if site.kind == "postgres" else "`"
    for statement, place, says in (
        (f"DROP TABLE {table.name}_hz", "_hz", "not there"),
        (f"ALTER TABLE {table.name}_hz DROP COLUMN {quote}GJ_YY{quote}", "_hz", "GJ_YY"),
        (f"REVOKE UPDATE, DELETE ON {table.name}_hzd FROM {user}", "_hzd", "may not UPDATE, DELETE"),
    ):
        site.run(inside, statement)
        (found,) = check.findings(source, words)
        assert (found.kind, found.place, says in found.says) == (LACKS, table.name + place, True), found
        site.run(inside, *found.statements)
        assert [each.kind for each in check.findings(source, words)] == [KNOWN]
