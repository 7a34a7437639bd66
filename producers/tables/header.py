"""Where the headers of filled-in tables are and which column means what. Pure: cells in, columns out."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from producers.refusal import Refusal
from producers.tables.titles import NO_FIELD, Titles, plain
from producers.tables.wrong_header import problems

Span = tuple[tuple[int, int], tuple[int, int]]
Cells = Sequence[object]
NO_ROW = -1


@dataclass(frozen=True)
class Header:
    """`row` counts from 0 (NO_ROW: the titles stand in none); data begins at `first`; `places` maps column number to a field code or one of OURS' meanings; the titled columns are `left` up to
    `width`, those of `titles`' item; columns from `end` on belong to a table beside it.
    """

    row: int
    first: int
    places: Mapping[int, str]
    width: int
    titles: Titles
    left: int = 0
    end: int = sys.maxsize


@dataclass(frozen=True)
class _Row:
    """A candidate: where it begins, its cells (two lines joined where the titles stand in two), and where what follows begins."""

    row: int
    cells: Cells
    first: int


def recognise(rows: Sequence[Cells], merged: Sequence[Span], titles: Titles) -> Header:
    """The header of one item's table among the first rows.

    Raises Refusal `no_header` when no row looks like one, `wrong_header` when columns are missing, unknown or doubled (all of them listed).
    """
    filled = _unmerge(rows, merged)
    row = _best(filled, titles)
    if row is None or _score(row.cells, titles) < min(2, len(titles.columns)):
        wanted = "、".join(column.title for column in titles.columns if column.required)
        raise Refusal("no_header", f"前 {len(rows)} 行里找不到表头。", f"表头应写字段名称或代码，至少包括：{wanted}。请使用本目录的模板填报。")
    return _header(filled, row, titles, (0, len(row.cells)))


def tables(rows: Sequence[Cells], merged: Sequence[Span], known: Sequence[Titles], hint: str) -> list[Header]:
    """The headers of the first table, or of several side by side, each of the item it looks most like; empty where nothing looks like any. ``hint`` (the sheet's name, the rows above) decides between
    items whose headers fit alike.

    Raises Refusal `wrong_header`, `ambiguous`.
    """
    filled = _unmerge(rows, merged)
    best = _most_like(filled, known, hint)
    if best is None:
        return []
    titles, row = best
    parts = _runs(row.cells)
    alone = [(part, _most_like([_only(row.cells, part)], known, hint)) for part in parts]
    clean = [(part, found[0]) for part, found in alone if found and not problems(_only(row.cells, part), found[0])]
    if len(clean) > 1:
        ends = [*(part[0] for part, _ in clean[1:]), sys.maxsize]
        return [replace(_header(filled, row, each, part), end=end) for (part, each), end in zip(clean, ends, strict=True)]
    return [_header(filled, row, titles, (0, len(row.cells)))]


def score(rows: Sequence[Cells], merged: Sequence[Span], titles: Titles) -> int:
    """How much a table looks like the item's: known columns in its best row."""
    return max((_score(row, titles) for row in _unmerge(rows, merged)), default=0)


def repeats(cells: Cells, header: Header) -> bool:
    """True for a row that says the header once more: a merged title's lower part, the codes below the titles, a page's heading."""
    said = {number: header.titles.meaning(cell) for number, cell in enumerate(cells) if header.left <= number < header.width and plain(cell)}
    return bool(said) and all(meaning is not None and header.places.get(number) == meaning for number, meaning in said.items())


def looks_like_one(cells: Cells, known: Iterable[Titles]) -> bool:
    """Whether a row in the middle of a sheet may begin another table: at least two cells, and most of all, are titles. Cheap for a row of data."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell]
    if len(texts) < 2 or not any(titles.meaning(cell) for titles in known for cell in texts[:2]):
        return False
    filled = sum(cell is not None and cell != "" for cell in cells)
    return any(2 * sum(titles.meaning(cell) is not None for cell in texts) > filled and _score(texts, titles) >= 2 for titles in known)


def _header(filled: Sequence[Cells], row: _Row, titles: Titles, part: tuple[int, int]) -> Header:
    cells = _only(row.cells, part)
    if told := problems(cells, titles):
        raise told.refusal(row.row)
    places = {number: meaning for number, cell in enumerate(cells) if (meaning := titles.meaning(cell))}
    found = Header(row.row, row.first, places, max(places) + 1, titles, part[0])
    first = row.first
    while first < len(filled) and repeats(filled[first], found):
        first += 1
    return replace(found, first=first)


def _most_like(filled: Sequence[Cells], known: Sequence[Titles], hint: str) -> tuple[Titles, _Row] | None:
    """The item and the row of the best fit: fewest columns missing or unknown for those that are known."""
    fits: list[tuple[int, int, Titles, _Row]] = []
    for titles in known:
        row = _best(filled, titles)
        if row is not None and (known_ones := _score(row.cells, titles)) >= min(2, len(titles.columns)):
            wrong = problems(row.cells, titles)
            fits.append((known_ones - (wrong.count if wrong else 0), known_ones, titles, row))
    if not fits:
        return None
    most = max((fit, known_ones) for fit, known_ones, _, _ in fits)
    alike = [(titles, row) for fit, known_ones, titles, row in fits if (fit, known_ones) == most]
    if len(alike) > 1:
        above = hint + "".join(str(cell) for cells in filled[: alike[0][1].row] for cell in cells if isinstance(cell, str))
        named = [each for each in alike if each[0].title and each[0].title in above]
        if len(named) != 1:
            names = "、".join(f"“{titles.title}”" for titles, _ in alike)
            raise Refusal("ambiguous", f"“{hint}”的表头同时符合几个目录：{names}。", "请在表名或表头上方写明目录名称，或选定目录后重新报送。")
        alike = named
    return alike[0]


def _best(filled: Sequence[Cells], titles: Titles) -> _Row | None:
    """The row with the most known columns; two rows together where the titles stand in two lines and neither says them all."""
    rows = [_Row(number, cells, number + 1) for number, cells in enumerate(filled)]
    rows += [_Row(number, _joined(filled[number], filled[number + 1], titles), number + 2) for number in range(len(filled) - 1)]
    return max(rows, key=lambda row: _score(row.cells, titles), default=None)


def _joined(upper: Cells, lower: Cells, titles: Titles) -> Cells:
    """Titles in two lines: the lower one where it is known by itself, the upper where nothing stands below, else the group's title with what stands under it."""
    group: object = None
    found: list[object] = []
    for number in range(max(len(upper), len(lower))):
        above, below = (cells[number] if number < len(cells) else None for cells in (upper, lower))
        group = above if plain(above) else group
        if not plain(below):
            found.append(above)
        elif titles.meaning(below) or not titles.meaning(f"{group}{below}"):
            found.append(below)
        else:
            found.append(f"{group}{below}")
    return found


def _score(row: Iterable[object], titles: Titles) -> int:
    return len({titles.meaning(cell) for cell in row} - {None, *NO_FIELD})


def _runs(cells: Cells) -> list[tuple[int, int]]:
    """Stretches of titled columns with blank ones between them."""
    runs: list[tuple[int, int]] = []
    for number, cell in enumerate(cells):
        if plain(cell):
            runs = [*runs[:-1], (runs[-1][0], number + 1)] if runs and runs[-1][1] == number else [*runs, (number, number + 1)]
    return runs


def _only(cells: Cells, part: tuple[int, int]) -> Cells:
    return [cell if part[0] <= number < part[1] else None for number, cell in enumerate(cells)]


def _unmerge(rows: Sequence[Cells], merged: Sequence[Span]) -> list[list[object]]:
    """Titles merged over several rows stand in each of them."""
    filled = [list(row) for row in rows]
    for (top, left), (bottom, right) in merged:
        if left == right and top < len(filled) and left < len(filled[top]):
            for row in filled[top + 1 : bottom + 1]:
                if left < len(row):
                    row[left] = filled[top][left]
    return filled


__all__ = ["NO_ROW", "Header", "Span", "looks_like_one", "recognise", "repeats", "score", "tables"]
