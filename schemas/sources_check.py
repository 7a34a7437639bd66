"""What a source file must look like: every mistake with its place."""

import re
from collections.abc import Mapping
from typing import Any

from schemas.catalog import Catalog
from schemas.sources_form import (
    ANSWERED,
    CAPTURES,
    CLOCK,
    DATABASE,
    DEPARTMENT,
    DURATION,
    KINDS,
    NAME,
    POLLED,
    RECEIPTS,
    REFERENCE,
    SOURCE,
    TABLE,
    Found,
    named,
    one_of,
    shape,
)
from schemas.sources_table import table as one_table


def check(spec: Any, catalog: Catalog, departments: set[str] | None = None) -> Found:
    """Every mistake of one file's content: (place, what is wrong)."""
    yield from shape("", spec, SOURCE, "")
    if not isinstance(spec, dict):
        return
    yield from named("source", spec.get("source"), NAME)
    yield from named("department", spec.get("department"), DEPARTMENT)
    if departments is not None and isinstance(spec.get("department"), str) and spec["department"] not in departments:
        yield "department", f"there is no department {spec['department']!r} in departments.csv"
    if isinstance(generation := spec.get("generation", 1), int) and not 1 <= generation <= 65535:
        yield "generation", "must lie between 1 and 65535"
    yield from _capture(spec)
    yield from named("reconcile", spec.get("reconcile"), CLOCK) if isinstance(spec.get("reconcile"), str) else ()
    if isinstance(spec.get("database"), dict):
        yield from _database(spec["database"])
    if isinstance(receipts := spec.get("receipts"), dict):
        yield from shape("receipts", receipts, RECEIPTS, "receipts")
        yield from _references("receipts", receipts)
        if isinstance(database := spec.get("database"), dict) and database.get("kind") in set(KINDS) - set(ANSWERED):
            yield "receipts", f"are written into {', '.join(ANSWERED)} only"
    if isinstance(tables := spec.get("tables"), dict):
        yield from [("tables", "declares no table")] * (not tables)
        shorts = [str(name).rpartition(".")[2] for name in tables]
        yield from ((f"tables.{name}", "another table has the same name: their topics would be one") for name, short in zip(tables, shorts, strict=True) if shorts.count(short) > 1)
        for name, table in tables.items():
            yield from named(f"tables.{name}", name, TABLE)
            yield from one_table(f"tables.{name}", table, catalog)
            if isinstance(table, dict) and "poll" in table and spec.get("capture") != "poll":
                yield f"tables.{name}.poll", "is for capture: poll"
            if isinstance(table, dict) and table.get("load") == "reload" and spec.get("capture") == "poll":
                yield f"tables.{name}.load", "reload is for tables whose log of changes is read: what is polled is compared as a whole each time"


def _capture(spec: Mapping[str, Any]) -> Found:
    yield from one_of("capture", spec.get("capture"), CAPTURES)
    for name in ("every", "heartbeat"):
        if isinstance(spec.get(name), str):
            yield from named(name, spec[name], DURATION)
    if "every" in spec and spec.get("capture") != "poll":
        yield "every", "is for capture: poll"
    database = spec.get("database")
    kind = database.get("kind") if isinstance(database, dict) else None
    if spec.get("capture") == "poll" and kind in KINDS and kind not in POLLED:
        yield "capture", f"nothing here asks a database of kind {kind}; polled are {', '.join(POLLED)}"


def _database(spec: Mapping[str, Any]) -> Found:
    yield from shape("database", spec, DATABASE, "database")
    yield from one_of("database.kind", spec.get("kind"), KINDS)
    yield from _references("database", spec)
    port = spec.get("port")
    if isinstance(port, str | int) and not re.fullmatch(rf"[1-9]\d{{0,4}}|{REFERENCE}", str(port)) and "$" not in str(port):
        yield "database.port", f"{port!r} is no port"


def _references(place: str, spec: Mapping[str, Any]) -> Found:
    """An account's password is a reference, and what looks like one is one."""
    for name, value in spec.items():
        if isinstance(value, str) and "$" in value and not re.fullmatch(REFERENCE, value):
            yield f"{place}.{name}", f"{value!r} is no reference: write ${{env:NAME}} with capitals, digits and _"
    if isinstance(password := spec.get("password"), str) and not re.fullmatch(REFERENCE, password) and "$" not in password:
        yield f"{place}.password", "must be a reference ${env:NAME}: secrets do not stand in files"
