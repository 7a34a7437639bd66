"""Which reminders are to be made now, and for whom: each once, in one transaction. What has not been sent and makes no sense any more is dropped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loaders import figures
from loaders.obligations import Asked
from portal import expected, owed
from portal.accounts.roles import DEPARTMENTAL
from portal.accounts.tables import Account
from portal.reminders import stages, words
from portal.reminders.stages import Key, Reached
from portal.reminders.tables import DROPPED, EMAIL, PAGE, SENT, WAITING, WEBHOOK, Delivery, Reminder, Wish
from portal.site import Site
from schemas.declared import NIL

FROM_HOUR = 8  # nobody is reminded before; what is reached in the night is said in the morning


@dataclass(frozen=True)
class Found:
    """What was asked: the reminders reached, and the obligations for which one makes sense at all."""

    reached: Sequence[Reached]
    needing: frozenset[tuple[str, ...]]


def turn(site: Site, channels: Sequence[str]) -> int:
    """How many reminders were made: none at night and on days off. ``channels``: those that are set up, besides the page. Raises Refusal `unavailable`, what the warehouse raises, what the database
    raises; then nothing was made.
    """
    now = site.now().astimezone(site.zone)
    if now.hour < FROM_HOUR or not owed.owing(site).calendar(now.date()).working(now.date()):
        return 0
    found = asked(site)
    with site.database.begin() as database:
        _drop(database, found.needing)
        return _make(site, database, found.reached, channels)


def asked(site: Site) -> Found:
    """Raises Refusal `unavailable`, and what the warehouse raises."""
    today, now = site.today, site.now().astimezone(site.zone)
    lines = owed.lines(site, Asked(today - owed.BACK, today, owed.until(site, today), running=True))
    due = stages.due(lines, today, owed.owing(site).calendar(today), site.settings.remind_days)
    silences = list(stages.silent({place: (each.longest, each.since) for place, each in expected.rhythms(site.declared).items()}, _heard(site), now))
    return Found([*due, *silences], frozenset(stages.needing(lines) | {each.key.obligation for each in silences}))


def _heard(site: Site) -> Mapping[tuple[str, str], datetime]:
    """A signed nil report speaks for every way that people use; a tapped database speaks for itself."""
    with owed.answering():
        found = figures.heard(site.warehouse)
    for each in site.declared.history((NIL,)):
        for way in ("excel", "form", "api"):
            found[each.department, way] = max(found.get((each.department, way), each.declared_at), each.declared_at)
    return found


def _drop(database: Session, needing: frozenset[tuple[str, ...]]) -> None:
    waiting = select(Delivery, Reminder).join(Reminder).where(Delivery.state == WAITING)
    for delivery, reminder in database.execute(waiting).all():
        if _key(reminder).obligation not in needing:
            delivery.state = DROPPED


def _make(site: Site, database: Session, reached: Iterable[Reached], channels: Sequence[str]) -> int:
    said = list(reached)
    known, made, now = {_key(each) for each in database.scalars(select(Reminder).where(Reminder.of.in_({each.key.of for each in said})))}, 0, site.now()
    for each in said:
        if each.key in known:
            continue
        key, due = each.key, each.line.due.day.isoformat() if each.line else ""
        reminder = Reminder(**vars(key), words=words.of(each, site.catalog), due=due, made_at=now)
        database.add(reminder)
        database.flush()
        database.add_all(_deliveries(site, database, reminder, channels))
        known.add(key)
        made += 1
    return made


def _deliveries(site: Site, database: Session, reminder: Reminder, channels: Sequence[str]) -> list[Delivery]:
    """For each of the department's people the page, and the channels that are set up and wanted."""
    people = select(Account, Wish).outerjoin(Wish, Wish.account_id == Account.id).where(Account.department == reminder.department, Account.disabled_at.is_(None))
    found = list[Delivery]()
    for account, wish in database.execute(people.where(Account.role.in_(DEPARTMENTAL))).all():
        wanted = [channel for channel in channels if wants(account, wish, channel, site.today.isoformat())]
        now = site.now()
        found.append(Delivery(reminder_id=reminder.id, channel=PAGE, account_id=account.id, state=SENT, attempts=1, next_at=now, sent_at=now, trouble=""))
        found += [Delivery(reminder_id=reminder.id, channel=channel, account_id=account.id, state=WAITING, attempts=0, next_at=now, trouble="") for channel in wanted]
    return found


def wants(account: Account, wish: Wish | None, channel: str, today: str) -> bool:
    """Whether somebody wants to be told by this channel today, and can be."""
    if wish is not None and wish.muted_until >= today:
        return False
    if channel == EMAIL:
        return bool(account.email) and (wish is None or wish.email)
    return channel == WEBHOOK and (wish is None or wish.webhook)


def _key(reminder: Reminder) -> Key:
    return Key(reminder.kind, reminder.department, reminder.item, reminder.way, reminder.of, reminder.stage)
