"""试报 of departments' own systems: the previews' engine with the warehouse's answers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from portal.knowledge import Warehoused
from portal.site import Site
from producers import preview
from producers.interface import WAY
from producers.preview import Said, Verdict
from producers.principal import Principal
from producers.submission import Row
from schemas.catalog import Item


@dataclass(frozen=True)
class Trials:
    """The `producers.api_trial.Trials` of a site."""

    site: Callable[[], Site]

    def __call__(self, item: Item, principal: Principal, rows: Iterable[Row]) -> Iterator[Verdict]:
        site = self.site()
        now = round(site.now().timestamp() * 1000)
        said = Said(item, principal.source, principal.department, WAY, site.settings.key_secret, site.today, now)
        return preview.verdicts(said, rows, Warehoused(site.warehouse, site.catalog))
