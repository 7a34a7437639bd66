"""What the serving process measures besides what the warehouse knows: how far behind each consumer group is, health, held topics, and whom deliveries are expected of."""

import shutil
from collections.abc import Callable, Sequence
from functools import partial

from infra import held, lag, metrics
from infra.measured import seldom
from infra.settings import Settings
from loaders import measured
from loaders.warehouse import Warehouse
from portal.declared import Declared
from portal.health import Health
from producers.door import Door
from schemas import topics
from schemas.catalog import Catalog
from schemas.declared import WAYS

LONGEST = {"day": 4, "week": 11, "month": 45, "quarter": 120}  # days between two deliveries: a holiday, or some days' delay, is no alarm


def looks(settings: Settings, catalog: Catalog, warehouse: Warehouse, door: Door, health: Health) -> Sequence[Callable[[], None]]:
    """What `infra.measured.written` asks before each writing."""
    return (
        partial(_parts, settings, door, health), seldom(partial(measured.look, warehouse)), partial(_held, settings), seldom(partial(expected, Declared(door, warehouse))),
        seldom(partial(lag.look, settings, groups(catalog))),
    )  # fmt: skip


def groups(catalog: Catalog) -> dict[str, Callable[[str], bool]]:
    """Each consumer group, and which topics it reads."""
    submitted = {topics.submitted(code) for code in catalog}
    loaded = {name for code in catalog for name in (topics.accepted(code), topics.rejected(code))} | {topics.RECEIPTS, topics.BATCHES, topics.DECLARATIONS}
    return {topics.JUDGE: submitted.__contains__, topics.LOADER: loaded.__contains__, topics.MAP: lambda name: name.startswith(("cdc.", "in.", "sweep."))}


def expected(declared: Declared) -> None:
    """Raises Refusal while the warehouse is away."""
    found = dict[tuple[str, ...], float]()
    for each in declared.standing((WAYS,)).values():
        for way, about in each.about["ways"].items():
            days = [LONGEST[frequency] for frequency in about["frequencies"] if frequency in LONGEST]
            if days:
                found[each.department, way] = max(days) * 86_400.0
    metrics.EXPECTED.replace(found)


def _parts(settings: Settings, door: Door, health: Health) -> None:
    metrics.WELL.replace({(part.name,): float(part.well) for part in health.parts()})
    metrics.WAITING.set(float(door.waiting()))
    metrics.DISK_FREE.set(float(shutil.disk_usage(settings.home).free))


def _held(settings: Settings) -> None:
    metrics.HELD.replace({(holder, topic): 1.0 for holder, notes in held.everybody(settings).items() for topic in (*notes.held, *notes.kept)})


__all__ = ["expected", "groups", "looks"]
