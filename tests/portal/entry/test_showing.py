"""What people see of a record: every input once, no personal number in its name, what a version changed."""

import pytest

from portal.entry import showing
from producers import form
from schemas.catalog import Item
from tests.portal.desk import CATALOG
from tests.portal.entry.site import ITEM

ITEMS = list(CATALOG().values())
NUMBER = "370102198001011237"


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_every_input_stands_in_one_group(item: Item) -> None:
    made = form.of(item, "v")
    found = showing.groups(made)
    assert sorted(each.name for group in found for each in group.inputs) == sorted(each.name for each in made.inputs)
    assert [set(names) for names in made.groups] == [{each.name for each in group.inputs} for group in found if group.legend]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_no_name_of_a_record_holds_a_persons_number(item: Item) -> None:
    said = {field.name: f"甲{NUMBER}乙" if field.privacy != "person_number" else NUMBER for field in item.fields}
    assert NUMBER not in showing.name(item, said)
    assert NUMBER not in str(showing.facts(item, said, masked=True))
    assert showing.name(item, {}) == ""


def test_values_that_are_no_codes_are_not_lost() -> None:
    choice = next(each for each in form.of(ITEM, "v").inputs if each.widget == "choice")
    known = choice.choices[0].code
    assert [stray.code for stray in showing.strays(choice, {choice.name: [known, "怪值"]})] == ["怪值"]
    line = next(each for each in form.of(ITEM, "v").inputs if each.widget == "line")
    assert showing.strays(line, {line.name: ["任何内容"]}) == []


def test_each_version_tells_what_it_changed() -> None:
    first = {**ITEM.example, "_version": 1, "_withdrawn": 0}
    second = {**first, "_version": 2, "XK_FR": "李四", "BZ": None}
    gone = {**second, "_version": 3, "_withdrawn": 1}
    back = {**first, "_version": 4}
    found = showing.changes(ITEM, [first, second, gone, back])
    assert set(found) == {2}
    assert f"法定代表人姓名：{ITEM.example['XK_FR']} → 李四" in found[2]
