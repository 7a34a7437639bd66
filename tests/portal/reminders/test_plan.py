"""Which reminders are made, for whom, and that each is made once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts import people as accounts
from portal.accounts.roles import Role
from portal.accounts.tables import Account
from portal.expected import Rhythm
from portal.reminders.tables import DROPPED, EMAIL, PAGE, SENT, WAITING, WEBHOOK, Delivery, Reminder, Wish
from producers.declarations import Declaration
from schemas.obligations.ledger import AWAITED, MISSED, REPORTED
from tests.portal.desk import BOTH, Desk
from tests.portal.reminders.site import MORNING, Owing, owing, people

ALL = (EMAIL, WEBHOOK)


@pytest.fixture
def ledger(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Owing:
    return owing(desk, monkeypatch)


def made(desk: Desk) -> list[tuple[str, str, str, str]]:
    with desk.database() as database:
        return [(each.department, each.item or each.way, each.of, each.stage) for each in database.scalars(select(Reminder).order_by(Reminder.id))]


def deliveries(desk: Desk) -> Counter[tuple[str, str]]:
    with desk.database() as database:
        return Counter((each.channel, each.state) for each in database.scalars(select(Delivery)))


@BOTH
def test_each_stage_is_told_once_to_everybody_of_the_department_by_every_channel(desk: Desk, ledger: Owing) -> None:
    people(desk)
    people(desk, 1, "gsj")
    ledger.owe()
    assert ledger.turn(ALL) == 1
    assert ledger.turn(ALL) == ledger.turn(ALL) == 0
    assert made(desk) == [("zjj", "xzxk", "2017-10-09/2017-10-15", "-1")]
    assert deliveries(desk) == {(PAGE, SENT): 2, (EMAIL, WAITING): 2, (WEBHOOK, WAITING): 2}
    desk.clock.time += timedelta(days=2)
    ledger.owe(MISSED)
    assert ledger.turn(ALL) == 1
    assert [stage for *_, stage in made(desk)] == ["-1", "1"]
    with desk.database() as database:
        first, second = database.scalars(select(Reminder).order_by(Reminder.id))
        assert first.words == "“行政许可”2017年第41周应于 2017-10-24 前报送，还没有收到。确无数据的，请签署“本期无数据”。"
        assert "已列为漏报" in second.words


@BOTH
def test_the_database_refuses_a_second_one(desk: Desk, ledger: Owing) -> None:
    people(desk, 1)
    ledger.owe()
    ledger.turn(ALL)
    with desk.database() as database:
        reminder, delivery = database.scalar(select(Reminder)), database.scalar(select(Delivery))
        assert reminder
        assert delivery
        again = {name: getattr(reminder, name) for name in ("kind", "department", "item", "way", "of", "stage", "words", "due", "made_at")}
        database.add(Reminder(**again))
        with pytest.raises(IntegrityError):
            database.flush()
        database.rollback()
        database.add(Delivery(reminder_id=delivery.reminder_id, channel=delivery.channel, account_id=delivery.account_id, state=WAITING, next_at=MORNING))
        with pytest.raises(IntegrityError):
            database.flush()


def test_nobody_is_reminded_at_night_or_on_days_off(desk: Desk, ledger: Owing) -> None:
    ledger.owe()
    for moment in (datetime(2017, 10, 22, 23, 59, tzinfo=UTC), datetime(2017, 10, 21, 3, tzinfo=UTC), datetime(2017, 10, 3, 3, tzinfo=UTC)):
        desk.clock.time = moment
        assert ledger.turn() == 0
    desk.clock.time = datetime(2017, 10, 23, 0, 0, tzinfo=UTC)
    assert ledger.turn() == 1


def test_what_has_been_reported_meanwhile_is_not_sent_any_more(desk: Desk, ledger: Owing) -> None:
    people(desk, 1)
    ledger.owe()
    ledger.turn(ALL)
    ledger.owe(REPORTED)
    ledger.turn(ALL)
    assert deliveries(desk) == {(PAGE, SENT): 1, (EMAIL, DROPPED): 1, (WEBHOOK, DROPPED): 1}


def test_everybody_is_told_as_he_wants_and_always_on_the_page(desk: Desk, ledger: Owing) -> None:
    first, second, third, fourth = people(desk, 4)
    nobody = desk.account(Role.OFFICER)
    with desk.database.begin() as database:
        database.add(Wish(account_id=first.id, email=False, webhook=True, muted_until=""))
        database.add(Wish(account_id=second.id, email=True, webhook=True, muted_until="2017-10-23"))
        database.add(Wish(account_id=third.id, email=True, webhook=False, muted_until="2017-10-22"))
        accounts.disable(database, database.get_one(Account, fourth.id), desk.clock())
    ledger.owe()
    ledger.turn(ALL)
    with desk.database() as database:
        found = {(each.account_id, each.channel) for each in database.scalars(select(Delivery))}
    assert found == {(first.id, PAGE), (first.id, WEBHOOK), (second.id, PAGE), (third.id, PAGE), (third.id, EMAIL), (nobody.id, PAGE), (nobody.id, WEBHOOK)}


def test_channels_that_are_not_set_up_hold_nothing_back_for_later(desk: Desk, ledger: Owing) -> None:
    people(desk, 1)
    ledger.owe()
    ledger.turn()
    ledger.turn(ALL)
    assert deliveries(desk) == {(PAGE, SENT): 1}


def test_a_department_without_people_has_its_reminder_all_the_same(desk: Desk, ledger: Owing) -> None:
    ledger.owe(department="gsj")
    assert ledger.turn(ALL) == 1
    assert deliveries(desk) == {}


def test_a_silent_way_is_told_of_and_a_nil_report_breaks_the_silence(desk: Desk, ledger: Owing) -> None:
    people(desk, 1)
    since = MORNING - timedelta(days=12)
    ledger.rhythms = {("zjj", "excel"): Rhythm(timedelta(days=11), since), ("zjj", "cdc"): Rhythm(timedelta(days=4), since)}
    ledger.heard = {("zjj", "cdc"): MORNING - timedelta(days=1)}
    assert ledger.turn() == 1
    assert made(desk) == [("zjj", "excel", "2017-10-11", "1")]
    with desk.database() as database:
        assert (database.scalar(select(Reminder.words)) or "").startswith("数据报送方式自 2017-10-11 起没有收到任何内容，已 12 天")
    ledger.rhythms |= {("gsj", "form"): Rhythm(timedelta(days=11), since)}
    desk.lobby.loaded.append(Declaration("1" * 32, "nil", "gsj", "xzxk", 1, {"of": "2017-10-09/2017-10-15", "signed": True}, "li", MORNING - timedelta(days=3)))
    assert ledger.turn() == 0


def test_two_obligations_of_one_department_are_two_reminders(desk: Desk, ledger: Owing) -> None:
    people(desk, 1)
    ledger.owe(AWAITED)
    ledger.owe(AWAITED, "xzcf")
    assert ledger.turn() == 2
    assert [item for _, item, *_ in made(desk)] == ["xzxk", "xzcf"]
