"""What `check` finds in the tables of a source, whatever kind of database they are in. Pure."""

import re
from collections.abc import Iterator

from connectors.facts import BLURRED, LOOKED_AT, Facts, Scan, TableFacts
from connectors.finding import KNOWN, LACKS, WARNS, Finding
from schemas.catalog import Catalog, Field
from schemas.sources import Source

# The first that a type's beginning fits.
_FAMILIES = (
    ("moment", "timestamp|datetime"), ("day", "date"), ("time", "time"), ("truth", "bool|bit"), ("whole", "smallint|integer|bigint|int|tinyint|mediumint|year"),
    ("number", "numeric|decimal"), ("float", "real|double|float"), ("text", "char|varchar|character|text|tinytext|mediumtext|longtext|enum|set|uuid|name|citext|json"),
    ("binary", "bytea|blob|tinyblob|mediumblob|longblob|binary|varbinary"),
)  # fmt: skip
_SUITABLE = {
    "date": {"day", "moment", "text"},
    "timestamp-millis": {"day", "moment", "text"},
    "long": {"whole", "number", "text", "truth"},
    "decimal-text": {"whole", "number", "float", "text"},
    "string": {"text", "whole", "number", "day", "moment", "truth", "time"},
}
# What arrives as something else, and is therefore refused; the rest the judge rejects with the value that stands there.
_SILENT = {
    "zero dates": "arrive as NULL, where the column is NOT NULL as 1970-01-01. Its owner must correct them",
    "YEAR 0": "stops the snapshot. Its owner must correct them",
    BLURRED: "arrives as the column's default. Its owner must take the default away (ALTER TABLE … ALTER COLUMN … SET DEFAULT NULL)",
}
_KINDS = {"view": "is a view: it has no log of changes (name its tables)", "foreign": "lies in another database: tap that one", "unlogged": "is unlogged: it has no log of changes"}


def findings(source: Source, facts: Facts, catalog: Catalog) -> Iterator[Finding]:
    """All tables of the source that are there."""
    for name, marker in source.captured.items():
        if name not in source.tables and (found := facts.tables.get(name)) and (missing := sorted(marker.needed - found.columns.keys())):
            yield Finding(LACKS, name, f"has no column {', '.join(missing)}, by which the source file knows that a load has ended; it has {', '.join(found.columns)}.")
    for name in source.tables:
        if found := facts.tables.get(name):
            yield from _shape(source, name, found)
            yield from _columns(source, name, found, catalog)
            yield from _values(name, facts.scans.get(name, Scan()))


def _shape(source: Source, name: str, found: TableFacts) -> Iterator[Finding]:
    if found.kind in _KINDS and source.capture == "log":
        yield Finding(LACKS, name, f"{_KINDS[found.kind]}.")
    if found.kind == "partitioned":
        yield Finding(WARNS, name, "is partitioned: this was not tried.")
    if not found.key and found.columns and found.kind == "view":
        yield Finding(LACKS, name, "is a view, which has no primary key: two changes of one row cannot be told from changes of two rows. Name its tables.")
    elif not found.key and found.columns:
        yield Finding(LACKS, name, "has no primary key: two changes of one row cannot be told from changes of two rows. Its owner must name the columns of one (ALTER TABLE … ADD PRIMARY KEY).")
    if found.hidden:
        yield Finding(LACKS, name, "hides rows by policies (row level security): they would be missing in silence. Its owner must let the role see all, or switch the policies off.")


def _columns(source: Source, name: str, found: TableFacts, catalog: Catalog) -> Iterator[Finding]:
    table = source.tables[name]
    if not found.columns:
        return
    if missing := sorted(table.needed - found.columns.keys()):
        yield Finding(LACKS, name, f"has no column {', '.join(missing)}, which the source file names; it has {', '.join(found.columns)}.")
    for column in sorted(table.needed & found.columns.keys()):
        if found.columns[column].generated and source.capture == "log":
            yield Finding(LACKS, f"{name}.{column}", "is computed by the database: its value is not in the log of every change. Map the columns it is computed from.")
    if blurred := [column for column in sorted(table.needed & found.columns.keys()) if found.columns[column].blurred]:
        yield Finding(KNOWN, name, f"a NULL in {', '.join(blurred)} would arrive as the column's default: the two cannot be told apart on the way.")
    fields = catalog[table.item].by_name
    for code, column in table.columns.items():
        if column in found.columns and (problem := _unsuitable(fields[code], found.columns[column].type, formatted=code in table.formats)):
            yield Finding(LACKS, f"{name}.{column}", f"is {found.columns[column].type}; {problem}.")


def family(kind: str) -> str:
    """What sort of values a column type has; "other" where it is none that a field may be made of."""
    return next((name for name, types in _FAMILIES if re.match(rf"(?:{types})\b", kind.lower())), "other")


def suits(field: Field, kind: str) -> bool:
    """Whether a column of this type can hold the field's values as they are."""
    return family(kind) in _SUITABLE[field.kind]


def _unsuitable(field: Field, kind: str, *, formatted: bool) -> str:
    sort = family(kind)
    if formatted and sort in ("day", "moment"):
        return f"field {field.name} {field.title} has a format in the source file, which is for texts: take it out"
    if suits(field, kind) or (formatted and sort in ("whole", "number")):
        return ""
    return f"field {field.name} {field.title} is {field.kind}" + (" and needs a format in the source file" if sort == "whole" and field.kind in ("date", "timestamp-millis") else "")


def _values(name: str, scan: Scan) -> Iterator[Finding]:
    if scan.stopped:
        yield Finding(WARNS, name, f"was not looked through for values that change on the way: {scan.stopped}.")
    elif scan.rows >= LOOKED_AT:
        yield Finding(KNOWN, name, f"only its first {LOOKED_AT:,} rows were looked through for values that change on the way.")
    for (column, what), count in scan.bad.items():
        if what in _SILENT:
            yield Finding(LACKS, f"{name}.{column}", f"{what} in {count:,} rows: {_SILENT[what]}.")
        else:
            yield Finding(WARNS, f"{name}.{column}", f"{what} in {count:,} rows: the judge will reject them or read them as blanks.")
