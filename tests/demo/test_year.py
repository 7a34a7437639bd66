"""The invented year: for every item of the catalogue its records are sound, its mistakes are mistakes, and each delivery says what it says it does."""

from collections import Counter
from datetime import date

import polars as pl
import pytest

from demo.year import Delivery, Plan, deliveries, records
from demo.year_records import Fields, Maker, room
from schemas import departments, examination
from schemas.catalog import Item, load

CATALOG = load()
OWED = departments.assignments(departments.load(), CATALOG)
DAY = date(2017, 11, 3)
ITEMS = pytest.mark.parametrize("item", CATALOG.values(), ids=list(CATALOG))


def examined(item: Item, rows: list[Fields]) -> examination.Found:
    envelope = {"_department": "zjj", "_operation": "upsert", "_source": "zjj/erp", "_row": None, "_batch": "b", "_faults": None}
    said = pl.DataFrame({name: [row[name] for row in rows] for name in item.by_name}, schema=dict.fromkeys(item.by_name, pl.String))
    said = said.with_columns(**{name: pl.lit(value, pl.String) for name, value in envelope.items()}, _line=pl.int_range(pl.len(), dtype=pl.Int64))
    return examination.examine(item, said, b"a secret", date(2026, 1, 1))


@ITEMS
def test_records_of_every_item_are_sound_and_each_another(item: Item) -> None:
    rows = list(Maker(item, "zjj").records(range(50), DAY))
    found = examined(item, rows)
    assert found.errors == {}
    assert not any(found.excluded)
    assert len(set(found.keys)) == 50
    assert not set(found.keys) & set(examined(item, list(Maker(item, "gsj").records(range(50), DAY))).keys), "of the whole city, where the key is of the city"
    assert {row[item.dated_by][:10] for row in rows if row[item.dated_by]} == {DAY.isoformat()}


@ITEMS
def test_every_mistake_is_one_and_leaves_the_record_its_key(item: Item) -> None:
    maker = Maker(item, "zjj")
    assert maker.mistakes
    rows = list(maker.records([1] * len(maker.mistakes), DAY))
    for make, row in zip(maker.mistakes, rows, strict=True):
        make(row)
    found = examined(item, rows)
    assert set(found.errors) == set(range(len(rows)))
    assert len(set(found.keys)) == 1


def test_everybody_delivers_everything_he_owes_about_as_much_as_was_asked_and_the_same_again() -> None:
    made = deliveries(CATALOG, OWED, Plan(200_000))
    assert {(one.department, one.item) for one in made} == {(each.department, each.item) for each in OWED if each.holds(date(2017, 12, 31))}
    assert 180_000 < sum(one.rows for one in made) < 240_000
    assert made == sorted(made, key=lambda one: one.at)
    assert made == deliveries(CATALOG, OWED, Plan(200_000))
    assert made != deliveries(CATALOG, OWED, Plan(200_000, seed=1))
    assert all(one.first + one.new <= room(CATALOG[one.item]) for one in made)


def middling(planned: list[Delivery]) -> list[Delivery]:
    """All deliveries of a department and an item that together have some thousand rows, and of each kind some."""
    found: dict[tuple[str, str], list[Delivery]] = {}
    for one in planned:
        found.setdefault((one.department, one.item), []).append(one)
    return next(each for each in found.values() if 4_000 < sum(one.rows for one in each) < 20_000 and all(any(getattr(one, kind) for one in each) for kind in ("again", "changed", "mended")))


def test_a_delivery_mends_repeats_and_changes_what_the_one_before_brought() -> None:
    made = middling(deliveries(CATALOG, OWED, Plan(1_000_000)))
    item, said = CATALOG[made[0].item], dict[str, Counter[str]]()
    maker = Maker(item, made[0].department)
    for one in sorted(made, key=lambda one: one.first):
        rows = list(records(maker, one))
        assert len(rows) == one.rows == sum(one.outcomes.values())
        found = examined(item, rows)
        assert len(found.errors) == one.wrong
        for n, key in enumerate(found.keys):
            if n not in found.errors:
                said.setdefault(key, Counter())[found.fingerprints[n]] += 1
    assert sum(len(prints) for prints in said.values()) == sum(one.outcomes["accepted"] for one in made)
    assert sum(sum(prints.values()) - len(prints) for prints in said.values()) == sum(one.outcomes["duplicate"] for one in made)
