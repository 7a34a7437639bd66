"""A delimited text file (CSV, tab-separated) as numbered rows of text. Encodings: UTF-8 with or without BOM, UTF-16 with BOM, GB18030."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from producers.header import Titles, score
from producers.refusal import Refusal

DELIMITERS = (",", "\t", ";", "|", "，")
MAX_BYTES, MAX_ROWS, MAX_CELL = 50 << 20, 100_000, 100_000


def text(path: Path) -> str:
    """The file's characters. Raises Refusal `too_big`, `empty`, or `encoding` with the first place that cannot be read."""
    if path.stat().st_size > MAX_BYTES:
        raise Refusal("too_big", f"文件有 {path.stat().st_size >> 20} MB，一次最多 {MAX_BYTES >> 20} MB。", "请分成几个文件报送。")
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(content, "utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode(content, "gb18030")


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise Refusal(
            "encoding", f"文件既不是 UTF-8 也不是 GB18030 编码，第 {line} 行附近无法辨认。", "请另存为“CSV UTF-8（逗号分隔）”后重新报送。"
        ) from fault


def rows(content: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line a row begins on, its cells). Raises Refusal `broken_quotes`, `not_a_table` or `too_many_rows`."""
    if "\0" in content[:10_000]:
        raise Refusal("not_a_table", "这不是文本表格。", "请报送 .xlsx、.xls、.et 或 .csv 文件。")
    if content[:1000].lstrip().startswith("<"):
        raise Refusal("not_a_table", "这是网页或 XML 文件，不是表格。", "请用 Excel 或 WPS 打开后另存为 .xlsx 再报送。")
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    begun, count = 1, 0
    try:
        for cells in reader:
            yield begun, cells
            begun, count = reader.line_num + 1, count + 1
            if count > MAX_ROWS:
                raise Refusal("too_many_rows", f"文件超过 {MAX_ROWS} 行。", "请分成几个文件报送。")
    except csv.Error as fault:
        raise Refusal(
            "broken_quotes",
            f"第 {begun} 行的引号不成对或格式有误，其后的内容无法可靠读取。",
            "请检查该行的英文双引号，内容里的双引号应写成两个。",
        ) from fault


def delimiter(content: str, titles: Titles) -> str:
    """The character that splits the first lines into the most known titles."""

    def known(mark: str) -> int:
        return score([line.split(mark) for line in head], [], titles)

    head = [line.replace('"', "") for line in islice(io.StringIO(content), 30)]
    return max(DELIMITERS, key=known)
