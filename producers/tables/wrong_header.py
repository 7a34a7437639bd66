"""What is wrong with a header, all at once, and which columns its strange titles probably mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from producers.refusal import Refusal
from producers.tables.titles import IGNORED, Column, Titles, letter, plain, proposed


@dataclass(frozen=True)
class Problems:
    """Columns missing, titles unknown (column number, as written), columns doubled."""

    titles: Titles
    missing: Sequence[Column]
    unknown: Sequence[tuple[int, str]]
    double: Sequence[str]
    free: Sequence[Column]

    @property
    def count(self) -> int:
        return len(self.missing) + len(self.unknown) + len(self.double)

    def refusal(self, row: int) -> Refusal:
        """In words for the person who filled it in. The details name every place; what an unknown title probably means is ``proposed`` there, to be confirmed."""
        told = []
        if self.missing:
            told.append("缺少列：" + "、".join(f"{column.title}（{column.code}）" for column in self.missing))
        if self.unknown:
            told.append("不认识的列：" + "、".join(self._unknown(number, cell) for number, cell in self.unknown))
        if self.double:
            told.append("重复的列：" + "、".join(self.double))
        guesses = proposed([cell for _, cell in self.unknown], self.free)
        details: list[object] = [{"missing": column.code, "title": column.title} for column in self.missing]
        details += [
            {"unknown": cell, "column": letter(number), "nearest": self.titles.nearest(cell), "proposed": guesses.get(cell), "item": self.titles.item}
            for number, cell in self.unknown
        ]
        details += [{"double": code} for code in self.double]
        said = f"表头（第 {row + 1} 行）与本目录{f'“{self.titles.title}”' if self.titles.title else ''}不符。" + "；".join(told) + "。"
        remedy = "请确认不认识的列各是哪一项（确认后会记住），或按本目录的模板改正表头后重新报送。" if self.unknown else "请按本目录的模板改正表头后重新报送。"
        return Refusal("wrong_header", said, remedy, details)

    def _unknown(self, number: int, cell: str) -> str:
        near = self.titles.nearest(cell)
        return f"{letter(number)} 列“{cell[:40]}”" + (f"（是否指“{'”“'.join(near)}”？）" if near else "")


def problems(cells: Sequence[object], titles: Titles) -> Problems | None:
    """What is wrong with a row of titles; None when it may stand."""
    meanings = {number: titles.meaning(cell) for number, cell in enumerate(cells) if plain(cell)}
    said = [meaning for meaning in meanings.values() if meaning not in (None, IGNORED)]
    free = [column for column in titles.columns if column.code not in said]
    missing = [column for column in free if column.required]
    unknown = [(number, str(cells[number]).strip()) for number, meaning in meanings.items() if meaning is None]
    double = sorted({str(meaning) for meaning in said if said.count(meaning) > 1})
    return Problems(titles, missing, unknown, double, free) if missing or unknown or double else None
