"""A SOAP request is read as one call, in both encodings; what is no such request is refused with its place, and nothing in it can grow or reach out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import api_body
from producers.refusal import Refusal
from producers.soap import reading
from producers.soap.reading import Broken, Call
from tests.producers.soap.saying import message, record

TITLES = {"XK_WSH": "行政许可决定书文号", "XK_XDR": "行政相对人"}


def call(text: str, encoding: str = "utf-8") -> Call:
    return reading.call(text.encode(encoding), encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_records_are_read_with_references_operations_and_fields(encoding: str) -> None:
    found = call(message("submit", "<item>xzxk</item><key>k</key>", record("A-1", "assert", XK_WSH="济许〔2017〕1号 𠮷", XK_XDR="")), encoding)
    assert (found.operation, found.said) == ("submit", {"item": "xzxk", "key": "k"})
    (row,) = [api_body.row(0, element, TITLES) for element in found.elements()]
    assert (row.ref, row.operation, row.fields, row.faults) == ("A-1", "assert", {"XK_WSH": "济许〔2017〕1号 𠮷", "XK_XDR": None}, [])


def test_what_is_wrong_with_one_record_is_its_own_fault_as_in_json() -> None:
    found = call(message("submit", "<item>xzxk</item>", '<g:record><g:operation>drop</g:operation><g:field name="A">1</g:field><g:field name="A">2</g:field></g:record>'))
    (row,) = [api_body.row(0, element, TITLES) for element in found.elements()]
    assert sorted(fault["rule"] for fault in row.faults) == ["R-API-01", "R-API-04", "R-API-05"]


def test_the_digest_is_of_what_is_said_not_of_how_the_xml_is_written() -> None:
    first = message("submit", "<item>xzxk</item>", record("1", XK_WSH="一"))
    again = first.replace("<soap:Body>", "<soap:Header><m xmlns='urn:x'>42</m></soap:Header>\n  <soap:Body>").replace("g:", "guiji:").replace("xmlns:g=", "xmlns:guiji=")
    assert call(first).digest() == call(again).digest()
    assert call(first).digest() != call(first.replace("一", "二")).digest()


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("", "Client", "语法错误"),
        ("<a", "Client", "语法错误"),
        ("<a/>", "VersionMismatch", "SOAP 1.1"),
        ('<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>', "VersionMismatch", "SOAP 1.1"),
        (message("submit", "", "").replace("soap:Body", "soap:Bod"), "Client", "Bod"),
        (message("drop", "", ""), "Client", "drop"),
        (message("items", "<item>x</item>"), "Client", "item"),
        (message("submit", "<item>x</item><item>y</item>", ""), "Client", "item"),
        (message("submit", "", "<g:record><g:field>1</g:field></g:record>"), "Client", "field"),
        (message("submit", "", "<g:record>散落</g:record>"), "Client", "散落"),
        (message("submit", "", '<g:record><g:field name="A"><g:b/></g:field></g:record>'), "Client", "b"),
        (message("submit", "", record("1")).replace("urn:guiji:v1", "urn:other"), "Client", "submit"),
        (message("items").replace("<soap:Body>", '<soap:Header><s xmlns="urn:s" soap:mustUnderstand="1"/></soap:Header><soap:Body>'), "MustUnderstand", "s"),
        (message("items").replace("<g:items></g:items>", "<g:items/><g:items/>"), "Client", "items"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + message("items"), "Client", "DOCTYPE"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd">' + message("items"), "Client", "DOCTYPE"),
        (message("receipt", "<receipt>&xxe;</receipt>"), "Client", "语法错误"),
    ],
)
def test_what_is_no_such_request_is_refused_with_what_is_wrong(text: str, kind: str, word: str) -> None:
    with pytest.raises(Broken) as caught:
        call(text)
    assert caught.value.kind == kind
    assert word in caught.value.message


def test_entities_that_would_grow_are_never_expanded() -> None:
    bomb = "<!DOCTYPE a [" + '<!ENTITY l0 "哈哈">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)) + "]>"
    with pytest.raises(Broken, match="DOCTYPE"):
        call(bomb + message("receipt", "<receipt>&l11;</receipt>"))


def test_too_many_records_and_too_deep_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        call(message("submit", "<item>x</item>", "<g:record/>" * (api_body.MAX_RECORDS + 1)))
    assert caught.value.code == "too_many_records"
    with pytest.raises(Broken):
        call(message("items").replace("<soap:Body>", "<soap:Header>" + "<a>" * 5_000 + "</a>" * 5_000 + "</soap:Header><soap:Body>"))


@pytest.mark.parametrize(
    ("content_type", "beginning", "expected"),
    [
        ("text/xml", b"<a/>", "utf-8"),
        ('text/xml; charset="GB18030"', b"<a/>", "gb18030"),
        ("text/xml", b'<?xml version="1.0" encoding="GBK"?>', "gb18030"),
        ("text/xml; charset=utf-8", b'<?xml version="1.0" encoding="GBK"?>', "utf-8"),
    ],
)
def test_the_encoding_is_what_the_header_says_then_the_declaration(content_type: str, beginning: bytes, expected: str) -> None:
    assert reading.coding(beginning, content_type) == expected


@pytest.mark.parametrize(("content_type", "beginning"), [("application/soap+xml", b""), ("", b""), ("text/xml; charset=utf-7", b""), ("text/xml", b"<?xml version='1.0' encoding='rot13'?>")])
def test_other_media_and_encodings_are_not_supported(content_type: str, beginning: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        reading.coding(beginning, content_type)
    assert caught.value.code == "unsupported"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for encoding in ("utf-8", "gb18030"):
        with pytest.raises(Refusal):
            reading.call(body, encoding)
