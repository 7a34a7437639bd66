"""Sending what waits in one channel, one person at a time. What fails is tried again, later each time, and given up in the end; the reason stands beside it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from infra.personal import withheld
from portal.accounts.tables import Account
from portal.reminders import plan
from portal.reminders.channels import Message, Send, Undelivered
from portal.reminders.tables import DROPPED, FAILED, LONGEST, SENDING, SENT, WAITING, Delivery, Reminder, Wish
from portal.site import Site

LOG = structlog.get_logger(__name__)
AGAIN = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))  # after the last of them it is given up
LEASE = timedelta(minutes=5)  # whoever died while sending is taken over from after that
TOGETHER = 50  # reminders in one message


def turn(site: Site, channel: str, send: Send) -> bool:
    """Send what waits for one person; whether there was anything to do. Raises what the database raises."""
    with site.database.begin() as database:
        claimed = _claim(database, channel, site.now())
        mine, message = _message(site, database, channel, claimed)
    if gone := [each for each in claimed if each not in mine]:
        _note(site, gone, state=DROPPED)
    if message is None:
        return bool(claimed)
    try:
        send(message)
    except Undelivered as fault:
        _failed(site, mine, fault)
        LOG.warning("a reminder did not arrive", channel=channel, to=message.username, why=str(fault))
    else:
        _note(site, mine, state=SENT, sent_at=site.now())
        LOG.info("reminded", channel=channel, to=message.username, reminders=len(mine))
    return True


def _claim(database: Session, channel: str, now: datetime) -> Sequence[Delivery]:
    """What one person waits for, from now on ours for LEASE."""
    due = (Delivery.channel == channel, Delivery.state.in_((WAITING, SENDING)), Delivery.next_at <= now)
    first = database.scalar(select(Delivery).where(*due).order_by(Delivery.next_at, Delivery.id).limit(1))
    if first is None:
        return []
    found = database.scalars(select(Delivery).where(*due, Delivery.account_id == first.account_id).order_by(Delivery.id).limit(TOGETHER)).all()
    taken = []
    for each in found:  # another process may have been quicker
        same = (Delivery.id == each.id, Delivery.attempts == each.attempts, Delivery.next_at == each.next_at)
        if database.connection().execute(update(Delivery).where(*same).values(state=SENDING, attempts=each.attempts + 1, next_at=now + LEASE)).rowcount:
            taken.append(each)
    return taken


def _message(site: Site, database: Session, channel: str, claimed: Sequence[Delivery]) -> tuple[Sequence[Delivery], Message | None]:
    """What he is still to be told: nothing where he is disabled, muted or wants it no more, and nothing of a department that is his no more."""
    if not claimed:
        return [], None
    account, wish = database.get_one(Account, claimed[0].account_id), database.get(Wish, claimed[0].account_id)
    if account.disabled_at is not None or not plan.wants(account, wish, channel, site.today.isoformat()):
        return [], None
    ours = select(Reminder).where(Reminder.id.in_([each.reminder_id for each in claimed]), Reminder.department == account.department)
    known = {each.id: each.words for each in database.scalars(ours)}
    mine = [each for each in claimed if each.reminder_id in known]
    if not mine:
        return [], None
    told = [(each.id, withheld(known[each.reminder_id])) for each in mine]
    number = hashlib.sha256(f"{channel}:{account.username}:{','.join(str(each.id) for each in mine)}".encode()).hexdigest()[:32]
    return mine, Message(number, account.username, account.name, account.department, account.email or "", told, site.now())


def _failed(site: Site, mine: Sequence[Delivery], fault: Undelivered) -> None:
    for each in mine:
        tried = each.attempts + 1
        over = fault.final or tried > len(AGAIN)
        more = {} if over else {"next_at": site.now() + AGAIN[tried - 1]}
        _note(site, [each], state=FAILED if over else WAITING, trouble=withheld(str(fault))[:LONGEST], **more)


def _note(site: Site, mine: Sequence[Delivery], **values: object) -> None:
    with site.database.begin() as database:
        database.execute(update(Delivery).where(Delivery.id.in_([each.id for each in mine])).values({"trouble": "", **values}))


def again(database: Session, delivery_id: int, now: datetime) -> bool:
    """Try once more what was given up; whether it had been."""
    found = database.scalar(select(Delivery).where(Delivery.id == delivery_id, Delivery.state == FAILED))
    if found is not None:
        found.state, found.attempts, found.next_at = WAITING, 0, now
    return found is not None
