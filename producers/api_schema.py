"""What a record of an item looks like, as JSON Schema; and how a request's body is described."""

import copy
import json
from collections.abc import Mapping
from typing import Any

from schemas.catalog import Field, Item

PREFIX = "/api/v1"
NDJSON = '{"ref": "A-1", "fields": {"XK_WSH": "济许〔2017〕1号"}}\n{"ref": "A-2", "operation": "withdraw", "fields": {"XK_WSH": "济许〔2017〕2号"}}\n'
RECORD: dict[str, Any] = {
    "type": "object",
    "description": "字段见 GET /api/v1/items/{item}/schema；字段也可以不套 fields，直接与 ref、operation 并列",
    "properties": {
        "ref": {"type": "string", "maxLength": 200, "description": "报送方自己的编号，随结果返回"},
        "operation": {"enum": ["upsert", "withdraw", "assert"], "default": "upsert", "description": "报送或修改；撤回；以本次为准"},
        "fields": {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}},
    },
    "examples": [{"ref": "A-1", "operation": "upsert", "fields": {"XK_WSH": "济许〔2017〕1号", "XK_XDR_SHXYM": "91440300708461136T"}}],
}


def request_body() -> dict[str, Any]:
    """The OpenAPI description of what POST takes."""
    return {
        "required": True,
        "description": "JSON 数组，或单独一条记录，或 NDJSON（一行一条记录）",
        "content": {
            "application/json": {"schema": _body(RECORD), "example": RECORD["examples"]},
            "application/x-ndjson": {"schema": {"type": "string"}, "example": NDJSON},
        },
    }


def _body(record: Mapping[str, Any]) -> dict[str, Any]:
    """A batch or a single record."""
    return {"oneOf": [{"type": "array", "items": record, "minItems": 1}, record]}


def document(item: Item, general: Mapping[str, Any]) -> dict[str, Any]:
    """The OpenAPI description of the interface for one item: the general one with the item's own address, and its record as a schema that generators of client code understand."""
    told = copy.deepcopy(dict(general))
    told["info"] = {**told["info"], "title": f"{told['info']['title']} · {item.title}"}
    paths = told["paths"]
    for path in [path for path in paths if "{item}" in path]:
        operations = paths.pop(path)
        for operation in operations.values():
            operation["parameters"] = [each for each in operation.get("parameters", ()) if each["name"] != "item"]
        paths[path.replace("{item}", item.code)] = operations
    told["components"]["schemas"][item.code] = {name: value for name, value in of(item).items() if name != "$schema"}
    record = {**RECORD, "properties": {**RECORD["properties"], "fields": {"$ref": f"#/components/schemas/{item.code}"}}}
    example = {"ref": "A-1", "fields": {name: value for name, value in item.example.items() if value is not None}}
    for what in ("records", "trial"):
        content = paths[f"{PREFIX}/items/{item.code}/{what}"]["post"]["requestBody"]["content"]
        content["application/json"] = {"schema": _body({**record, "examples": [example]}), "example": [example]}
        content["application/x-ndjson"] = {"schema": {"type": "string"}, "example": json.dumps(example, ensure_ascii=False) + "\n"}
    return told


def of(item: Item) -> dict[str, Any]:
    """JSON Schema of one record's fields: what can be said of a record without looking anything up. Stricter than the interface, which takes any record and answers with reasons."""
    told: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": item.title,
        "description": item.doc,
        "type": "object",
        "properties": {field.name: _field(field) for field in item.fields},
        "required": [field.name for field in item.fields if field.required and field.blank is None],
        "additionalProperties": False,
        "examples": [{field.name: field.example for field in item.fields if field.example}],
    }
    if conditions := [_condition(field) for field in item.fields if field.when and "field" in field.when]:
        told["allOf"] = conditions
    groups = dict.fromkeys(field.group for field in item.fields if field.group)
    if groups and item.subject == "organisation":
        told.setdefault("allOf", []).extend({"anyOf": [_filled(field.name) for field in item.fields if field.group == group]} for group in groups)
    return told


def _field(field: Field) -> dict[str, Any]:
    optional = not field.required or field.blank is not None
    told: dict[str, Any] = {"title": field.title, "type": ["string", "number", "null"] if optional else ["string", "number"]}
    if field.help:
        told["description"] = field.help
    if field.length:
        told["maxLength"] = field.length
    if field.min_length or not optional:
        told["minLength"] = field.min_length or 1
    if field.pattern or not optional:
        told["pattern"] = f"^(?:{field.pattern})$" if field.pattern else r"\S"  # blanks alone say nothing
    if field.codes:
        told["x-codes"] = field.codes
    if field.code_set:
        told["oneOf" if _closed(field) else "examples"] = _codes(field, optional=optional) if _closed(field) else list(field.code_set)
    elif field.example:
        told["examples"] = [field.example]
    return told


def _closed(field: Field) -> bool:
    """Whether a value is one code and nothing else: not several, not 其他-注明."""
    return not field.many and "其他" not in field.code_set


def _codes(field: Field, *, optional: bool) -> list[dict[str, Any]]:
    return [{"const": code, "title": title} for code, title in field.code_set.items()] + ([{"type": "null"}] if optional else [])


def _filled(name: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"type": ["string", "number"], "minLength": 1}}}


def _condition(field: Field) -> dict[str, Any]:
    """Required when another field has one of some values."""
    when = field.when or {}
    return {"if": {"required": [when["field"]], "properties": {when["field"]: {"enum": list(when["in"])}}}, "then": _filled(field.name)}
