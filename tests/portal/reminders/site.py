"""A department that owes something, as the ledger has it, for tests of reminders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal import owed
from portal.accounts.roles import Role
from portal.reminders import plan
from portal.reminders.channels import Message, Undelivered
from schemas.obligations.due import Due
from schemas.obligations.ledger import AWAITED, Line
from schemas.obligations.period import Period
from tests.portal.desk import Desk

MORNING = datetime(2017, 10, 23, 1, tzinfo=UTC)  # nine o'clock of the working day before the due date
DUE = date(2017, 10, 24)
FIRST = date(2017, 10, 9)


@dataclass
class Owing:
    """What the ledger says, to be changed by the test; nobody is silent unless `rhythms` says so."""

    desk: Desk
    lines: list[Line] = field(default_factory=list)
    rhythms: dict[tuple[str, str], Any] = field(default_factory=dict)
    heard: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def owe(self, state: str = AWAITED, item: str = "xzxk", department: str = "zjj") -> None:
        self.lines = [each for each in self.lines if (each.item, each.department) != (item, department)]
        self.lines.append(Line(department, item, Period("week", FIRST, date(2017, 10, 15)), ("excel",), Due(DUE), state))

    def turn(self, channels: Sequence[str] = ()) -> int:
        return plan.turn(self.desk.app.state.site, channels)

    @property
    def site(self) -> Any:
        return self.desk.app.state.site


def owing(desk: Desk, patch: pytest.MonkeyPatch) -> Owing:
    """The real database and clock; the ledger in the test's hands."""
    found = Owing(desk)
    patch.setattr(owed, "lines", lambda _site, _asked: list(found.lines))
    patch.setattr("portal.expected.rhythms", lambda _declared: dict(found.rhythms))
    patch.setattr("loaders.figures.heard", lambda _warehouse: dict(found.heard))
    desk.clock.time = MORNING
    return found


def people(desk: Desk, number: int = 2, department: str = "zjj", **more: Any) -> list[Any]:
    roles = (Role.OFFICER, Role.REVIEWER)
    return [desk.account(roles[n % 2], department, email=f"{department}{n}@example.cn", **more) for n in range(number)]


@dataclass
class Wire:
    """A channel that takes what it is given, or fails as often as it is told to."""

    failing: list[Undelivered] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)

    def __call__(self, message: Message) -> None:
        if self.failing:
            raise self.failing.pop(0)
        self.taken.append(message)
