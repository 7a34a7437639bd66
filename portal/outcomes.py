"""What became of a batch, as the interface asks it, from the warehouse."""

from collections.abc import Sequence

from loaders import figures
from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse
from producers.outcomes import Outcome, Outcomes
from producers.refusal import Refusal
from schemas.catalog import Catalog


class Told:
    """The `producers.outcomes.Ask` over a warehouse."""

    def __init__(self, warehouse: Warehouse, catalog: Catalog) -> None:
        self._warehouse, self._catalog = warehouse, catalog

    def __call__(self, batch: str, item: str, after: int, limit: int) -> Outcomes:
        try:
            page = figures.outcomes(self._warehouse, batch, self._catalog[item], after, limit)
        except WarehouseError as fault:
            raise Refusal("unavailable", "现在查不到处理结果：数据仓库没有应答。", "记录已经收下，不必重报；请稍后再查。") from fault
        return Outcomes(page.counts, min(page.judged, page.loaded), _records(page.records), page.next)


def _records(rows: Sequence[figures.Row]) -> list[Outcome]:
    """One record a line; where a line was split into two sayings, a reject speaks loudest."""
    found: dict[int, Outcome] = {}
    for row in rows:
        outcome = Outcome(int(row["line"]), row["ref"], str(row["outcome"]), row["reasons"])
        if outcome.line not in found or outcome.outcome == "rejected":
            found[outcome.line] = outcome
    return list(found.values())
