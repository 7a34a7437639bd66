"""A sheet of a catalogue kept as a workbook: where its titles stand, whether it lists items or fields (or both side by side, merged), and its rows by column title."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from producers.catalogue_columns import CODE, FIELD_COLUMNS, ITEM_COLUMNS, Heading

FIELD_TITLE, ITEM_TITLE, OWED_BY = "字段名称", "信息项名称", "责任单位"
OWED = Heading(OWED_BY, lambda _: None, lambda _text, _cells: None, ("责任部门", "提供单位", "提供部门", "数源单位", "归集单位", "信源单位", "报送单位", "来源部门"))
NUMBERING = {"序号", "No.", "NO."}  # columns that say nothing of an item
LOOKED = 12  # rows in which titles are looked for
ROWS = 20_000
Names = Mapping[str, str]


def _names(columns: tuple[Heading, ...]) -> dict[str, str]:
    return {name: column.title for column in columns for name in (column.title, *column.also)}


ITEM_NAMES, FIELD_NAMES = _names((*ITEM_COLUMNS, OWED)), _names(FIELD_COLUMNS)


@dataclass(frozen=True)
class Row:
    """One line: where it stands, and what it says of the item and of the field, by column title."""

    place: str
    item: Mapping[str, str]
    field: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """``of_fields``: it lists fields. ``titles``: the columns it has; ``unread``: titles nobody knows."""

    of_fields: bool
    titles: frozenset[str]
    rows: list[Row]
    unread: list[str] = field(default_factory=list)


def read(sheet: Any) -> Sheet | None:
    """A worksheet of openpyxl; None where no row looks like titles."""
    cells = _unmerged(sheet)
    for number, texts in enumerate(cells[:LOOKED]):
        heads = _heads(texts)
        if heads is not None:
            of_fields, places, unread = heads
            rows = list(_rows(sheet.title, cells[number + 1 :], number + 2, places))
            return Sheet(of_fields, frozenset(title for _, title in places.values()), rows, [f"{sheet.title}：列“{text}”没有读" for text in unread])
    return None


def _unmerged(sheet: Any) -> list[list[str]]:
    """The texts of a sheet; a merged cell says its text in every place it covers."""
    cells = [[text(value) for value in row] for row in sheet.iter_rows(max_row=ROWS, values_only=True)]
    for area in sheet.merged_cells.ranges:
        if area.min_row <= len(cells) and area.max_row > area.min_row:  # a title over the whole width stays where it is
            said = cells[area.min_row - 1][area.min_col - 1]
            for row in cells[area.min_row : area.max_row]:
                row[area.min_col - 1] = said
    return cells


def text(value: Any) -> str:
    """What a cell says, as people read it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _heads(texts: list[str]) -> tuple[bool, dict[int, tuple[str, str]], list[str]] | None:
    """Whether a row of titles is one of fields, each place's kind (`item`, `field`) and title, and the unknown ones; None when the row is no row of titles."""
    said = {place: title for place, each in enumerate(texts) if (title := "".join(each.replace("*", "").split())) and title not in NUMBERING}
    if sum(each in ITEM_NAMES or each in FIELD_NAMES for each in said.values()) < 3:
        return None
    # 信息项 beside another title of the item names the field (信息类 → 信息项).
    inner = "信息项" in said.values() and any(ITEM_NAMES.get(each) == ITEM_TITLE for each in said.values() if each != "信息项")
    of_fields = inner or any(FIELD_NAMES.get(each) == FIELD_TITLE and each != "名称" for each in said.values())
    places: dict[int, tuple[str, str]] = {}
    unread = []
    for place, each in said.items():
        known = [("field", FIELD_TITLE)] if inner and each == "信息项" else _known(each, of_fields=of_fields)
        free = next((one for one in known if one not in places.values()), None)
        if free:
            places[place] = free
        else:
            unread.append(each)
    return of_fields, places, unread


def _known(title: str, *, of_fields: bool) -> list[tuple[str, str]]:
    item = [("item", ITEM_NAMES[title])] if title in ITEM_NAMES else []
    fields = [("field", FIELD_NAMES[title])] if title in FIELD_NAMES and of_fields else []
    return [("item", CODE)] if item and item[0][1] == CODE and title != "代码" else fields + item


def _rows(sheet: str, cells: list[list[str]], first: int, places: Mapping[int, tuple[str, str]]) -> Iterator[Row]:
    for number, texts in enumerate(cells, first):
        said: dict[str, dict[str, str]] = {"item": {}, "field": {}}
        for place, (kind, title) in places.items():
            if place < len(texts) and texts[place]:
                said[kind][title] = texts[place]
        if said["item"] or said["field"]:
            yield Row(f"{sheet} 第 {number} 行", said["item"], said["field"])
