"""An XML file as a table, in bounded memory: the root's children are records, their children are fields named by code or title. Nothing deeper, no attributes, no document type: what could not be
told is refused, never left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO
from xml.parsers import expat

from producers.refusal import Refusal
from producers.tables.delimited import MAX_CELL, MAX_ROWS, PIECE

MOST_NAMES = 500
LONGEST_MARKUP = 1 << 20  # bytes of one tag or comment, which expat reads anew with every piece of it
_FIRST = re.compile(r"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*)*<([\w.:-]+)", re.DOTALL)
_PAGES = {"html", "head", "body", "table", "meta", "style", "div", "workbook"}  # pages and Excel's own XML
_SHAPE = "请写成：<records><record><XK_WSH>…</XK_WSH>…</record>…</records>，一条记录一个元素，其下一个字段一个元素。"
Record = dict[str, str]


@dataclass(frozen=True)
class Content:
    """A file that was read to its end once; ``names``: of its fields, in the order in which they come first."""

    file: TextIO
    names: Sequence[str]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(number of the record from 1, its cells under the names)."""
        for number, record in enumerate(records(self.file), 1):
            yield number, [record.get(name, "") for name in self.names]


def is_xml(beginning: str) -> bool:
    """Whether a text that begins so is XML and no page."""
    first = _FIRST.match(beginning)
    return first is not None and first[1].rpartition(":")[2].lower() not in _PAGES


def read(file: TextIO) -> Content:
    """Raises Refusal `broken_xml` or `too_many_rows`."""
    return Content(file, list(dict.fromkeys(name for record in records(file) for name in record)))


def records(file: TextIO) -> Iterator[Record]:
    """The records, from the file's beginning. Raises what `read` raises."""
    file.seek(0)
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")  # whatever its declaration says: the text is decoded already
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.text, reader.doctype
    fed, more = 0, True
    try:
        while more:
            piece = file.read(PIECE).encode()
            fed, more = fed + len(piece), bool(piece)
            parser.Parse(piece, not more)
            if fed - parser.CurrentByteIndex > LONGEST_MARKUP:
                raise _broken(f"XML 第 {parser.CurrentLineNumber} 行的标签或注释过长。")
            yield from reader.taken()
    except expat.ExpatError as fault:
        raise _broken(f"XML 第 {fault.lineno} 行有语法错误（{expat.ErrorString(fault.code)}）。") from fault


class _Reader:
    """What expat calls."""

    def __init__(self) -> None:
        self._done, self._record, self._count = list[Record](), Record(), 0
        self._names, self._depth, self._name, self._cell = set[str](), 0, "", list[str]()

    def taken(self) -> list[Record]:
        """The records that have ended since this was asked last."""
        done, self._done = self._done, []
        return done

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > 3:
            raise _broken(f"{self._place()}字段“{self._name}”里还有元素“{name}”。")
        if attributes and self._depth > 1:
            raise _broken(f"元素“{name}”带有属性“{next(iter(attributes))}”，属性里的内容不会归集。")
        if self._depth == 2:
            if self._count >= MAX_ROWS:
                raise Refusal("too_many_rows", f"文件超过 {MAX_ROWS} 条记录。", "请分成几个文件报送。")
            self._record, self._count = {}, self._count + 1
        if self._depth == 3:
            self._name, self._cell = name, []
            if name in self._record:
                raise _broken(f"{self._place()}字段“{name}”出现了两次。")
            self._names.add(name)
            if len(self._names) > MOST_NAMES:
                raise _broken(f"字段名超过 {MOST_NAMES} 种。")
            self._record[name] = ""

    def end(self, _name: str) -> None:
        if self._depth == 3:
            self._record[self._name] = "".join(self._cell)
        if self._depth == 2:
            self._done.append(self._record)
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
        return f"第 {self._count} 条记录" if self._count else ""


def _broken(message: str) -> Refusal:
    return Refusal("broken_xml", message, _SHAPE)
