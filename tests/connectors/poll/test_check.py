"""What `check` says of a source that is polled: what its update columns lack, what a poll costs, what it will not see."""

from dataclasses import replace

import pytest

from connectors.check_binlog import findings as of_binlog
from connectors.check_postgres import findings as of_postgres
from connectors.check_server import costs, version
from connectors.check_tables import findings as of_tables
from connectors.facts import Column, Facts, Scan
from connectors.finding import COSTS, KNOWN, LACKS, WARNS
from connectors.poll import check
from schemas import catalog, sources
from tests.connectors.test_check import SOUND, declared

CATALOG = catalog.load()


def polled(kind: str = "postgres", **said: object) -> sources.Source:
    source = declared(kind, capture="poll")
    (table,) = source.tables.values()
    return replace(source, tables={table.name: replace(table, poll=sources.Poll(**said))})


def told(source: sources.Source, kind: str = "postgres", **about: object) -> dict[str, list[str]]:
    """What is said, by kind; ``about``: of the table that is there."""
    facts = replace(SOUND[kind], tables={"permit": replace(SOUND[kind].tables["permit"], **about)})
    found: dict[str, list[str]] = {}
    for each in check.findings(source, facts):
        found.setdefault(each.kind, []).append(f"{each.place}: {each.says}")
    return found


def with_column(kind: str, *, nullable: bool = False) -> dict[str, Column]:
    return {**SOUND["postgres"].tables["permit"].columns, "at": Column("at", kind, nullable=nullable)}


def test_a_followed_source_hears_nothing_of_polls() -> None:
    assert list(check.findings(declared("postgres"), SOUND["postgres"])) == []


def test_a_comparison_costs_its_rows_and_is_warned_of_where_it_takes_most_of_the_time() -> None:
    found = told(polled(rate=100))
    assert "about 9,000 rows, at most 100 a second: about 90 s" in found[COSTS][0]
    assert WARNS not in found
    assert "every 600 s" in told(polled(rate=10))[WARNS][0]
    assert "never analysed" in told(polled(), rows=None)[COSTS][0]


@pytest.mark.parametrize(
    ("about", "kinds", "words"),
    [
        ({"columns": with_column("timestamp without time zone"), "indexed": frozenset({"at"})}, {COSTS, KNOWN}, "has an index"),
        ({"columns": with_column("timestamp without time zone")}, {COSTS, KNOWN}, "no index begins with it"),
        ({"columns": with_column("datetime(6)", nullable=True)}, {COSTS, KNOWN, WARNS}, "may be NULL"),
        ({"columns": with_column("date")}, {COSTS, KNOWN}, "newest day again"),
        ({"columns": with_column("varchar(14)")}, {COSTS, KNOWN, LACKS}, "only a date or a time"),
        ({"columns": {"id": Column("id", "bigint")}}, {KNOWN, LACKS}, "is no column of the table"),
    ],
)
def test_an_update_column_must_be_a_time_that_every_row_has(about: dict[str, object], kinds: set[str], words: str) -> None:
    found = told(polled(column="at"), **about)
    assert set(found) == kinds
    assert words in " ".join(line for lines in found.values() for line in lines)


def test_what_it_cannot_see_is_said_by_the_way_it_is_asked() -> None:
    (by_column,), (by_comparison,) = (told(polled(**said))[KNOWN] for said in ({"column": "at", "overlap": 120}, {}))
    assert "deletes are not seen" in by_column
    assert "more than 120 s" in by_column
    assert "deletes" not in by_comparison


@pytest.mark.parametrize("kind", SOUND)
def test_a_role_that_is_to_read_and_may_more_is_told(kind: str) -> None:
    findings = of_postgres if kind == "postgres" else of_binlog
    more = [each for each in findings(declared(kind, capture="poll"), SOUND[kind], near=True) if each.kind == WARNS]
    assert any("may do more than it needs" in each.says and ("replication" in each.says.lower()) for each in more)
    assert all("REPLICATION" in " ".join(each.statements) for each in more)


def test_a_view_cannot_be_polled_and_a_computed_column_can() -> None:
    view = replace(SOUND["postgres"].tables["permit"], kind="view", key=())
    (lack,) = of_tables(polled(), Facts(SOUND["postgres"].server, {"permit": view}, None, {"permit": Scan()}), CATALOG)
    assert (lack.kind, "is a view, which has no primary key" in lack.says) == (LACKS, True)
    columns = {**SOUND["postgres"].tables["permit"].columns, "no": Column("no", "varchar(100)", generated="stored")}
    computed = replace(SOUND["postgres"].tables["permit"], columns=columns)
    assert list(of_tables(polled(), Facts(SOUND["postgres"].server, {"permit": computed}, None, {}), CATALOG)) == []


@pytest.mark.parametrize(("number", "kind"), [((18, 4), KNOWN), ((9, 6), WARNS), ((99,), WARNS)])
def test_versions_are_told_by_whether_polling_was_tried(number: tuple[int, ...], kind: str) -> None:
    (found,) = version(polled(), replace(SOUND["postgres"].server, number=number))
    assert found.kind == kind
    assert "poll" in found.says


def test_nothing_is_said_of_a_snapshot() -> None:
    assert "snapshot" not in {each.place for each in costs(polled(), SOUND["postgres"])}
