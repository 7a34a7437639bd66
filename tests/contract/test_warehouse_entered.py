"""What a department's own pages ask, on both warehouses, against the same random history kept in Python: nothing of another department is ever in an answer."""

from collections import Counter

import pytest

from loaders import delivered, entered
from loaders.entered import Entered
from loaders.warehouse import Warehouse
from tests.contract.test_warehouse_figures import ITEM, SOURCES, Event, fill, history


@pytest.fixture(scope="module", params=[1, 2])
def events(request: pytest.FixtureRequest, warehouse: Warehouse) -> list[Event]:
    made = history(request.param)
    fill(warehouse, made)
    return made


def last(events: list[Event]) -> dict[str, Event]:
    return {event.key: event for event in events if event.outcome == "accepted"}


@pytest.mark.parametrize(("source", "department", "_way"), SOURCES)
def test_a_departments_records_are_those_it_said_and_that_are_its_own_now(warehouse: Warehouse, events: list[Event], source: str, department: str, _way: str) -> None:
    own = Entered(warehouse, department, source)
    said = {event.key for event in events if SOURCES[event.source][0] == source and event.outcome != "rejected"}
    wanted = {key: event for key, event in last(events).items() if key in said and event.department == department}
    assert wanted
    rows, total = own.records(ITEM, 0, 1000)
    assert total == len(wanted)
    assert {(row["key"], bool(row["withdrawn"]), row["batch"]) for row in rows} == {(key, event.change == "withdrawn", event.batch) for key, event in wanted.items()}
    paged = [row["key"] for skip in range(total) for row in own.records(ITEM, skip, 1)[0]]
    assert paged == [row["key"] for row in rows]


@pytest.mark.parametrize(("source", "department", "_way"), SOURCES)
def test_a_records_life_is_what_this_department_said_of_it(warehouse: Warehouse, events: list[Event], source: str, department: str, _way: str) -> None:
    own = Entered(warehouse, department, source)
    for key in sorted({event.key for event in events}):
        mine = [event for event in events if event.key == key and event.department == department]
        told = Counter((row["batch"], row["line"], row["what"]) for row in own.life(ITEM, key))
        assert told == Counter((event.batch, event.line, event.change if event.outcome == "accepted" else event.outcome) for event in mine)
        made = [events_of for events_of in mine if events_of.outcome == "accepted"]
        assert [row["_withdrawn"] for row in own.versions(ITEM, key)] == [int(event.change == "withdrawn") for event in made]


def test_what_stands_is_told_of_ones_own_keys_only(warehouse: Warehouse, events: list[Event]) -> None:
    keys = sorted(last(events))
    for source, department, _ in SOURCES:
        found = Entered(warehouse, department, source).standing(ITEM, [*keys, "unknown"])
        assert set(found) == {key for key, event in last(events).items() if event.department == department}
        assert all(row["_department"] == department and {field.name for field in ITEM.fields} <= row.keys() for row in found.values())
    assert Entered(warehouse, "zjj", "zjj/form").standing(ITEM, []) == {}


def test_the_outcomes_of_batches_are_told_at_once(warehouse: Warehouse, events: list[Event]) -> None:
    batches = sorted({event.batch for event in events})
    found = entered.outcomes(warehouse, [*batches, "HZNOBODY"])
    assert set(found) == set(batches)
    for batch in batches:
        assert found[batch] in {event.outcome for event in events if event.batch == batch}
    assert entered.outcomes(warehouse, []) == {}


def test_what_stands_by_a_departments_word_is_paged_by_key(warehouse: Warehouse, events: list[Event]) -> None:
    for department in {department for _, department, _ in SOURCES}:
        found, after = list[str](), ""
        while page := delivered.standing(warehouse, ITEM, department, after, 3):
            found += [str(row["_key"]) for row in page]
            after = found[-1]
        assert found == sorted(key for key, event in last(events).items() if event.department == department and event.change != "withdrawn")
