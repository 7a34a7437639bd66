"""What Excel and CSV share: the lines of a filled-in table between its header and its signature rows. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from producers.header import IGNORED, OPERATION, REFERENCE, Header, letter, plain
from producers.refusal import Refusal

TRAILER = re.compile(
    r"(合计|总计|小计|共计|填表人|填报人|制表人|审核人|经办人|负责人|单位负责人|分管领导|联系人|联系电话|填报单位|报送单位|填报日期|填表日期|制表日期|报送日期|填报时间|单位盖章|盖章|填表说明|填报说明|说明|注\d*)"
    r"([:(\d].*)?"
)
BLANKS = "".join(map(chr, [*range(33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF]))
WORDS = {
    "": "upsert", "新增": "upsert", "修改": "upsert", "变更": "upsert", "更新": "upsert", "报送": "upsert",
    "删除": "retract", "撤销": "retract", "撤回": "retract", "作废": "retract",
    "以本次为准": "assert",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One row of data: its number in the file (from 1), cells by field code as the reader gave them, what the operation and reference
    columns say, and cells beyond the last title.
    """

    number: int
    cells: Mapping[str, object]
    operation: str
    reference: object
    beyond: Sequence[str] = ()


@dataclass
class Tally:
    """What was not data: how many blank rows, and the numbers of the signature rows at the end."""

    blank: int = 0
    trailers: list[int] = field(default_factory=list)


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip(BLANKS))


def operation(word: str) -> str | None:
    """`upsert`, `retract` or `assert` for what the 操作 column says; None when it says something else."""
    return WORDS.get(plain(word))


def lines(header: Header, rows: Iterable[tuple[int, Sequence[object]]], required: set[str], tally: Tally) -> Iterator[Line]:
    """The data among numbered rows (numbers from 1). Blank and trailing signature rows go to the tally.

    A row that looks like a signature is data after all when more data follows it: nothing is dropped in the middle of a table.
    Raises Refusal `untitled_column` when a column between titled ones has content but no title.
    """
    held: list[Line] = []
    for number, cells in rows:
        line = _line(header, number, cells)
        if line is None:
            tally.blank += 1
        elif _looks_like_trailer(line, cells, required):
            held.append(line)
        else:
            yield from held
            held = []
            yield line
    tally.trailers += [line.number for line in held]


def _line(header: Header, number: int, cells: Sequence[object]) -> Line | None:
    said = {code: cells[place] if place < len(cells) else None for place, code in header.places.items() if code != IGNORED}
    word, reference = said.pop(OPERATION, None), said.pop(REFERENCE, None)
    beyond = []
    for place, cell in enumerate(cells):
        if place in header.places or is_blank(cell):
            continue
        if place < header.width:
            raise Refusal(
                "untitled_column",
                f"第 {letter(place)} 列没有标题，但第 {number} 行有内容“{str(cell)[:20]}”。",
                "请补上该列的标题，或删除该列后重新报送。",
            )
        beyond.append(str(cell))
    if not beyond and all(is_blank(cell) for cell in said.values()):
        return None
    return Line(number, said, "" if word is None else str(word), reference, beyond)


def _looks_like_trailer(line: Line, cells: Sequence[object], required: set[str]) -> bool:
    first = next((re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(cell))) for cell in cells if not is_blank(cell)), "")
    filled = sum(not is_blank(line.cells.get(code)) for code in required)
    return bool(TRAILER.fullmatch(first)) and filled <= max(2, len(required) // 3)
