"""What a preview tells is what the judge says afterwards: the same rows, the same state, the same words."""

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from producers import preview
from producers.preview import CHANGED, EXCLUDED, NEW, SAME, SUPERSEDED, WITHDRAWN, WRONG
from producers.standing import Empty
from producers.submission import Row
from tests.producers.lived import EXCEL, ITEM, SOURCES, START, Life, fields, said

OPERATIONS = st.sampled_from(["upsert", "upsert", "upsert", "withdraw", "assert", "retract"])
OF_PEOPLE = st.sampled_from(["upsert", "upsert", "upsert", "assert", "retract", "withdraw"])
TABLES = st.sampled_from(["upsert", "upsert", "withdraw"])
SAYINGS = st.one_of(
    st.tuples(st.sampled_from([SOURCES[0], SOURCES[2]]), st.integers(0, 2), st.integers(0, 2), OF_PEOPLE),
    st.tuples(st.just(SOURCES[1]), st.integers(0, 2), st.integers(0, 2), TABLES),
)
WORDS = {"duplicate": {SAME}, "superseded": {SUPERSEDED}, "accepted": {NEW, CHANGED, WITHDRAWN}}


@given(st.lists(SAYINGS, max_size=12), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), OF_PEOPLE), min_size=1, max_size=6), st.sampled_from(["latest", "arrival", ["cdc", "excel"]]))
@settings(max_examples=150)
def test_a_preview_never_disagrees_with_the_judge(history, rows, wins) -> None:
    life = Life(wins)
    for saying in history:
        life.say(*saying)
    before = deepcopy(life)
    about = replace(said(life.moment + timedelta(minutes=1)), item=replace(ITEM, wins=wins))
    told = [each.what for each in preview.verdicts(about, [Row(n + 1, fields(key, content), operation) for n, (key, content, operation) in enumerate(rows)], before)]
    for what, (key, content, operation) in zip(told, rows, strict=True):
        known = len(life.accepted)
        outcome = life.say(EXCEL, key, content, operation)
        change = life.accepted[-1]["change"] if len(life.accepted) > known else None
        expected = preview.OF_CHANGE[change] if change else preview.OF_OUTCOME[outcome]
        assert what == expected, (history, rows, wins)


def test_counts_reasons_and_first_bad_rows_are_told() -> None:
    life = Life()
    for key in range(3):
        life.say(EXCEL, key, 0, "upsert")
    rows = [Row(n + 2, fields(n, 0)) for n in range(2)] + [Row(4, fields(2, 1)), Row(5, fields(7, 0)), Row(6, fields(8, 0) | {"XK_NR": None, "XK_JDRQ": "2017-13-40"})]
    rows += [Row(7, fields(9, 0) | {"XK_NR": None}), Row(8, fields(5, 0) | {"XK_JDRQ": "2010-01-01", "XK_JZQ": "2011-01-01", "SJC": "2010-01-01"}), Row(9, fields(1, 0), "retract")]
    found = preview.preview(said(life.moment), rows, life)
    assert found.counts == {SAME: 2, CHANGED: 1, NEW: 1, WRONG: 2, EXCLUDED: 1, WITHDRAWN: 1}
    assert found.told() == "新增 1，变更 1，相同 2，有误 2，撤销 1，不在归集范围 1"
    assert found.rows == len(rows)
    (often, *_) = found.groups
    assert (often.reason.rule, often.reason.field, often.count, often.first) == ("R-REQ-01", "XK_NR", 2, [6, 7])
    assert [each.row.line for each in found.bad] == [6, 7]
    assert {reason.field for reason in found.bad[0].reasons} == {"XK_NR", "XK_JDRQ"}


def test_a_large_submission_is_told_in_thousands() -> None:
    assert preview.Preview(Counter({NEW: 200, CHANGED: 3, SAME: 19_797, WRONG: 7})).told() == "新增 200，变更 3，相同 19,797，有误 7"


def test_rows_beyond_one_block_are_told_by_what_came_before_them() -> None:
    rows = [Row(n + 1, fields(n, 0)) for n in range(preview.BLOCK)] + [Row(9_001, fields(0, 0)), Row(9_002, fields(1, 1))]
    found = preview.preview(said(START), rows, Empty())
    assert found.counts == {NEW: preview.BLOCK, SAME: 1, CHANGED: 1}


def test_a_repeat_in_an_early_block_counts_as_said_later(monkeypatch) -> None:
    """What stands was another's word; repeating it makes it ours, so that a different word later is a change even where others go first."""
    life = Life()
    life.say(SOURCES[1], 1, 0, "upsert")
    monkeypatch.setattr(preview, "BLOCK", 1)
    told = [each.what for each in preview.verdicts(said(life.moment), [Row(1, fields(1, 0)), Row(2, fields(1, 1)), Row(3, fields(1, 0))], life)]
    life.say(EXCEL, 1, 0, "upsert")
    outcomes = [life.say(EXCEL, 1, 1, "upsert"), life.say(EXCEL, 1, 0, "upsert")]
    assert told == [SAME, CHANGED, CHANGED]
    assert outcomes == ["accepted", "accepted"]
