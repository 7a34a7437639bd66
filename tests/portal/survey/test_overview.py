"""How far a department is, when it is to be reminded, and in which words."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.survey.overview import ANNEX_1, ANNEX_2, CONFIRMATION, STOCK_TITLE, Status, reminder
from portal.survey.plan import MEETINGS, REPLY_BY, day
from schemas import departments

ZJJ = departments.load()["zjj"]
NOTHING = Status(ZJJ, ["xzxk", "xzcf"], None, None, {}, {}, None, REPLY_BY)
RETURNED = replace(NOTHING, contacts={"liaison": "李娜"}, ways={"ways": {}})


def test_what_is_missing_is_named_in_the_surveys_order() -> None:
    assert NOTHING.missing == [ANNEX_1, ANNEX_2, CONFIRMATION, STOCK_TITLE]
    assert replace(RETURNED, assignment={"xzxk": {}}, stock={"xzxk": {}, "xzcf": {}}).missing == [CONFIRMATION]
    assert replace(RETURNED, items=[]).missing == []


@pytest.mark.parametrize(("before", "state", "due"), [(4, "未反馈", False), (3, "临近到期", True), (0, "临近到期", True), (-1, "逾期未反馈", True)])
def test_from_three_days_before_the_reply_date_it_is_reminded(before: int, state: str, due: bool) -> None:
    today = REPLY_BY - timedelta(days=before)
    assert (NOTHING.state(today), NOTHING.due(today)) == (state, due)


def test_who_has_returned_both_annexes_is_not_reminded() -> None:
    late = REPLY_BY + timedelta(days=9)
    assert (RETURNED.state(late), RETURNED.due(late)) == ("已反馈", False)
    assert replace(RETURNED, items=[]).state(late) == "已完成"
    assert replace(RETURNED, ways=None).due(late)


@pytest.mark.parametrize(("today", "words"), [(date(2017, 9, 3), "还有 2 天"), (date(2017, 9, 5), "今天到期"), (date(2017, 9, 8), "已过期 3 天")])
def test_the_reminder_says_to_whom_until_when_and_what_is_missing(today: date, words: str) -> None:
    said = reminder(replace(RETURNED, ways=None), today)
    for each in (ZJJ.name, "9 月 5 日前", words, ANNEX_2):
        assert each in said
    assert ANNEX_1 not in said


def test_the_plans_batches_are_the_three_parts_of_september() -> None:
    assert [(first.day, last.day) for first, last in MEETINGS.values()] == [(1, 10), (11, 20), (21, 30)]
    assert {each.batch for each in departments.load().values()} == set(MEETINGS)


@pytest.mark.parametrize("text", ["", "2017-9-5", "20170905", "2017-02-30", "2017-W36-2"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert day(text) is None
