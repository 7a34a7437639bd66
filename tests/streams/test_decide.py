"""Columns against one record at a time: the same outcomes, versions and states, whatever is said in whatever batches."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import catalog, codec, envelope, identity, rules, sayings
from schemas.sayings import NOTHING, Event, State
from streams import outputs, receipts, state
from streams.decide import Decided, decide, version
from streams.examine import Bench, Examined, Messages, Submitted, examine
from tests.streams.judging import NOW, SECRET, said

ITEM = catalog.load()["xzxk"]
SCHEMA = envelope.submission(ITEM)
BENCH = Bench(ITEM, lambda _number: SCHEMA, SECRET, "Asia/Shanghai", "0123456789ab", {0: 3})

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["swj/excel", "zjj_pg.permit", "swj/form"]),
        st.sampled_from([None, "[1]", "[2]"]),
        st.sampled_from(["upsert", "upsert", "withdraw", "assert", "retract", "burn"]),
        st.sampled_from(["甲", "乙", None]),  # which record; none: the key is incomplete
        st.sampled_from(["一", "二"]),
        st.sampled_from([None, "1", "2", "3"]),
        st.booleans(),  # fit to be accepted
    ),
    max_size=25,
)


def record(line: int, step: tuple[Any, ...]) -> dict[str, Any]:
    source, row, operation, key, content, position, sound = step
    other = {"_source": source, "_row": row, "_operation": operation, "XK_WSH": key, "XK_NR": content, "_position": position}
    return said(ITEM, line, **other, **({} if sound else {"XK_JDRQ": "昨天"}))


def slowly(records: list[dict[str, Any]], states: dict[str, State]) -> tuple[list[str], list[int | None]]:
    """The same by the scalar twins of everything."""
    outcomes, stands = [], []
    for offset, each in enumerate(records):
        ending = each["_operation"] in ("withdraw", "retract")
        checked = rules.check_one(ITEM, {name: each[name] for name in ITEM.by_name}, rules.Context(NOW.date()), key_only=ending)
        key = identity.key(ITEM, each["_department"], {name: each[name] for name in ITEM.by_name}, SECRET)
        if checked.errors or key is None or each["_operation"] == "burn":
            outcomes.append("rejected")
            stands.append(None)
            continue
        print_ = None if ending else identity.fingerprint(ITEM, checked.typed)
        event = Event(
            each["_source"], each["_row"], each["_way"], each["_operation"], print_, each["_position"], offset, None, version(3, offset)
        )
        verdict = sayings.judge(states.get(key, NOTHING), event, ITEM.wins)
        if verdict.state is not NOTHING:
            states[key] = verdict.state
        outcomes.append(verdict.outcome)
        stands.append(verdict.state.version if verdict.state.standing >= 0 else None)
    return outcomes, stands


def kept(batch: Examined, decided: Decided) -> dict[str, State]:
    """The states as they would be written."""
    written = outputs.Outputs()
    outputs.Writer(BENCH, lambda _subject, _schema: 1, lambda places: [SENT[offset] for _, offset in places]).write(batch, decided, NOW, written)
    pairs = written.states.get((ITEM.code, 0), {}).items()
    read = codec.decode_states([value for _, value in pairs], lambda _number: envelope.STATE)
    return {key.decode(): state.of_record(record) for (key, _), record in zip(pairs, read.records, strict=True)}


SENT: dict[int, Submitted] = {}


@given(STEPS, st.integers(1, 25))
@settings(max_examples=150, deadline=None)
def test_columns_say_what_one_record_at_a_time_says(steps: list[tuple[Any, ...]], size: int) -> None:
    records = [record(line, step) for line, step in enumerate(steps, start=1)]
    values = codec.encode(SCHEMA, 1, records)
    messages = [Submitted(0, offset, b"k", value, 0) for offset, value in enumerate(values)]
    SENT.update({message.offset: message for message in messages})
    wanted: dict[str, State] = {}
    expected = slowly(records, wanted)
    for fast in (True, False):
        known: dict[str, State] = {}
        outcomes: list[str] = []
        stands: list[int | None] = []
        for start in range(0, len(messages), size):
            batch = examine(BENCH, Messages.of(messages[start : start + size]), NOW)
            decided = decide(BENCH, batch, known, fast=fast)
            known |= kept(batch, decided)
            outcomes += decided.outcomes
            stands += decided.stands
        assert (outcomes, stands) == expected
        assert known == wanted


@pytest.mark.parametrize("count", [1, receipts.MOST_ECHOES, receipts.MOST_ECHOES + 1, 3 * receipts.MOST_ECHOES])
def test_many_echoes_make_several_receipts_that_add_up(count: int) -> None:
    tallies = receipts.Tallies("xzxk")
    records = pl.DataFrame([said(ITEM, offset + 1) for offset in range(count)])
    counted = records.with_columns(partition=pl.lit(0), offset=pl.int_range(count), size=pl.lit(3), outcome=pl.lit("duplicate"))
    echo = {"outcome": "duplicate", "key": "k", "row": None, "ref": None, "operation": "upsert", "stands": 7}
    tallies.add(counted, [(("HZ1", 0), echo | {"line": offset + 1}) for offset in range(count)])
    found = [receipt for _, receipt in tallies.receipts(NOW)]
    assert sum(each["duplicate"] for each in found) == count
    assert sum(each["bytes"] for each in found) == 3 * count
    assert [echo["line"] for each in found for echo in each["echoes"]] == list(range(1, count + 1))
    assert max(len(each["echoes"]) for each in found) <= receipts.MOST_ECHOES
    assert {(each["first_offset"], each["last_offset"]) for each in found} == {(0, count - 1)}


def test_faults_of_reading_are_reasons_too_and_of_a_withdrawal_only_those_of_its_key() -> None:
    fault = '[{"rule": "R-CELL", "severity": "error", "field": "XK_NR", "title": "许可内容", "value": "#REF!", "message": "单元格出错", "remedy": "改正"}]'
    records = [said(ITEM, 1, _faults=fault), said(ITEM, 2, _faults=fault, _operation="withdraw"), said(ITEM, 3, _faults="not JSON")]
    batch = examine(BENCH, Messages.of([Submitted(0, n, b"k", value, 0) for n, value in enumerate(codec.encode(SCHEMA, 1, records))]), NOW)
    assert {n: [each.rule for each in found] for n, found in batch.errors.items()} == {0: ["R-CELL"], 2: ["R-FAULTS"]}
