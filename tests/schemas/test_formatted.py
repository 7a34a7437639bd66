"""Dates and numbers in a department's own form: what fits is read, all else goes through as it stands."""

import re
from datetime import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats import DateFormat, NumberFormat
from schemas.formatted import formatted
from schemas.normalize import decimal

PATTERNS = {"yyyyMMdd": "%Y%m%d", "dd/MM/yyyy": "%d/%m/%Y", "yyyy年M月d日": "%Y年%m月%d日", "yyyyMMddHHmmss": "%Y%m%d%H%M%S", "yyyy.M.d H:mm": "%Y.%m.%d %H:%M"}
NUMBERS = [NumberFormat(",", "."), NumberFormat(".", ","), NumberFormat(",", " "), NumberFormat(",")]


def one(value: str | None, form: DateFormat | NumberFormat) -> str | None:
    return formatted(pl.Series("c", [value], pl.String), form).to_list()[0]


def expected(value: str, pattern: str) -> str:
    """Python's own reading, for texts of the exact form only."""
    text = value.strip(" ")
    try:
        found = datetime.strptime(text, PATTERNS[pattern]) if re.fullmatch(DateFormat(pattern).regex, value) else None  # noqa: DTZ007
    except ValueError:
        found = None
    return value if found is None else found.strftime("%Y-%m-%d %H:%M:%S" if "H" in pattern else "%Y-%m-%d").rjust(10, "0")


@pytest.mark.parametrize(
    ("value", "pattern", "read"),
    [
        ("20170102", "yyyyMMdd", "2017-01-02"), ("20170102  ", "yyyyMMdd", "2017-01-02"), ("20170231", "yyyyMMdd", "20170231"), ("2017-01-02", "yyyyMMdd", "2017-01-02"),
        ("20160229", "yyyyMMdd", "2016-02-29"), ("00000101", "yyyyMMdd", "00000101"), ("２０１７0102", "yyyyMMdd", "２０１７0102"), ("长期", "yyyyMMdd", "长期"), (None, "yyyyMMdd", None),
        ("2017年1月2日", "yyyy年M月d日", "2017-01-02"), ("2.1.2017", "d.M.yyyy", "2017-01-02"), ("20170102235960", "yyyyMMddHHmmss", "20170102235960"),
        ("20170102030405", "yyyyMMddHHmmss", "2017-01-02 03:04:05"), ("2017.1.2 3:04", "yyyy.M.d H:mm", "2017-01-02 03:04:00"), ("20170102\n", "yyyyMMdd", "20170102\n"),
    ],
)  # fmt: skip
def test_a_date_that_fits_is_read_and_any_other_left(value: str | None, pattern: str, read: str | None) -> None:
    assert one(value, DateFormat(pattern)) == read


@pytest.mark.parametrize(
    ("value", "form", "read"),
    [
        ("1.234,50", NUMBERS[0], "1234.50"), ("-1.234.567", NUMBERS[0], "-1234567"), ("12,5", NUMBERS[0], "12.5"), ("1.23,5", NUMBERS[0], "1.23,5"), ("一百", NUMBERS[0], "一百"),
        ("1 234,5", NUMBERS[2], "1234.5"), ("1,234.5", NUMBERS[1], "1234.5"), ("12,34", NUMBERS[1], "12,34"), (None, NUMBERS[0], None), ("", NUMBERS[0], ""), ("1.5", NUMBERS[3], "1.5"),
    ],
)  # fmt: skip
def test_a_number_that_fits_is_read_and_any_other_left(value: str | None, form: NumberFormat, read: str | None) -> None:
    assert one(value, form) == read


@given(st.sampled_from(list(PATTERNS)), st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001
def test_every_date_that_a_pattern_writes_is_read_back(pattern: str, moment: datetime) -> None:
    clock = (moment.hour, moment.minute, moment.second if "ss" in pattern else 0) if "H" in pattern else (0, 0, 0)
    signs = {"yyyy": f"{moment.year:04d}", "MM": f"{moment.month:02d}", "M": str(moment.month), "dd": f"{moment.day:02d}", "d": str(moment.day)}
    signs |= {"HH": f"{moment.hour:02d}", "H": str(moment.hour), "mm": f"{moment.minute:02d}", "ss": f"{moment.second:02d}"}
    written = re.sub("yyyy|MM|M|dd|d|HH|H|mm|ss", lambda sign: signs[sign[0]], pattern)
    day = f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"
    assert one(written, DateFormat(pattern)) == (day + " {:02d}:{:02d}:{:02d}".format(*clock) if "H" in pattern else day)


@given(st.sampled_from(list(PATTERNS)), st.text(st.sampled_from("0123456789-/.年月日 :T０"), max_size=16) | st.text())
def test_any_text_is_read_as_the_calendar_reads_it_or_left(pattern: str, value: str) -> None:
    assert one(value, DateFormat(pattern)) == expected(value, pattern)


@given(st.sampled_from(NUMBERS[:3]), st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_every_number_with_its_separators_is_read_back(form: NumberFormat, number: object) -> None:
    written = f"{number:,.2f}".translate({ord(","): form.group, ord("."): form.decimal})
    assert decimal(one(written, form), 18, 2) == decimal(str(number), 18, 2)


@given(st.sampled_from(NUMBERS), st.text(st.sampled_from("0123456789., +-'"), max_size=12) | st.text())
def test_a_text_that_is_no_number_of_the_form_is_left(form: NumberFormat, value: str) -> None:
    fits = re.fullmatch(form.regex, value)
    read = one(value, form)
    assert read == value if not fits or "\n" in value else re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", read)
