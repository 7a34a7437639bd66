"""A SOAP 1.1 request read as one call, in bounded memory: no tree is built, no document type and no entity is taken. Pure."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from xml.parsers import expat

from producers import api_body
from producers.api_body import Members
from producers.refusal import Refusal

SOAP, OURS = "http://schemas.xmlsoap.org/soap/envelope/", "urn:guiji:v1"
OPERATIONS = {"submit": {"item", "key", "wait"}, "receipt": {"receipt", "after", "limit"}, "items": set[str]()}
CODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_REMEDY = "请按 /soap/v1?wsdl 的说明生成请求；本次没有接收任何记录。"
Pairs = list[tuple[str, str | None]]


@dataclass
class Call:
    """What is asked: one of OPERATIONS, its arguments as text, and the records of `submit`, each as (name, value) pairs of ref, operation and fields."""

    operation: str = ""
    said: dict[str, str] = field(default_factory=dict)
    records: list[tuple[Pairs, Pairs]] = field(default_factory=list, repr=False)

    def elements(self) -> list[Members]:
        """The records as `api_body.row` takes them."""
        return [api_body.members([*about, ("fields", api_body.members(fields))]) for about, fields in self.records]

    def digest(self) -> str:
        """Of what the records say: the same for the same records, however the XML around them is written."""
        return hashlib.sha256(json.dumps([self.said["item"], self.records], ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


class Broken(Refusal):
    """No SOAP 1.1 request: `kind` is the local name of SOAP's fault code."""

    def __init__(self, message: str, kind: str = "Client") -> None:
        super().__init__("malformed", message, _REMEDY)
        self.kind = kind


def coding(body: bytes, content_type: str) -> str:
    """The body's encoding: what the Content-Type header says, else the XML declaration, else UTF-8. Raises Refusal `unsupported`."""
    media, _, parameters = content_type.partition(";")
    if media.strip().lower() not in ("text/xml", "application/xml"):
        raise Refusal("unsupported", "请求体应为 text/xml（SOAP 1.1）。", "请改正 Content-Type 请求头；SOAP 1.2 不接收。")
    said = re.search(r"""charset\s*=\s*["']?([A-Za-z0-9._-]+)""", parameters, re.IGNORECASE)
    declared = _DECLARED.match(body)
    name = (said[1] if said else declared[1].decode() if declared else "utf-8").lower()
    if name not in CODINGS:
        raise Refusal("unsupported", f"不认识编码“{name[:40]}”。", "请用 UTF-8 或 GB18030 编码。")
    return CODINGS[name]


def call(body: bytes, encoding: str) -> Call:
    """The call in a request's body. Raises Broken (the first fault with its line), Refusal `encoding` or `too_many_records`."""
    try:
        text = body.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as fault:
        raise Refusal("encoding", f"请求体不是 {encoding.upper()} 编码：第 {fault.start + 1} 个字节无法辨认。", "请改正编码后重试。") from fault
    parser = expat.ParserCreate("utf-8", " ")  # whatever its declaration says: the text is decoded already
    reader = _Reader(parser)
    try:
        parser.Parse(text.encode(), True)  # noqa: FBT003
    except expat.ExpatError as fault:
        raise Broken(f"XML 第 {fault.lineno} 行有语法错误（{expat.ErrorString(fault.code)}）。") from fault
    if not reader.call.operation:
        raise Broken("SOAP 消息里没有操作。")
    return reader.call


class _Reader:
    """What expat calls. `_path`: the names from the envelope down to where it is; what stands in a Header is passed over."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.call, self._parser, self._path, self._text, self._field = Call(), parser, list[str](), list[str](), ""
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._begin, self._end, self._text.append
        parser.StartDoctypeDeclHandler = self._doctype

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        depth, (space, _, local) = len(self._path), name.rpartition(" ")
        self._between()
        if depth == 0 and name != f"{SOAP} Envelope":
            raise Broken("不是 SOAP 1.1 消息：最外层应为 SOAP 1.1 的 Envelope。", "VersionMismatch")
        if depth == 1 and name not in (f"{SOAP} Header", f"{SOAP} Body"):
            raise self._stray(local)
        if depth == 2 and self._path[1] == "Header" and attributes.get(f"{SOAP} mustUnderstand") in ("1", "true"):
            raise Broken(f"不认识必须理解的消息头“{local[:40]}”。", "MustUnderstand")
        if depth >= 2 and self._path[1] == "Body":
            if space != OURS:
                raise self._stray(local)
            self._inside(depth, local, attributes)
        if depth > 20:
            raise self._stray(local)
        self._path.append(local)

    def _inside(self, depth: int, local: str, attributes: dict[str, str]) -> None:
        if depth == 2:
            if self.call.operation or local not in OPERATIONS:
                raise self._stray(local)
            self.call.operation = local
        elif depth == 3:
            if (local not in OPERATIONS[self.call.operation] and (local, self.call.operation) != ("records", "submit")) or local in self.call.said:
                raise self._stray(local)
        elif (depth, self._path[3], local) == (4, "records", "record"):
            api_body.limit(len(self.call.records) + 1)
            self.call.records.append(([], []))
        elif depth == 5 and local in ("ref", "operation"):
            pass
        elif depth == 5 and local == "field" and "name" in attributes:
            self._field = attributes["name"]
        else:
            raise self._stray(local)

    def _end(self, _name: str) -> None:
        local, depth = self._path.pop(), len(self._path)
        if depth not in (3, 5) or local == "records" or self._path[1] != "Body":
            self._between()
            return
        text = "".join(self._text)
        self._text.clear()
        if depth == 3:
            self.call.said[local] = text.strip()
            return
        about, fields = self.call.records[-1]
        if local == "field":
            fields.append((self._field, text))
        else:
            about.append((local, text.strip() or None))

    def _between(self) -> None:
        """Text where only elements stand would be left out: it is refused."""
        text = "".join(self._text).strip()
        self._text.clear()
        if text and self._path[1:2] == ["Body"]:
            raise Broken(f"XML 第 {self._parser.CurrentLineNumber} 行有不在任何字段里的文字“{text[:20]}”。")

    def _stray(self, local: str) -> Broken:
        return Broken(f"XML 第 {self._parser.CurrentLineNumber} 行的元素“{local[:40]}”不在应在的位置，或缺少属性 name。")

    def _doctype(self, *_: object) -> None:
        raise Broken("SOAP 消息里不能有文档类型声明（DOCTYPE）。")
