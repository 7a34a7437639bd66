"""Every item has its form: an input a field, and what is filled in is said as it was filled in."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from guiji import app
from producers import form
from schemas.catalog import Item, load
from schemas.rules import Context, check_one

CATALOG = load()
ITEMS = list(CATALOG.values())
TODAY = date(2017, 10, 31)


def filled(item: Item) -> list[tuple[str, str]]:
    """The example as a browser would send it: one pair a ticked box, the explanation of 其他 in its own input, blanks for what was left empty."""
    pairs = []
    for each in form.of(item, "v").inputs:
        for value in (item.example[each.name] or "").split(form.SEVERAL if each.widget == "choices" else "\0"):
            other = each.note and value.startswith(f"{form.OTHER}-")
            pairs.append((each.name, form.OTHER if other else value))
            pairs += [(each.name + form.NOTE, value.partition("-")[2])] * other
    return pairs


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_a_form_filled_in_by_the_example_is_accepted(item: Item) -> None:
    said = form.said(item, [*filled(item), ("csrf", "x"), ("_source", "zjj/excel")])
    assert said == item.example
    assert check_one(item, said, Context(TODAY)).errors == []


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_every_field_has_an_input_that_fits_it(item: Item) -> None:
    made = form.of(item, "0123456789ab")
    assert (made.item, made.title, made.version) == (item.code, item.title, "0123456789ab")
    assert [each.name for each in made.inputs] == [field.name for field in item.fields]
    for each, field in zip(made.inputs, item.fields, strict=True):
        assert each.widget in form.WIDGETS
        assert [choice.code for choice in each.choices] == list(field.code_set)
        assert bool(each.choices) == (each.widget in ("choice", "search", "choices"))
        assert each.required == (field.required and field.blank is None)
        assert not each.required or not each.needed
        assert bool(each.needed) == bool(field.group or field.when)
        assert each.shown is None or each.shown["field"] in item.by_name
    assert {name for group in made.groups for name in group} == {field.name for field in item.fields if field.group}


def test_several_kinds_and_an_explained_other_are_one_value() -> None:
    item = CATALOG["xzcf"]
    pairs = [("CF_CFLB1", "警告"), ("CF_CFLB1", "其他"), ("CF_CFLB1__note", " 责令改正 "), ("CF_CFLB1", "罚款")]
    assert form.said(item, pairs)["CF_CFLB1"] == "警告；其他-责令改正；罚款"
    assert form.said(item, [("CF_CFLB1", "其他")])["CF_CFLB1"] == "其他"  # the rule tells what is missing


def test_a_form_left_empty_says_nothing() -> None:
    for item in ITEMS:
        assert set(form.said(item, [(field.name, " ") for field in item.fields]).values()) == {None}


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_a_record_fills_the_form_that_says_it_again(item: Item) -> None:
    pairs = [(name, value) for name, values in form.filled(item, item.example).items() for value in values]
    assert form.said(item, pairs) == item.example
    assert sorted(pairs) == sorted((name, value) for name, value in filled(item) if value)


@given(st.lists(st.sampled_from(["警告", "其他", "其他-责令改正", "其他- x", "其他-", "", " ", "罚款", "怪值", "其他-a-b"]), max_size=4))
def test_whatever_is_filled_in_is_said_again(parts: list[str]) -> None:
    item, text = CATALOG["xzcf"], "；".join(parts)
    found = form.filled(item, {"CF_CFLB1": text or None})
    assert form.said(item, [(name, value) for name, values in found.items() for value in values])["CF_CFLB1"] == (text if text.strip() else None)


def test_a_title_or_a_label_is_taken_for_its_code_where_it_is_the_only_one() -> None:
    item = CATALOG["xzxk"]
    for written in ("370102", "历下区", " 370102 历下区 "):
        assert form.said(item, [("DFBM", written)])["DFBM"] == "370102"
    titles = list(item.by_name["DFBM"].code_set.values())
    doubled = next((title for title in titles if titles.count(title) > 1), None)
    for written in filter(None, (doubled, "没有这个区")):
        assert form.said(item, [("DFBM", written)])["DFBM"] == written


def test_codes_that_no_longer_hold_say_until_when() -> None:
    place = next(each for each in form.of(CATALOG["xzxk"], "v").inputs if each.name == "DFBM")
    labels = {choice.code: choice.label for choice in place.choices}
    assert place.widget == "search"
    assert labels["370102"] == "370102 历下区"
    assert "用至" in labels["370205"]


def test_the_command_shows_the_form() -> None:
    done = CliRunner().invoke(app, ["items", "form", "xzcf", "--output", "json"])
    assert done.exit_code == 0
    assert '"widget": "choices"' in done.output
    assert CliRunner().invoke(app, ["items", "form", "xzcf"]).exit_code == 0
