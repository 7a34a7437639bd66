"""A request's body as rows: JSON array or NDJSON, read one record at a time, numbers as their literal. Pure."""

import difflib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from producers import faults
from producers.faults import Fault
from producers.refusal import Refusal
from producers.submission import Row
from schemas.text import from_json

MAX_RECORDS = 20_000
MAX_REFERENCE = 200
MOST_TOLD, LONGEST_NAME = 20, 60  # of names that are wrong
OPERATIONS = ("upsert", "withdraw", "assert")
BLANK = re.compile(r"[ \t\r\n]*")
KINDS = {dict: "对象", list: "数组", bool: "布尔值", str: "字符串", type(None): "null"}

# What Python's reader says, in Chinese.
WORDS = {
    "Expecting value": "这里应有一个值",
    "Expecting ',' delimiter": "这里应有逗号",
    "Expecting ':' delimiter": "这里应有冒号",
    "Expecting property name enclosed in double quotes": "这里应有双引号括起的名称",
    "Unterminated string starting at": "从这里开始的字符串没有结束",
    "Invalid control character at": "字符串里有未转义的控制字符",
    "Invalid \\escape": "反斜杠后的写法不对",
    "Invalid \\uXXXX escape": "\\u 后应有四位十六进制数字",
}


class Number(str):
    """A JSON number exactly as it was written."""

    __slots__ = ()


class Members(dict[str, Any]):
    """A JSON object that remembers the names it was given twice."""

    doubled: list[str]


def members(pairs: Sequence[tuple[str, Any]]) -> Members:
    """An object of these names and values."""
    made = Members(pairs)
    counts = Counter(name for name, _ in pairs) if len(made) < len(pairs) else {}
    made.doubled = sorted(name for name, count in counts.items() if count > 1)
    return made


def _constant(name: str) -> NoReturn:
    raise Refusal("malformed", f"JSON 不允许 {name}。", "请改为字符串或 null。")


DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_constant, object_pairs_hook=members)


