"""What follows from an item, for every item of the catalogue: its rules, keys, wire forms and template. A new item joins by itself."""

import io
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import reference
from producers import template
from schemas import codec, envelope, identity, lint, rules, topics
from schemas.catalog import DIRECTORY, Item, load
from schemas.departments import assignments
from schemas.departments import load as departments
from schemas.words import CATEGORIES, FREQUENCIES, KEY_SCOPES, SUBJECTS, USAGES

CATALOG = load()
ITEMS = sorted(CATALOG)
TODAY = date(2017, 10, 31)
CONTEXT = rules.Context(TODAY)
SECRET = b"s" * 32
ODD = ["", " ", "空", "无", "0", "-", "9.14403007084611E+17", "91440300708461136T", "91440300708461136A", "11010519491231002X", "110105194912310021", "2017-06-01", "2099/12/31", "2014-01-01",
       "2107-01-01", "４２", "-1", "1E100", "12.345", "张三", "济南某某有限公司", "其他", "其他-注明", "警告；罚款", "370100", "370181", "x" * 5000, "\u3000全角\u200b", "=1+1", "\ud7ff"]  # fmt: skip


def frame(item: Item, rows: list[dict[str, str | None]]) -> pl.DataFrame:
    return pl.DataFrame({field.name: pl.Series([row.get(field.name) for row in rows], dtype=pl.String) for field in item.fields})


def told(reasons: Any) -> list[tuple[str, str | None, str]]:
    return [(reason.rule, reason.field, reason.message) for reason in reasons]


@pytest.mark.parametrize("code", ITEMS)
def test_the_example_is_accepted_and_has_a_key(code: str) -> None:
    item = CATALOG[code]
    checked = rules.check(item, frame(item, [item.example]), CONTEXT)
    assert (checked.errors, checked.warnings, checked.excluded.to_list()) == ({}, {}, [False])
    key = identity.key(item, "zjj", item.example, SECRET)
    assert key is not None
    assert identity.keys(item, "zjj", frame(item, [item.example]), SECRET) == [key]
    for field in item.fields:
        if field.privacy == "person_number" and item.example[field.name]:
            assert str(item.example[field.name]) not in key


@pytest.mark.parametrize("code", ITEMS)
def test_an_empty_record_is_told_all_that_is_missing_at_once(code: str) -> None:
    item = CATALOG[code]
    empty: dict[str, str | None] = dict.fromkeys(item.by_name)
    found = {reason.field for reason in rules.check_one(item, empty, CONTEXT).errors if reason.rule == "R-REQ-01"}
    assert found == {field.name for field in item.fields if field.required and field.blank is None}
    assert identity.key(item, "zjj", empty, SECRET) is None


@pytest.mark.parametrize("code", ITEMS)
def test_one_character_too_many_is_one_reason_that_names_the_field(code: str) -> None:
    item = CATALOG[code]
    for field in item.fields:
        if field.length is None or field.codes:
            continue
        long = item.example | {field.name: "长" * (field.length + 1)}
        mine = [reason for reason in rules.check_one(item, long, CONTEXT).errors if reason.rule == "R-LEN-01"]
        assert [reason.field for reason in mine] == [field.name]
        assert field.title in mine[0].message
        assert mine[0].remedy


