"""The HTTP interface over the real door: what is taken, what is answered, and that every error has the one Chinese form."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from producers import api_body, api_trial, interface
from producers.interface import Stand
from producers.nil import Period
from producers.outcomes import Outcome, Outcomes
from schemas import codes
from tests.producers.calling import GOOD, Client

pytestmark = pytest.mark.servers


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


def test_a_trial_says_what_each_record_would_become_and_stores_nothing(client: Client, house: Any) -> None:
    whole = {name: value for name, value in house.item.example.items() if value is not None}
    records = [{"ref": "A-1", "fields": whole}, {"ref": "A-2", "fields": whole | {"XK_JDRQ": "去年"}}, {"ref": "A-3", "fields": whole}, 7]
    answer = client.ask("POST", f"/api/v1/items/{client.item}/trial", json=records)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    bad = {each["index"]: each for each in told["records"] if each["would"] == "wrong"}
    assert {index: each["ref"] for index, each in bad.items()} == {1: "A-2", 3: None}
    assert "XK_JDRQ" in {reason["field"] for reason in bad[1]["reasons"]}
    assert any(reason["rule"].startswith("R-API-") for reason in bad[3]["reasons"])
    assert (told["item"], told["total"], told["more"]) == (client.item, 4, 0)
    assert {what: count for what, count in told["counts"].items() if count} == {"new": 1, "same": 1, "wrong": 2}
    assert client.door.settle(client.post([GOOD]).json()["receipt"], 30)
    assert len(house.said()) == 1, "of what was tried nothing was said"


def test_a_trial_is_refused_as_a_submission_is(client: Client) -> None:
    path = f"/api/v1/items/{client.item}/trial"
    error(client.ask("POST", path, token=None, json=[GOOD]), 401, "unauthorized")
    error(client.ask("POST", path, token="narrow", json=[GOOD]), 403, "forbidden")
    error(client.ask("POST", "/api/v1/items/nothing/trial", json=[GOOD]), 404, "unknown_item")
    error(client.ask("POST", path, content=b"[", headers={"Content-Type": "application/json"}), 422, "malformed")
    error(client.ask("POST", path, content=b"[]", headers={"Content-Type": "text/csv"}), 415, "unsupported")
    client.warehouse.away = True
    error(client.ask("POST", path, json=[GOOD]), 503, "unavailable")


def test_of_many_told_the_first_are_listed_and_all_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_trial, "PAGE", 2)
    told = client.ask("POST", f"/api/v1/items/{client.item}/trial", json=[7, 8, 9]).json()
    assert ([each["index"] for each in told["records"]], told["more"], told["counts"]["wrong"]) == ([0, 1], 1, 3)


def test_lines_are_taken_as_an_array_is(client: Client) -> None:
    body = "\n".join(json.dumps({"fields": GOOD | {"XK_WSH": f"{number}号"}}) for number in range(5)).encode()
    answer = client.post(body, Content_Type="application/x-ndjson; charset=utf-8")
    assert (answer.status_code, answer.json()["records"]) == (202, 5)


def test_a_single_record_is_a_batch_of_one(client: Client) -> None:
    answer = client.post({"ref": "A-1", "fields": GOOD})
    assert (answer.status_code, answer.json()["records"]) == (202, 1)
    error(client.post(b'{"XK_WSH": "1"} {}'), 422, "malformed")


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
        (lambda client: client.post([GOOD], query="?wait=nan"), 422, "invalid"),
        (lambda client: client.ask("GET", "/api/v1/receipts/HZNONE?after=99999999999999999999"), 422, "invalid"),
        (lambda client: client.ask("GET", "/api/v1/receipts/" + "x" * 5_000), 404, "unknown_receipt"),
        (lambda client: client.ask("GET", "/api/v1/receipts/..%2F..%2Fsecret"), 404, "not_found"),
        (lambda client: client.ask("GET", "/api/v1/codes/..%2Findex"), 404, "not_found"),
        (lambda client: client.ask("GET", "/api/v1/codes/index"), 404, "not_found"),
        (lambda client: client.ask("GET", f"/api/v1/items/{client.item}/standing?after=!!!"), 422, "invalid"),
        (lambda client: client.ask("GET", f"/api/v1/items/{client.item}/standing", token="narrow"), 403, "forbidden"),
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
    assert "这里应有一个值" in told["message"]


def test_a_wrong_parameter_is_told_in_chinese_all_at_once(client: Client) -> None:
    told = error(client.ask("GET", "/api/v1/receipts/HZNONE?after=x&limit=0"), 422, "invalid")
    assert {each["place"]: each["reason"] for each in told["details"]} == {"query.after": "应为整数", "query.limit": "不能小于 1"}


def test_what_is_too_much_is_told_with_the_limit(client: Client) -> None:
    assert error(client.post(b"[" + b" " * interface.MAX_BODY + b"]"), 413, "too_big")["details"] == [{"most_bytes": interface.MAX_BODY}]
    assert error(client.post(b"[" + b"1," * api_body.MAX_RECORDS + b"1]"), 413, "too_many_records")["details"] == [{"most_records": api_body.MAX_RECORDS}]
    assert client.ask("DELETE", "/api/v1/items").headers["Allow"] == "GET"


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


def test_the_catalogue_has_a_version_and_the_code_sets_of_its_items(client: Client, house: Any) -> None:
    told = client.ask("GET", "/api/v1/catalogue").json()
    assert (told["version"], [item["item"] for item in told["items"]]) == (house.catalog.version, [client.item])
    used = {field.codes: field for field in house.item.fields if field.codes}
    assert [each["codes"] for each in told["codes"]] == sorted(used)
    for each in told["codes"]:
        found = client.ask("GET", each["address"]).json()
        assert [(entry["code"], entry["title"]) for entry in found["entries"]] == [(entry.code, entry.title) for entry in codes.entries(each["codes"])]
        assert found["content"] == each["content"]
    properties = client.ask("GET", told["items"][0]["schema"]).json()["properties"]
    assert {name: each["x-codes"] for name, each in properties.items() if "x-codes" in each} == {field.name: field.codes for field in house.item.fields if field.codes}
    assert client.ask("GET", "/api/v1/catalogue", token="narrow").json() == {"version": house.catalog.version, "items": [], "codes": []}


def test_what_stands_is_told_by_pages_to_its_department_only(client: Client) -> None:
    client.warehouse.stands["zjj"] = [Stand(f'["{n}"]', f"R{n}", "zjj/oa", "api", "HZ", "2017-09-01", {"XK_WSH": f"{n}号"}) for n in range(5)]
    address, pages = f"/api/v1/items/{client.item}/standing?limit=2", []
    while address:
        page = client.ask("GET", address).json()
        pages.append([(each["ref"], each["fields"]) for each in page["records"]])
        address = page["next"]
    assert pages == [[("R0", {"XK_WSH": "0号"}), ("R1", {"XK_WSH": "1号"})], [("R2", {"XK_WSH": "2号"}), ("R3", {"XK_WSH": "3号"})], [("R4", {"XK_WSH": "4号"})]]
    assert client.ask("GET", f"/api/v1/items/{client.item}/standing", token="swj").json()["records"] == []
    client.warehouse.away = True
    error(client.ask("GET", f"/api/v1/items/{client.item}/standing"), 503, "unavailable")


def test_a_period_without_data_is_signed_and_taken_back(client: Client, house: Any) -> None:
    client.warehouse.owed = [Period(f"2017-{n}-01/2017-{n}-30", f"2017-{n}", date(2017, 10, 11), "待上报", n - 9, "", None, True, False) for n in (9, 10)]
    address = f"/api/v1/items/{client.item}/nil"
    assert [(each["period"], each["due"], each["may_sign"]) for each in client.ask("GET", address).json()] == [(f"2017-{n}-01/2017-{n}-30", "2017-10-11", True) for n in (9, 10)]
    told = client.ask("PUT", address, json={"period": "2017-9-01/2017-9-30"}).json()
    assert (told["nil"], told["by"]) == ("已签署", f"{house.source} gj_aaa")
    assert client.ask("PUT", address, json={"period": "2017-9-01/2017-9-30", "signed": False}).json()["nil"] == "已撤回"
    error(client.ask("PUT", address, json={"period": "2017-10-01/2017-10-30"}), 409, "conflict")
    error(client.ask("PUT", address, json={"period": "'; --"}), 404, "not_found")
    error(client.ask("PUT", address, "swj", json={"period": "2017-9-01/2017-9-30"}), 404, "not_found")
    error(client.ask("PUT", address, "narrow", json={"period": "2017-9-01/2017-9-30"}), 403, "forbidden")
    wrong = error(client.ask("PUT", address, json={"period": 7, "signed": "maybe"}), 422, "invalid")
    assert [(each["place"], each["reason"]) for each in wrong["details"]] == [("body.period", "应为字符串"), ("body.signed", "应为 true 或 false")]
    for body in (b"", b"{", b"[]", b"\xff"):
        error(client.ask("PUT", address, content=body, headers={"Content-Type": "application/json"}), 422, "invalid")
    error(client.ask("PUT", address, content=b" " * 5_000), 413, "too_big")
    error(client.ask("PUT", address, None, content=b" " * 5_000), 401, "unauthorized")


def test_names_of_any_length_and_make_do_not_stop_the_door(client: Client, house: Any) -> None:
    """What is told of a wrong name travels with the record: a message that no broker takes would hold up everybody."""
    long = "名" * 1_500_000
    body = json.dumps([{long: 1, "fields": {}}], ensure_ascii=False) + "\n"
    doubled = f'[{{"{long}": 1, "{long}": 2}}]'
    for content in (body.encode(), doubled.encode(), b'[{"\\ud800": 1, "\\ud800": 2, "operation": "\\udfff"}]'):
        answer = client.post(content)
        assert answer.status_code == 202, answer.text
        assert client.door.settle(answer.json()["receipt"], 30)
    assert len(house.said()) == 3


NASTY = ["' OR 1=1 --", "\"; DROP TABLE xzxk; --", "../../etc/passwd", "<script>alert(1)</script>", "${jndi:ldap://x}", "{{7*7}}", "=cmd|'/C calc'!A0", "a\x00b\r\nSet-Cookie: x=1", "\u202e", "%s%n"]


@pytest.mark.parametrize("text", NASTY)
def test_text_that_would_be_code_elsewhere_is_text(client: Client, house: Any, text: str) -> None:
    answer = client.post([{"fields": GOOD | {"XK_WSH": text}}])
    assert answer.status_code == 202
    assert client.door.settle(answer.json()["receipt"], 30)
    assert house.said()[-1]["XK_WSH"] == text
    for path in (f"receipts/{quote(text, safe='')}", f"items/{quote(text, safe='')}/schema", f"codes/{quote(text, safe='')}", f"items/{quote(text, safe='')}/standing"):
        assert client.ask("GET", f"/api/v1/{path}").status_code == 404
    assert client.ask("GET", f"/api/v1/items/{client.item}/standing", params={"after": text}).status_code == 422
    assert client.ask("GET", "/api/v1/items", token=text.encode("ascii", "ignore").decode().replace("\r\n", " ").replace("\x00", "")).status_code == 401


def test_the_description_has_examples_and_only_our_errors(client: Client) -> None:
    spec = client.ask("GET", "/api/openapi.json").json()
    post = spec["paths"]["/api/v1/items/{item}/records"]["post"]
    assert set(post["requestBody"]["content"]) == {"application/json", "application/x-ndjson"}
    assert {"200", "202", "401", "403", "404", "409", "413", "415", "422", "429"} <= set(post["responses"])
    assert "HTTPValidationError" not in json.dumps(spec)
