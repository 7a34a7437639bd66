"""What became of a batch, from the warehouse: counts from the receipts, records from history, rejects and echoes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse
from producers.outcomes import OUTCOMES, Outcome, Outcomes
from producers.refusal import Refusal

COUNTS = f"SELECT {', '.join(f'sum({outcome}) AS {outcome}' for outcome in OUTCOMES)} FROM receipts FINAL WHERE batch = {{batch:String}}"
RECORDS = """
SELECT line, ref, outcome, reasons FROM (
  SELECT _line AS line, _ref AS ref, 'accepted' AS outcome, _warnings AS reasons FROM {item}_history FINAL WHERE _batch = {{batch:String}}
  UNION ALL
  SELECT _line AS line, _ref AS ref, 'rejected' AS outcome, toNullable(reasons) AS reasons FROM rejected FINAL WHERE _batch = {{batch:String}}
  UNION ALL
  SELECT line, ref, outcome, CAST(NULL AS Nullable(String)) AS reasons FROM echoes FINAL WHERE batch = {{batch:String}}
) WHERE line > {{after:Int64}} ORDER BY line LIMIT {{limit:UInt32}}
"""


class Told:
    """The `producers.outcomes.Ask` over a warehouse. `item` comes from the catalogue, never from a caller."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def __call__(self, batch: str, item: str, after: int, limit: int) -> Outcomes:
        try:
            counts = self._warehouse.query(COUNTS, {"batch": batch}).dicts()
            page = self._warehouse.query(RECORDS.format(item=item), {"batch": batch, "after": after, "limit": limit}).dicts()
        except WarehouseError as fault:
            raise Refusal("unavailable", "现在查不到处理结果：数据仓库没有应答。", "记录已经收下，不必重报；请稍后再查。") from fault
        return Outcomes({name: int(value or 0) for name, value in (counts[0] if counts else {}).items()}, _records(page))


def _records(page: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    """One record a line: a key change says two things about one line (an old key ends, a new one begins), and a reject speaks loudest."""
    found: dict[int, Outcome] = {}
    for row in page:
        outcome = Outcome(int(row["line"]), row["ref"], str(row["outcome"]), json.loads(row["reasons"] or "[]"))
        if outcome.line not in found or outcome.outcome == "rejected":
            found[outcome.line] = outcome
    return list(found.values())
