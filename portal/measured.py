"""What the serving process measures besides what the warehouse knows: how far behind each consumer group is, health, held topics, whom deliveries are expected of, what is owed, what became of
reminders.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from infra import held, lag, metrics
from infra.measured import seldom
from infra.settings import Settings
from loaders import measured
from loaders.obligations import Asked
from portal import owed
from portal.declared import Declared
from portal.expected import rhythms
from portal.health import Health
from portal.reminders import measured as reminders
from portal.site import Site
from producers.door import Door
from schemas import topics
from schemas.catalog import Catalog
from schemas.obligations.ledger import STATES

LABELS = dict(zip(STATES, ("not_yet", "awaited", "reported", "late", "missed"), strict=True))  # what the ledger's states are called in metrics


def looks(site: Site, health: Health) -> Sequence[Callable[[], None]]:
    """What `infra.measured.written` asks before each writing."""
    settings = site.settings
    return (
        partial(_parts, settings, site.door, health), seldom(partial(measured.look, site.warehouse)), partial(_held, settings), seldom(partial(expected, site.declared)),
        seldom(partial(owing, site)), partial(_reminders, site), seldom(partial(lag.look, settings, groups(site.catalog))),
    )  # fmt: skip


def groups(catalog: Catalog) -> dict[str, Callable[[str], bool]]:
    """Each consumer group, and which topics it reads."""
    submitted = {topics.submitted(code) for code in catalog}
    loaded = {name for code in catalog for name in (topics.accepted(code), topics.rejected(code))} | {topics.RECEIPTS, topics.BATCHES, topics.DECLARATIONS}
    return {topics.JUDGE: submitted.__contains__, topics.LOADER: loaded.__contains__, topics.MAP: lambda name: name.startswith(("cdc.", "in.", "sweep."))}


def expected(declared: Declared) -> None:
    """Raises Refusal while the warehouse is away."""
    metrics.EXPECTED.replace({place: rhythm.longest.total_seconds() for place, rhythm in rhythms(declared).items()})


def owing(site: Site) -> None:
    """The ledger in numbers. Raises Refusal while the warehouse is away."""
    lines = owed.lines(site, Asked(site.today - owed.BACK, site.today, owed.until(site, site.today)))
    metrics.OWED.replace({place: float(number) for place, number in Counter((line.department, LABELS[line.state]) for line in lines).items()})


def _reminders(site: Site) -> None:
    reminders.look(site.database, site.now())


def _parts(settings: Settings, door: Door, health: Health) -> None:
    metrics.WELL.replace({(part.name,): float(part.well) for part in health.parts()})
    metrics.WAITING.set(float(door.waiting()))
    metrics.DISK_FREE.set(float(shutil.disk_usage(settings.home).free))


def _held(settings: Settings) -> None:
    metrics.HELD.replace({(holder, topic): 1.0 for holder, notes in held.everybody(settings).items() for topic in (*notes.held, *notes.kept)})


__all__ = ["expected", "groups", "looks", "owing"]
