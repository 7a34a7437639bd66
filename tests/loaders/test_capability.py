"""The table of what servers can, from both sides of every line in it."""

from datetime import date

import pytest

from loaders import capability, ddl, statements, table
from loaders.capability import Capability, Version
from schemas import catalog as catalogues

CATALOG = catalogues.load()
OLD, NEW = capability.of("18.16.1"), capability.of("26.9.2.1")


@pytest.mark.parametrize("name", capability.SINCE)
def test_a_switch_turns_at_its_version(name: str) -> None:
    year, month = capability.SINCE[name]
    before = f"{year}.{month - 1}.99" if month > 1 else f"{year - 1}.12.99"
    assert getattr(capability.of(f"{year}.{month}.1"), name) is True
    assert getattr(capability.of(before), name) is False
    assert getattr(OLD, name) is False
    assert getattr(NEW, name) is True


def test_every_switch_is_used_by_a_statement_or_an_insert() -> None:
    fields = {name for name in Capability.__slots__ if name not in {"version", "earliest", "latest"}}
    assert fields == set(capability.SINCE)


@pytest.mark.parametrize(("text", "earliest"), [("18.16.1", date(1970, 1, 2)), ("22.7.1", date(1970, 1, 2)), ("22.8.1", date(1900, 1, 1)), ("26.9.2.1", date(1, 1, 1))])
def test_how_far_back_dates_reach(text: str, earliest: date) -> None:
    assert capability.of(text).earliest == earliest


@pytest.mark.parametrize("text", ["", "latest", "26", "v26.9"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a ClickHouse version"):
        capability.version(text)


def test_versions_are_compared_as_numbers() -> None:
    assert capability.version("9.10.1") < capability.version("10.2") == Version(10, 2)


@pytest.mark.parametrize("declared", list(table.of(CATALOG)), ids=lambda declared: declared.name)
def test_ddl_of_every_table_in_both_dialects(declared: table.Table) -> None:
    old, new = ddl.create(declared, OLD), ddl.create(declared, NEW)
    for word in ("DateTime64", "Date32", "LowCardinality", "CODEC", "INDEX", "deduplication"):
        assert word not in old
    assert "Nullable(Date)" not in old  # dates outside 1970–2105 would silently become 1970-01-01
    assert "Nullable(Date)" not in new
    assert new.count("Date32") == sum(column.kind == table.DATE for column in declared.columns)
    assert new.count("TYPE minmax") == sum(column.place for column in declared.columns)
    assert "non_replicated_deduplication_window" in new
    for statement in (old, new):
        assert f"ENGINE = ReplacingMergeTree({declared.version or ''}) ORDER BY" in statement
        assert all(f"`{column.name}` " in statement for column in declared.columns)


def test_views_are_replaced_where_the_server_can_and_dropped_first_where_not() -> None:
    assert all(statement.startswith("CREATE OR REPLACE VIEW") for statement in statements.views(CATALOG, NEW))
    old = list(statements.views(CATALOG, OLD))
    assert [statement.split()[0] for statement in old] == ["DROP", "CREATE"] * len(statements.VIEWS)


def test_the_view_over_all_items_names_every_history() -> None:
    accepted = next(iter(statements.views(CATALOG, NEW)))
    assert all(f"`{code}_history`" in accepted for code in CATALOG)
    assert accepted.count("UNION ALL") == len(CATALOG) - 1
