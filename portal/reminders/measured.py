"""Reminders as metrics: how many wait in each channel, and how many were given up within a day."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from infra import metrics
from portal.reminders.tables import CHANNELS, FAILED, SENDING, WAITING, Delivery

LATELY = timedelta(days=1)


def look(database: sessionmaker[Session], now: datetime) -> None:
    """Raises what the database raises."""
    with database() as session:
        counted = select(Delivery.channel, func.count()).group_by(Delivery.channel)
        waiting = {row[0]: row[1] for row in session.execute(counted.where(Delivery.state.in_((WAITING, SENDING))))}
        failed = {row[0]: row[1] for row in session.execute(counted.where(Delivery.state == FAILED, Delivery.next_at > now - LATELY))}
    metrics.REMINDERS_WAITING.replace({(channel,): float(waiting.get(channel, 0)) for channel in CHANNELS})
    metrics.REMINDERS_FAILED.replace({(channel,): float(failed.get(channel, 0)) for channel in CHANNELS})
