"""A list of companies as people have it: pasted lines, a text file, or a workbook, of which one code or name is taken from each row. A workbook is opened in a process of its own."""

import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from producers.refusal import Refusal
from producers.tables.workbook import Limits, opened
from producers.tables.worker import OLE, ZIP
from schemas import normalize

MOST = 2_000
BYTES = 4 << 20
LIMITS = Limits(file_bytes=BYTES, unpacked_bytes=100 << 20, rows=20_000, columns=100, seconds=60)
TITLE = re.compile("序号|编号|名称|企业|单位|公司名|企业全称|单位全称|代码|(?:企业|单位|公司|机构)?名称.{0,6}|.{0,8}信用代码.{0,4}|.{0,6}注册号|组织机构代码")
_CODE = re.compile(r"[0-9A-Z]{18}|[0-9]{13}|[0-9]{15}|[0-9A-Z]{8}-?[0-9X]|[0-9.]+E\+?[0-9]+")
_WORD = re.compile(r"[^\W\d_]{2}")


def pasted(text: str) -> list[str]:
    """One company a line; columns copied out of a table are told apart by tabs and commas."""
    return _told(re.split(r"[\t,，;；|]", line) for line in text.splitlines())


def of_file(content: bytes) -> list[str]:
    """Of a workbook (first sheet with anything in it) or a text file. Raises Refusal when it is neither, or too large, too slow or broken."""
    if not content:
        raise Refusal("empty", "文件是空的。", "请返回，选择填有企业代码或名称的文件。")
    if not content.startswith((ZIP, OLE)):
        return pasted(_decoded(content))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        path.write_bytes(content)
        with opened(path, LIMITS) as workbook:
            for number, head in enumerate(workbook.heads):
                if head.rows:
                    _, blocks = workbook.read(number)
                    found = _told([_cell(cell) for cell in row] for block in blocks for row in block.rows)
                    if found:
                        return found
    return []


def distinct(said: Sequence[str]) -> list[str]:
    """Each company once, however it was typed, in the order of the list."""
    return list({normalize.code(each): each for each in reversed(said)}.values())[::-1]


def _told(rows: Iterable[Sequence[str]]) -> list[str]:
    cells = ([cell.strip()[:300] for cell in row if cell.strip()] for row in rows)
    return [_one(row) for row in cells if row and not any(TITLE.fullmatch(cell) for cell in row)]


def _one(cells: Sequence[str]) -> str:
    """The row's code where it has one, else the first cell with words in it, else the first."""
    code = next((cell for cell in cells if len(cell) > 8 and _CODE.fullmatch(normalize.code(cell) or "")), None)
    return code or next((cell for cell in cells if _WORD.search(cell)), cells[0])


def _cell(value: object) -> str:
    """As it is read on the screen; a code that Excel took for a number has no fraction, and one it has rewritten keeps its exponent."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**15 else f"{value:E}"
    return "" if value is None else str(value)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("encoding", "这个文件不是工作簿，也不是文本。", "请用 .xlsx、.xls 或文本文件，或者把名单粘贴到页面上。")
