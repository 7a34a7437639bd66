"""The synthetic departments: the same at every run, every kind of mistake in them; and two independent computations of what is wrong agree."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from stdnum.cn import ric, uscc

from demo import departments, records, subjects
from demo.departments import Load
from demo.mistakes import HARMLESS, MISTAKES
from schemas import identity, sources
from schemas.catalog import load
from schemas.rules import Context, check_one

ROOT = Path(__file__).parents[2]
CATALOG = load()
SOURCES = sources.load(ROOT / "connectors" / "sources", CATALOG)
CONTEXT = Context(date(2026, 11, 23))


def loads() -> list[Load]:
    return [*departments.databases(SOURCES), departments.workbooks(), departments.interface(), departments.text_file(), *departments.both_ways()]


ALL = loads()


def test_the_same_at_every_run() -> None:
    assert loads() == ALL


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.source)
def test_the_rules_say_of_every_record_what_the_generator_expects(found: Load) -> None:
    item = CATALOG[found.item]
    for said in found.said:
        checked = check_one(item, said.fields, CONTEXT)
        rules = tuple(reason.rule for reason in checked.errors)
        if said.rules == ("R-FILE-01",):
            assert rules == ()
        elif said.outcome == "excluded":
            assert checked.excluded
        else:
            assert rules == said.rules, (said.mistake, [reason.message for reason in checked.errors])
            assert not checked.excluded
        if said.stands is not None:
            told = {name: value if value is None else str(value) for name, value in checked.typed.items()}
            assert told == {field.name: said.stands.get(field.name) or field.blank for field in item.fields}


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.source)
def test_no_two_records_that_should_stand_share_a_key(found: Load) -> None:
    keys = [identity.key(CATALOG[found.item], found.department, said.stands, b"s") for said in found.said if said.stands is not None]
    assert None not in keys
    assert len(set(keys)) == len(keys)


def test_every_kind_of_mistake_is_made_and_most_records_are_clean() -> None:
    made = Counter(said.mistake for found in ALL for said in found.said)
    assert {mistake.name for mistake in MISTAKES + HARMLESS} <= set(made)
    assert {"before 2015", "two rows of one key", "changed"} <= set(made)
    assert 0.8 < made[""] / made.total() < 0.95
    assert 0.03 < sum(made[mistake.name] for mistake in MISTAKES) / made.total() < 0.08


def test_check_digits_agree_with_the_oracle() -> None:
    rng = departments._rng("oracle")
    for _ in range(500):
        assert uscc.is_valid(subjects.company(rng).uscc)
        number = subjects.person(rng).number
        assert ric.calc_check_digit(number) == number[17]


def test_the_makers_fill_every_required_field() -> None:
    for item, make in records.MAKERS.items():
        record = make(departments._rng("required"), "甲", 1, "某局")
        assert not [field.name for field in CATALOG[item].fields if field.required and not (record.get(field.name) or field.blank)]


