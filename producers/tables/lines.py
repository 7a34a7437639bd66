"""What Excel and CSV share: the lines of one filled-in table between its header and its signature rows, row by row. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from producers.refusal import Refusal
from producers.tables.header import Header
from producers.tables.titles import NO_DATA, OPERATION, REFERENCE, letter, plain

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


MOST_HELD = 50  # rows that may yet turn out to be no data


@dataclass(frozen=True)
class Line:
    """One row of data: its number in the file (from 1), cells by field code as the reader gave them, what the operation and reference
    columns say, cells beyond the last title, and what the reader could not see of a cell (an error's text, "" for a formula without a result).
    """

    number: int
    cells: Mapping[str, object]
    operation: str
    reference: object
    beyond: Sequence[str] = ()
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Tally:
    """What was not data: how many blank rows, the numbers of the signature rows and captions at the end, of repeated headers, and of hidden rows that are data."""

    blank: int = 0
    trailers: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip(BLANKS))


def operation(word: str) -> str | None:
    """`upsert`, `retract` or `assert` for what the 操作 column says; None when it says something else."""
    return WORDS.get(plain(word))


class Reader:
    """Takes a table's rows one by one and gives back those that are data. A row that looks like a signature, or holds one cell only, waits for what follows: it is data when more data
    follows it, so that nothing is dropped in the middle of a table; at the table's end signatures are none, and before another table's header captions are none either.
    """

    def __init__(self, header: Header) -> None:
        self.header, self.tally = header, Tally()
        self._required = header.titles.required
        self._held: list[tuple[Line, bool]] = []
        self._last = header.first

    def feed(self, number: int, cells: Sequence[object], marks: Mapping[str, str]) -> list[Line]:
        """The lines that are known to be data now (numbers from 1). Raises Refusal `untitled_column` when a column between titled ones has content but no title."""
        self.tally.blank += number - self._last - 1
        self._last = number
        line = _line(self.header, number, cells, marks)
        if line is None:
            self.tally.blank += 1
            return []
        trailer = _looks_like_trailer(line, cells, self._required)
        if trailer or _is_sparse(line, self.header):
            self._held.append((line, trailer))
            return self._released() if len(self._held) > MOST_HELD else []
        return [*self._released(), line] if self._held else [line]

    def end(self, *, another_follows: bool = False) -> list[Line]:
        """The last lines. What stood under the table goes to the tally."""
        first = 0 if another_follows else next((place for place, (_, trailer) in enumerate(self._held) if trailer), len(self._held))
        self.tally.trailers += [line.number for line, _ in self._held[first:]]
        self._held = self._held[:first]
        return self._released()

    def _released(self) -> list[Line]:
        held, self._held = [line for line, _ in self._held], []
        return held


def _line(header: Header, number: int, cells: Sequence[object], marks: Mapping[str, str]) -> Line | None:
    said = {code: cells[place] if place < len(cells) else None for place, code in header.places.items() if code not in NO_DATA}
    word, reference = said.pop(OPERATION, None), said.pop(REFERENCE, None)
    beyond = []
    for place in range(header.left, min(len(cells), header.end)):
        cell = cells[place]
        if cell is None or cell == "" or place in header.places or is_blank(cell):
            continue
        if place < header.width:
            raise Refusal(
                "untitled_column",
                f"第 {letter(place)} 列没有标题，但第 {number} 行有内容“{str(cell)[:20]}”。",
                "请补上该列的标题，或删除该列后重新报送。",
            )
        beyond.append(str(cell))
    if not beyond and not marks and all(is_blank(cell) for cell in said.values()):
        return None
    return Line(number, said, "" if word is None else str(word), reference, beyond, marks)


def _is_sparse(line: Line, header: Header) -> bool:
    """One cell alone in a wide table: a caption, as likely as a record."""
    return len(header.places) > 2 and not line.marks and sum(not is_blank(cell) for cell in line.cells.values()) + len(line.beyond) <= 1


def _looks_like_trailer(line: Line, cells: Sequence[object], required: set[str]) -> bool:
    first = next((re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(cell)[:100])) for cell in cells if not is_blank(cell)), "")
    filled = sum(not is_blank(line.cells.get(code)) for code in required)
    return bool(TRAILER.fullmatch(first)) and filled <= max(2, len(required) // 3)
