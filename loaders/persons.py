"""Which records hold a natural person's number: keys are proposed here, the current row decides. A number leaves only as a parameter."""

from collections.abc import Mapping, Sequence
from string import Template

from loaders import statements
from loaders.warehouse import Warehouse
from schemas.catalog import Catalog, Item

PERSONAL = "person_number"
MOST = 2_000  # keys of one person


def numbered(item: Item) -> list[str]:
    """The fields of an item that hold persons' numbers."""
    return [field.name for field in item.fields if field.privacy == PERSONAL]


def keys(house: Warehouse, catalog: Catalog, numbers: Sequence[str]) -> Mapping[str, list[str]]:
    """Item → keys of records in which one of these numbers (capitals, half-width) stands, or stood a moment ago. Raises what `Warehouse.query` raises."""
    one = Template(statements.text("query_person"))
    asked = "\nUNION ALL\n".join(one.substitute(item=item.code, field=name) for item in catalog.values() for name in numbered(item))
    found: dict[str, list[str]] = {}
    for row in house.query(f"SELECT item, key FROM (\n{asked}\n) LIMIT {MOST}", {"numbers": list(numbers)}).dicts() if numbers else ():
        found.setdefault(str(row["item"]), []).append(str(row["key"]))
    return found
