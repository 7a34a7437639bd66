"""Dates and numbers as a department writes them → as the judge reads them, in columns. What does not fit goes through as it is: the judge tells the department of the value that it wrote."""

import polars as pl

from schemas.formats import DateFormat, Format, NumberFormat


def formatted(column: pl.Series, form: Format) -> pl.Series:
    """Texts of this form as `2017-01-02`, `2017-01-02 03:04:05`, `1234.50`; all others unchanged."""
    found = _dates(column, form) if isinstance(form, DateFormat) else _numbers(column, form)
    return column.zip_with(found.is_null(), found).alias(column.name)


def _dates(column: pl.Series, form: DateFormat) -> pl.Series:
    """Null where the text is no such date, or no day of the calendar."""
    parts = column.str.extract_groups(form.regex).struct.unnest()
    parts = parts.with_columns(pl.col(name).str.zfill(2) for name in parts.columns)
    day = pl.concat_str("y", "M", "d", separator="-")
    clock = [pl.col(name) if name in parts.columns else pl.lit("00") for name in "Hms"]
    whole = pl.concat_str(day, pl.concat_str(clock, separator=":"), separator=" ") if "H" in parts.columns else day
    real = day.str.to_date("%Y-%m-%d", strict=False).is_not_null() & (pl.col("y") != "0000")
    return parts.select(pl.when(real).then(whole).alias("found"))["found"]


def _numbers(column: pl.Series, form: NumberFormat) -> pl.Series:
    parts = column.str.extract_groups(form.regex).struct.unnest()
    whole, fraction = parts.columns
    digits = pl.col(whole).str.replace_all(form.group, "", literal=True) if form.group else pl.col(whole)
    return parts.select((digits + pl.col(fraction).str.replace(form.decimal, ".", literal=True).fill_null("")).alias("found"))["found"]
