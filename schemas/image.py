"""What rows of a tapped table say in the item's fields, as text, in columns: the same whether they come as one side of a change event or are read in the table itself."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from schemas.formatted import formatted
from schemas.normalize import by_value
from schemas.sources import Filter, Table
from schemas.text import from_debezium

# What Debezium writes where PostgreSQL did not log an unchanged long value.
UNAVAILABLE = "__debezium_unavailable_value"
_UNESCAPED = r'^[^"\\\x00-\x1f]*$'  # what JSON writes as it is
_PLAIN_DAY = r"^\d{4}-\d\d-\d\dZ?$"


@dataclass(frozen=True)
class Image:
    """``present[n]``: the event has this side; ``inside[n]``: the filter lets it pass; ``waiting[n]``: its status says that it is not ready; ``fields``: the item's fields;
    ``times``: text of the update column, where one is mapped.
    """

    present: list[bool]
    inside: list[bool]
    waiting: list[bool]
    fields: pl.DataFrame
    times: list[str | None]


def texts(row: pl.DataFrame, needed: Iterable[str], kinds: Mapping[str, str | None]) -> pl.DataFrame:
    """The needed columns of one side as text."""
    return pl.DataFrame([_text(row[name], kinds[name]) for name in sorted(needed)])


def rows(key: pl.DataFrame) -> pl.Series:
    """`_row`: the texts of a primary key's columns, in their order, as a compact JSON array of texts; an empty one stays empty."""
    parts = [_quoted(key[name].fill_null("")).alias(str(number)) for number, name in enumerate(key.columns)]
    return pl.DataFrame(parts).select(pl.concat_str(pl.lit("["), pl.concat_str(pl.all(), separator=","), pl.lit("]")).alias("_row"))["_row"]


def _quoted(column: pl.Series) -> pl.Series:
    plain = column.str.contains(_UNESCAPED)
    quoted = column.to_frame("v").select(v=pl.concat_str(pl.lit('"'), "v", pl.lit('"')))["v"]
    return quoted if plain.all() else quoted.zip_with(plain, by_value(column, lambda text: json.dumps(text, ensure_ascii=False)))


def filled(after: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The after side, long values that were not logged taken from the before side."""
    return pl.DataFrame([column.zip_with(~column.eq(UNAVAILABLE).fill_null(value=False), before[column.name]) for column in after])


def image(table: Table, said: pl.DataFrame, present: Sequence[bool]) -> Image:
    """What the columns say, mapped: columns to fields, formats, constants, codes; what fits no format, and a code nobody translated, goes through as it is."""
    fields = [said[column].alias(field) for field, column in table.columns.items()]
    fields = [formatted(column, table.formats[column.name]) if column.name in table.formats else column for column in fields]
    fields = [column.replace(dict(table.codes[column.name])) if column.name in table.codes else column for column in fields]
    fields += [pl.Series(field, [text], pl.String).new_from_index(0, said.height) for field, text in table.constants.items()]
    inside, waiting = _passes(table.filter, said)
    times = said[table.source_time].to_list() if table.source_time else [None] * said.height
    return Image(list(present), inside, waiting, pl.DataFrame(fields), times)


def _passes(chosen: Filter | None, said: pl.DataFrame) -> tuple[list[bool], list[bool]]:
    """Which rows are let through, and which are not ready."""
    if chosen is None:
        return [True] * said.height, [False] * said.height
    values = said[chosen.column].to_list()
    gone = chosen.withdrawn
    return [value in chosen.values for value in values], [gone is not None and value not in (*chosen.values, *gone) for value in values]


def _text(column: pl.Series, kind: str | None) -> pl.Series:
    if column.dtype == pl.String and kind == "io.debezium.time.IsoDate" and column.str.contains(_PLAIN_DAY).all():
        return column.str.head(10)  # the usual case of what `from_debezium` does
    if column.dtype == pl.String and not (kind or "").startswith("io.debezium.time."):
        # MariaDB's stream writes a comma within an enum's value with a backslash, its snapshot does not.
        plain = column.str.replace_all("\\,", ",", literal=True) if kind == "io.debezium.data.Enum" else column
        return plain.set(plain == "", None)
    if column.dtype == pl.Float32:  # as a double, 0.1 would have seventeen digits
        column = pl.Series(column.name, [None if text is None else float(text) for text in column.cast(pl.String)], pl.Float64)
    return pl.Series(column.name, [from_debezium(value, kind) for value in column.to_list()], pl.String)
