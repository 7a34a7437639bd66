"""The source file of a provided front-end database: the tables are the catalogue's own, so the mapping is each field to its column. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from connectors.draft import scalar
from connectors.front.place import Front, variable
from schemas.catalog import Item
from schemas.front_table import OPERATION, READY, WITHDRAWN

HEAD = "# {title}：平台提供的前置库，由 guiji connectors provide 生成；以后增加的信息项由它补在末尾。口令在主目录的 secrets.env 里。\n"


class Differs(Exception):
    """The file that is there is not what was provided; the message says what to do."""


def database(front: Front) -> dict[str, str]:
    """What the file says of the database."""
    return {
        "kind": front.kind, "host": _reference(variable(front.kind, "HOST")), "port": _reference(variable(front.kind, "PORT")),
        "name": front.name, "user": front.tapping, "password": _reference(front.accounts[front.tapping]),
    }  # fmt: skip


def table_name(front: Front, item: Item) -> str:
    return f"public.{item.code}" if front.kind == "postgres" else item.code


def written(front: Front, title: str, before: str | None) -> str:
    """The file's text, ``before`` with the missing tables at its end. Raises Differs."""
    if before is None:
        return _head(front, title) + "".join(_table(front, item) for item in front.items)
    said = _read(before)
    if (said.get("source"), said.get("department"), said.get("database")) != (front.name, front.department, database(front)):
        raise Differs("its source, department or database is another one: move it away, or provide the other kind of database (--kind).")
    missing = [item for item in front.items if table_name(front, item) not in said.get("tables", {})]
    text = before.rstrip("\n") + "\n" + "".join(_table(front, item) for item in missing)
    if not {table_name(front, item) for item in front.items} <= set(_read(text).get("tables", {})):
        raise Differs("its tables do not stand at its end: move `tables:` there, and provide again.")
    return text


def unmapped(front: Front, text: str) -> dict[str, list[str]]:
    """By table, fields that its mapping does not name: the item gained them since, or somebody took them out."""
    tables = _read(text)["tables"]
    found = {name: [field.name for field in item.fields if field.name not in _named(tables[name])] for item in front.items if (name := table_name(front, item)) in tables}
    return {name: fields for name, fields in found.items() if fields}


def _named(table: Mapping[str, Any]) -> set[str]:
    return {*table.get("columns", {}), *table.get("constants", {})}


def _read(text: str) -> dict[str, Any]:
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise Differs(f"it is not YAML: {fault}") from fault
    return said if isinstance(said, dict) else {}


def _head(front: Front, title: str) -> str:
    said = ", ".join(f"{name}: {scalar(value)}" for name, value in database(front).items())
    answering = f"{{user: {front.answering}, password: {scalar(_reference(front.accounts[front.answering]))}}}"
    return HEAD.format(title=title) + f"source: {front.name}\ndepartment: {front.department}\ndatabase: {{{said}}}\nreceipts: {answering}\ntables:\n"


def _table(front: Front, item: Item) -> str:
    return "\n".join(_lines(front, item)) + "\n"


def _lines(front: Front, item: Item) -> Iterator[str]:
    yield f"  {table_name(front, item)}:"
    yield f"    item: {item.code}  # {item.title}"
    yield "    load: status"
    yield f"    status: {{column: {OPERATION}, ready: [{', '.join(map(scalar, READY))}], withdrawn: [{', '.join(map(scalar, WITHDRAWN))}]}}"
    yield "    columns:"
    yield from (f"      {field.name}: {field.name}  # {field.title}" for field in item.fields)


def _reference(name: str) -> str:
    return f"${{env:{name}}}"
