"""Parameters of a statement, ``{name:Type}``: checked here for every backend, and written out as literals for servers that cannot take them apart."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Parameters = Mapping[str, Any]
_PLACE = re.compile(r"\{(\w+):\s*([A-Za-z0-9_]+(?:\([A-Za-z0-9_]+\))?)\s*\}")
_INTEGER = re.compile(r"U?Int(?:8|16|32|64)")


class ParameterFault(ValueError):
    """A statement and its parameters do not fit: one is missing, one too many, or of another type."""


def wanted(sql: str) -> set[str]:
    """The names of a statement's placeholders."""
    return {name for name, _ in _PLACE.findall(sql)}


def check(sql: str, parameters: Parameters) -> None:
    """Every placeholder has a value of its type and every value a placeholder; ParameterFault otherwise."""
    kinds = dict(_PLACE.findall(sql))
    if odd := kinds.keys() ^ parameters.keys():
        raise ParameterFault(f"parameters missing or not used in the statement: {', '.join(sorted(odd))}")
    for name, kind in kinds.items():
        if not _fits(parameters[name], kind):
            raise ParameterFault(f"parameter {name} should be {kind}, not {type(parameters[name]).__name__}")


def inline(sql: str, parameters: Parameters) -> str:
    """The statement with literals in the places of its parameters; a value is never read as SQL, nor searched for placeholders again."""
    check(sql, parameters)
    return _PLACE.sub(lambda place: literal(parameters[place[1]], place[2]), sql)


def literal(value: Any, kind: str) -> str:
    """A value as ClickHouse reads it back."""
    if kind.startswith("Nullable("):
        return "NULL" if value is None else literal(value, kind[9:-1])
    if kind.startswith("Array("):
        return _array(value, kind[6:-1])
    if kind == "String":
        return _quoted(value)
    if kind == "Date":
        return f"toDate({_quoted(value.isoformat())})"
    return str(value)


def _array(values: Sequence[Any], kind: str) -> str:
    if not values:
        return f"emptyArray{kind}()"
    return "[" + ",".join(literal(value, kind) for value in values) + "]"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0") + "'"


def _fits(value: Any, kind: str) -> bool:
    if kind.startswith("Nullable("):
        return value is None or _fits(value, kind[9:-1])
    if kind.startswith("Array("):
        return isinstance(value, list | tuple) and all(_fits(each, kind[6:-1]) for each in value)
    if kind == "String":
        return isinstance(value, str)
    if kind == "Date":
        return isinstance(value, date)
    if _INTEGER.fullmatch(kind):
        return isinstance(value, int) and not isinstance(value, bool)
    raise ParameterFault(f"no parameters of type {kind}: String, Date, integers, Array(…) and Nullable(…) of them")
