"""What the warehouse holds of one source, in columns of text: for whoever compares it with the source itself. Read in pages, so that a large table stays within a reader's limits.

Values of fields leave only for taking a record back (`records`): as the department said them, and as the topics have them anyway.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl

from infra.settings import Settings
from loaders import statements, warehouse
from loaders.reconcile import canonical
from loaders.warehouse import Warehouse
from schemas.catalog import Item

PAGE = 100_000
KEYS = 1_000  # asked for at once
_STANDING = {"key": pl.String, "row": pl.String, "fingerprint": pl.String}
_ABOUT = ("_key", "_source", "_row", "_fingerprint", "_withdrawn", "_operation")


@dataclass(frozen=True)
class Standing:
    """Asks one warehouse; raises what its `query` raises."""

    house: Warehouse
    page: int = PAGE

    def standing(self, item: Item, source: str) -> Iterator[pl.DataFrame]:
        """`key`, `row` ("" where the source has no row ids) and `fingerprint` of every record that stands by this source's word, page by page in the order of keys."""
        sql = statements.of_item("standing", item)
        return (page.cast(pl.Schema(_STANDING)) for page in self._pages(sql, {"source": source}, "key"))

    def refused(self, item: Item, source: str) -> pl.DataFrame:
        """`row` and `fingerprint` (of the verbatim text) of everything of this source's rows that was ever rejected."""
        pages = self._pages(statements.text("refused"), {"source": source, "item": item.code}, "row")
        found = _whole(pages, {"row": pl.String, "fingerprints": pl.List(pl.String)})
        return found.explode("fingerprints").rename({"fingerprints": "fingerprint"})

    def records(self, item: Item, keys: Sequence[str]) -> pl.DataFrame:
        """What stands, or stood last, of these keys: `key`, `source`, `row`, `fingerprint`, `withdrawn`, `operation`, and the item's fields as text. Keys nothing is known of are not among them."""
        fields = [field.name for field in item.fields]
        names = ", ".join([*(f"{name} AS {name[1:]}" for name in _ABOUT), *(f"`{name}`" for name in fields)])
        # The range lets the server find its way along the key; the list alone would have it read the whole table.
        sql = f"SELECT {names} FROM `{item.code}` FINAL WHERE _key >= {{low:String}} AND _key <= {{high:String}} AND has({{keys:Array(String)}}, _key)"
        wanted, rows = sorted(set(keys)), list[dict[str, str | None]]()
        for start in range(0, len(wanted), KEYS):
            part = wanted[start : start + KEYS]
            answer = self.house.query(sql, {"low": part[0], "high": part[-1], "keys": part})
            rows += [{name: canonical(value) for name, value in row.items()} for row in answer.dicts()]
        return pl.DataFrame(rows, schema=dict.fromkeys([*(name[1:] for name in _ABOUT), *fields], pl.String))

    def _pages(self, sql: str, said: dict[str, str], by: str) -> Iterator[pl.DataFrame]:
        after, height = "", self.page
        while height == self.page:
            answer = self.house.query(sql, {**said, "after": after, "limit": self.page})
            height = len(answer)
            if height:
                found = pl.from_arrow(answer.arrow())
                assert isinstance(found, pl.DataFrame)
                after = found[by][-1]
                yield found


def _whole(pages: Iterator[pl.DataFrame], schema: Mapping[str, Any]) -> pl.DataFrame:
    found = list(pages)
    return pl.concat([page.cast(pl.Schema(schema)) for page in found]) if found else pl.DataFrame(schema=schema)


@contextmanager
def opened(settings: Settings) -> Iterator[Standing]:
    """Of the warehouse that this machine's settings name."""
    house = warehouse.connect(settings)
    try:
        yield Standing(house)
    finally:
        house.close()
