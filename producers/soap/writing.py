"""Answers as SOAP 1.1, in the encoding of the request. Pure."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from producers.interface import Told
from producers.outcomes import WAITING
from producers.refusal import Refusal
from producers.soap.reading import OURS, SOAP
from producers.submission import Receipt
from schemas.catalog import Item

ERROR = ("code", "message", "remedy")
REASON = ("rule", "severity", "field", "title", "value", "message", "remedy")
WSDL = (Path(__file__).parent / "v1.wsdl").read_text(encoding="utf-8")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def described(address: str) -> str:
    """The WSDL of the service at this address."""
    return WSDL.replace('"@ADDRESS@"', quoteattr(address))


def envelope(content: str, encoding: str) -> bytes:
    """A message around a body's content."""
    text = f'<?xml version="1.0" encoding="{encoding.upper()}"?>\n<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>{content}</soap:Body></soap:Envelope>'
    return text.encode(encoding)


def fault(refusal: Refusal, kind: str) -> str:
    """Why nothing was done; ``kind`` is the local name of SOAP's fault code."""
    detail = f'<error xmlns="{OURS}">{_told(vars(refusal), ERROR)}</error>'
    said = f"{refusal.message}{refusal.remedy}"
    return f'<soap:Fault><faultcode>soap:{kind}</faultcode><faultstring xml:lang="zh">{_text(said)}</faultstring><detail>{detail}</detail></soap:Fault>'


def submitted(receipt: Receipt) -> str:
    """A submission that is durable."""
    return _answer("submit", _receipt(receipt, WAITING))


def receipt(operation: str, told: Told) -> str:
    """A receipt with its outcomes."""
    counts = "".join(_tag("count", _tag("outcome", outcome) + _tag("records", count)) for outcome, count in told.counts.items())
    return _answer(operation, _receipt(told.receipt, told.status) + counts + "".join(_outcomes(told)) + _tag("next", told.next))


def items(found: list[Item], version: str) -> str:
    """The catalogue's version and items."""
    told = "".join(_tag("item", _tag("item", item.code) + _tag("title", item.title) + "".join(_fields(item))) for item in found)
    return _answer("items", _tag("version", version) + told)


def _receipt(receipt: Receipt, status: str) -> str:
    told = {"receipt": receipt.receipt, "item": receipt.item, "status": status, "total": receipt.records, "repeated": str(receipt.repeated).lower()}
    return _told(told, tuple(told))


def _outcomes(told: Told) -> Iterator[str]:
    for each in told.found.records:
        reasons = "".join(_tag("reason", _told(reason, REASON)) for reason in each.reasons)
        yield _tag("record", _told({"index": each.line - 1, "ref": each.ref, "outcome": each.outcome}, ("index", "ref", "outcome")) + reasons)


def _fields(item: Item) -> Iterator[str]:
    for each in item.fields:
        yield _tag("field", _told({"name": each.name, "title": each.title, "required": str(each.required).lower()}, ("name", "title", "required")))


def _answer(operation: str, content: str) -> str:
    return f'<{operation}Response xmlns="{OURS}">{content}</{operation}Response>'


def _told(values: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return "".join(_tag(name, None if values.get(name) is None else _text(str(values[name]))) for name in names)


def _tag(name: str, content: object) -> str:
    """An element around content that is XML already; none for None."""
    return "" if content is None else f"<{name}>{content}</{name}>"


def _text(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", text))
