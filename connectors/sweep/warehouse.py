"""What a comparison needs of the warehouse. Connectors do not know it: the command line, which sees everything, says how it is reached."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import polars as pl

from infra.settings import Settings
from schemas.catalog import Item


class Warehouse(Protocol):
    """All columns are text."""

    def standing(self, item: Item, source: str) -> Iterator[pl.DataFrame]:
        """`key`, `row` ("" where the source has no row ids), `fingerprint` of every record that stands by this source's word: in pages of one row at least, in the order of keys (of their bytes)."""

    def refused(self, item: Item, source: str) -> pl.DataFrame:
        """`row`, `fingerprint` (of the verbatim text) of everything of this source's rows that was ever rejected."""

    def records(self, item: Item, keys: Sequence[str]) -> pl.DataFrame:
        """What stands, or stood last, of these keys: `key`, `source`, `row`, `fingerprint`, `withdrawn` (1: nothing stands), `operation`, and the item's fields."""


Opener = Callable[[Settings], AbstractContextManager[Warehouse]]
_REACHED = list[Opener]()


def reached_by(opener: Opener) -> None:
    """Say, once, how the warehouse is reached."""
    _REACHED[:] = [opener]


def opened(settings: Settings) -> AbstractContextManager[Warehouse]:
    """The warehouse, to read."""
    return _REACHED[-1](settings)
