"""What a source file must look like: every mistake with its place, and the same shape as a JSON Schema for editors."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.catalog import Catalog, Field

KINDS = ("postgres", "mariadb")
DELETES = ("withdraw", "housekeeping")
NAME, DEPARTMENT, TABLE, COLUMN = r"[a-z][a-z0-9_]{1,30}", r"[a-z]{2,8}", r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?", r"[^\s\"'`;]{1,64}"
REFERENCE = r"\$\{env:[A-Z][A-Z0-9_]*\}"
_SOURCE = {"source": str, "department": str, "database": dict, "generation": int, "tables": dict}
DATABASE = {"kind": str, "host": (str,), "port": (str, int), "name": str, "user": str, "password": str}
_TABLE = {"item": str, "delete": str, "columns": dict, "constants": dict, "codes": dict, "source_time": str, "filter": dict}
_OPTIONAL = {"generation", "delete", "constants", "codes", "source_time", "filter"}
Found = Iterator[tuple[str, str]]


def check(spec: Any, catalog: Catalog, departments: set[str] | None = None) -> Found:
    """Every mistake of one file's content: (place, what is wrong)."""
    shape = list(_shape("", spec, _SOURCE))
    if shape:
        yield from shape
        if not isinstance(spec, dict):
            return
    yield from _named("source", spec.get("source"), NAME)
    yield from _named("department", spec.get("department"), DEPARTMENT)
    if departments is not None and isinstance(spec.get("department"), str) and spec["department"] not in departments:
        yield "department", f"there is no department {spec['department']!r} in departments.csv"
    if isinstance(generation := spec.get("generation", 1), int) and not 1 <= generation <= 65535:
        yield "generation", "must lie between 1 and 65535"
    if isinstance(spec.get("database"), dict):
        yield from _database(spec["database"])
    if isinstance(tables := spec.get("tables"), dict):
        yield from [("tables", "declares no table")] * (not tables)
        shorts = [str(name).rpartition(".")[2] for name in tables]
        yield from ((f"tables.{name}", "another table has the same name: their topics would be one") for name, short in zip(tables, shorts, strict=True) if shorts.count(short) > 1)
        for name, table in tables.items():
            yield from _named(f"tables.{name}", name, TABLE)
            yield from _one_table(f"tables.{name}", table, catalog)


def _database(spec: Mapping[str, Any]) -> Found:
    yield from _shape("database", spec, DATABASE)
    if isinstance(kind := spec.get("kind"), str) and kind not in KINDS:
        yield "database.kind", f"{kind!r} must be one of {', '.join(KINDS)}"
    for name, value in spec.items():
        if isinstance(value, str) and "$" in value and not re.fullmatch(REFERENCE, value):
            yield f"database.{name}", f"{value!r} is no reference: write ${{env:NAME}} with capitals, digits and _"
    if isinstance(password := spec.get("password"), str) and not re.fullmatch(REFERENCE, password) and "$" not in password:
        yield "database.password", "must be a reference ${env:NAME}: secrets do not stand in files"
    port = spec.get("port")
    if isinstance(port, str | int) and not re.fullmatch(rf"[1-9]\d{{0,4}}|{REFERENCE}", str(port)) and "$" not in str(port):
        yield "database.port", f"{port!r} is no port"


def _one_table(place: str, spec: Any, catalog: Catalog) -> Found:
    yield from _shape(place, spec, _TABLE)
    if not isinstance(spec, dict):
        return
    if isinstance(delete := spec.get("delete"), str) and delete not in DELETES:
        yield f"{place}.delete", f"{delete!r} must be one of {', '.join(DELETES)}"
    yield from _filter(f"{place}.filter", spec.get("filter"))
    if isinstance(time := spec.get("source_time"), str):
        yield from _named(f"{place}.source_time", time, COLUMN)
    item = catalog.get(spec["item"]) if isinstance(spec.get("item"), str) else None
    if item is None:
        if isinstance(spec.get("item"), str):
            yield f"{place}.item", f"there is no item {spec['item']!r}"
        return
    columns, constants, codes = ({} if not isinstance(spec.get(name), dict) else spec[name] for name in ("columns", "constants", "codes"))
    for name, part in (("columns", columns), ("constants", constants), ("codes", codes)):
        yield from ((f"{place}.{name}.{code}", f"item {item.code} has no field {code!r}") for code in part if code not in item.by_name)
    for code, column in columns.items():
        yield from _named(f"{place}.columns.{code}", column, COLUMN)
    yield from ((f"{place}.constants.{code}", "must be a text: put it in quotes") for code, value in constants.items() if not isinstance(value, str))
    yield from ((f"{place}.constants.{code}", "is mapped to a column, too") for code in constants if code in columns)
    yield from ((place, f"required field {one.name} {one.title} is neither mapped nor constant") for one in item.fields if one.required and one.name not in {*columns, *constants})
    for code, translation in codes.items():
        if code in item.by_name:
            yield from _codes(f"{place}.codes.{code}", translation, item.by_name[code], mapped=code in columns)


