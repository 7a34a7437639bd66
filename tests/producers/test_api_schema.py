"""A record's JSON Schema says of an item what can be said without looking anything up: the example passes, hand-written bad rows do not."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.openapi.models import OpenAPI
from jsonschema import Draft202012Validator

from producers import api_schema
from producers.api import api
from producers.interface import Interface
from schemas.catalog import load

CATALOG = load()
BAD = Path(__file__).parents[1] / "contract" / "bad_rows"
TOLD = {"R-REQ-01", "R-LEN-02", "R-CODE-01", "R-PAT-01"}


def validator(code: str) -> Draft202012Validator:
    schema = api_schema.of(CATALOG[code])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def record(code: str, changed: dict[str, str | None] | None = None) -> dict[str, str]:
    return {name: value for name, value in (CATALOG[code].example | (changed or {})).items() if value is not None}


@pytest.mark.parametrize("code", sorted(CATALOG))
def test_the_example_passes_and_bad_rows_do_not(code: str) -> None:
    schema = validator(code)
    assert [fault.message for fault in schema.iter_errors(record(code))] == []
    for row in json.loads((BAD / f"{code}.json").read_text(encoding="utf-8"))["rows"]:
        fields = {field for rule, field in row.get("errors", ()) if rule in TOLD and not _open(code, rule, field)}
        faults = list(schema.iter_errors(record(code, row["set"])))
        assert not fields or faults, row["why"]


def _open(code: str, rule: str, field: str) -> bool:
    """Codes that may be several, or 其他 with a note, are no closed list."""
    found = CATALOG[code].by_name[field]
    return rule == "R-CODE-01" and (found.many or "其他" in found.code_set)


def test_a_condition_asks_for_the_field_and_only_then() -> None:
    schema = validator("jzlj")
    assert list(schema.iter_errors(record("jzlj", {"CZLX": "产生", "CLS": None, "YSLX": None}))) == []
    assert len(list(schema.iter_errors(record("jzlj", {"CLS": None, "YSLX": None})))) == 2


def test_one_of_a_group_is_enough_and_none_is_not() -> None:
    schema = validator("sbqf")
    assert list(schema.iter_errors(record("sbqf", {"TYSHXYDM": None, "ZZJGDM": "55138508-2"}))) == []
    assert list(schema.iter_errors(record("sbqf", {"TYSHXYDM": None})))


def test_a_field_with_a_value_for_blank_may_be_left_out() -> None:
    schema = api_schema.of(CATALOG["xzxk"])
    assert "XK_ZT" not in schema["required"]
    assert list(validator("xzxk").iter_errors(record("xzxk", {"XK_ZT": None}))) == []


@pytest.fixture(scope="module")
def general() -> dict:
    app = FastAPI(title="接口", openapi_url="/api/openapi.json")
    app.include_router(api(Interface(None, CATALOG, lambda _: None, None, None), None, None))
    return app.openapi()


@pytest.mark.parametrize("code", sorted(CATALOG))
def test_every_item_has_a_description_of_its_own(code: str, general: dict) -> None:
    told = api_schema.document(CATALOG[code], general)
    OpenAPI.model_validate(told)
    assert not any("{item}" in path for path in told["paths"])
    post = told["paths"][f"/api/v1/items/{code}/records"]["post"]
    assert all(each["name"] != "item" for each in post["parameters"])
    body = post["requestBody"]["content"]["application/json"]
    several, one = body["schema"]["oneOf"]
    assert several["items"]["properties"]["fields"] == one["properties"]["fields"] == {"$ref": f"#/components/schemas/{code}"}
    assert set(told["components"]["schemas"][code]["properties"]) == set(CATALOG[code].by_name)
    whole = Draft202012Validator({**body["schema"], "components": told["components"]})
    assert list(whole.iter_errors(body["example"])) == []
    assert list(whole.iter_errors([{"fields": {"XX": "1"}}]))
    assert "{item}" in str(general["paths"]), "the general description is left as it was"
