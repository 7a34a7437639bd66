"""Marks of the platform on identities: laid over whatever a department sends next, and obeyed by every exit of the public query.

`Marks` is all that the exits know. Its one implementation reads the portal's database, where applications are decided, so that a decision holds with the next request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.public.tables import Application

FILED, ACCEPTED, ANSWERED, DECIDED, REFUSED = "filed", "accepted", "answered", "decided", "refused"
OBJECTION, REPAIR = "objection", "repair"


class Marks(Protocol):
    """`withheld`: keys of an item whose publication has ended by repair or by an objection that was upheld. `disputed`: keys that are shown as 异议处理中."""

    def withheld(self, item: str) -> Sequence[str]: ...

    def disputed(self, item: str) -> Sequence[str]: ...


@dataclass(frozen=True)
class Decided:
    """The marks that follow from the applications as they stand now."""

    database: Session

    def withheld(self, item: str) -> Sequence[str]:
        asked = select(Application.key).where(Application.item == item, Application.state == DECIDED, Application.granted.is_(True))
        return list(self.database.scalars(asked.distinct()))

    def disputed(self, item: str) -> Sequence[str]:
        under_way = Application.state.in_((ACCEPTED, ANSWERED))
        return list(self.database.scalars(select(Application.key).where(Application.item == item, Application.kind == OBJECTION, under_way).distinct()))
