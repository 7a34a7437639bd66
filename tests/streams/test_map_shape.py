"""What a change of a table's columns means for the text of its values."""

from typing import Any

import pytest

from schemas.text import column_name
from streams.map_shape import Column, added, columns, narrowed

ZONED, ZONELESS = "io.debezium.time.ZonedTimestamp", "io.debezium.time.IsoTimestamp"


def _typed(declared: str, length: int | None = None, scale: int | None = None, kind: str | None = None, nullable: bool = True) -> Any:
    """A column's Avro type as Debezium writes it."""
    told = {"type": declared} | {name: str(value) for name, value in (("length", length), ("scale", scale)) if value is not None}
    about = {"type": "string", "connect.parameters": {f"__debezium.source.column.{name}": value for name, value in told.items()}} | ({"connect.name": kind} if kind else {})
    return ["null", about] if nullable else about


def _table(**types: Any) -> dict[str, Column]:
    value = {"type": "record", "name": "Value", "fields": [{"name": name, "type": kind} for name, kind in types.items()]}
    return columns({"fields": [{"name": "before", "type": ["null", value]}, {"name": "after", "type": ["null", "Value"]}, {"name": "op", "type": "string"}]})


SAME = [
    (_typed("VARCHAR", 10), _typed("VARCHAR", 20)),
    (_typed("VARCHAR", 10), _typed("VARCHAR", 10, nullable=False)),
    (_typed("VARCHAR", 10), _typed("TEXT")),
    (_typed("INT4", 10), _typed("INT8", 19)),
    (_typed("INT"), _typed("DECIMAL", 20, 2)),
    (_typed("BIGINT UNSIGNED"), _typed("VARCHAR", 20)),
    (_typed("NUMERIC", 10, 2), _typed("NUMERIC", 12, 4)),
    (_typed("NUMERIC", 10, 2), _typed("NUMERIC", 0)),
    (_typed("NUMERIC", 0), _typed("NUMERIC", 131089, 0)),
    (_typed("FLOAT4"), _typed("FLOAT8")),
    (_typed("DATETIME", 0, kind=ZONELESS), _typed("DATETIME", 6, kind=ZONELESS)),
    (_typed("UUID"), _typed("VARCHAR", 36)),
    ("string", ["null", "string"]),
]
OTHER = [
    (_typed("VARCHAR", 20), _typed("VARCHAR", 10)),
    (_typed("VARCHAR", 20), _typed("INT4")),
    (_typed("INT8"), _typed("INT4")),
    (_typed("INT"), _typed("INT UNSIGNED")),
    (_typed("NUMERIC", 18, 2), _typed("NUMERIC", 18, 0)),
    (_typed("NUMERIC", 18, 2), _typed("NUMERIC", 18, 4)),
    (_typed("NUMERIC", 131089, 0), _typed("NUMERIC", 18, 2)),
    (_typed("FLOAT8"), _typed("FLOAT4")),
    (_typed("NUMERIC", 18, 2), _typed("FLOAT8")),
    (_typed("TIMESTAMP", 29, 6, ZONELESS), _typed("DATE", 13, 0, "io.debezium.time.IsoDate")),
    (_typed("TIMESTAMP", 29, 6, ZONELESS), _typed("TIMESTAMPTZ", 35, 6, ZONED)),
    (_typed("DATETIME", kind=ZONELESS), _typed("TIMESTAMP", kind=ZONED)),
    (_typed("DATETIME", 6, kind=ZONELESS), _typed("DATETIME", 3, kind=ZONELESS)),
    (_typed("GEOMETRY"), _typed("VARCHAR", 20)),
]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_a_wider_column_says_the_same(old: Any, new: Any) -> None:
    assert narrowed(_table(v=old), _table(v=new), ["v"]) == []


@pytest.mark.parametrize(("old", "new"), OTHER)
def test_a_narrower_one_or_one_of_another_family_does_not(old: Any, new: Any) -> None:
    assert len(narrowed(_table(v=old), _table(v=new), ["v"])) == 1
    assert narrowed(_table(v=old), _table(v=new), ["w"]) == [], "nothing is mapped from it"


def test_what_changed_is_told_as_the_database_calls_it() -> None:
    old, new = _table(v=_typed("NUMERIC", 18, 2)), _table(v=_typed("NUMERIC", 18, 0), w=_typed("VARCHAR", 10))
    assert narrowed(old, new, ["v"]) == ["v: numeric(18,2) → numeric(18,0)"]
    assert added(old, new) == ["w varchar(10)"]


@pytest.mark.parametrize("name", ["permit_no", "许可证号", "甲_u8bb8", "名😀称", "A B", "x"])
def test_a_columns_own_name_is_found_again(name: str) -> None:
    units = name.encode("utf-16-be")
    escaped = "".join(chr(unit) if unit < 128 and chr(unit).isalnum() else f"_u{unit:04x}" for unit in (int.from_bytes(units[n : n + 2]) for n in range(0, len(units), 2)))
    assert column_name(escaped) == name
    assert list(_table(**{escaped: "string"})) == [name]


def test_names_without_escapes_stay_as_they_are() -> None:
    assert column_name("permit_no") == "permit_no"
