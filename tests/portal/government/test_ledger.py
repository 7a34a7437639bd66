"""Look-ups are only added; what departments and the office count is counted of them, the same on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal.government import ledger
from portal.government.ledger import Answer, Count, Period, Question
from tests.portal.desk import BOTH, Desk
from tests.portal.government.site import NUMBER, asker, shown

WHY = ("审查许可申请", "济建〔2017〕1号")


def question(way: str = ledger.PAGE, **more: int) -> Question:
    return Question(way, "organisation", "甲公司", *WHY, **more)


def add(database: Session, desk: Desk, *records: tuple[str, str], **who: str) -> ledger.LookUp:
    found = [shown(department, item, f"k{at}") for at, (department, item) in enumerate(records)]
    return ledger.add(database, asker(**who), question(), Answer(ledger.FOUND if records else ledger.NONE, "甲公司" if records else "", found), desk.clock())


@BOTH
@pytest.mark.parametrize("change", ["UPDATE look_up SET matter = 'x'", "DELETE FROM look_up_record", "DELETE FROM look_up", "UPDATE look_up_record SET version = 1"])
def test_nothing_of_a_look_up_can_be_changed(desk: Desk, change: str) -> None:
    with desk.database.begin() as database:
        add(database, desk, ("zjj", "xzxk"))
    with desk.database() as database, pytest.raises(DatabaseError, match="append-only"):
        database.execute(text(change))


def test_nothing_of_a_look_up_can_be_replaced(desk: Desk) -> None:
    with desk.database.begin() as database:
        add(database, desk, ("zjj", "xzxk"))
    with desk.database() as database, pytest.raises(DatabaseError, match="append-only"):
        database.execute(text("REPLACE INTO look_up_record (id, look_up_id, department, item, key, version) VALUES (1, 1, 'x', 'x', 'x', 1)"))


@BOTH
def test_a_department_reads_and_counts_who_was_shown_what_it_supplied(desk: Desk) -> None:
    with desk.database.begin() as database:
        add(database, desk, ("zjj", "xzxk"), ("zjj", "xzxk"), ("hbj", "xzcf"), department="gtj")
        add(database, desk, ("hbj", "xzcf"), department="gtj")
        add(database, desk, ("zjj", "xzcf"), department="", role="office")
        add(database, desk, department="gtj")
    with desk.database() as database:
        found, total = ledger.touching(database, "zjj", Period())
        assert [(each.look_up.department, each.department, each.item, each.records) for each in found] == [("", "zjj", "xzcf", 1), ("gtj", "zjj", "xzxk", 2)]
        assert total == 2
        assert len(ledger.touching(database, "", Period(), 1, 2)[0]) == 2
        assert ledger.touching(database, "", Period())[1] == 4
        assert ledger.counts_about(database, "zjj", Period()) == [Count("", "office", "page", 1, 1, 1), Count("gtj", "", "page", 1, 1, 2)]
        assert ledger.counts(database, Period()) == [Count("", "office", "page", 1, 1, 1), Count("gtj", "", "page", 3, 2, 4)]
        assert ledger.counts(database, Period(asker="zjj")) == ledger.counts(database, Period(since=desk.clock() + timedelta(days=1))) == []
        assert ledger.touching(database, "zjj", Period(until=desk.clock())) == ([], 0)


def test_no_personal_number_is_kept(desk: Desk) -> None:
    with desk.database.begin() as database:
        asked = Question(ledger.PAGE, "person", f"张三丰 {NUMBER}", f"核实{NUMBER}的申请", f"济{NUMBER}")
        made = ledger.add(database, asker(), asked, Answer(ledger.FOUND, f"张三丰 {NUMBER}"), desk.clock())
        assert (made.asked, made.subject, made.matter, made.case_number) == ("张三丰 110105***********X", "张三丰 110105***********X", "核实***的申请", "济***")
