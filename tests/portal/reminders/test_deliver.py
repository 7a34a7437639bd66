"""Reminders on their way: together, once, again when they fail, never in each other's way."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from infra import metrics
from portal.accounts import people as accounts
from portal.accounts.tables import Account
from portal.reminders import deliver, measured
from portal.reminders.channels import Undelivered
from portal.reminders.deliver import AGAIN, LEASE
from portal.reminders.tables import CHANNELS, DROPPED, EMAIL, FAILED, PAGE, SENT, WAITING, WEBHOOK, Delivery, Wish
from tests.portal.desk import BOTH, Desk
from tests.portal.reminders.site import Owing, Wire, owing, people


@pytest.fixture
def ledger(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Owing:
    found = owing(desk, monkeypatch)
    people(desk, 1)
    found.owe()
    found.owe(item="xzcf")
    found.turn((EMAIL, WEBHOOK))
    return found


def states(desk: Desk, channel: str) -> list[tuple[str, int, str]]:
    with desk.database() as database:
        found = database.scalars(select(Delivery).where(Delivery.channel == channel).order_by(Delivery.id))
        return [(each.state, each.attempts, each.trouble) for each in found]


def drained(ledger: Owing, channel: str, wire: Any) -> int:
    """How many messages were tried."""
    return next(number for number in range(100) if not deliver.turn(ledger.site, channel, wire))


@BOTH
def test_one_message_tells_a_person_everything_and_is_sent_once(desk: Desk, ledger: Owing) -> None:
    people(desk, 1, "gsj")
    ledger.owe(department="gsj")
    ledger.turn((EMAIL, WEBHOOK))
    wire = Wire()
    assert drained(ledger, EMAIL, wire) == 2
    assert sorted((each.address, len(each.told)) for each in wire.taken) == [("gsj0@example.cn", 1), ("zjj0@example.cn", 2)]
    assert drained(ledger, EMAIL, wire) == 0
    assert states(desk, EMAIL) == [(SENT, 1, "")] * 3
    assert {state for state, *_ in states(desk, WEBHOOK)} == {WAITING}, "another channel's own affair"


@BOTH
def test_what_fails_is_tried_again_later_and_later_and_given_up_in_the_end(desk: Desk, ledger: Owing) -> None:
    wire = Wire([Undelivered("邮件服务器没有应答：TimeoutError")] * 6)
    for number, rest in enumerate(AGAIN, 1):
        assert drained(ledger, EMAIL, wire) == 1
        assert states(desk, EMAIL) == [(WAITING, number, "邮件服务器没有应答：TimeoutError")] * 2
        desk.clock.time += rest - timedelta(seconds=1)
        assert drained(ledger, EMAIL, wire) == 0, "not before its time"
        desk.clock.time += timedelta(seconds=1)
    assert drained(ledger, EMAIL, wire) == 1
    assert [state for state, *_ in states(desk, EMAIL)] == [FAILED] * 2
    desk.clock.time += timedelta(days=30)
    assert drained(ledger, EMAIL, wire) == 0
    assert [state for state, *_ in states(desk, PAGE)] == [SENT] * 2


def test_it_arrives_after_some_failures_and_the_trouble_is_forgotten(desk: Desk, ledger: Owing) -> None:
    wire = Wire([Undelivered("邮件服务器答复 451")] * 2)
    for rest in (timedelta(0), *AGAIN[:2]):
        desk.clock.time += rest
        drained(ledger, EMAIL, wire)
    assert states(desk, EMAIL) == [(SENT, 3, "")] * 2
    assert len(wire.taken) == 1


def test_a_final_refusal_is_not_tried_again_until_somebody_says_so(desk: Desk, ledger: Owing) -> None:
    wire = Wire([Undelivered("推送地址答复 404", final=True)])
    drained(ledger, WEBHOOK, wire)
    assert states(desk, WEBHOOK) == [(FAILED, 1, "推送地址答复 404")] * 2
    with desk.database.begin() as database:
        one = database.scalar(select(Delivery.id).where(Delivery.channel == WEBHOOK)) or 0
        assert deliver.again(database, one, desk.clock())
        assert not deliver.again(database, one, desk.clock())
    drained(ledger, WEBHOOK, wire)
    assert sorted(state for state, *_ in states(desk, WEBHOOK)) == [FAILED, SENT]


def test_who_died_while_sending_is_taken_over_from_with_the_same_number(desk: Desk, ledger: Owing) -> None:
    class Dead(BaseException):
        pass

    numbers = list[str]()

    def dying(message: Any) -> None:
        numbers.append(message.number)
        raise Dead

    with pytest.raises(Dead):
        deliver.turn(ledger.site, EMAIL, dying)
    wire = Wire()
    assert drained(ledger, EMAIL, wire) == 0, "it may still be under way"
    desk.clock.time += LEASE
    assert drained(ledger, EMAIL, wire) == 1
    assert [each.number for each in wire.taken] == numbers
    assert states(desk, EMAIL) == [(SENT, 2, "")] * 2


@pytest.mark.parametrize("change", ["muted", "unwanted", "disabled", "moved"])
def test_who_does_not_want_it_any_more_is_not_told(desk: Desk, ledger: Owing, change: str) -> None:
    with desk.database.begin() as database:
        account = database.scalar(select(Account).where(Account.email == "zjj0@example.cn"))
        assert account
        if change == "disabled":
            accounts.disable(database, account, desk.clock())
        elif change == "moved":
            account.department = "gsj"
        else:
            database.add(Wish(account_id=account.id, email=change != "unwanted", webhook=True, muted_until="2017-10-30" if change == "muted" else ""))
    wire = Wire()
    drained(ledger, EMAIL, wire)
    assert wire.taken == []
    assert [state for state, *_ in states(desk, EMAIL)] == [DROPPED] * 2


def test_what_waits_and_what_was_given_up_is_measured(desk: Desk, ledger: Owing) -> None:
    metrics.forget()
    drained(ledger, WEBHOOK, Wire([Undelivered("推送地址答复 404", final=True)]))

    def found() -> dict[str, dict[str, float]]:
        measured.look(desk.database, desk.clock())
        told = {family.name: {sample.labels.get("channel", ""): sample.value for sample in family.samples} for family in metrics.families()}
        return {name: told[name] for name in (metrics.REMINDERS_WAITING.name, metrics.REMINDERS_FAILED.name)}

    waiting, failed = found().values()
    assert waiting == dict.fromkeys(CHANNELS, 0.0) | {EMAIL: 2}
    assert failed == dict.fromkeys(CHANNELS, 0.0) | {WEBHOOK: 2}
    desk.clock.time += timedelta(days=2)
    assert found()[metrics.REMINDERS_FAILED.name][WEBHOOK] == 0