def text(body: bytes) -> str:
    """The body's characters. Raises Refusal `encoding` naming the first bad byte."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refusal("encoding", f"请求体不是 UTF-8 编码：第 {fault.start + 1} 个字节无法辨认。", "请用 UTF-8 编码后重试。") from fault


def reader(media: str, encoding: str = "identity") -> Callable[[str], Iterator[Any]]:
    """What reads a body of this Content-Type and Content-Encoding. Raises Refusal `unsupported`."""
    kind, _, charset = media.partition(";")
    foreign = "charset" in charset.lower() and "utf-8" not in charset.lower()
    found = {"application/json": array, "application/x-ndjson": ndjson, "application/jsonl": ndjson}.get(kind.strip().lower())
    if found is None or foreign or encoding.lower() != "identity":
        raise Refusal("unsupported", "请求体应为 UTF-8 的 application/json 或 application/x-ndjson，不压缩。", "请改正 Content-Type 请求头。")
    return found


def array(body: str) -> Iterator[Any]:
    """The elements of a JSON array; a single object is one. Raises Refusal `malformed` with line and column, `too_many_records`."""
    place = _skip(body, 0)
    if body.startswith("{", place):
        element, place = _element(body, place)
        _ended(body, place)
        yield element
        return
    if not body.startswith("[", place):
        raise _malformed(body, place, "应以 [ 开头，或是一个 { } 对象")
    place, count = _skip(body, place + 1), 0
    while not body.startswith("]", place):
        if count:
            if not body.startswith(",", place):
                raise _malformed(body, place, "两条记录之间应有逗号")
            place = _skip(body, place + 1)
        element, place = _element(body, place)
        count += 1
        limit(count)
        yield element
        place = _skip(body, place)
    _ended(body, place + 1)


def ndjson(body: str) -> Iterator[Any]:
    """The values on the lines, blank lines left out. Raises as `array` does."""
    place = count = 0
    while (place := _skip(body, place)) < len(body):
        end = body.find("\n", place)
        end = len(body) if end < 0 else end
        element, after = _element(body, place)
        if after > end or body[after:end].strip():
            raise _malformed(body, min(after, end), "一行应恰好是一条记录")
        count += 1
        limit(count)
        yield element
        place = end


def _ended(body: str, place: int) -> None:
    end = _skip(body, place)
    if end != len(body):
        raise _malformed(body, end, "之后还有内容")


def _element(body: str, place: int) -> tuple[Any, int]:
    try:
        return DECODER.raw_decode(body, place)
    except json.JSONDecodeError as fault:
        raise _malformed(body, fault.pos, WORDS.get(fault.msg, "写法不对")) from fault
    except RecursionError as fault:
        raise _malformed(body, place, "嵌套过深") from fault


def _skip(body: str, place: int) -> int:
    blank = BLANK.match(body, place)
    return blank.end() if blank else place


def limit(count: int) -> None:
    """Raises Refusal `too_many_records`."""
    if count > MAX_RECORDS:
        raise Refusal("too_many_records", f"一次最多报送 {MAX_RECORDS} 条记录。", "请分成几次报送；本次没有接收任何记录。", [{"most_records": MAX_RECORDS}])


def _malformed(body: str, place: int, why: str) -> Refusal:
    line, column = body.count("\n", 0, place) + 1, place - body.rfind("\n", 0, place)
    message = f"JSON 格式错误：第 {line} 行第 {column} 列（{why}）。"
    return Refusal("malformed", message, "请改正后重试；本次没有接收任何记录。", [{"line": line, "column": column, "reason": why}])


def row(index: int, element: Any, titles: Mapping[str, str]) -> Row:
    """The record at `index` (from 0) as a row; what is wrong with it becomes its faults, never an exception. `titles`: field code →
    Chinese title.
    """
    if not isinstance(element, Members):
        return Row(index + 1, {}, faults=[faults.not_a_record(_kind(element))])
    found: list[Fault] = []
    reference = _reference(element.pop("ref", None), found)
    operation = _operation(element.pop("operation", None), found)
    wrapped = element.get("fields")
    said = wrapped if isinstance(wrapped, Members) else element
    if said is wrapped:
        found += [faults.unknown_field(_shown(name), []) for name in list(element)[:MOST_TOLD] if name != "fields"]
    doubled = sorted({*element.doubled, *said.doubled})[:MOST_TOLD]
    found += [faults.doubled_name((_shown(name), titles.get(name, _shown(name)))) for name in doubled]
    return Row(index + 1, _fields(said, titles, found), operation, reference, found)


def _fields(said: Members, titles: Mapping[str, str], found: list[Fault]) -> dict[str, str | None]:
    fields: dict[str, str | None] = {}
    unknown = [name for name in said if name not in titles]
    for name in map(_shown, unknown[:MOST_TOLD]):
        found.append(faults.unknown_field(name, difflib.get_close_matches(name.upper(), titles, n=2)))
    for name, value in said.items():
        if name in titles:
            fields[name] = _text(value, (name, titles[name]), found)
    return fields


def _text(value: Any, place: tuple[str, str], found: list[Fault]) -> str | None:
    if isinstance(value, dict | list):
        found.append(faults.not_scalar(place, _kind(value)))
        return None
    written = from_json(value)
    if written is None:
        return None
    try:
        written.encode()
    except UnicodeEncodeError:
        found.append(faults.broken_characters(place))
        return _sound(written)
    return written


def _sound(text: str) -> str:
    """Without lone surrogates, which nothing can write."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _shown(name: str) -> str:
    """A name as a fault may tell it: whatever its length, the record stays one that a broker takes."""
    return _sound(name[:LONGEST_NAME])


def _reference(value: Any, found: list[Fault]) -> str | None:
    if value is None or (isinstance(value, str) and len(value) <= MAX_REFERENCE and value.isprintable()):
        return None if value is None else str(value)
    found.append(faults.bad_reference())
    return None


def _operation(value: Any, found: list[Fault]) -> str:
    if value is None:
        return "upsert"
    if isinstance(value, str) and value in OPERATIONS:
        return value
    found.append(faults.unknown_operation(_shown(str(value))))
    return "upsert"


def _kind(value: Any) -> str:
    return "数字" if isinstance(value, Number) else KINDS.get(dict if isinstance(value, Members) else type(value), "其他类型")
