"""What became of a row: in words, and in the order of the events it answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import said
from schemas import topics

NOW = datetime(2017, 8, 1, tzinfo=UTC)
TOPIC = "cdc.zjj_front.xzxk"
REASON = {"rule": "R-USCC-03", "severity": "error", "field": "XK_XDR_SHXYM", "title": "统一社会信用代码", "value": "9137", "message": "校验位不符。", "remedy": "请核对。"}


def event(offset: int, **more: Any) -> dict[str, Any]:
    place = {"_batch": topics.captured_batch(TOPIC, offset), "_line": topics.captured_line(offset), "_origin": f"{TOPIC}/0/{offset}"}
    return {"_row": '["7"]', "_operation": "upsert", "_judged_at": NOW, "_change": "new", "_warnings": None, "reasons": [REASON], **place, **more}


def receipt(offset: int, outcome: str, operation: str = "upsert") -> dict[str, Any]:
    echo = {"line": topics.captured_line(offset), "outcome": outcome, "row": '["7"]', "operation": operation}
    return {"batch": topics.captured_batch(TOPIC, offset), "echoes": [echo], "judged_at": NOW}


@given(st.integers(0, 10**9))
def test_an_event_s_place_is_read_back_from_batch_and_line(offset: int) -> None:
    assert topics.captured_offset(topics.captured_batch(TOPIC, offset), topics.captured_line(offset)) == offset


def test_each_outcome_has_its_word_and_says_why() -> None:
    assert said.accepted(event(3)).outcome == "已入库"
    refused = said.rejected(event(3, reasons=[REASON, REASON | {"rule": "R-DATE-01"}]))
    assert (refused.outcome, refused.rules, refused.messages) == ("退回", "R-USCC-03;R-DATE-01", "校验位不符。请核对。\n校验位不符。请核对。")
    assert refused.number == f"{TOPIC}#00000000#4"
    words = {outcome: next(said.echoed(receipt(3, outcome))).outcome for outcome in ("duplicate", "superseded", "excluded")}
    assert words == {"duplicate": "重复", "superseded": "被取代", "excluded": "不在归集范围"}
    for taken_back in (said.accepted(event(3, _operation="withdraw", _change="withdrawn")), *said.echoed(receipt(3, "superseded", "withdraw"))):
        assert taken_back.outcome == "已撤回"


def test_whatever_is_told_fits_both_databases() -> None:
    told = said.rejected(event(3, reasons=[REASON | {"rule": f"R-{number}", "message": "长\0" * 100} for number in range(500)]))
    assert len(told.rules) <= said.LONGEST_RULES
    assert len(told.messages) <= said.LONGEST_MESSAGES
    assert "\0" not in told.messages


def test_a_warning_is_told_beside_an_accepted_row() -> None:
    warned = said.accepted(event(3, _warnings='[{"rule": "R-RIC-04", "severity": "warning", "message": "地区不明。", "remedy": ""}]'))
    assert (warned.outcome, warned.rules, warned.messages) == ("已入库", "R-RIC-04", "地区不明。")


def test_of_two_records_of_one_event_the_new_one_is_the_row_s() -> None:
    back, new = said.accepted(event(12_345, _operation="withdraw", _change="withdrawn")), said.rejected(event(12_345))
    assert said.changed({}, [back, new]) == said.changed({}, [new, back]) == [new]


def test_a_saying_that_wins_later_answers_its_own_event() -> None:
    waiting = next(said.echoed(receipt(5, "superseded")))
    other = {"_batch": "cdc.other.t#00000000", "_line": 900, "_operation": "withdraw"}  # the event that made it win is another source's
    won = said.accepted(event(5, _change="promoted", **other))
    assert (won.row, won.outcome, won.number) == ("7", "已入库", f"{TOPIC}#00000000#6")
    assert said.changed({}, [won, waiting]) == [won]
    assert said.changed({"7": won}, [said.rejected(event(6))])[0].outcome == "退回"


def test_what_is_of_no_row_is_nobody_s_answer() -> None:
    assert said.accepted(event(3, _row=None)) is None
    assert said.rejected(event(3, _row=None)) is None
    assert said.rejected(event(3, _row=f'["{"9" * 201}"]')) is None, "its table has no room for it"
    assert said.key('["a","b"]') == '["a","b"]'


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["cdc.s.t", "sweep.s.t"])), max_size=20), st.data())
def test_the_newest_stands_in_whatever_order_and_however_often_answers_come(spoken: list[tuple[str, str]], data: st.DataObject) -> None:
    """``spoken``: row and topic, in the order in which they were judged."""
    answers = [said.Answer(row, number, str(number), "", "", f"{topic}#0", NOW + timedelta(seconds=number)) for number, (row, topic) in enumerate(spoken)]
    stored: dict[str, said.Answer] = {}
    for number in data.draw(st.permutations(range(len(answers)))) + list(range(len(answers) // 2)):
        stored |= {each.row: each for each in said.changed(stored, [answers[number]])}
    assert stored == {each.row: each for each in answers}
    assert said.changed(stored, answers) == []
