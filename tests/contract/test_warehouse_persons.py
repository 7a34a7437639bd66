"""Records that hold a person's number, on both warehouses."""

from collections.abc import Iterator

import pytest

from loaders import persons
from loaders.warehouse import Warehouse
from tests.contract.conftest import CATALOG
from tests.loaders.records import Records

NUMBER, OLD, OTHER = "11010519491231002X", "110105491231002", "37010219800101001X"


@pytest.fixture
def records(warehouse: Warehouse) -> Iterator[Records]:
    made = Records(warehouse, CATALOG)
    yield made
    made.clear()


def test_records_of_every_item_that_holds_numbers_are_found_by_each_of_them(records: Records) -> None:
    fields = {item.code: persons.numbered(item) for item in CATALOG.values() if persons.numbered(item)}
    assert len(fields) > 20
    for code, names in fields.items():
        for name in names:
            records.put(code, f'["{code}","{name}"]', **{name: NUMBER})
        records.put(code, f'["{code}","other"]', **{names[0]: OTHER})
    found = persons.keys(records.warehouse, CATALOG, [NUMBER, OLD])
    assert {code: sorted(keys) for code, keys in found.items()} == {code: sorted(f'["{code}","{name}"]' for name in names) for code, names in fields.items()}


def test_either_form_of_a_number_and_small_letters_are_found_and_nothing_is_by_none(records: Records) -> None:
    records.put("lszy", '["lszy","1"]', SFZH=OLD)
    records.put("lszy", '["lszy","2"]', SFZH=NUMBER.lower())
    records.put("lszy", '["lszy","3"]', SFZH=None)
    assert sorted(persons.keys(records.warehouse, CATALOG, [NUMBER, OLD])["lszy"]) == ['["lszy","1"]', '["lszy","2"]']
    assert persons.keys(records.warehouse, CATALOG, []) == {}
    assert persons.keys(records.warehouse, CATALOG, ["' OR 1=1 --", "\\'"]) == {}
