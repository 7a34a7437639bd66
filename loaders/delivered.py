"""What stands by one department's word, page by page, in texts: for its own systems. Read-only; raises what `Warehouse.query` raises."""

from collections.abc import Mapping, Sequence

from loaders.reconcile import canonical
from loaders.warehouse import Warehouse
from schemas.catalog import Item

ABOUT = ("_key", "_ref", "_source", "_way", "_batch", "_received_at")


def standing(warehouse: Warehouse, item: Item, department: str, after: str, limit: int) -> Sequence[Mapping[str, str | None]]:
    """Those with a key behind `after`, in the order of keys: ABOUT and the item's fields."""
    names = ", ".join([*ABOUT, *(f"`{field.name}`" for field in item.fields)])
    sql = f"SELECT {names} FROM `{item.code}` FINAL WHERE _key > {{after:String}} AND _department = {{department:String}} AND _withdrawn = 0 ORDER BY _key LIMIT {{limit:UInt64}}"
    rows = warehouse.query(sql, {"after": after, "department": department, "limit": limit}).dicts()
    return [{name: canonical(value) for name, value in row.items()} for row in rows]
