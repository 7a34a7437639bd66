"""A text file, and a delimited one (CSV, tab-separated) as numbered rows of text, in bounded memory. Encodings: UTF-8 with or without BOM, UTF-16 with BOM, GB18030."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TextIO

from producers.refusal import Refusal
from producers.tables.header import score
from producers.tables.titles import Titles

DELIMITERS = (",", "\t", ";", "|", "，")
MAX_BYTES, MAX_ROWS, MAX_CELL, MAX_LINE = 200 << 20, 1 << 20, 100_000, 1 << 20
PIECE, BEGINNING = 1 << 18, 10_000


@dataclass(frozen=True)
class Text:
    """An open text file: `beginning` are its first characters."""

    file: TextIO
    beginning: str

    @cached_property
    def head(self) -> Sequence[str]:
        """Its first lines. Raises Refusal `not_a_table`."""
        if self.beginning.lstrip().startswith("<"):
            raise Refusal("not_a_table", "这是网页或 Excel 的 XML 文件，不是表格。", "请用 Excel 或 WPS 打开后另存为 .xlsx 再报送。")
        self.file.seek(0)
        return list(islice(_lines(self.file), 30))

    def rows(self, mark: str) -> Iterator[tuple[int, list[str]]]:
        """(number of the line a row begins on, its cells). Raises Refusal `broken_quotes` or `too_many_rows`."""
        self.file.seek(0)
        csv.field_size_limit(MAX_CELL)
        reader = csv.reader(_lines(self.file), delimiter=mark, strict=True)
        begun, count = 1, 0
        try:
            for cells in reader:
                yield begun, cells
                begun, count = reader.line_num + 1, count + 1
                if count > MAX_ROWS:
                    raise Refusal("too_many_rows", f"文件超过 {MAX_ROWS} 行。", "请分成几个文件报送。")
        except csv.Error as fault:
            message = f"第 {begun} 行的引号不成对或格式有误，其后的内容无法可靠读取。"
            raise Refusal("broken_quotes", message, "请检查该行的英文双引号，内容里的双引号应写成两个。") from fault


@contextmanager
def opened(path: Path) -> Iterator[Text]:
    """The file's text. Raises Refusal `too_big`, `not_a_table`, or `encoding` with the first place that cannot be read."""
    if path.stat().st_size > MAX_BYTES:
        raise Refusal("too_big", f"文件有 {path.stat().st_size >> 20} MB，一次最多 {MAX_BYTES >> 20} MB。", "请分成几个文件报送。")
    with path.open(encoding=_encoding(path), newline="") as file:
        beginning = file.read(BEGINNING)
        if "\0" in beginning:
            raise Refusal("not_a_table", "这不是文本表格。", "请报送 .xlsx、.xls、.et、.csv 或 .xml 文件。")
        yield Text(file, beginning)


def delimiter(head: Sequence[str], known: Sequence[Titles]) -> str:
    """The character that splits the first lines into the most known titles."""
    lines = [line.replace('"', "").rstrip("\r\n") for line in head]
    return max(DELIMITERS, key=lambda mark: max(score([line.split(mark) for line in lines], [], titles) for titles in known))


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise Refusal("not_a_table", f"第 {number} 行超过 {MAX_LINE} 个字符，不是表格。", "请检查换行，或用 Excel、WPS 打开后另存为 .xlsx 再报送。")
        yield line


def _encoding(path: Path) -> str:
    """UTF-16 where it says so, UTF-8 where all of it is, else GB18030 where all of it is."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            _check(path, "utf-16")
            return "utf-16"
    try:
        _check(path, "utf-8-sig")
    except Refusal:
        _check(path, "gb18030")
        return "gb18030"
    return "utf-8-sig"


def _check(path: Path, encoding: str) -> None:
    decoder, lines = codecs.getincrementaldecoder(encoding)(), 1
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE)
            try:
                lines += decoder.decode(piece, final=not piece).count("\n")
            except UnicodeDecodeError as fault:
                lines += fault.object[: fault.start].count(b"\n")
                message = f"文件既不是 UTF-8 也不是 GB18030 编码，第 {lines} 行附近无法辨认。"
                raise Refusal("encoding", message, "请另存为“CSV UTF-8（逗号分隔）”后重新报送。") from fault
            if not piece:
                return
