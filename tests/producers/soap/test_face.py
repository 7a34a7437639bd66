"""SOAP over the real door: what is taken, what is answered in which encoding, and that every fault is one, in Chinese."""

from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from producers.interface import MAX_BODY
from producers.outcomes import Outcome, Outcomes
from tests.producers.calling import GOOD, Client
from tests.producers.soap.saying import message, record

pytestmark = pytest.mark.servers
SPACES = {"s": "http://schemas.xmlsoap.org/soap/envelope/", "g": "urn:guiji:v1"}


def send(client: Client, text: str | bytes, token: str | None = "zjj", encoding: str = "utf-8") -> httpx.Response:
    content = text.encode(encoding) if isinstance(text, str) else text
    return client.ask("POST", "/soap/v1", token, content=content, headers={"Content-Type": f"text/xml; charset={encoding}", "SOAPAction": '""'})


def body(answer: httpx.Response) -> ElementTree.Element:
    found = ElementTree.fromstring(answer.content.decode(answer.charset_encoding).split("?>", 1)[1]).find("s:Body", SPACES)
    assert found is not None
    return found[0]


def fault(answer: httpx.Response, status: int, kind: str, code: str) -> str:
    assert answer.status_code == status, answer.text
    found = body(answer)
    assert found.tag == f"{{{SPACES['s']}}}Fault"
    assert found.findtext("faultcode") == f"soap:{kind}"
    assert found.findtext("detail/g:error/g:code", namespaces=SPACES) == code
    said = found.findtext("faultstring") or ""
    assert any("\u4e00" <= character <= "\u9fff" for character in said)
    return said


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_submission_is_taken_and_its_receipt_asked_in_the_encoding_of_the_request(client: Client, house: Any, encoding: str) -> None:
    text = message("submit", f"<item>{client.item}</item>", record("甲-1", None, **GOOD) + record("甲-2", "withdraw", XK_WSH="二号 𠮷"))
    answer = send(client, text, encoding=encoding)
    assert (answer.status_code, answer.charset_encoding) == (200, encoding)
    receipt = body(answer).findtext("g:receipt", namespaces=SPACES) or ""
    assert client.door.settle(receipt, 30)
    assert [(each["_ref"], each["_operation"], each["XK_WSH"]) for each in house.said()] == [("甲-1", "upsert", GOOD["XK_WSH"]), ("甲-2", "withdraw", "二号 𠮷")]
    reason = {"rule": "R-X", "severity": "error", "field": "XK_WSH", "title": "文号", "value": "<&\x00𠮷", "message": "不对", "remedy": "请改"}
    client.warehouse.found[receipt] = Outcomes({"accepted": 1, "rejected": 1}, 2, [Outcome(1, "甲-1", "rejected", [reason]), Outcome(2, "甲-2", "accepted")])
    told = body(send(client, message("receipt", f"<receipt>{receipt}</receipt>"), encoding=encoding))
    assert (told.findtext("g:status", namespaces=SPACES), told.findtext("g:total", namespaces=SPACES)) == ("部分成功", "2")
    assert [each.text for each in told.findall("g:record/g:ref", SPACES)] == ["甲-1", "甲-2"]
    assert told.findtext("g:record/g:reason/g:value", namespaces=SPACES) == "<&\ufffd𠮷"
    page = body(send(client, message("receipt", f"<receipt>{receipt}</receipt><limit>1</limit>")))
    assert page.findtext("g:next", namespaces=SPACES) == "0"


def test_the_same_key_and_records_are_one_submission_and_other_records_a_conflict(client: Client) -> None:
    text = message("submit", f"<item>{client.item}</item><key>k-1</key>", record("1", None, **GOOD))
    first, again = body(send(client, text)), body(send(client, text.replace("<soap:Body>", "<soap:Header/><soap:Body>")))
    assert first.findtext("g:receipt", namespaces=SPACES) == again.findtext("g:receipt", namespaces=SPACES)
    assert (first.findtext("g:repeated", namespaces=SPACES), again.findtext("g:repeated", namespaces=SPACES)) == ("false", "true")
    fault(send(client, text.replace("济南", "青岛")), 500, "Client", "conflict")


