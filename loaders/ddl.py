"""From declared tables to a server's own words, and back: create, compare with what is there, widen, refuse to narrow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loaders.capability import ZONE, Capability
from loaders.errors import SchemaRefused
from loaders.table import CLOCK, DATE, FLAG, INTEGER, MOMENT, NAME, TEXT, TEXTS, Column, Table
from loaders.warehouse import Warehouse

_TOKENS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Live:
    """A table as the server describes it: column name → type, and its sorting key."""

    columns: Mapping[str, str]
    order: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """``statement`` mends it where that only widens the table; None: an operator must decide."""

    table: str
    what: str
    statement: str | None = None


def kind(column: Column, server: Capability) -> str:
    """A column's type as this server writes it, as `system.columns` shows it."""
    time = f"DateTime64(3, '{ZONE}')" if server.datetime64 else None
    plain = {
        TEXT: "String", NAME: "LowCardinality(String)" if server.low_cardinality else "String", INTEGER: "Int64", FLAG: "UInt8", TEXTS: "Array(String)",
        DATE: "Date32" if server.date32 else "String", MOMENT: time or "String", CLOCK: time or f"DateTime('{ZONE}')",
    }[column.kind]  # fmt: skip
    return f"Nullable({plain})" if column.nullable else plain


def create(table: Table, server: Capability) -> str:
    """CREATE TABLE in the server's dialect; does nothing where the table exists."""
    lines = [f"`{column.name}` {kind(column, server)}{_codec(column, server)}" for column in table.columns]
    if server.skip_indexes:
        lines += [f"INDEX `{column.name}_range` `{column.name}` TYPE minmax GRANULARITY 1" for column in table.columns if column.place]
    order = ", ".join(f"`{name}`" for name in table.order)
    settings = f" SETTINGS non_replicated_deduplication_window = {_TOKENS_KEPT}" if server.insert_tokens else ""
    return f"CREATE TABLE IF NOT EXISTS `{table.name}` ({', '.join(lines)}) ENGINE = ReplacingMergeTree({table.version or ''}) ORDER BY ({order}){settings}"


def add(table: Table, column: Column, server: Capability) -> str:
    return f"ALTER TABLE `{table.name}` ADD COLUMN `{column.name}` {kind(column, server)}{_codec(column, server)}"


def _codec(column: Column, server: Capability) -> str:
    return " CODEC(Delta, ZSTD(1))" if column.place and server.codecs else ""


def compare(tables: Iterable[Table], live: Mapping[str, Live], server: Capability) -> list[Difference]:
    """What the server lacks or has otherwise; empty when it is as declared."""
    found: list[Difference] = []
    for table in tables:
        there = live.get(table.name)
        if there is None:
            found.append(Difference(table.name, "is missing", create(table, server)))
        else:
            found += _columns(table, there, server)
    return found


def _columns(table: Table, there: Live, server: Capability) -> list[Difference]:
    found = []
    for column in table.columns:
        declared, is_there = kind(column, server), there.columns.get(column.name)
        if is_there is None:
            found.append(Difference(table.name, f"lacks column {column.name}", add(table, column, server) if column.nullable else None))
        elif _spelt(is_there) != _spelt(declared):
            found.append(Difference(table.name, f"column {column.name} is {is_there}, declared {declared}"))
    found += [
        Difference(table.name, f"has column {name}, which is no longer declared")
        for name in there.columns if name not in {column.name for column in table.columns}
    ]  # fmt: skip
    if there.order is not None and there.order != table.order:
        found.append(Difference(table.name, f"is ordered by {', '.join(there.order)}, declared {', '.join(table.order)}"))
    return found


def _spelt(text: str) -> str:
    return text.replace(" ", "")


def read(warehouse: Warehouse) -> dict[str, Live]:
    """The live tables of the warehouse's database."""
    place = {"database": warehouse.database}
    columns = warehouse.query("SELECT table, name, type FROM system.columns WHERE database = {database:String} ORDER BY table, name", place)
    by_table: dict[str, dict[str, str]] = {}
    for table, name, type_ in columns.rows():
        by_table.setdefault(table, {})[name] = type_
    keys = warehouse.query("SELECT name, sorting_key FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree'", place)
    return {name: Live(by_table.get(name, {}), _order(key)) for name, key in keys.rows()}


def _order(key: str) -> tuple[str, ...]:
    return tuple(part.strip(" `()") for part in key.split(","))


def apply(warehouse: Warehouse, tables: Sequence[Table]) -> list[Difference]:
    """Makes missing tables and adds new nullable columns; says what it did. SchemaRefused, before anything is changed, when more is needed."""
    warehouse.prepare()
    differences = compare(tables, read(warehouse), warehouse.capability)
    if hopeless := [f"{each.table} {each.what}" for each in differences if each.statement is None]:
        raise SchemaRefused(
            "The warehouse's tables do not fit the catalogue: " + "; ".join(hopeless) + ". Tables are only ever widened by nullable columns: "
            "put the catalogue right, or move the table away (RENAME TABLE) and let the loader fill a new one from the topics."
        )
    for each in differences:
        warehouse.command(str(each.statement))
    return differences
