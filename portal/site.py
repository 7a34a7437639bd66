"""What every page stands on: settings, catalogue, departments, the portal's database, the clock, the door and the warehouse."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlalchemy.orm import Session, sessionmaker

from infra.settings import Settings
from loaders.warehouse import Warehouse
from portal.accounts.sessions import Limits
from portal.background import Background
from portal.declared import Declared
from portal.live.watch import Watch
from producers.door import Door
from producers.rate import Rate
from schemas.catalog import Catalog, Item
from schemas.departments import Assignment, Department


@dataclass(frozen=True)
class Site:
    """`now` is aware; `log_ins`, `look_ups` and `applications` pace what comes from one address; `declared` is what published figures follow, which the database here never holds;
    `background` does what goes on after an answer; `live` asks for the live figures.
    """

    settings: Settings
    catalog: Catalog
    departments: Mapping[str, Department]
    assignments: Sequence[Assignment]
    database: sessionmaker[Session]
    now: Callable[[], datetime]
    log_ins: Rate
    look_ups: Rate
    applications: Rate
    door: Door
    warehouse: Warehouse
    declared: Declared
    background: Background
    live: Watch

    @property
    def limits(self) -> Limits:
        return Limits(timedelta(minutes=self.settings.session_idle_minutes), timedelta(hours=self.settings.session_hours))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.timezone)

    @property
    def today(self) -> date:
        return self.now().astimezone(self.zone).date()

    def owed(self, department: str) -> Sequence[Item]:
        """The items the department owes today, in the catalogue's order."""
        codes = {each.item for each in self.assignments if each.department == department and each.holds(self.today)}
        return [item for code, item in self.catalog.items() if code in codes]


def of(request: Request) -> Site:
    """The site that serves this request."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site
