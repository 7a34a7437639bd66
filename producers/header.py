"""Where the header of a filled-in table is and which column means what. Pure: cells in, columns out."""

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from producers.refusal import Refusal

OPERATION, REFERENCE, IGNORED = "_operation", "_ref", "_ignored"
OURS = {"操作": OPERATION, "回执行号": REFERENCE, "序号": IGNORED, "退回原因": IGNORED, "NO.": IGNORED, "NO": IGNORED}
Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Column:
    """A column the item knows: pinyin code, Chinese title, and whether a table without it makes no sense."""

    code: str
    title: str
    required: bool


@dataclass(frozen=True)
class Header:
    """`row` counts from 0; data begins at `first`; `places` maps column number to a field code or one of OURS' meanings; `width` columns
    are titled.
    """

    row: int
    first: int
    places: Mapping[int, str]
    width: int


def plain(cell: object) -> str:
    """A title as people mean it: half-width, without blanks, stars, line breaks and letter case."""
    text = unicodedata.normalize("NFKC", "" if cell is None else str(cell))
    return re.sub(r"[\s*※:_\-\u200b\ufeff]+", "", text).upper()


def letter(column: int) -> str:
    """Column 0 is A, column 26 is AA."""
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


class Titles:
    """Finds the column a title means: by code, by title, by title without its bracketed note, by a bracketed title."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._known = {plain(name): meaning for name, meaning in OURS.items()}
        self._known |= {plain(column.title): column.code for column in columns}
        self._known |= {plain(column.code): column.code for column in columns}

    def meaning(self, cell: object) -> str | None:
        text = plain(cell)
        noted = re.fullmatch(r"(.*?)[(\[【](.*)[)\]】]", text)
        candidates = [text, *(noted.groups() if noted else ())]
        return next((self._known[candidate] for candidate in candidates if candidate in self._known), None)

    def nearest(self, cell: object) -> list[str]:
        """Up to three titles that look like what was written."""
        titles = {plain(column.title): column.title for column in self.columns}
        found = difflib.get_close_matches(plain(cell), titles, n=3, cutoff=0.5)
        return [titles[name] for name in found]


def recognise(rows: Sequence[Sequence[object]], merged: Sequence[Span], titles: Titles) -> Header:
    """The header among the first rows of a table.

    Raises Refusal `no_header` when no row looks like one, `wrong_header` when columns are missing, unknown or doubled (all of them listed).
    """
    filled = _unmerge(rows, merged)
    row = max(range(len(filled)), key=lambda number: _score(filled[number], titles), default=None)
    if row is None or _score(filled[row], titles) < min(2, len(titles.columns)):
        wanted = "、".join(column.title for column in titles.columns if column.required)
        raise Refusal(
            "no_header", f"前 {len(rows)} 行里找不到表头。", f"表头应写字段名称或代码，至少包括：{wanted}。请使用本目录的模板填报。"
        )
    places = {number: meaning for number, cell in enumerate(filled[row]) if (meaning := titles.meaning(cell))}
    _refuse_wrong(row, filled[row], places, titles)
    first = row + 1
    while first < len(filled) and _repeats(filled[first], places, titles):
        first += 1
    return Header(row, first, places, max(places) + 1)


def score(rows: Sequence[Sequence[object]], merged: Sequence[Span], titles: Titles) -> int:
    """How much a table looks like the item's: known columns in its best row."""
    return max((_score(row, titles) for row in _unmerge(rows, merged)), default=0)


def _score(row: Sequence[object], titles: Titles) -> int:
    return len({titles.meaning(cell) for cell in row} - {None, OPERATION, REFERENCE, IGNORED})


def _repeats(row: Sequence[object], places: Mapping[int, str], titles: Titles) -> bool:
    """True for a second line of the header: a merged title's lower part, or the codes below the titles."""
    said = {number: titles.meaning(cell) for number, cell in enumerate(row) if plain(cell)}
    return bool(said) and all(meaning is not None and places.get(number) == meaning for number, meaning in said.items())


def _unmerge(rows: Sequence[Sequence[object]], merged: Sequence[Span]) -> list[list[object]]:
    """Titles merged over several rows stand in each of them."""
    filled = [list(row) for row in rows]
    for (top, left), (bottom, right) in merged:
        if left == right and top < len(filled) and left < len(filled[top]):
            for row in filled[top + 1 : bottom + 1]:
                if left < len(row):
                    row[left] = filled[top][left]
    return filled


def _refuse_wrong(row: int, cells: Sequence[object], places: Mapping[int, str], titles: Titles) -> None:
    meanings = [meaning for meaning in places.values() if meaning != IGNORED]
    missing = [column for column in titles.columns if column.required and column.code not in meanings]
    unknown = [(number, str(cell).strip()) for number, cell in enumerate(cells) if plain(cell) and number not in places]
    double = sorted({meaning for meaning in meanings if meanings.count(meaning) > 1})
    if not (missing or unknown or double):
        return
    told = []
    if missing:
        told.append("缺少列：" + "、".join(f"{column.title}（{column.code}）" for column in missing))
    if unknown:
        told.append("不认识的列：" + "、".join(_unknown(number, cell, titles) for number, cell in unknown))
    if double:
        told.append("重复的列：" + "、".join(double))
    details: list[object] = [{"missing": column.code, "title": column.title} for column in missing]
    details += [{"unknown": cell, "column": letter(number), "nearest": titles.nearest(cell)} for number, cell in unknown]
    details += [{"double": code} for code in double]
    raise Refusal(
        "wrong_header", f"表头（第 {row + 1} 行）与本目录不符。" + "；".join(told) + "。", "请按本目录的模板改正表头后重新报送。", details
    )


def _unknown(number: int, cell: str, titles: Titles) -> str:
    near = titles.nearest(cell)
    return f"{letter(number)} 列“{cell}”" + (f"（是否指“{'”“'.join(near)}”？）" if near else "")
