"""What the titles of an item's table mean: by code, by title, by a title with notes, and by what a department has said that its own titles mean."""

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

OPERATION, REFERENCE, EXPLANATION, IGNORED = "_operation", "_ref", "_explanation", "_ignored"
OURS = {"操作": OPERATION, "回执行号": REFERENCE, "错误说明": EXPLANATION, "序号": IGNORED, "退回原因": IGNORED, "NO.": IGNORED, "NO": IGNORED}
NO_DATA = (EXPLANATION, IGNORED)
NO_FIELD = (OPERATION, REFERENCE, *NO_DATA)
LIKE = 0.5  # how alike two titles must be to be named as near


@dataclass(frozen=True)
class Column:
    """A column the item knows: pinyin code, Chinese title, and whether a table without it makes no sense."""

    code: str
    title: str
    required: bool


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return re.sub(r"[\s*※:_\-\u200b\ufeff]+", "", unicodedata.normalize("NFKC", text)).upper()


def plain(cell: object) -> str:
    """A title as people mean it: half-width, without blanks, stars, line breaks and letter case."""
    if cell is None:
        return ""
    text = str(cell)
    return _plain(text) if len(text) < 200 else text[:200].strip()


def letter(column: int) -> str:
    """Column 0 is A, column 26 is AA."""
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


class Titles:
    """Finds the column a title means. ``learnt``: plain titles as a department writes them → field code or IGNORED."""

    def __init__(self, columns: Sequence[Column], item: str = "", title: str = "", learnt: Mapping[str, str] | None = None) -> None:
        self.columns, self.item, self.title = columns, item, title
        self._known = {plain(name): meaning for name, meaning in OURS.items()}
        self._known |= learnt or {}
        self._known |= {plain(column.title): column.code for column in columns}
        self._known |= {plain(column.code): column.code for column in columns}

    @property
    def required(self) -> set[str]:
        return {column.code for column in self.columns if column.required}

    def meaning(self, cell: object) -> str | None:
        """The field's code, one of OURS' meanings, or None."""
        text = plain(cell)
        if not text or len(text) > 100:
            return None
        if text in self._known:
            return self._known[text]
        noted = re.fullmatch(r"(.*?)[(\[【](.*)[)\]】]", text)
        return next((self._known[part] for part in noted.groups() if part in self._known), None) if noted else None

    def nearest(self, cell: object) -> list[str]:
        """Up to three titles that look like what was written."""
        titles = {plain(column.title): column.title for column in self.columns}
        found = difflib.get_close_matches(plain(cell), titles, n=3, cutoff=LIKE)
        return [titles[name] for name in found]


def proposed(written: Sequence[str], free: Sequence[Column]) -> dict[str, str]:
    """Which of the columns still free each written title probably means: the nearest pairs first, each column once."""
    pairs = sorted(
        ((difflib.SequenceMatcher(None, plain(title), plain(column.title)).ratio(), title, column.code) for title in written for column in free),
        key=lambda pair: -pair[0],
    )
    found: dict[str, str] = {}
    for ratio, title, code in pairs:
        if ratio >= LIKE and title not in found and code not in found.values():
            found[title] = code
    return found
