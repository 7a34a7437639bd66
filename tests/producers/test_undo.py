"""Taking back a batch: what was before comes again, what was new goes, what others have said since stays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers import preview, undo
from producers.refusal import Refusal
from producers.undo import Batch, Touched, Version
from schemas import catalog as catalogues
from schemas import examination, identity
from schemas.catalog import Item
from schemas.rules import Context, check_one
from tests.producers.lived import EXCEL, ITEM, SECRET, SOURCES, TODAY, Life, fields, said

BATCH = Batch("HZB", "swj/excel", "swj", "excel", ITEM.code)
AT = datetime(2018, 1, 1, tzinfo=UTC)
KEY = identity.key(ITEM, "swj", fields(1, 0), SECRET) or ""


def version(content: int, batch: str = "HZA", source: str = "swj/excel", **changed: Any) -> Version:
    return replace(Version(source, None, batch, withdrawn=False, received_at=AT, fields=fields(1, content)), **changed)


class One:
    """A history of one record."""

    def __init__(self, touched: Touched, batch: Batch | None = BATCH) -> None:
        self._touched, self._batch = touched, batch

    def batch(self, _number: str) -> Batch | None:
        return self._batch

    def touched(self, _batch: Batch) -> Sequence[Touched]:
        return [self._touched]


def step(now: Version, before: Version | None, operation: str = "upsert") -> undo.Step:
    return undo.plan(One(Touched(KEY, 7, operation, now, before)), "HZB", ITEM, "swj", SECRET).steps[0]


MINE = version(1, "HZB")
GONE = version(1, "HZB", withdrawn=True)


@pytest.mark.parametrize(
    ("now", "before", "operation", "what", "row"),
    [
        (MINE, None, "upsert", undo.WITHDRAWN, ("withdraw", "内容1")),
        (MINE, version(0), "upsert", undo.RESTORED, ("upsert", "内容0")),
        (MINE, version(0, source="zjj_pg.permit", row='["1"]'), "upsert", undo.WITHDRAWN, ("withdraw", "内容1")),
        (MINE, version(0, withdrawn=True), "upsert", undo.WITHDRAWN, ("withdraw", "内容1")),
        (GONE, version(0), "retract", undo.RESTORED, ("assert", "内容0")),
        (GONE, version(0, source="zjj_pg.permit", row='["1"]'), "retract", undo.RESTORED, ("assert", "内容0")),
        (GONE, None, "retract", undo.SKIPPED, None),
        (version(2, "HZC", source="swj/erp"), version(2, "HZC"), "upsert", undo.SKIPPED, None),
    ],
)
def test_what_becomes_of_a_record(now: Version, before: Version | None, operation: str, what: str, row: tuple[str, str] | None) -> None:
    found = step(now, before, operation)
    assert found.what == what
    assert (found.row and (found.row.operation, found.row.fields["XK_NR"])) == row
    assert found.row is None or found.row.ref == "HZB#7"


def test_why_a_record_is_left_alone_names_who_spoke_since() -> None:
    assert "swj/erp 于 2018-01-01" in step(version(2, "HZC", source="swj/erp"), None).why
    assert step(replace(MINE, fields=fields(2, 1)), None).what == undo.SKIPPED  # what is kept does not give the record's key


@pytest.mark.parametrize("batch", [None, replace(BATCH, department="zjj"), replace(BATCH, way="cdc"), replace(BATCH, item="xzcf")])
def test_what_is_not_ones_own_or_not_to_be_taken_back_is_refused(batch: Batch | None) -> None:
    with pytest.raises(Refusal) as caught:
        undo.plan(One(Touched(KEY, 7, "upsert", MINE, None), batch), "HZB", ITEM, "swj", SECRET)
    assert caught.value.code == ("not_undoable" if batch and batch.way == "cdc" else "unknown_receipt")


@pytest.mark.parametrize("item", list(catalogues.load().values()), ids=lambda item: item.code)
def test_what_is_kept_said_again_means_the_same(item: Item) -> None:
    typed = check_one(item, item.example, Context(date(2018, 3, 1))).typed
    again = check_one(item, {name: undo.said(value) for name, value in typed.items()}, Context(date(2018, 3, 1))).typed
    assert identity.fingerprint(item, again) == identity.fingerprint(item, typed)


SAID = st.one_of(
    st.tuples(st.just(EXCEL), st.integers(0, 2), st.sampled_from(["upsert", "upsert", "withdraw"])), st.tuples(st.just(SOURCES[1]), st.integers(0, 2), st.just("upsert"))
)


@given(st.lists(SAID, max_size=6), st.integers(0, 2))
@settings(max_examples=60)
def test_after_a_submission_is_taken_back_what_stood_before_it_stands_again(history, content) -> None:
    """For a record that was ours, or one other's: in the judge's own model. (docs/producers.md says where it does not.)"""
    life = Life()
    for source, number, operation in history:
        life.say(source, 1, number, operation)
    before = {key: state for key, state in life.states.items() if state.standing >= 0}
    last = life.accepted[-1] if life.accepted else None
    known = len(life.accepted)
    life.say(EXCEL, 1, content, "upsert")
    if len(life.accepted) == known:
        return  # it changed nothing
    mine = life.accepted[-1]
    now = Version(mine["source"], None, mine["batch"], withdrawn=False, received_at=mine["at"], fields=mine["fields"])
    earlier = last and Version(last["source"], last["row"], last["batch"], last["change"] == "withdrawn", last["at"], last["fields"])
    batch = replace(BATCH, number=mine["batch"])
    plan = undo.plan(One(Touched(mine["key"], 1, "upsert", now, earlier), batch), batch.number, ITEM, "swj", SECRET)
    (row,) = plan.rows
    (told,) = preview.verdicts(said(life.moment), [row], life)
    found = examination.examine(ITEM, preview._frame(said(life.moment), [row]), SECRET, TODAY)
    assert found.keys == [mine["key"]]
    outcome = life.say(EXCEL, 1, int(str(row.fields["XK_NR"])[-1]), row.operation)
    assert (outcome == "duplicate") == (told.what == preview.SAME)
    after = life.states[mine["key"]]
    assert after.fingerprint == (before[mine["key"]].fingerprint if before else None)
