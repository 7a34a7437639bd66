"""What a department's own titles mean, confirmed once and remembered for it and the item."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol

from producers.refusal import Refusal
from producers.tables.titles import IGNORED, plain
from schemas.catalog import Item


class Mappings(Protocol):
    """Plain title → field code, or IGNORED for a column that is not wanted."""

    def known(self, department: str, item: str) -> Mapping[str, str]: ...

    def keep(self, department: str, item: str, chosen: Mapping[str, str]) -> None: ...


class Nothing:
    """Where nothing is remembered."""

    def known(self, _department: str, _item: str) -> Mapping[str, str]:
        return {}

    def keep(self, _department: str, _item: str, _chosen: Mapping[str, str]) -> None:
        raise Refusal("not_kept", "这里不能记住表头的对应关系。", "请按模板改正表头。")


class Kept:
    """Remembered in a SQLite file; safe for several processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with closing(self._open()) as store, store:
            store.execute("CREATE TABLE IF NOT EXISTS mapping (department TEXT, item TEXT, title TEXT, means TEXT, PRIMARY KEY (department, item, title))")

    def known(self, department: str, item: str) -> Mapping[str, str]:
        with closing(self._open()) as store:
            return dict(store.execute("SELECT title, means FROM mapping WHERE department = ? AND item = ?", (department, item)).fetchall())

    def keep(self, department: str, item: str, chosen: Mapping[str, str]) -> None:
        """Adds to what is known; a title said again means what was said last."""
        rows = [(department, item, plain(title), means) for title, means in chosen.items()]
        with closing(self._open()) as store, store:
            store.executemany("INSERT OR REPLACE INTO mapping VALUES (?, ?, ?, ?)", rows)

    def all(self, department: str) -> list[tuple[str, str, str]]:
        """Everything the department has said: item, plain title, what it means."""
        with closing(self._open()) as store:
            return store.execute("SELECT item, title, means FROM mapping WHERE department = ? ORDER BY item, title", (department,)).fetchall()

    def forget(self, department: str, item: str, title: str) -> bool:
        """The title is asked about again; False when nothing was known of it."""
        with closing(self._open()) as store, store:
            return store.execute("DELETE FROM mapping WHERE department = ? AND item = ? AND title = ?", (department, item, title)).rowcount > 0

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)


def proposals(refusal: Refusal) -> dict[str, str | None]:
    """What a `wrong_header` proposes: title as written → field code, None where nothing is near."""
    return {detail["unknown"]: detail["proposed"] for detail in refusal.details if isinstance(detail, dict) and "unknown" in detail}


def confirmed(item: Item, chosen: Mapping[str, str]) -> dict[str, str]:
    """A person's choice, checked: each written title means a field's code or title, or is to be left out (``-``). Raises Refusal `unknown_field`."""
    names = {plain(name): field.name for field in item.fields for name in (field.name, field.title)} | {"": IGNORED}
    unknown = [means for means in chosen.values() if plain(means) not in names]
    if unknown:
        raise Refusal("unknown_field", f"目录“{item.title}”没有这些字段：{'、'.join(unknown)}。", "请写字段的名称或代码；不要的列写“-”。")
    return {title: names[plain(means)] for title, means in chosen.items()}
