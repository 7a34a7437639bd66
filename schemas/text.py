"""A record as its department said it: the text of one value, one function a way. Nothing is judged here; what a way has already spoilt stays visible to the rules."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite

DIGITS = 15  # what Excel keeps of a number
_DATES = {"io.debezium.time.IsoDate"}
_ZONELESS = {"io.debezium.time.IsoTimestamp", "io.debezium.time.IsoTime"}
_BITS = "io.debezium.data.Bits"
_ESCAPE = re.compile(r"_u([0-9a-f]{4})")
# PostgreSQL's endless dates and times as Debezium spells them; a snapshot and the stream differ.
_ENDLESS = {
    "-5877611-06-21": "infinity", "-5877611-06-22": "-infinity",
    "+292278994-08-16": "infinity", "+292278994-08-17": "infinity", "-292275055-05-16": "-infinity", "+292269055-12-02": "-infinity",
    "+294247-01-10 04:00:25.2": "infinity", "-290308-12-21 19:59:27.6": "-infinity",
}  # fmt: skip


def from_excel(value: object) -> str | None:
    """A cell. A whole number with more than 15 digits keeps its exponent (its last digits are lost, and the rules must see that); dates are ISO; a date without a time has none."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value) if abs(value) < 10**DIGITS else f"{value:.{DIGITS - 1}E}"
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value.is_integer():
        return str(int(value)) if abs(value) < 10**DIGITS else f"{value:.{DIGITS - 1}E}"
    return f"{value:.{DIGITS}g}"


def from_csv(value: str | None) -> str | None:
    """A cell of a text file; an empty one is null. Excel's guard for text (="0123") is taken off."""
    if not value:
        return None
    if value.startswith('="') and value.endswith('"') and len(value) > 3:
        return value[2:-1]
    return value


def from_json(value: object) -> str | None:
    """A JSON value whose numbers were kept as their literals; a missing one, null and "" are null."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def from_debezium(value: object, schema: str | None = None) -> str | None:
    """A change event's value by its Connect schema's name. Dates and times without a zone carry a false Z, which goes; booleans are 1 and 0; bits are hex, bytes text or hex; a number has no exponent;
    arrays and points are JSON."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, bytes):
        return value[::-1].hex() if schema == _BITS else _bytes(value)
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f") if isfinite(value) else {"inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), "NaN")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=from_debezium)
    text = str(value)
    if schema in _DATES or schema in _ZONELESS:
        text = text.removesuffix("Z").replace("T", " ")
        return _ENDLESS.get(text, text) or None
    return text or None


def column_name(name: str) -> str:
    """The column's own name, out of one that Avro allows: `_uXXXX` stands for a UTF-16 unit, the underscore's own included."""
    if "_u" not in name:
        return name
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), name).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _bytes(value: bytes) -> str | None:
    try:
        return value.decode() or None
    except UnicodeDecodeError:
        return value.hex()


def from_form(value: str | None) -> str | None:
    """A form's field."""
    return value or None
