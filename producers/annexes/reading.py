"""A filled-in annex read back: found by its labels, wherever they stand, so that columns added and rows moved do no harm. The reading of the file itself happens in a process of its own."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from producers.annexes.forms import MAILBOX, PEOPLE, PHONE, SUGGESTION, UNIT
from producers.refusal import Refusal
from producers.tables.workbook import Limits, opened
from schemas.declared import FREQUENCY_TITLES, WAY_TITLES

LIMITS = Limits(file_bytes=2 << 20, unpacked_bytes=50 << 20, rows=2_000, columns=100, seconds=30)
MOST_ROWS = 200
Grid = Sequence[Sequence[str]]
_TICKS = "√✓✔☑■●▣RP"  # R and P are ticks in Wingdings 2, which Word and WPS write
_BOX = re.compile(rf"^[\s{_TICKS}口□☐○〇▢\[\]()（）.．、]*")
_LABELS = {UNIT, PHONE, MAILBOX, *PEOPLE}


def grids(path: Path) -> list[Grid]:
    """The sheets of a workbook as texts, the first rows of each. Raises Refusal when it is none, or too large, too slow or broken."""
    found = list[Grid]()
    with opened(path, LIMITS) as workbook:
        for number, head in enumerate(workbook.heads):
            _, blocks = workbook.read(number)
            rows = [row for block in blocks for row in block.rows]
            found.append([[_text(cell) for cell in row] for row in rows[:MOST_ROWS]] if head.height else [])
    return found


def contacts(sheets: Sequence[Grid]) -> tuple[str, dict[str, str]]:
    """The unit's name and annex 1 by field name. Raises Refusal when no sheet is that annex."""
    for grid in sheets:
        rows = [[cell for cell in row if cell] for row in grid]
        if {label for row in rows for cell in row if (label := _label(cell)) in PEOPLE} == set(PEOPLE):
            return _people(rows)
    raise Refusal("invalid", "这个文件里没有“信源单位人员信息表”：找不到分管领导、承办处室、联络员三行。", "请上传填好的附件1（.xlsx 或 .xls）。")


def ways(sheets: Sequence[Grid]) -> tuple[str, dict[str, Any]]:
    """The unit's name and annex 2 as it is declared, a way that is not ticked but has frequencies marked `unticked`. Raises Refusal when no sheet is that annex."""
    for grid in sheets:
        if set(WAY_TITLES.values()) <= {_bare(line) for row in grid for cell in row for line in cell.splitlines()}:
            return _unit(grid), _ways(grid)
    raise Refusal("invalid", "这个文件里没有“数据归集方式反馈表”：找不到四种归集方式。", "请上传填好的附件2（.xlsx 或 .xls）。")


def _people(rows: Sequence[Sequence[str]]) -> tuple[str, dict[str, str]]:
    unit, found, person = "", dict[str, str](), ""
    for row in rows:
        for label, value in _pairs(row):
            if label == UNIT:
                unit = value
            elif label == MAILBOX:
                found["mailbox"] = value
            elif label in PEOPLE:
                person = label
                found[PEOPLE[label][0]] = value
            elif person:
                found[PEOPLE[person][1]] = value
    return unit, found


def _pairs(row: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each label of a row with the text behind it, in the same cell or the next."""
    for place, cell in enumerate(row):
        label, _, behind = _colon(cell)
        if label in _LABELS:
            following = row[place + 1] if place + 1 < len(row) and _label(row[place + 1]) not in _LABELS else ""
            yield label, behind or following


def _unit(grid: Grid) -> str:
    return next((value for row in grid for label, value in _pairs([cell for cell in row if cell]) if label == UNIT), "")


def _ways(grid: Grid) -> dict[str, Any]:
    by_title, frequencies = ({title: code for code, title in titles.items()} for titles in (WAY_TITLES, FREQUENCY_TITLES))
    remarks = next((place for row in grid for place, cell in enumerate(row) if _plain(cell) == "备注"), None)
    ways: dict[str, dict[str, Any]] = {}
    way, suggestion = "", ""
    for row in grid:
        if row and _plain(row[0]).startswith(_plain(SUGGESTION)):
            suggestion = next((cell for cell in row[1:] if cell), "")
            break
        for line in (line for cell in row for line in cell.splitlines()):
            if _bare(line) in by_title:
                way = by_title[_bare(line)]
                ways[way] = {"frequencies": [], "remark": "", "ticked": _ticked(line)}
            elif way and _bare(line) in frequencies and _ticked(line):
                ways[way]["frequencies"].append(frequencies[_bare(line)])
        if way and remarks is not None and remarks < len(row) and row[remarks]:
            ways[way]["remark"] = " ".join(filter(None, (ways[way]["remark"], row[remarks].replace("\n", " "))))
    return {"ways": {way: _said(about) for way, about in ways.items() if any(about.values())}, "suggestion": suggestion.replace("\n", " ")}


def _said(about: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in about.items() if name != "ticked"}
    return kept if about["ticked"] else kept | {"unticked": True}


def _ticked(line: str) -> bool:
    found = _BOX.match(line.strip())
    return bool(found and set(found[0]) & set(_TICKS))


def _bare(line: str) -> str:
    return _plain(_BOX.sub("", line.strip()))


def _label(cell: str) -> str:
    return _colon(cell)[0]


def _colon(cell: str) -> tuple[str, str, str]:
    label, colon, behind = cell.replace("：", ":").partition(":")
    return _plain(label), colon, behind.strip()


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _text(cell: object) -> str:
    """A cell as it is read on the screen: a telephone number that Excel took for a number has no fraction."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
