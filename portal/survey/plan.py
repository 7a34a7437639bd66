"""The survey's calendar as 济信用办〔2017〕42号 sets it: which part of September each batch meets, and the day by which the annexes are to be returned. The office sets later reply dates."""

import re
from collections.abc import Mapping
from datetime import date

from portal.survey.tables import REPLY, Note, standing

SINCE = 2015  # the first year of the stock
REPLY_BY = date(2017, 9, 5)
MEETINGS = {1: (date(2017, 9, 1), date(2017, 9, 10)), 2: (date(2017, 9, 11), date(2017, 9, 20)), 3: (date(2017, 9, 21), date(2017, 9, 30))}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
REMIND_DAYS = 3  # so many days before the reply date those who have not answered are reminded


def reply_dates(notes: list[Note]) -> Mapping[int, date]:
    """The reply date of each batch: the office's latest word, else the plan's."""
    set_by_office = standing(notes, REPLY)
    return {batch: date.fromisoformat(set_by_office[str(batch)].about["day"]) if str(batch) in set_by_office else REPLY_BY for batch in MEETINGS}


def day(text: str) -> date | None:
    """A day of a form, None when it is none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