def _codes(place: str, translation: Any, one: Field, *, mapped: bool) -> Found:
    if not isinstance(translation, dict) or not translation:
        yield place, "must map the source's codes to values"
        return
    if not mapped:
        yield place, "translates a field that is not mapped to a column"
    targets = {*one.code_set, *one.code_set.values()}
    for said, target in translation.items():
        if not isinstance(said, str) or not isinstance(target, str):
            yield f"{place}.{said}", "both sides must be texts: put them in quotes"
        elif targets and target not in targets:
            yield f"{place}.{said}", f"{target!r} is not in code set {one.codes}"


def _filter(place: str, spec: Any) -> Found:
    if spec is None:
        return
    yield from _shape(place, spec, {"column": str, "in": list})
    if isinstance(spec, dict):
        if isinstance(column := spec.get("column"), str):
            yield from _named(f"{place}.column", column, COLUMN)
        values = spec.get("in")
        if isinstance(values, list) and (not values or not all(isinstance(value, str) for value in values)):
            yield f"{place}.in", "must list at least one text: put numbers in quotes"


def _shape(place: str, spec: Any, wanted: Mapping[str, Any]) -> Found:
    """Missing, unknown and mistyped entries of a mapping."""
    if not isinstance(spec, dict):
        yield place, "must be a mapping"
        return
    dot = f"{place}." if place else ""
    yield from ((f"{dot}{name}", "is missing") for name in wanted if name not in spec and name not in _OPTIONAL)
    yield from ((f"{dot}{name}", f"is not known here; known: {', '.join(wanted)}") for name in spec if name not in wanted)
    for name, value in spec.items():
        if name in wanted and (not isinstance(value, wanted[name]) or isinstance(value, bool)):
            yield f"{dot}{name}", f"{value!r} is of the wrong kind"


def _named(place: str, value: Any, pattern: str) -> Found:
    if not isinstance(value, str):
        yield from [(place, f"{value!r} must be a name: put it in quotes")] * (value is not None)
    elif not re.fullmatch(pattern, value):
        yield place, f"{value!r} does not have the form {pattern}"


def json_schema() -> dict[str, Any]:
    """The shape of a source file, for editors (connectors/sources/source.schema.json). Names of items and fields are checked by `check` alone."""
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    columns = {"type": "object", "additionalProperties": _text(COLUMN), "minProperties": 1}
    chosen = _object({"column": _text(COLUMN), "in": {"type": "array", "items": {"type": "string"}, "minItems": 1}})
    about = {"item": {"type": "string"}, "delete": {"enum": list(DELETES)}, "columns": columns, "constants": texts}
    about |= {"codes": {"type": "object", "additionalProperties": texts}, "source_time": _text(COLUMN), "filter": chosen}
    database: dict[str, Any] = {name: {"type": "string"} for name in DATABASE}
    database |= {"kind": {"enum": list(KINDS)}, "port": {"type": ["string", "integer"]}, "password": _text(REFERENCE)}
    whole = {"source": _text(NAME), "department": _text(DEPARTMENT), "database": _object(database)}
    whole |= {"generation": {"type": "integer", "minimum": 1, "maximum": 65535}}
    whole |= {"tables": {"type": "object", "propertyNames": _text(TABLE), "additionalProperties": _object(about), "minProperties": 1}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A tapped database", **_object(whole)}


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    required = [name for name in properties if name not in _OPTIONAL]
    return {"type": "object", "properties": dict(properties), "required": required, "additionalProperties": False}
