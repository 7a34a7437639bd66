"""Making values alike before they are judged: blanks, full-width forms, dates. Each function on columns has a twin on one value that gives the same."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

# Spaces people cannot see: control characters, no-break, zero-width, ideographic, byte-order marks. Listed, since every library means something else by a blank.
BLANKS = "\\x00-\\x20\\x7f-\\xa0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_BLANK = re.compile(f"[{BLANKS}]+")
_DATE = re.compile(r"(\d{4})\s*(?:[-/.年])\s*(\d{1,2})\s*(?:[-/.月])\s*(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(.*?)[T ]?(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?", re.DOTALL)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
SERIALS = (20_000, 73_050)  # 1954 to 2099: a number in a date column is Excel's count of days since 1899-12-30
ZONE = ZoneInfo("Asia/Shanghai")


def text(value: str | None) -> str | None:
    """Free text: invisible blanks become one space, those at the edges go; blank is null."""
    if value is None:
        return None
    return _BLANK.sub(" ", value).strip(" ") or None


def texts(column: pl.Series) -> pl.Series:
    spaced = column.str.replace_all(f"[{BLANKS}]+", " ").str.strip_chars(" ")
    return _null_blanks(spaced)


def code(value: str | None) -> str | None:
    """Codes, numbers, dates: full-width characters become half-width, letters capitals, blanks go."""
    if value is None:
        return None
    return _BLANK.sub("", unicodedata.normalize("NFKC", value)).upper() or None


def codes(column: pl.Series) -> pl.Series:
    plain = column.str.contains(r"^[!-`{-~]*$").fill_null(value=True)
    if plain.all():
        return _null_blanks(column)
    # Few values are not plain capitals already, and those repeat: each different one is made alike once.
    odd = column.filter(~plain).unique().drop_nulls()
    return _null_blanks(column.replace(odd, pl.Series([code(value) for value in odd], dtype=pl.String)))


def _null_blanks(column: pl.Series) -> pl.Series:
    return column.to_frame("c").select(pl.when(pl.col("c") != "").then(pl.col("c")))["c"]


def day(value: str | None) -> date | None:
    """A date in any shape people write: 2018-01-02, 2018/1/2, 2018.1.2, 20180102, 2018年1月2日, each with or without a time, or Excel's serial number."""
    if value is None:
        return None
    if _SERIAL.fullmatch(value) and SERIALS[0] <= float(value) <= SERIALS[1]:
        return date(1899, 12, 30) + timedelta(days=int(float(value)))
    timed = _TIME.fullmatch(value)
    found = _DATE.fullmatch(timed[1].strip() if timed else value)
    if not found:
        return None
    year, month, number = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, number)
    except ValueError:
        return None


def days(column: pl.Series) -> pl.Series:
    parsed = column.str.to_date("%Y-%m-%d", strict=False)
    # The quick parser takes years of any length; only the plain shape is trusted to it.
    quick = parsed.is_not_null() & column.str.contains(r"^\d{4}-\d{2}-\d{2}$")
    return _where_unsure(column, quick, parsed, day, pl.Date)


def moment(value: str | None) -> datetime | None:
    """A point in time; without a zone it is local (Asia/Shanghai). Milliseconds; UTC. None, too, where UTC lies outside the years 1 to 9999."""
    if value is None:
        return None
    timed = _TIME.fullmatch(value)
    whole = day(value)
    if whole is None:
        return None
    local = datetime(whole.year, whole.month, whole.day, tzinfo=ZONE)
    try:
        return local.astimezone(UTC) if timed is None else _at(local, timed)
    except OverflowError:
        return None


def _at(local: datetime, timed: re.Match[str]) -> datetime | None:
    hour, minute, second, fraction, zone = timed.group(2, 3, 4, 5, 6)
    try:
        at = local.replace(hour=int(hour), minute=int(minute), second=int(second or 0), microsecond=int(float(fraction or 0) * 1000) * 1000)
    except ValueError:
        return None
    if zone:
        offset = timedelta() if zone == "Z" else timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[-2:]))
        return (at.replace(tzinfo=UTC) - offset).astimezone(UTC)
    return at.astimezone(UTC)


def moments(column: pl.Series) -> pl.Series:
    nothing = pl.Series(column.name, [None], pl.Datetime("ms", "UTC")).new_from_index(0, len(column))
    return _where_unsure(column, pl.repeat(value=False, n=len(column), eager=True, dtype=pl.Boolean), nothing, moment, pl.Datetime("ms", "UTC"))


def whole(value: str | None) -> int | None:
    """A whole number that fits 64 bits."""
    if value is None or not re.fullmatch(r"[+-]?\d{1,19}(\.0*)?", value):
        return None
    number = int(value.split(".")[0])
    return number if -(2**63) <= number < 2**63 else None


def wholes(column: pl.Series) -> pl.Series:
    quick = column.str.contains(r"^-?\d{1,18}$")
    return _where_unsure(column, quick, column.cast(pl.Int64, strict=False), whole, pl.Int64)


def decimal(value: str | None, precision: int, scale: int) -> str | None:
    """A decimal's canonical text with exactly `scale` places; None when it is no number or does not fit. Thousands separators are taken."""
    if value is None:
        return None
    try:
        number = Decimal(value.replace(",", "").removeprefix("¥").removesuffix("元"))
    except InvalidOperation:
        return None
    # Size first: rounding a number far too large is an error of its own.
    if not number.is_finite() or abs(number) >= Decimal(10) ** (precision - scale) or number != round(number, scale):
        return None
    return f"{number:.{scale}f}" if number else f"{Decimal(0):.{scale}f}"


def decimals(column: pl.Series, precision: int, scale: int) -> pl.Series:
    return by_value(column, lambda value: decimal(value, precision, scale))


def by_value(column: pl.Series, one: Callable[[str], str | None]) -> pl.Series:
    """``one`` of every text, asked once for each different one."""
    different = column.unique().drop_nulls()
    made = pl.Series([one(value) for value in different], dtype=pl.String)
    return column.replace_strict(different, made, default=None, return_dtype=pl.String)


def _where_unsure(column: pl.Series, quick: pl.Series, parsed: pl.Series, one: Callable[[str], Any], kind: pl.DataType | type[pl.DataType]) -> pl.Series:
    """The quick parser's result where it may be trusted, the careful one's for each different value elsewhere."""
    sure = quick.fill_null(value=True)
    if sure.all():
        return parsed
    rest = column.filter(~sure).unique().drop_nulls()
    careful = pl.Series([one(value) for value in rest], dtype=kind)
    found = column.replace_strict(rest, careful, default=None, return_dtype=kind)
    return parsed.zip_with(sure, found)
