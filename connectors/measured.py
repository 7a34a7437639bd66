"""What endangers tapped databases, as metrics of the watcher: slots, failed tasks, snapshots."""

from collections.abc import Sequence

from connectors.report import Report, reports
from infra import metrics
from infra.settings import Settings
from schemas import catalog, sources


def look(settings: Settings) -> None:
    """Ask and set. Raises what the sources' files and `reports` raise."""
    declared = sources.load(settings.sources, catalog.load(settings.catalogue))
    tapped = {name: source for name, source in declared.items() if source.capture == "log"}
    measure(reports(settings, tapped) if tapped else [])


def measure(found: Sequence[Report]) -> None:
    """Every declared source as it is now; what is not known of one has no value."""
    metrics.SOURCE_WELL.replace({(one.source,): float(one.well) for one in found})
    metrics.TASKS_FAILED.replace({(one.source,): float([one.status.state, *one.status.tasks].count("FAILED")) for one in found})
    metrics.SLOT_LAG.replace({(one.source,): float(one.behind) for one in found if one.behind is not None})
    under_way = [(one.source, each) for one in found for each in one.snapshots if each.under_way]
    metrics.SNAPSHOT_ROWS.replace({(source, each.table): float(each.rows) for source, each in under_way})
    metrics.SNAPSHOT_TOTAL.replace({(source, each.table): float(each.total) for source, each in under_way if each.total is not None})
    metrics.RESTARTS.replace({(one.source,): float(len(one.restarts)) for one in found})
