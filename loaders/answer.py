"""The answer to a query, the same from every backend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Answer:
    """Named columns of one length. Times carry a zone, absent values are None; ``bytes`` appear only where text is not UTF-8."""

    names: tuple[str, ...]
    columns: tuple[Sequence[Any], ...]

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def rows(self) -> list[tuple[Any, ...]]:
        return list(zip(*self.columns, strict=True))

    def dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.names, row, strict=True)) for row in zip(*self.columns, strict=True)]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.dicts())

    def column(self, name: str) -> Sequence[Any]:
        return self.columns[self.names.index(name)]

    def arrow(self) -> pa.Table:
        return pa.table([pa.array(column) for column in self.columns], names=list(self.names))

    def value(self) -> Any:
        """The single value of an answer of one row and one column; ValueError otherwise."""
        if len(self.names) != 1 or len(self) != 1:
            raise ValueError(f"expected one value, got {len(self)} rows of {len(self.names)} columns")
        return self.columns[0][0]


def jsonable(value: Any) -> Any:
    """A value as JSON can carry it; times as ISO text with their offset, dates as ISO text, undecodable bytes as replacement text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return [jsonable(each) for each in value]
    return value
