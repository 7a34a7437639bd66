"""The HTTP interface over the real door: what is taken, what is answered, and that every error has the one Chinese form."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from producers import api as interface
from producers import api_body, api_errors
from producers.door import Door
from producers.outcomes import Outcome, Outcomes
from producers.principal import Principal
from producers.refusal import Refusal

pytestmark = pytest.mark.servers
GOOD = {"XK_WSH": "济许〔2017〕1号", "XK_XMMC": "项目", "XK_XDR": "济南某公司"}


@dataclass
class Warehouse:
    """What the loader would have loaded by now."""

    found: dict[str, Outcomes] = field(default_factory=dict)
    away: bool = False

    def __call__(self, batch: str, item: str, after: int, limit: int) -> Outcomes:
        if self.away:
            raise Refusal("unavailable", "现在查不到处理结果。", "请稍后再查。")
        whole = self.found.get(batch, Outcomes({}, 0, []))
        page = [record for record in whole.records if record.line > after][:limit]
        return Outcomes(whole.counts, whole.settled, page, page[-1].line if len(page) == limit else None)


@dataclass
class Client:
    app: FastAPI
    door: Door
    warehouse: Warehouse
    item: str

    def ask(self, method: str, path: str, token: str | None = "zjj", **said: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://guiji") as client:
                headers = said.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
                return await client.request(method, path, headers=headers, **said)

        return asyncio.run(go())

    def post(self, body: Any, token: str | None = "zjj", query: str = "", **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        named = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", f"/api/v1/items/{self.item}/records{query}", token, content=content, headers=named)


@pytest.fixture
def client(house: Any) -> Iterator[Client]:
    with house.door() as door:
        warehouse, app = Warehouse(), FastAPI(openapi_url="/api/openapi.json")
        api_errors.install(app)
        known = {
            "zjj": Principal("zjj", house.source[4:], frozenset(), "aaa"),
            "swj": Principal("swj", house.source[4:], frozenset(), "bbb"),
            "narrow": Principal("zjj", "narrow", frozenset({"other"}), "ccc"),
        }
        app.include_router(interface.api(door, house.catalog, known.get, warehouse, lambda: 0.0))
        yield Client(app, door, warehouse, house.item.code)


def error(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "remedy", "details"}
    assert body["error"]["code"] == code
    assert any("\u4e00" <= character <= "\u9fff" for character in body["error"]["message"])
    told: dict[str, Any] = body["error"]
    return told


def test_a_request_is_taken_and_said_with_its_references_and_literals(client: Client, house: Any) -> None:
    answer = client.post([{"ref": "A-1", "fields": GOOD | {"DFBM": 370100}}, {"operation": "withdraw", "XK_WSH": "二号", "XK_NO": 1}])
    assert answer.status_code == 202
    told = answer.json()
    assert (told["item"], told["records"], told["status"], told["repeated"]) == (client.item, 2, "待处理", False)
    assert client.door.settle(told["receipt"], 30)
    first, second = house.said()
    assert (first["_line"], first["_ref"], first["DFBM"], first["_source"], first["_way"]) == (1, "A-1", "370100", house.source, "api")
    assert (second["_line"], second["_operation"]) == (2, "withdraw")
    assert [fault["rule"] for fault in json.loads(second["_faults"])] == ["R-API-01"]


def test_lines_are_taken_as_an_array_is(client: Client) -> None:
    body = "\n".join(json.dumps({"fields": GOOD | {"XK_WSH": f"{number}号"}}) for number in range(5)).encode()
    answer = client.post(body, Content_Type="application/x-ndjson; charset=utf-8")
    assert (answer.status_code, answer.json()["records"]) == (202, 5)


def test_the_same_request_gets_the_same_receipt_and_another_body_a_conflict(client: Client) -> None:
    first = client.post([GOOD], Idempotency_Key="k-1").json()
    again = client.post([GOOD], Idempotency_Key="k-1").json()
    assert (again["receipt"], again["repeated"]) == (first["receipt"], True)
    told = error(client.post([GOOD, GOOD], Idempotency_Key="k-1"), 409, "conflict")
    assert told["details"] == [{"receipt": first["receipt"]}]
    assert client.post([GOOD], token="swj", Idempotency_Key="k-1").json()["receipt"] != first["receipt"]
    assert client.post([GOOD]).json()["receipt"] != client.post([GOOD]).json()["receipt"]


@pytest.mark.parametrize(
    ("send", "status", "code"),
    [
        (lambda client: client.post([GOOD], token=None), 401, "unauthorized"),
        (lambda client: client.post([GOOD], token="nobody"), 401, "unauthorized"),
        (lambda client: client.post([GOOD], token="narrow"), 403, "forbidden"),
        (lambda client: client.ask("POST", "/api/v1/items/nothing/records", json=[GOOD]), 404, "unknown_item"),
        (lambda client: client.ask("GET", "/api/v1/receipts/HZNONE"), 404, "unknown_receipt"),
        (lambda client: client.ask("GET", "/api/v1/nowhere"), 404, "not_found"),
        (lambda client: client.ask("DELETE", "/api/v1/items"), 405, "method"),
        (lambda client: client.post(b"[" + b" " * interface.MAX_BODY + b"]"), 413, "too_big"),
        (lambda client: client.post(b"[" + b"1," * api_body.MAX_RECORDS + b"1]"), 413, "too_many_records"),
        (lambda client: client.post(b"a=b", Content_Type="application/x-www-form-urlencoded"), 415, "unsupported"),
        (lambda client: client.post(b"[]", Content_Encoding="gzip"), 415, "unsupported"),
        (lambda client: client.post(b"[]"), 422, "empty"),
        (lambda client: client.post(b'[{"XK_WSH": }]'), 422, "malformed"),
        (lambda client: client.post("[]".encode("utf-16")), 422, "encoding"),
        (lambda client: client.post([GOOD], query="?wait=21"), 422, "invalid"),
        (lambda client: client.post([GOOD], Idempotency_Key="a b"), 422, "invalid"),
    ],
)
def test_every_error_has_the_one_form(client: Client, send: Callable[[Client], httpx.Response], status: int, code: str) -> None:
    error(send(client), status, code)
    assert client.door.waiting() == 0


def test_a_malformed_body_names_the_place(client: Client) -> None:
    told = error(client.post(b'[{"XK_WSH": "1"},\n{"XK_WSH": x}]'), 422, "malformed")
    assert told["details"][0]["line"] == 2
    assert "第 2 行" in told["message"]


def test_too_many_requests_are_told_to_wait(client: Client) -> None:
    answers = [client.ask("GET", "/api/v1/items") for _ in range(201)]  # the clock stands still: only the first burst is free
    assert [answer.status_code for answer in answers] == [200] * 200 + [429]
    error(answers[-1], 429, "too_fast")
    assert answers[-1].headers["Retry-After"]
    assert client.ask("GET", "/api/v1/items", token="swj").status_code == 200


def outcomes(count: int, rejected: int) -> Outcomes:
    reason = {
        "rule": "R-REQ-01",
        "severity": "error",
        "field": "XK_WSH",
        "title": "文号",
        "value": None,
        "message": "必填。",
        "remedy": "请填写。",
    }
    records = [
        Outcome(line, None, "rejected" if line <= rejected else "accepted", [reason] if line <= rejected else [])
        for line in range(1, count + 1)
    ]
    return Outcomes({"accepted": count - rejected, "rejected": rejected}, count, records)


def test_a_receipt_tells_each_records_outcome_by_pages(client: Client) -> None:
    receipt = client.post([GOOD] * 5).json()["receipt"]
    assert client.ask("GET", f"/api/v1/receipts/{receipt}").json()["status"] == "待处理"
    client.warehouse.found[receipt] = outcomes(5, 2)
    first = client.ask("GET", f"/api/v1/receipts/{receipt}?limit=2").json()
    assert (first["status"], first["counts"]["accepted"], first["counts"]["rejected"], first["total"]) == ("部分成功", 3, 2, 5)
    assert [record["index"] for record in first["records"]] == [0, 1]
    assert first["records"][0]["reasons"][0]["rule"] == "R-REQ-01"
    second = client.ask("GET", first["next"]).json()
    assert [record["index"] for record in second["records"]] == [2, 3]
    third = client.ask("GET", second["next"]).json()
    assert ([record["index"] for record in third["records"]], third["next"]) == ([4], None)


def test_another_departments_receipt_does_not_exist(client: Client) -> None:
    receipt = client.post([GOOD]).json()["receipt"]
    assert client.ask("GET", f"/api/v1/receipts/{receipt}").status_code == 200
    error(client.ask("GET", f"/api/v1/receipts/{receipt}", token="swj"), 404, "unknown_receipt")


def test_waiting_answers_with_outcomes_or_says_that_they_are_not_there_yet(client: Client) -> None:
    first = client.post([GOOD], Idempotency_Key="w").json()["receipt"]
    client.warehouse.found[first] = outcomes(1, 1)
    answer = client.post([GOOD], Idempotency_Key="w", query="?wait=5")
    assert (answer.status_code, answer.json()["status"], answer.json()["records"][0]["outcome"]) == (200, "失败", "rejected")
    answer = client.post([GOOD], query="?wait=0.3")
    assert (answer.status_code, answer.json()["status"]) == (202, "待处理")


def test_a_silent_warehouse_is_said_and_takes_nothing_back(client: Client) -> None:
    receipt = client.post([GOOD]).json()["receipt"]
    client.warehouse.away = True
    error(client.ask("GET", f"/api/v1/receipts/{receipt}"), 503, "unavailable")
    assert client.post([GOOD]).status_code == 202


def test_items_and_their_schema_are_told(client: Client, house: Any) -> None:
    (item,) = client.ask("GET", "/api/v1/items").json()
    assert item["item"] == client.item
    schema = client.ask("GET", item["schema"]).json()
    assert set(schema["properties"]) == {field.name for field in house.item.fields}
    assert client.ask("GET", "/api/v1/items", token="narrow").json() == []


def test_the_description_has_examples_and_only_our_errors(client: Client) -> None:
    spec = client.ask("GET", "/api/openapi.json").json()
    post = spec["paths"]["/api/v1/items/{item}/records"]["post"]
    assert set(post["requestBody"]["content"]) == {"application/json", "application/x-ndjson"}
    assert {"200", "202", "401", "403", "404", "409", "413", "415", "422", "429"} <= set(post["responses"])
    assert "HTTPValidationError" not in json.dumps(spec)
