"""The shape of a source file as a JSON Schema, for editors (connectors/sources/source.schema.json). Names of items and fields are checked by `sources_check` alone."""

from collections.abc import Mapping
from typing import Any

from schemas.formats import DECIMAL, GROUP
from schemas.sources_form import (
    BYS,
    CAPTURES,
    CLOCK,
    COLUMN,
    DATABASE,
    DELETES,
    DEPARTMENT,
    DURATION,
    ENDS,
    FASTEST,
    FILTER,
    KINDS,
    LOADS,
    MARKER,
    NAME,
    OF_TABLE,
    POLL,
    RECEIPTS,
    REFERENCE,
    RELOAD,
    SOURCE,
    STATUS,
    TABLE,
    required,
)

_STRING = {"type": "string"}


def json_schema() -> dict[str, Any]:
    """The whole."""
    database = _object(DATABASE, "database", {"kind": {"enum": list(KINDS)}, "port": {"type": ["string", "integer"]}, "password": _text(REFERENCE)})
    tables = {"type": "object", "propertyNames": _text(TABLE), "additionalProperties": _table(), "minProperties": 1}
    told = {"source": _text(NAME), "department": _text(DEPARTMENT), "database": database, "tables": tables, "capture": {"enum": list(CAPTURES)}}
    told |= {"generation": {"type": "integer", "minimum": 1, "maximum": 65535}, "every": _text(DURATION), "heartbeat": _text(DURATION), "reconcile": _text(CLOCK)}
    told |= {"receipts": _object(RECEIPTS, "receipts", {"password": _text(REFERENCE)})}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A tapped database", **_object(SOURCE, "", told)}


def _table() -> dict[str, Any]:
    texts = {"type": "object", "additionalProperties": _STRING}
    number = {"type": "object", "properties": {"decimal": {"enum": list(DECIMAL)}, "group": {"enum": list(GROUP)}}, "additionalProperties": False}
    told: dict[str, Any] = {"load": {"enum": list(LOADS)}, "delete": {"enum": list(DELETES)}, "constants": texts, "source_time": _text(COLUMN)}
    told |= {"columns": {"type": "object", "additionalProperties": _text(COLUMN), "minProperties": 1}, "codes": {"type": "object", "additionalProperties": texts}}
    told |= {"formats": {"type": "object", "additionalProperties": {"anyOf": [_STRING, number]}}}
    told |= {"filter": _object(FILTER, "filter", {"column": _text(COLUMN), "in": _list(1)})}
    told |= {"status": _object(STATUS, "status", {"column": _text(COLUMN), "ready": _list(1), "withdrawn": _list(0)})}
    marker = _object(MARKER, "marker", {"table": _text(TABLE), "column": _text(COLUMN)})
    shrink = {"type": "integer", "minimum": 1, "maximum": 100}
    told |= {"reload": _object(RELOAD, "reload", {"ends": {"enum": list(ENDS)}, "quiet": _text(DURATION), "marker": marker, "shrink": shrink})}
    rate = {"type": "integer", "minimum": 1, "maximum": FASTEST}
    told |= {"poll": _object(POLL, "poll", {"by": {"enum": list(BYS)}, "column": _text(COLUMN), "overlap": _text(DURATION), "shrink": shrink, "rate": rate})}
    return _object(OF_TABLE, "table", told)


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def _list(least: int) -> dict[str, Any]:
    return {"type": "array", "items": _STRING, "minItems": least}


def _object(wanted: Mapping[str, Any], part: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping of these entries; a text where nothing else is told."""
    return {"type": "object", "properties": {name: told.get(name, _STRING) for name in wanted}, "required": required(wanted, part), "additionalProperties": False}
