"""Which table is which item, and which column which field: proposed from names, comments, pinyin initials and types, for a person to look at. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from connectors.check_tables import family, suits
from connectors.facts import Column, TableFacts
from schemas.catalog import Field, Item
from schemas.pinyin import initials

SURE, LEAST = 0.9, 0.5  # above the one nobody needs to look, below the other nothing is proposed
CLOSE = 0.1  # two that lie closer are both told
_CHANGED = re.compile("更新|修改|变更时间|时间戳|gxsj|xgsj|gxrq|updat|modif", re.IGNORECASE)


@dataclass(frozen=True)
class Match:
    """A field's column. ``why`` it was taken; ``others`` that might be meant as well."""

    column: str
    score: float
    why: str
    others: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        return self.score < SURE or bool(self.others)


@dataclass(frozen=True)
class Proposal:
    """One table. ``items``: others it might be; ``time``: the column that says when a row last changed."""

    table: TableFacts
    item: Item
    matches: Mapping[str, Match]
    items: tuple[str, ...] = ()
    time: str | None = None

    @property
    def unused(self) -> list[str]:
        used = {match.column for match in self.matches.values()} | {self.time}
        return [name for name in self.table.columns if name not in used]


def likeness(column: Column, field: Field) -> tuple[float, str]:
    """How sure it is, 0 to 1, that the column holds the field; and by what."""
    name, comment, title = re.sub(r"\W|_", "", column.name).lower(), re.sub(r"\s", "", column.comment), field.title
    short = re.split("[（(:：,，;；]", comment)[0]
    found = max(
        (1.0 if column.name.lower() == field.name.lower() else 0.0, "列名"),
        (0.98 if title in (comment, short) else 0.0, "列注释"),
        (0.95 if column.name == title else 0.0, "列名"),
        (0.85 if title in comment else 0.75 if len(short) > 1 and short in title else 0.0, "列注释相近"),
        (0.8 if name == initials(title).lower() else 0.0, "拼音首字母"),
        (0.7 * SequenceMatcher(None, short, title).ratio() if short else 0.0, "列注释相近"),
    )
    return (found[0] if suits(field, column.type) else found[0] * 0.6), found[1]


def matches(table: TableFacts, item: Item) -> dict[str, Match]:
    """Field → column, the surest pairs first, each column once; fields in the item's order."""
    scored = {(field.name, name): likeness(column, field) for field in item.fields for name, column in table.columns.items()}
    taken: dict[str, str] = {}
    for (code, column), (score, _) in sorted(scored.items(), key=lambda each: (-each[1][0], each[0])):
        if score >= LEAST and code not in taken and column not in taken.values():
            taken[code] = column
    return {field.name: _match(field.name, taken, scored) for field in item.fields if field.name in taken}


def _match(code: str, taken: Mapping[str, str], scored: Mapping[tuple[str, str], tuple[float, str]]) -> Match:
    column = taken[code]
    score, why = scored[code, column]
    rivals = (other for (one, other), (least, _) in scored.items() if one == code and other != column and least >= max(LEAST, score - CLOSE))
    return Match(column, score, why, tuple(other for other in rivals if other not in taken.values()))


def fit(table: TableFacts, item: Item) -> float:
    """How well the table serves as the item, 0 to 1: how sure its required fields are, and whether its comment or name is the item's."""
    required = [field.name for field in item.fields if field.required]
    found = matches(table, item)
    columns = sum(found[name].score for name in required if name in found) / max(1, len(required))
    named = item.title in table.comment or table.name.rpartition(".")[2].lower() in (item.code, initials(item.title).lower())
    return min(1.0, columns + 0.3 * named)


def proposal(table: TableFacts, items: Sequence[Item]) -> Proposal | None:
    """The table as the best of these items; None where it serves as none of them."""
    ranked = sorted(((fit(table, item), item) for item in items), key=lambda each: -each[0])
    if not ranked or (ranked[0][0] < LEAST and len(items) > 1):
        return None
    best, item = ranked[0]
    others = tuple(other.code for score, other in ranked[1:] if score >= max(LEAST, best - CLOSE))
    return Proposal(table, item, matches(table, item), others, _changed(table.columns.values()))


def _changed(columns: Iterable[Column]) -> str | None:
    return next((column.name for column in columns if family(column.type) == "moment" and _CHANGED.search(column.name + column.comment)), None)
