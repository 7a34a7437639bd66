"""A change event's values as text."""

import pytest

from schemas.text import from_debezium

DATE, TIMESTAMP, TIME, BITS = (f"io.debezium.{name}" for name in ("time.IsoDate", "time.IsoTimestamp", "time.IsoTime", "data.Bits"))


@pytest.mark.parametrize(
    ("value", "schema", "text"),
    [
        ("2017-01-02Z", DATE, "2017-01-02"),
        ("-5877611-06-21Z", DATE, "infinity"),
        ("-5877611-06-22Z", DATE, "-infinity"),
        ("+10000-01-01Z", DATE, "+10000-01-01"),
        ("-0043-03-15Z", DATE, "-0043-03-15"),
        ("2017-02-02T03:04:05.123456Z", TIMESTAMP, "2017-02-02 03:04:05.123456"),
        ("12:34:56Z", TIME, "12:34:56"),
        (0.1, None, "0.1"),
        (1e21, None, "1000000000000000000000"),
        (1e-7, None, "0.0000001"),
        (float("nan"), None, "NaN"),
        (float("-inf"), None, "-Infinity"),
        (b"\x81\x01", BITS, "0181"),
        (b"\x05", BITS, "05"),
        (["甲", None, 1], None, '["甲", null, 1]'),
        ({"x": 1.0, "wkb": b"\xff"}, None, '{"x": 1.0, "wkb": "ff"}'),
        ("", None, None),
        (True, None, "1"),
    ],
)
def test_each_kind_of_value_has_one_text(value: object, schema: str | None, text: str | None) -> None:
    assert from_debezium(value, schema) == text
