"""Months in which something is declared, and until when. Pure."""

from datetime import date, timedelta

DECLARED_BY = 10  # of the month after: 产生数量 and the rest are declared, and nil reports are no longer revoked
SINCE = date(2015, 1, 1)


def month_of(day: date) -> str:
    """2017-09"""
    return f"{day:%Y-%m}"


def before(day: date) -> str:
    """The month before the one the day is in: what is declared now."""
    return month_of(day.replace(day=1) - timedelta(days=1))


def months(today: date, number: int = 12) -> list[str]:
    """The last months that are over, newest first, none before 2015."""
    found, day = list[str](), today.replace(day=1)
    while len(found) < number and day > SINCE:
        day = (day - timedelta(days=1)).replace(day=1)
        found.append(month_of(day))
    return found


def cut_off(day: date) -> date:
    """The last day on which what was in that day's month is declared, and revoked."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=DECLARED_BY)


def cut_off_of(month: str) -> date:
    """The last day on which a month is declared in time."""
    return cut_off(date.fromisoformat(f"{month}-01"))
