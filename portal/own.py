"""What stands of a department's records, as its own systems ask it, from the warehouse."""

from collections.abc import Mapping, Sequence

from loaders import delivered
from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse
from producers.interface import Stand
from producers.refusal import Refusal
from schemas import reason
from schemas.catalog import Catalog, Item


class Standing:
    """The `producers.interface.Own` over a warehouse."""

    def __init__(self, warehouse: Warehouse, catalog: Catalog) -> None:
        self._warehouse, self._catalog = warehouse, catalog

    def __call__(self, department: str, item: str, after: str, limit: int) -> Sequence[Stand]:
        found = self._catalog[item]
        try:
            return [_stand(found, row) for row in delivered.standing(self._warehouse, found, department, after, limit)]
        except WarehouseError as fault:
            raise Refusal("unavailable", "现在查不到在库的记录：数据仓库没有应答。", "请稍后再查。") from fault


def _stand(item: Item, row: Mapping[str, str | None]) -> Stand:
    fields = {field.name: reason.covered(value, field.privacy) if (value := row[field.name]) else None for field in item.fields}
    said = {name: str(row[f"_{name}"]) for name in ("key", "source", "way", "batch", "received_at")}
    return Stand(said["key"], row["_ref"], said["source"], said["way"], said["batch"], said["received_at"], fields)
