"""What a workbook would do and what was wrong with it, for the command and the pages: the engine's questions with the warehouse's answers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from infra.settings import Settings
from loaders.warehouse import Warehouse
from portal.knowledge import Warehoused
from portal.outcomes import Told
from producers import preview
from producers.file import Filled
from producers.preview import Preview, Said
from schemas.catalog import Catalog

PAGE = 10_000


def foreseen(settings: Settings, warehouse: Warehouse, catalog: Catalog, table: Filled, department: str, *, asserted: bool = False) -> Preview:
    """What submitting a table would do now. Raises Refusal `unavailable`."""
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(settings.timezone)).date()
    said = Said(table.item, f"{department}/{table.way}", department, table.way, settings.key_secret, today, round(now.timestamp() * 1000))
    return preview.preview(said, table.rows(asserted=asserted), Warehoused(warehouse, catalog))


def rejections(told: Told, receipt: str, item: str, most: int | None = None) -> dict[int, Sequence[Mapping[str, object]]]:
    """The reasons of a judged submission's rejected rows by line, of the first ``most`` of them. Raises Refusal `unavailable`."""
    found: dict[int, Sequence[Mapping[str, object]]] = {}
    after: int | None = 0
    while after is not None and (most is None or len(found) < most):
        page = told(receipt, item, after, PAGE)
        found |= {each.line: each.reasons for each in page.records if each.outcome == "rejected"}
        after = page.next
    return found
