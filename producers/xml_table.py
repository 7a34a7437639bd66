"""An XML file as a table: the root's children are records, their children are fields named by code or title. Nothing deeper, no attributes, no document type: what could not be told is refused,
never left out.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from producers.delimited import MAX_CELL, MAX_ROWS
from producers.refusal import Refusal

MOST_NAMES = 500
_FIRST = re.compile(r"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*)*<([\w.:-]+)", re.DOTALL)
_PAGES = {"html", "head", "body", "table", "meta", "style", "div", "workbook"}  # pages and Excel's own XML
_SHAPE = "请写成：<records><record><XK_WSH>…</XK_WSH>…</record>…</records>，一条记录一个元素，其下一个字段一个元素。"


@dataclass
class Content:
    """``names``: of the fields, in the order in which they come first; ``records``: by name."""

    names: dict[str, None] = field(default_factory=dict)
    records: list[dict[str, str]] = field(default_factory=list)

    def rows(self) -> list[list[str]]:
        """The records as cells under the names."""
        return [[record.get(name, "") for name in self.names] for record in self.records]


def is_xml(content: str) -> bool:
    """Whether the text is XML and no page."""
    first = _FIRST.match(content[:10_000])
    return first is not None and first[1].rpartition(":")[2].lower() not in _PAGES


def read(content: str) -> Content:
    """Raises Refusal `broken_xml` or `too_many_rows`."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")  # whatever its declaration says: the text is decoded already
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.text, reader.doctype
    try:
        parser.Parse(content.encode(), True)  # noqa: FBT003 -- its own signature: this is all
    except expat.ExpatError as fault:
        raise _broken(f"XML 第 {fault.lineno} 行有语法错误（{expat.ErrorString(fault.code)}）。") from fault
    except UnicodeEncodeError as fault:
        raise _broken("XML 里有无法识别的字符。") from fault
    return reader.content


class _Reader:
    """What expat calls."""

    def __init__(self) -> None:
        self.content, self._depth, self._name, self._cell = Content(), 0, "", list[str]()

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > 3:
            raise _broken(f"{self._place()}字段“{self._name}”里还有元素“{name}”。")
        if attributes and self._depth > 1:
            raise _broken(f"元素“{name}”带有属性“{next(iter(attributes))}”，属性里的内容不会归集。")
        if self._depth == 2:
            if len(self.content.records) >= MAX_ROWS:
                raise Refusal("too_many_rows", f"文件超过 {MAX_ROWS} 条记录。", "请分成几个文件报送。")
            self.content.records.append({})
        if self._depth == 3:
            self._name, self._cell = name, []
            if name in self.content.records[-1]:
                raise _broken(f"{self._place()}字段“{name}”出现了两次。")
            self.content.names[name] = None
            if len(self.content.names) > MOST_NAMES:
                raise _broken(f"字段名超过 {MOST_NAMES} 种。")

    def end(self, _name: str) -> None:
        if self._depth == 3:
            self.content.records[-1][self._name] = "".join(self._cell)
        self._depth -= 1

    def text(self, text: str) -> None:
        if self._depth == 3:
            self._cell.append(text)
            if sum(map(len, self._cell)) > MAX_CELL:
                raise _broken(f"{self._place()}字段“{self._name}”超过 {MAX_CELL} 个字。")
        elif text.strip():
            raise _broken(f"{self._place()}有不在任何字段里的文字“{text.strip()[:20]}”。")

    def doctype(self, *_: object) -> None:
        raise _broken("XML 里有文档类型声明（DOCTYPE），不接收。")

    def _place(self) -> str:
        return f"第 {len(self.content.records)} 条记录" if self.content.records else ""


def _broken(message: str) -> Refusal:
    return Refusal("broken_xml", message, _SHAPE)
