"""MariaDB's and MySQL's columns, read as Debezium brings them. Expressions count on a session in UTC that speaks utf8mb4."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.prepare_binlog import literal, quoted
from connectors.sweep import column as after
from connectors.sweep.column import After, Column

COLUMNS = """
SELECT c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.IS_NULLABLE = 'YES' AS nullable, c.COLUMN_DEFAULT AS `default`, s.SEQ_IN_INDEX AS place
FROM information_schema.COLUMNS c LEFT JOIN information_schema.STATISTICS s
  ON s.TABLE_SCHEMA = c.TABLE_SCHEMA AND s.TABLE_NAME = c.TABLE_NAME AND s.COLUMN_NAME = c.COLUMN_NAME AND s.INDEX_NAME = 'PRIMARY'
WHERE c.TABLE_SCHEMA = %s AND c.TABLE_NAME = %s
"""
_CONSTANT = re.compile(r"'(?:[^'\\]|'')*'|-?[0-9.]+")  # as MariaDB writes it since 10.2; MySQL leaves the quotes out, and only its numbers are taken
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json")
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_SORTED_BY_NUMBER = ("enum", "set")


def column(row: Mapping[str, Any]) -> Column:
    """From a row of `COLUMNS`. A NULL is the column's default where it has a constant one: Debezium's converter cannot tell them apart."""
    name, default, kind = quoted(row["name"]), row["default"], row["type"].lower()
    value = f"COALESCE({name}, {default})" if row["nullable"] and default and _CONSTANT.fullmatch(default) else name
    base = re.split("[( ]", kind)[0]
    said, done = _said(value, base, kind, nullable=bool(row["nullable"]))
    # Compared with a text, such a column is a text; sorted, it is its number.
    order = f"CONVERT({name} USING utf8mb4)" if base in _SORTED_BY_NUMBER else name
    return Column(row["name"], said, order, _literal(base), done)


def _said(value: str, base: str, kind: str, *, nullable: bool) -> tuple[str, After | None]:
    if base in _TEXTS:
        return f"CONVERT({value} USING utf8mb4)", None
    if base in _BYTES:
        return f"LOWER(HEX({value}))", None
    if base in ("date", "datetime", "timestamp"):
        return _day(value, base, nullable=nullable), after.fractions
    if base == "bit":
        length = int(kind[4:-1])
        return (f"{value} + 0", None) if length == 1 else (f"LPAD(LOWER(HEX({value})), {-(-length // 8) * 2}, '0')", None)
    if base in ("float", "double", "real"):
        return f"{value} + 0e0", after.singles if base == "float" else after.doubles
    return f"{value} + 0" if "zerofill" in kind else f"CAST({value} AS CHAR)", after.fractions if base == "time" else None


def _day(value: str, base: str, *, nullable: bool) -> str:
    """What the calendar has not arrives as NULL, or as the first day of 1970 where NULL is not allowed."""
    text = f"CONCAT(REPLACE(CAST({value} AS CHAR), ' ', 'T'), 'Z')" if base == "timestamp" else f"CAST({value} AS CHAR)"
    nothing = {"date": "1970-01-01", "datetime": "1970-01-01 00:00:00", "timestamp": "1970-01-01T00:00:00Z"}[base]
    return f"CASE WHEN MONTH({value}) = 0 OR DAY({value}) = 0 OR YEAR({value}) = 0 THEN {'NULL' if nullable else literal(nothing)} ELSE {text} END"


def _literal(base: str) -> Callable[[str], str]:
    if base in _BYTES or base == "bit":
        return lambda text: f"x'{bytes.fromhex(text).hex()}'" if len(text) % 2 == 0 else text
    if base == "timestamp":
        return lambda text: literal(text.replace("T", " ").removesuffix("Z"))
    return lambda text: text if base not in _TEXTS and _NUMBER.fullmatch(text) else literal(text)
