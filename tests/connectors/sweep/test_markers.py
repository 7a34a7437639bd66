"""A row that says that a load has ended, as its event says it."""

from connectors.sweep.markers import _says
from schemas import codec
from schemas.sources import Marker

ROW = {"type": "record", "name": "Row", "fields": [{"name": "id", "type": "int"}, {"name": "table_u005fname", "type": ["null", "string"], "default": None}]}
EVENT = {"type": "record", "name": "Envelope", "fields": [{"name": "after", "type": ["null", ROW], "default": None}, {"name": "op", "type": "string"}]}


def event(op: str, name: str | None) -> bytes:
    return codec.encode(EVENT, 7, [{"after": None if op == "d" else {"id": 5, "table_u005fname": name}, "op": op}])[0]


def test_an_inserted_row_with_the_named_value_says_it_and_nothing_else_does() -> None:
    named, any_row, number = Marker("load_log", "s", "table_name", "permit"), Marker("load_log", "s"), Marker("load_log", "s", "id", "5")

    def says(marker: Marker, value: bytes | None) -> bool:
        return _says(marker, value, lambda _number: EVENT)

    assert says(named, event("c", "permit"))
    assert not says(named, event("c", "another"))
    assert not says(named, event("c", None))
    assert not says(named, event("r", "permit")), "read in a snapshot: it came before"
    assert not says(named, event("u", "permit"))
    assert not says(named, event("d", None))
    assert says(any_row, event("c", None))
    assert says(number, event("c", None)), "a number, by its text"
    assert not says(any_row, None)
    assert not says(any_row, b"poison")
