"""What the warehouse holds of one source, on both warehouses, against the same random history kept in Python."""

import random

import pytest

from loaders.standing import Standing
from loaders.warehouse import Warehouse
from tests.contract.test_warehouse_figures import ITEM, SOURCES, Event, fill, history


@pytest.fixture(scope="module", params=[1, 2])
def events(request: pytest.FixtureRequest, warehouse: Warehouse) -> list[Event]:
    made = history(request.param)
    fill(warehouse, made)
    return made


def _last(events: list[Event]) -> dict[str, Event]:
    """The newest version of each key: later ones overwrite."""
    return {event.key: event for event in events if event.outcome == "accepted"}


@pytest.mark.parametrize("page", [1, 3, 100_000])
def test_what_stands_by_a_sources_word_is_read_in_pages(warehouse: Warehouse, events: list[Event], page: int) -> None:
    for name, _, _ in SOURCES:
        found = [row for each in Standing(warehouse, page).standing(ITEM, name) for row in each.select("key", "row", "fingerprint").rows()]
        wanted = sorted((event.key, event.row or "", "f") for event in _last(events).values() if SOURCES[event.source][0] == name and event.change != "withdrawn")
        assert found == wanted


@pytest.mark.parametrize("page", [2, 100_000])
def test_every_text_of_a_row_that_was_rejected_is_known(warehouse: Warehouse, events: list[Event], page: int) -> None:
    source = SOURCES[1][0]
    found = Standing(warehouse, page).refused(ITEM, source)
    assert set(found.rows()) == {(event.row, "f") for event in events if event.outcome == "rejected" and event.source == 1}
    assert Standing(warehouse, page).refused(ITEM, "nobody").rows() == []


def test_records_are_found_by_their_keys_standing_or_not(warehouse: Warehouse, events: list[Event]) -> None:
    last = _last(events)
    keys = random.Random(1).sample(sorted(last), 8)
    found = {row["key"]: row for row in Standing(warehouse).records(ITEM, [*keys, "unknown"]).iter_rows(named=True)}
    assert found.keys() == set(keys)
    for key, row in found.items():
        event = last[key]
        told = (SOURCES[event.source][0], event.row, "1" if event.change == "withdrawn" else "0", event.operation, "f")
        assert (row["source"], row["row"], row["withdrawn"], row["operation"], row["fingerprint"]) == told
        assert {field.name for field in ITEM.fields} <= row.keys()
    assert Standing(warehouse).records(ITEM, []).height == 0
