"""What a warehouse holds of an item, for the ledger: raw rows, rows with FINAL, and the current table, against what was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from loaders.warehouse import Warehouse
from tests.failures import ledger
from tests.loaders.site import Site

Sent = Mapping[str, Sequence[Any]]
_PLACES = {"history": "_batch, _line", "rejected": "_batch, _line", "receipts": "batch, batch", "echoes": "batch, line", "batches": "batch, batch"}


def filled(site: Site) -> Sent:
    """What `fill` of the sink's tests sends: ids by table."""
    a, b = f"{site.item.code}-a", f"{site.item.code}-b"
    return {
        "history": accepted(site, {"a": range(150), "b": range(150, 250)}),
        "rejected": [(a, n) for n in range(30)],
        "receipts": [(a, a), (b, b)],
        "echoes": [(a, n) for n in range(60)] + [(b, n) for n in range(60, 90)],
        "batches": [(a, a)],
    }


def accepted(site: Site, numbers: Mapping[str, Sequence[int]]) -> list[ledger.Id]:
    """Ids of what `Site.accept` sends, by batch."""
    return [(f"{site.item.code}-{batch}", n) for batch, found in numbers.items() for n in found]


def frozen(warehouse: Warehouse) -> None:
    """No merges from now on: what was inserted twice stays there to be seen."""
    warehouse.command("SYSTEM STOP MERGES")


def final(warehouse: Warehouse, site: Site, sent: Sent) -> list[str]:
    """What queries with FINAL show: the tables by id, and of every key the newest version."""
    newest = {f'["{n % 50}"]': n for _, n in sorted(sent.get("history", ()), key=lambda each: each[1])}
    current = warehouse.query(f"SELECT _key, _version FROM `{site.item.code}` FINAL WHERE _withdrawn = 0").rows()
    return _compared(warehouse, site, sent, "FINAL") + ledger.standing(newest, current)


def raw(warehouse: Warehouse, site: Site, sent: Sent) -> list[str]:
    """What lies there, merged or not."""
    doubled = f"SELECT _partition, _offset FROM `{site.item.code}` GROUP BY _partition, _offset HAVING count() > 1"
    return _compared(warehouse, site, sent, "") + [f"current: {ledger.DOUBLED}: {len(found)} rows" for found in [warehouse.query(doubled).rows()] if found]


def faults(warehouse: Warehouse, site: Site, sent: Sent) -> list[str]:
    """Raw and FINAL."""
    return raw(warehouse, site, sent) + final(warehouse, site, sent)


def loaded(warehouse: Warehouse, site: Site, sent: Sent) -> bool:
    """Whether everything that was sent is there at least once, unless it stands among the unloadable."""
    aside = int(warehouse.query("SELECT uniqExact(topic, _offset) FROM unloadable WHERE topic LIKE {like:String}", {"like": f"%{site.item.code}%"}).value())
    return all(len(set(_rows(warehouse, site, name, ""))) + aside >= len(set(ids)) for name, ids in sent.items())


def _compared(warehouse: Warehouse, site: Site, sent: Sent, how: str) -> list[str]:
    return [fault for name, ids in sent.items() for fault in ledger.places(f"{name} {how}".strip(), ids, _rows(warehouse, site, name, how))]


def _rows(warehouse: Warehouse, site: Site, name: str, how: str) -> list[tuple[Any, ...]]:
    code = site.item.code
    table = f"{code}_history" if name == "history" else name
    item = "1 = 1" if name == "history" else f"{'_item' if name == 'rejected' else 'item'} = '{code}'"
    first, second = _PLACES[name].split(", ")
    return [tuple(row) for row in warehouse.query(f"SELECT {first} AS a, {second} AS b FROM `{table}` {how} WHERE {item}").rows()]
