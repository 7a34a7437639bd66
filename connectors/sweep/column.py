"""A column of a tapped table, read in the table itself: an SQL expression, and what is still to be done so that its text is the one an event of the same row brings (docs/fidelity.md). Pure."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from schemas.normalize import by_value
from schemas.text import from_debezium

After = Callable[[pl.Series], pl.Series]
_ODD_YEAR = r"^[0-9]{5,}-|BC$"
_PARTS = re.compile(r"([0-9]{4,})(-[^B]*?)( BC)?")


@dataclass(frozen=True)
class Column:
    """``said``: the value as text, in SQL; ``after``: what makes it alike; ``literal``: its text → a value to compare with, in SQL; ``order``: what the database sorts by, in SQL."""

    name: str
    said: str
    order: str
    literal: Callable[[str], str]
    after: After | None = None

    def done(self, column: pl.Series) -> pl.Series:
        return (self.after(column) if self.after else column).alias(self.name)


@dataclass(frozen=True)
class Shape:
    """A table as it stands now: ``key`` its primary key's columns in their order (none: the table has no primary key), ``columns`` those and all that the mapping needs, by name."""

    key: tuple[str, ...]
    columns: Mapping[str, Column]


def renamed(texts: Mapping[str, str]) -> After:
    return lambda column: column.replace(texts)


def singles(column: pl.Series) -> pl.Series:
    """Of four bytes: the shortest text that means the same in four bytes."""
    return by_value(column, lambda text: _number(str(pl.Series([float(text)]).cast(pl.Float32).cast(pl.String)[0])))


def doubles(column: pl.Series) -> pl.Series:
    return by_value(column, _number)


def _number(text: str) -> str | None:
    return from_debezium(float(text))


def years(column: pl.Series) -> pl.Series:
    """PostgreSQL's dates and times: years beyond four digits get a sign, those before Christ are counted from the year 0."""
    odd = column.str.contains(_ODD_YEAR).fill_null(value=False)
    return column if not odd.any() else column.zip_with(~odd, by_value(column.set(~odd, None), _year))


def _year(text: str) -> str:
    found = _PARTS.fullmatch(text)
    if found is None:
        return text
    year = 1 - int(found[1]) if found[3] else int(found[1])
    sign = "-" if year < 0 else "+" * (year > 9999)
    return f"{sign}{abs(year):04d}{found[2]}"


def fractions(column: pl.Series) -> pl.Series:
    """Times without the zeros that end a fraction."""
    return column.str.replace(r"\.0+$", "").str.replace(r"(\.[0-9]*[1-9])0+$", "$1") if column.str.contains(".", literal=True).any() else column


def bits(column: pl.Series) -> pl.Series:
    """PostgreSQL's bits, 0 and 1, as hex of whole bytes."""
    return by_value(column, lambda text: f"{int(text or '0', 2):0{-(-len(text) // 8) * 2}x}")


def arrays(element: str) -> After:
    """PostgreSQL's arrays, out of its JSON: numbers with a fraction are texts, times keep Debezium's false Z, arrays within arrays are nulls."""

    def one(value: object) -> object:
        if isinstance(value, list):
            return None
        if isinstance(value, str) and element in ("date", "timestamp without time zone"):
            return value + "Z"
        return value

    def whole(text: str) -> str:
        read = json.loads(text, parse_float=str, parse_int=str if element.startswith("numeric") else int)
        return json.dumps([one(each) for each in read], ensure_ascii=False)

    return lambda column: by_value(column, whole)
