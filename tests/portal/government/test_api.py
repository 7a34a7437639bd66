"""政务查询 for systems: the same look-up with a token of its own kind; errors in Chinese, all at once; what needs an authorisation is not there."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal import tokens
from portal.accounts.roles import Role
from portal.government.tables import LookUp
from producers.principal import QUERY
from producers.rate import Rate
from tests.loaders.records import Records
from tests.portal.desk import Away, Desk
from tests.portal.government.site import CODE, NAME, NUMBER, WHY, fill

ORGANISATIONS, PERSONS = "/api/v1/query/organisations", "/api/v1/query/persons"


@pytest.fixture(autouse=True)
def _filled(desk: Desk, records: Records) -> None:
    desk.clock.time = datetime(2017, 9, 1, 4, tzinfo=UTC)
    fill(records)


def token(desk: Desk, scope: str = QUERY) -> str:
    with desk.database.begin() as database:
        return tokens.create(database, "zjj", "oa", scope=scope).text


def ask(desk: Desk, path: str, body: Any, text: str | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return desk.nobody().client.post(path, content=content, headers={"Authorization": f"Bearer {text or token(desk)}", "Content-Type": "application/json"})


def test_a_system_gets_what_the_page_shows_without_an_authorisation(desk: Desk) -> None:
    told = ask(desk, ORGANISATIONS, {"subject": NAME, **WHY}).json()
    assert (told["outcome"], told["subject"], told["as_of"]) == ("found", f"{NAME} {CODE}", "2017-09-01T12:00:00+08:00")
    assert {(each["item"], each["usage"], each["mark"]) for each in told["records"]} == {("qydj", "0", "公示中"), ("xzcf", "0", "公示中"), ("xzcf", "1", "不公示"), ("xzxk", "0", "公示中")}
    penalty = next(each for each in told["records"] if each["usage"] == "1")
    assert (penalty["department_name"], penalty["way"], penalty["decided"]) == ("济南市环境保护局", "数据接口", "2017-05-10")
    assert {"code": "CF_SY", "title": "处罚事由", "text": "共享的处罚"} in penalty["fields"]
    with desk.database() as database:
        (made,) = database.scalars(select(LookUp))
    assert (made.department, made.way, made.records, made.number, made.account_id) == ("zjj", "api", 4, told["number"], None)
    assert made.client.startswith("oa gj_")
    line = next(line for line in desk.audit() if line.action == "接口政务查询")
    assert (line.department, line.username) == ("zjj", made.client)
    desk_of_supplier = desk.person(Role.OFFICER, "hbj")
    desk_of_supplier.get("/looked-up")
    assert made.client in desk_of_supplier.page


def test_a_person_is_found_by_both_and_nothing_by_one(desk: Desk) -> None:
    told = ask(desk, PERSONS, {"number": NUMBER, "name": "张三丰", **WHY}).json()
    assert (told["outcome"], len(told["records"])) == ("found", 2)
    assert NUMBER[6:14] not in json.dumps(told)
    assert ask(desk, PERSONS, {"number": NUMBER, "name": "李四", **WHY}).json()["outcome"] == "none"
    assert ask(desk, ORGANISATIONS, {"subject": "没有的公司", **WHY}).json()["outcome"] == "none"


def test_of_several_who_they_are_and_nothing_more(desk: Desk, records: Records) -> None:
    records.put("qydj", '["qydj",null,"2"]', QYMC=NAME, TYSHXYDM=None)
    records.link()
    told = ask(desk, ORGANISATIONS, {"subject": NAME, **WHY}).json()
    assert (told["outcome"], told["records"]) == ("several", [])
    assert sorted(each["code"] for each in told["candidates"]) == ["", CODE]


def test_all_that_is_wrong_is_told_at_once_in_chinese(desk: Desk) -> None:
    answer = ask(desk, PERSONS, {"number": 110105, "name": "张", "case_number": "", "extra": 1})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert {each["place"] for each in error["details"]} == {"extra", "number", "name", "matter", "case_number"}
    assert "没有查询" in error["remedy"]
    assert all(re.search("[\u4e00-\u9fff]", each["reason"]) for each in error["details"])
    with desk.database() as database:
        assert list(database.scalars(select(LookUp))) == []


@pytest.mark.parametrize(("body", "status", "code"), [
    (b"{", 422, "malformed"), (b"[]", 422, "malformed"), (b"\xff", 422, "malformed"), (b'"x"', 422, "malformed"), (b"[" * 20_000, 413, "too_big"), (b"[" * 9_000, 422, "malformed"),
    (b'{"subject": "' + b"x" * (20 << 10) + b'"}', 413, "too_big"), (b'{"subject": "\\ud800\\u0000", "matter": "\\ud800", "case_number": "x"}', 422, "invalid"),
])  # fmt: skip
def test_what_is_no_question_is_refused_in_the_interfaces_form(desk: Desk, body: bytes, status: int, code: str) -> None:
    answer = ask(desk, ORGANISATIONS, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_each_kind_of_token_opens_its_own_door_alone(desk: Desk) -> None:
    assert ask(desk, ORGANISATIONS, {"subject": NAME, **WHY}, token(desk, "submit")).json()["error"]["code"] == "forbidden"
    assert ask(desk, "/api/v1/items/xzxk/records", [{"XK_WSH": "1"}]).json()["error"]["code"] == "forbidden"
    assert ask(desk, ORGANISATIONS, {"subject": NAME, **WHY}, "gj_x").status_code == 401
    assert desk.nobody().client.get("/api/v1/items", headers={"Authorization": f"Bearer {token(desk)}"}).status_code == 403


def test_one_system_cannot_ask_without_end_and_a_warehouse_that_is_away_is_said(desk: Desk) -> None:
    desk.change(look_ups=Rate(1, 2, lambda: 0.0))
    mine, asked = token(desk), {"subject": NAME, **WHY}
    assert [ask(desk, ORGANISATIONS, asked, mine).status_code for _ in range(3)] == [200, 200, 429]
    desk.change(warehouse=Away(), look_ups=Rate(1, 9, lambda: 0.0))
    answer = ask(desk, ORGANISATIONS, asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    with desk.database() as database:
        assert len(list(database.scalars(select(LookUp)))) == 2


def test_the_interface_is_described(desk: Desk) -> None:
    spec = desk.nobody().client.get("/api/openapi.json").json()
    for path, names in ((ORGANISATIONS, {"subject"}), (PERSONS, {"number", "name"})):
        operation = spec["paths"][path]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert set(schema["required"]) == names | {"matter", "case_number"}
        assert {"200", "401", "403", "413", "422", "429", "503"} <= set(operation["responses"])
        assert operation["security"]
        assert not [name for name in operation.get("parameters", ()) if "number" in str(name)]
