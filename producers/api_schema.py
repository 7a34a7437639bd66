"""What a record of an item looks like, as JSON Schema; and how a request's body is described."""

from typing import Any

from schemas.catalog import Field, Item

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
        "description": "JSON 数组，或 NDJSON（一行一条记录）",
        "content": {
            "application/json": {"schema": {"type": "array", "items": RECORD, "minItems": 1}, "example": RECORD["examples"]},
            "application/x-ndjson": {"schema": {"type": "string"}, "example": NDJSON},
        },
    }


def of(item: Item) -> dict[str, Any]:
    """JSON Schema of one record's fields. Stricter than the interface, which takes any record and answers with reasons."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": item.title,
        "type": "object",
        "properties": {field.name: _field(field) for field in item.fields},
        "required": [field.name for field in item.fields if field.required],
        "additionalProperties": False,
        "examples": [{field.name: field.example for field in item.fields if field.example}],
    }


def _field(field: Field) -> dict[str, Any]:
    told: dict[str, Any] = {"title": field.title, "type": ["string", "number"] if field.required else ["string", "number", "null"]}
    if field.help:
        told["description"] = field.help
    if field.length:
        told["maxLength"] = field.length
    if field.code_set and not field.many:
        told["examples"] = list(field.code_set)
    elif field.example:
        told["examples"] = [field.example]
    return told
