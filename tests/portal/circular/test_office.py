"""The procedure without pages: both databases refuse every change, numbers are taken once, the result follows from frozen text and decisions alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.roles import Role
from portal.circular import frozen, issue, office, papers, result, shelf, steps
from portal.circular.office import Act
from portal.circular.result import Change, Earlier
from portal.circular.shelf import File
from portal.circular.tables import Issue
from producers.refusal import Refusal
from schemas.obligations import calendar
from tests.portal.circular.site import person, plain
from tests.portal.desk import BOTH, Desk

MONDAY = date(2017, 11, 13)
LATE = Change("zjj", "xzxk", "late", [1, 4], [0, 4], "停用")


@pytest.fixture
def database(desk: Desk) -> Iterator[Session]:
    with desk.database() as session:
        yield session


@pytest.fixture
def act(desk: Desk) -> Act:
    return Act(person(Role.OFFICE), desk.clock(), MONDAY)


def file(database: Session, number: int) -> File:
    found = shelf.one(database, number)
    assert found
    return found


def signed(database: Session, act: Act, month: str = "2017-10") -> int:
    number = office.draft(database, plain(month), [frozen.packed(("zjj", "xzxk", "decided"), [{"number": "HZ#1"}])], act).id
    office.consult(database, file(database, number), calendar.known(calendar.load(), act.today), act)
    later = replace(act, today=date(2017, 11, 21))
    issue.issue(database, file(database, number), papers.documents, later)
    return number


@BOTH
def test_the_database_refuses_to_change_or_delete_any_of_it(database: Session, act: Act) -> None:
    signed(database, act)
    database.commit()
    postgres = database.get_bind().dialect.name == "postgresql"
    for table, column in (("circular", "frozen"), ("circular_block", "digest"), ("circular_step", "about"), ("circular_issue", "content")):
        last = f"TRUNCATE {table} CASCADE" if postgres else f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"
        for statement in (f"UPDATE {table} SET {column} = ''", f"DELETE FROM {table}", last):
            with pytest.raises(DBAPIError, match="append-only"):
                database.execute(text(statement))
            database.rollback()
    assert file(database, 1).issue


@BOTH
def test_two_people_at_once_do_not_both(database: Session, act: Act) -> None:
    number = office.draft(database, plain(), [], act).id
    seen = file(database, number)
    office.withdraw(database, seen, "重做", act)
    with pytest.raises(Refusal, match="别人刚刚办理"):
        office.step(database, seen, steps.CONSULT, {"until": "2017-11-20"}, act)


def test_numbers_are_those_of_the_year_and_taken_once(database: Session, act: Act) -> None:
    for month in ("2017-08", "2017-09", "2017-10"):
        signed(database, act, month)
    assert [each.number for each in database.query(Issue).order_by(Issue.circular_id)] == [1, 2, 3]
    number = office.draft(database, plain("2017-11"), [], act).id
    office.step(database, file(database, number), steps.CONSULT, {"until": "2018-01-08"}, act)
    assert issue.issue(database, file(database, number), lambda _: [], replace(act, today=date(2018, 1, 9))).document == "济信用办通报〔2018〕1号"


def test_only_the_office_signs(database: Session, act: Act) -> None:
    number = office.draft(database, plain(), [], act).id
    office.step(database, file(database, number), steps.CONSULT, {"until": "2017-11-12"}, act)
    for role in set(Role) - {Role.OFFICE}:
        with pytest.raises(Refusal, match="信用办签发"):
            issue.issue(database, file(database, number), lambda _: [], replace(act, who=person(role)))


def test_the_term_counts_working_days_as_known_on_that_day(database: Session, act: Act) -> None:
    number = office.draft(database, plain(), [], act).id
    before_holidays = replace(act, today=date(2017, 9, 29))  # a Friday; the holidays end on Sunday the 8th, a Saturday is worked on 30 September
    assert office.consult(database, file(database, number), calendar.known(calendar.load(), before_holidays.today), before_holidays) == date(2017, 10, 12)


def test_a_second_correction_stands_on_the_first(database: Session, act: Act) -> None:
    number = signed(database, act)
    for figure, part in (("late", "0"), ("missed", "0")):
        made = office.correct(database, file(database, number), {"department": "zjj", "item": "xzxk", "figure": figure, "part": part, "whole": "4", "why": "停用"}, act)
        issue.issue(database, file(database, made.id), papers.documents, act)
    (line,) = file(database, number).result["lines"]
    assert line["was"] == {"late": [1, 4], "missed": [1, 4]}
    assert (line["figures"]["late"], line["figures"]["missed"]) == ([0, 4], [0, 4])
    assert file(database, number).own["lines"][0]["was"] == {}
    with pytest.raises(Refusal, match="更正只针对通报"):
        office.correct(database, file(database, made.id), {"department": "zjj", "item": "xzxk", "figure": "late", "part": "2", "whole": "4", "why": "停用"}, act)


def test_what_came_before_is_told_as_it_stands_after_its_corrections(database: Session, act: Act) -> None:
    number = signed(database, act, "2017-09")
    before = shelf.earlier(database, "2017-10")[0].scores["zjj"]
    made = office.correct(database, file(database, number), {"department": "zjj", "item": "xzxk", "figure": "late", "part": "0", "whole": "4", "why": "停用"}, act)
    assert shelf.earlier(database, "2017-10")[0].scores["zjj"] == before
    issue.issue(database, file(database, made.id), papers.documents, act)
    (stands,) = shelf.earlier(database, "2017-10")
    after = stands.scores["zjj"]
    assert before
    assert after
    assert float(after[0]) > float(before[0])
    assert shelf.earlier(database, "2017-09") == []


def test_the_same_text_and_changes_give_the_same_result() -> None:
    once, again = (frozen.text(result.result(plain(), [LATE], [])) for _ in range(2))
    assert once == again
    assert frozen.digest(once) == frozen.digest(again.encode())


def test_a_change_moves_its_figure_the_score_and_the_problems_and_nothing_else() -> None:
    before, after = result.result(plain(), [], []), result.result(plain(), [LATE], [])
    assert after["lines"][0]["figures"] == before["lines"][0]["figures"] | {"late": [0, 4]}
    assert after["lines"][0]["was"] == {"late": [1, 4]}
    assert float(after["departments"][0]["score"]) - float(before["departments"][0]["score"]) == pytest.approx(2.5)
    assert ["超时 1 期（应报 4 期）" in each["problems"][0]["words"] for each in (before, after)] == [True, False]
    assert result.changes(after) == [LATE]


def test_departments_are_their_lines_added_up_and_a_silent_one_is_last() -> None:
    said = plain()
    blank = {name: [0, 0] for name in said["lines"][0]["figures"]}
    other = said["lines"][0] | {"item": "xzcf", "figures": blank | {"timely": [1, 2]}}
    nothing = said["lines"][0] | {"department": "gsj", "delivered": 0, "figures": blank}
    found = result.result(said | {"lines": [nothing, other, *said["lines"]], "titles": {"xzxk": "行政许可", "xzcf": "行政处罚"}}, [], [])["departments"]
    assert [(each["department"], each["rank"]) for each in found] == [("zjj", 1), ("gsj", None)]
    assert (found[0]["figures"]["timely"], found[0]["delivered"]) == ([3, 6], 6)


def test_the_trend_goes_back_over_the_issued_circulars() -> None:
    earlier = [Earlier("2017-09", "〔2017〕2号", {"zjj": ("80.00", 3)}), Earlier("2017-08", "〔2017〕1号", {"zjj": None})]
    found = result.result(plain(), [], earlier)
    assert found["departments"][0]["trend"] == [["80.00", 3], [None, None]]
    assert found["before"] == [["2017-09", "〔2017〕2号"], ["2017-08", "〔2017〕1号"]]


def test_blocks_are_the_same_bytes_for_the_same_rows_and_come_back_whole() -> None:
    rows = [{"number": "HZ#1", "day": "2017-10-09", "rules": ["R-1"]}, {"rules": [], "day": "", "number": "=1\n+1"}]
    one, again = (frozen.packed(("zjj", "xzxk", "aged"), rows) for _ in range(2))
    assert one == again
    assert frozen.rows(one.content) == rows
    assert frozen.digest(frozen.unpacked(one.content)) == one.digest