def test_waiting_answers_with_outcomes(client: Client) -> None:
    text = message("submit", f"<item>{client.item}</item><key>w</key><wait>5</wait>", record("1", None, **GOOD))
    first = body(send(client, text.replace("<g:wait>5</g:wait>", ""))).findtext("g:receipt", namespaces=SPACES) or ""
    client.warehouse.found[first] = Outcomes({"accepted": 1}, 1, [Outcome(1, "1", "accepted")])
    assert body(send(client, text)).findtext("g:status", namespaces=SPACES) == "成功"


def test_items_are_told_with_their_fields_and_the_version(client: Client, house: Any) -> None:
    told = body(send(client, message("items")))
    assert told.findtext("g:version", namespaces=SPACES) == house.catalog.version
    assert [each.text for each in told.findall("g:item/g:field/g:name", SPACES)] == [field.name for field in house.item.fields]


def test_every_fault_is_soaps_own_and_takes_nothing(client: Client) -> None:
    good = message("submit", f"<item>{client.item}</item>", record("1", None, **GOOD))
    fault(send(client, good, token=None), 401, "Client", "unauthorized")
    fault(send(client, good, token="narrow"), 500, "Client", "forbidden")
    fault(send(client, good.replace(client.item, "nothing")), 500, "Client", "unknown_item")
    fault(send(client, message("submit", "", "")), 500, "Client", "invalid")
    fault(send(client, message("submit", f"<item>{client.item}</item>", "")), 500, "Client", "empty")
    fault(send(client, message("submit", f"<item>{client.item}</item><wait>nan</wait>", record("1", None, **GOOD))), 500, "Client", "invalid")
    fault(send(client, message("submit", f"<item>{client.item}</item><key>a b</key>", record("1", None, **GOOD))), 500, "Client", "invalid")
    fault(send(client, message("receipt", "<receipt>HZNONE</receipt>")), 500, "Client", "unknown_receipt")
    fault(send(client, b" " * (MAX_BODY + 1)), 500, "Client", "too_big")
    fault(send(client, b"\xff\xff"), 500, "Client", "encoding")
    fault(send(client, "<a/>"), 500, "VersionMismatch", "malformed")
    fault(client.ask("POST", "/soap/v1", content=b"{}", headers={"Content-Type": "application/json"}), 500, "Client", "unsupported")
    assert client.door.waiting() == 0


def test_what_the_platform_cannot_do_now_is_the_servers_fault(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = body(send(client, message("submit", f"<item>{client.item}</item>", record("1", None, **GOOD)))).findtext("g:receipt", namespaces=SPACES)
    client.warehouse.away = True
    fault(send(client, message("receipt", f"<receipt>{receipt}</receipt>")), 500, "Server", "unavailable")
    monkeypatch.setattr(client.door, "find", lambda _number: 1 / 0)
    assert "ZeroDivision" not in fault(send(client, message("receipt", f"<receipt>{receipt}</receipt>")), 500, "Server", "internal")


def test_another_departments_receipt_does_not_exist(client: Client) -> None:
    receipt = body(send(client, message("submit", f"<item>{client.item}</item>", record("1", None, **GOOD)))).findtext("g:receipt", namespaces=SPACES)
    fault(send(client, message("receipt", f"<receipt>{receipt}</receipt>"), token="swj"), 500, "Client", "unknown_receipt")


def test_both_faces_are_paced_together(client: Client) -> None:
    for _ in range(200):
        client.ask("GET", "/api/v1/items")
    fault(send(client, message("items")), 500, "Client", "too_fast")


def test_the_wsdl_names_the_address_it_was_asked_at(client: Client) -> None:
    answer = client.ask("GET", "/soap/v1?wsdl", None)
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert 'location="http://guiji/soap/v1"' in answer.text