@pytest.mark.parametrize("code", ITEMS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_columns_and_their_twins_say_the_same_of_any_record(code: str, data: st.DataObject) -> None:
    item = CATALOG[code]
    value = st.one_of(st.none(), st.sampled_from(ODD), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
    changes = data.draw(st.lists(st.dictionaries(st.sampled_from(sorted(item.by_name)), value, max_size=4), min_size=1, max_size=6))
    records = [item.example | change for change in changes]
    many = rules.check(item, frame(item, records), CONTEXT)
    typed = many.typed.to_dicts()
    for n, record in enumerate(records):
        one = rules.check_one(item, record, CONTEXT)
        assert told(many.errors.get(n, [])) == told(one.errors)
        assert told(many.warnings.get(n, [])) == told(one.warnings)
        assert bool(many.excluded[n]) == one.excluded
        assert identity.fingerprint(item, one.typed) == identity.fingerprints(item, many.typed)[n]
        assert all(reason.message and reason.remedy and reason.rule.startswith("R-") for reason in one.errors + one.warnings)
        if not one.errors:
            assert {name: typed[n][name] for name in one.typed} == dict(one.typed)
    assert identity.keys(item, "zjj", frame(item, records), SECRET) == [identity.key(item, "zjj", record, SECRET) for record in records]


@pytest.mark.parametrize("code", ITEMS)
def test_wire_forms_come_back_as_they_went(code: str) -> None:
    item = CATALOG[code]
    now = datetime(2017, 10, 31, tzinfo=UTC)
    said = {field["name"]: None for field in envelope.ENVELOPE} | {
        "_source": "zjj/excel", "_department": "zjj", "_way": "excel", "_batch": "HZ", "_line": 1, "_operation": "upsert", "_received_at": now, "_catalogue": "c", "_faults": None,
    } | item.example  # fmt: skip
    submission = envelope.submission(item)
    (value,) = codec.encode(submission, 7, [said])
    assert codec.decode_one(value, {7: submission}.__getitem__, submission) == said
    judged = {"_key": "k", "_version": 1, "_fingerprint": "f", "_change": "new", "_warnings": None, "_judged_at": now}
    accepted = {name: value for name, value in said.items() if name != "_faults"} | judged | dict(rules.check_one(item, item.example, CONTEXT).typed)
    acceptance = envelope.acceptance(item)
    (value,) = codec.encode(acceptance, 7, [accepted])
    assert codec.decode_one(value, {7: acceptance}.__getitem__, acceptance) == accepted


@pytest.mark.parametrize("code", ITEMS)
def test_the_template_has_every_field_its_notes_and_its_codes(code: str) -> None:
    item = CATALOG[code]
    book = openpyxl.load_workbook(io.BytesIO(template.workbook(item, CATALOG.version)))
    assert book.sheetnames == ["填报", "填报须知", "示例", "代码"]
    assert book.custom_doc_props["guiji"].value == f"{code}/{CATALOG.version}"
    assert CATALOG.version in "".join(str(row[0].value) for row in book["填报须知"].iter_rows(max_row=6))
    sheet = book["填报"]
    titles = {str(cell.value).lstrip("*") for row in sheet.iter_rows(max_row=4) for cell in row if cell.value}
    assert {field.title for field in item.fields} <= titles
    shown = dict(zip(*([cell.value for cell in row] for row in book["示例"].iter_rows(max_row=2)), strict=True))
    assert {title.lstrip("*"): value for title, value in shown.items()} == {field.title: field.example for field in item.fields}
    place = next(cell for row in sheet.iter_rows(max_row=4) for cell in row if cell.value == "回执行号")
    assert sheet.column_dimensions[place.column_letter].hidden
    assert all(sheet.column_dimensions[cell.column_letter].number_format == "@" for cell in sheet[2][: len(item.fields)])
    assert len(sheet.data_validations.dataValidation) >= sum(1 for field in item.fields if field.codes and not field.many)


def test_all_39_departments_owe_something_of_their_own_and_every_item_is_owed() -> None:
    owed = assignments(departments(), CATALOG)
    assert {each.item for each in owed} == set(CATALOG)
    assert len(departments()) == 39
    assert {each.department for each in owed if each.item not in ("xzxk", "xzcf")} == set(departments())


def test_the_catalogue_is_a_citys_and_rests_on_named_documents() -> None:
    assert len(CATALOG) >= 45
    named = [item for item in CATALOG.values() if item.source != "drafted"]
    assert len(named) >= 20
    assert all(re.search("[令号]|GB|规定|办法|条例", item.source) for item in named), "a document is named by its title and number"
    assert {item.category for item in CATALOG.values()} == set(CATEGORIES)
    assert {item.subject for item in CATALOG.values()} == set(SUBJECTS)


@pytest.mark.parametrize("code", ITEMS)
def test_an_item_says_all_that_its_office_and_its_departments_need(code: str) -> None:
    item = CATALOG[code]
    assert item.doc
    assert item.due
    assert item.frequency in FREQUENCIES
    assert item.key_scope in KEY_SCOPES
    assert item.usage in USAGES or item.usage in item.by_name
    assert all(field.help for field in item.fields)
    assert all(field.example for field in item.fields if field.required)
    lasting = [field for field in item.fields if field.volatile]
    assert lasting
    assert all(field.kind in ("date", "timestamp-millis") for field in lasting), "what only carries time is volatile, and nothing else"
    assert bool(item.registers) == (not item.scope), "registers know no first day, all others do"


@pytest.mark.parametrize("code", ["ajns", "qydj"])
def test_an_items_file_can_go_without_any_other_change(code: str, tmp_path: Path) -> None:
    for path in DIRECTORY.glob("*.avsc"):
        if path.stem != code:
            shutil.copy(path, tmp_path)
    rest = load(tmp_path)
    assert set(rest) == set(CATALOG) - {code}
    owed = assignments(departments(), rest)
    assert {each.item for each in owed} == set(rest)
    assert reference.write(tmp_path / "site", rest, departments(), owed) == len(rest) + 4
    assert not [topic.name for topic in topics.of(rest) if f".{code}." in topic.name]
    assert [note for note in lint.notes(rest) if f"there is no item '{code}'" in note.problem]


def test_no_two_items_ask_the_same() -> None:
    asked = {code: {field.title for field in CATALOG[code].fields} for code in ITEMS}
    for one in ITEMS:
        for other in ITEMS:
            if one < other and {one, other} != {"xzcf", "xzxk"}:
                shared = len(asked[one] & asked[other]) / min(len(asked[one]), len(asked[other]))
                assert shared < 0.8, f"{one} and {other} share {shared:.0%} of their fields"


def test_the_tests_look_at_the_real_catalogue() -> None:
    assert {f"{code}.avsc" for code in ITEMS} == {path.name for path in (Path(__file__).parents[2] / "schemas" / "avro").glob("*.avsc")}
