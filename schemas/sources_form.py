"""The words and forms of a source file, and the two questions asked of each of its parts: is everything there, does it have the form of a name."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

KINDS = ("postgres", "mysql", "mariadb", "sqlserver", "oracle")
POLLED = ("postgres", "mysql", "mariadb")  # what something here can ask
CAPTURES, LOADS, ENDS, BYS = ("log", "poll"), ("changes", "status", "reload"), ("quiet", "marker"), ("comparison", "column")
DELETES = ("withdraw", "housekeeping")
NAME, DEPARTMENT, TABLE, COLUMN = r"[a-z][a-z0-9_]{1,30}", r"[a-z]{2,8}", r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?", r"[^\s\"'`;]{1,64}"
REFERENCE, DURATION, CLOCK = r"\$\{env:[A-Z][A-Z0-9_]*\}", r"[1-9][0-9]{0,5}[smh]", r"([01][0-9]|2[0-3]):[0-5][0-9]|never"
SOURCE = {"source": str, "department": str, "database": dict, "generation": int, "capture": str, "every": str, "heartbeat": str, "reconcile": str, "receipts": dict, "tables": dict}
DATABASE = {"kind": str, "host": (str,), "port": (str, int), "name": str, "user": str, "password": str}
ANSWERED = ("postgres", "mysql", "mariadb")  # databases into which receipts are written
RECEIPTS = {"user": str, "password": str}
OF_TABLE = {
    "item": str, "load": str, "delete": str, "columns": dict, "constants": dict, "codes": dict, "formats": dict,
    "source_time": str, "filter": dict, "status": dict, "reload": dict, "poll": dict,
}  # fmt: skip
FILTER = {"column": str, "in": list}
STATUS = {"column": str, "ready": list, "withdrawn": list}
RELOAD = {"ends": str, "quiet": str, "marker": dict, "shrink": int}
MARKER = {"table": str, "column": str, "value": str}
POLL = {"by": str, "column": str, "overlap": str, "shrink": int, "rate": int}
FASTEST = 1_000_000  # rows a second that a poll may be allowed to read
# By mapping: what need not be there.
_OPTIONAL = {
    "": {"generation", "capture", "every", "heartbeat", "reconcile", "receipts"},
    "table": {"load", "delete", "constants", "codes", "formats", "source_time", "filter", "status", "reload", "poll"},
    "status": {"withdrawn"},
    "reload": {"ends", "quiet", "marker", "shrink"},
    "marker": {"column", "value"},
    "poll": {"by", "column", "overlap", "shrink", "rate"},
}
Found = Iterator[tuple[str, str]]


def required(wanted: Mapping[str, Any], part: str) -> list[str]:
    return [name for name in wanted if name not in _OPTIONAL.get(part, ())]


def shape(place: str, spec: Any, wanted: Mapping[str, Any], part: str) -> Found:
    """Missing, unknown and mistyped entries of a mapping. ``part`` names the kind of mapping."""
    if not isinstance(spec, dict):
        yield place, "must be a mapping"
        return
    dot = f"{place}." if place else ""
    yield from ((f"{dot}{name}", "is missing") for name in required(wanted, part) if name not in spec)
    yield from ((f"{dot}{name}", f"is not known here; known: {', '.join(wanted)}") for name in spec if name not in wanted)
    for name, value in spec.items():
        if name in wanted and (not isinstance(value, wanted[name]) or isinstance(value, bool)):
            yield f"{dot}{name}", f"{value!r} is of the wrong kind"


def named(place: str, value: Any, pattern: str) -> Found:
    """A text that does not have this form; nothing there is no fault of it."""
    if not isinstance(value, str):
        yield from [(place, f"{value!r} must be a name: put it in quotes")] * (value is not None)
    elif not re.fullmatch(pattern, value):
        yield place, f"{value!r} does not have the form {pattern}"


def one_of(place: str, value: Any, known: tuple[str, ...]) -> Found:
    if isinstance(value, str) and value not in known:
        yield place, f"{value!r} must be one of {', '.join(known)}"


def texts(place: str, values: Any, *, empty: bool = False) -> Found:
    """A list of texts."""
    if isinstance(values, list) and (not (values or empty) or not all(isinstance(value, str) for value in values)):
        yield place, "must list at least one text: put numbers in quotes"
