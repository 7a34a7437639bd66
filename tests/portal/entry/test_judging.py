"""A record that is being filled in is judged as the judge judges it; and 试报 tells what would become of it."""

from datetime import date

import pytest

from portal.entry import judging
from portal.entry.judging import Question
from schemas import identity
from schemas.catalog import Item
from schemas.rules import Context, check_one
from tests.portal.desk import CATALOG
from tests.portal.entry.site import ITEM, record

TODAY, SECRET = date(2026, 11, 26), b"secret"
ITEMS = list(CATALOG().values())


def asked(**more: str) -> Question:
    return Question(**{"department": "zjj", "operation": "assert", "fixed": "", "before": "", "secret": SECRET, "today": TODAY, **more})


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_an_empty_record_has_the_judges_own_faults_at_their_fields(item: Item) -> None:
    made = judging.judged(item, {}, asked())
    wanted = check_one(item, {}, Context(TODAY)).errors
    assert [reason for reasons in made.errors.values() for reason in reasons] == sorted(wanted, key=lambda reason: list(made.errors).index(reason.field or ""))
    assert made.errors.keys() <= item.by_name.keys()
    assert made.count == len(wanted) > 0
    assert made.key is None


def test_of_a_withdrawal_only_the_key_is_asked() -> None:
    key_only = {name: ITEM.example[name] for name in ITEM.key}
    assert judging.judged(ITEM, key_only, asked()).count > 0
    assert judging.judged(ITEM, key_only, asked(operation="retract")).count == 0


def test_what_only_the_form_knows_is_a_fault_at_the_records_name() -> None:
    own = identity.key(ITEM, "zjj", ITEM.example, SECRET)
    first = ITEM.key[0]
    assert judging.judged(ITEM, ITEM.example, asked(fixed=own)).count == 0
    assert [reason.rule for reason in judging.judged(ITEM, ITEM.example, asked(fixed='["xzxk","zjj","X"]')).errors[first]] == [judging.FIXED]
    assert [reason.rule for reason in judging.judged(ITEM, ITEM.example, asked(before="HZ1")).errors[first]] == [judging.ENTERED]


def test_it_is_foreseen_what_would_become_of_it() -> None:
    made = judging.judged(ITEM, ITEM.example, asked())
    row = record(ITEM, "zjj", ITEM.example, SECRET)
    assert judging.foreseen(ITEM, made, None)[0] == "新增"
    assert judging.foreseen(ITEM, made, {**row, "_withdrawn": 1})[0] == "新增"
    assert judging.foreseen(ITEM, made, row)[0] == "重复"
    assert judging.foreseen(ITEM, made, {**row, "_fingerprint": "0"})[0] == "修改"
    assert judging.foreseen(ITEM, judging.judged(ITEM, {}, asked()), None)[0] == "退回"
    old = judging.judged(ITEM, {**ITEM.example, **{field.name: "2013-01-02" for field in ITEM.fields if field.kind == "date"}}, asked())
    assert old.excluded
    assert judging.foreseen(ITEM, old, None)[0] == "不在归集范围"
