"""PostgreSQL's columns, read as Debezium brings them. Expressions count on the session's settings in `SESSION`."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.prepare_postgres import literal, quoted
from connectors.sweep import column as after
from connectors.sweep.column import After, Column

SESSION = {"DateStyle": "ISO, YMD", "IntervalStyle": "iso_8601", "TimeZone": "UTC", "extra_float_digits": "1", "bytea_output": "hex"}
COLUMNS = """
SELECT a.attname AS name, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, a.atttypmod) ELSE format_type(a.atttypid, a.atttypmod) END AS type,
  format_type(a.atttypid, a.atttypmod) AS own, CASE WHEN a.attnotnull OR a.attgenerated <> '' THEN NULL ELSE pg_get_expr(d.adbin, d.adrelid) END AS "default",
  array_position(i.indkey::int2[], a.attnum) AS place
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTANT = re.compile(r"(?:'(?:[^']|'')*'|\(?-?[0-9.]+\)?|true|false)(?:::[a-z ]+(?:\([0-9, ]+\))?)?")
_ENDLESS = after.renamed({"NaN": "NAN", "Infinity": "POSITIVE_INFINITY", "-Infinity": "NEGATIVE_INFINITY"})
_UTC = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""


def column(row: Mapping[str, Any]) -> Column:
    """From a row of `COLUMNS`. A NULL is the column's default where it has a constant one: Debezium's converter cannot tell them apart."""
    name, default = quoted(row["name"]), row["default"]
    value = f"COALESCE({name}, {default})" if default and _CONSTANT.fullmatch(default) else name
    said, done = _said(value, row["type"])
    return Column(row["name"], said, name, _literal(row["type"], row["own"]), done)


def _said(value: str, kind: str) -> tuple[str, After | None]:
    base = re.sub(r"\(.*?\)", "", kind)
    if kind.endswith("[]"):
        element = base.removesuffix("[]")
        return f"array_to_json({value}{'::text[]' if element == 'numeric' else ''})", after.arrays(element)
    moment = f"CASE WHEN NOT isfinite({value}) THEN {value}::text ELSE to_char({value}, {_UTC}) || CASE WHEN {value} < '0001-01-01' THEN ' BC' ELSE '' END END"
    odd: dict[str, tuple[str, After | None]] = {
        "boolean": (f"{value}::int", None),
        "numeric": (value, _ENDLESS),
        "money": (f"{value}::numeric", None),
        "real": (value, after.singles),
        "double precision": (value, after.doubles),
        "bytea": (f"encode({value}, 'hex')", None),
        "bit": (value, None if kind == "bit(1)" else after.bits),
        "bit varying": (value, after.bits),
        "date": (value, after.years),
        "timestamp without time zone": (value, after.years),
        "timestamp with time zone": (moment, after.years),
        "time without time zone": (value, after.renamed({"24:00:00": "00:00:00"})),
        "time with time zone": (f"({value} AT TIME ZONE 'UTC')::time::text || 'Z'", None),
    }
    return odd.get(base, (value, None))


def _literal(kind: str, own: str) -> Callable[[str], str]:
    if kind == "bytea":
        return lambda text: f"decode({literal(text)}, 'hex')"
    if kind.startswith("bit") and kind != "bit(1)":
        return lambda text: f"({literal('x' + text)}::bit varying)::{own}"
    return lambda text: f"{literal(text)}::{own}"
