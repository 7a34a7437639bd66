"""The questions people ask of the warehouse, each backed by one file in `queries`. Read-only; plain dicts out, the same from every backend.

Raises what `Warehouse.query` raises. Times come as the server has them; dates in text form where it has no wide type.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from loaders import statements
from loaders.capability import ZONE
from loaders.warehouse import Warehouse
from schemas import identity
from schemas.catalog import Item

OUTCOMES = ("accepted", "duplicate", "superseded", "rejected", "excluded")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Outcomes of one batch: totals of the whole batch, the records of this page by line, and the line to ask after for the next (None: no more)."""

    said: int
    judged: int
    loaded: int
    counts: Mapping[str, int]
    records: Sequence[Row]
    next: int | None

    @property
    def settled(self) -> bool:
        """Whether all that was said has been judged and loaded; until then something is pending."""
        return 0 < self.said == self.judged == self.loaded


@dataclass(frozen=True, slots=True)
class Rejects:
    """Which open rejects: blank means all; ``skip`` and ``limit`` page through them."""

    department: str = ""
    item: str = ""
    source: str = ""
    skip: int = 0
    limit: int = 100


def throughput(warehouse: Warehouse, since: datetime, until: datetime) -> Sequence[Row]:
    """Per hour, item, source and way: received, the five outcomes and the bytes of records judged in [since, until), aware times; p50, p95, p99: seconds from being received to being judged."""
    answer = warehouse.query(statements.text("throughput"), {"since": local(since), "until": local(until)})
    return [_plain(row) for row in answer.dicts()]


def sources(warehouse: Warehouse) -> Sequence[Row]:
    """Per source, way and item since the beginning: received (said), the five outcomes, judged and loaded."""
    return [_plain(row) for row in warehouse.query(statements.text("sources")).dicts()]


def balance(warehouse: Warehouse, *, everything: bool = False, limit: int = 10_000) -> Sequence[Row]:
    """Batches whose legs differ (said, judged, loaded); ``everything`` lists the balanced ones, too."""
    return warehouse.query(statements.text("balance"), {"all": int(everything), "limit": limit}).dicts()


def rejects(warehouse: Warehouse, which: Rejects | None = None) -> Sequence[Row]:
    """Open rejects, newest first, with their reasons as structures."""
    which = which or Rejects()
    parameters = {"department": which.department, "item": which.item, "source": which.source, "skip": which.skip, "limit": which.limit}
    rows = warehouse.query(statements.text("rejects"), parameters).dicts()
    return [{**row, "reasons": json.loads(row["reasons"]), "fields": json.loads(row["fields"])} for row in rows]


def declarations(warehouse: Warehouse, kinds: Sequence[str], department: str = "") -> Sequence[Row]:
    """Every declaration of these kinds, of all departments when blank, first version first; ``about`` as a structure."""
    rows = warehouse.query(statements.text("declarations"), {"kinds": list(kinds), "department": department}).dicts()
    return [{**row, "about": json.loads(row["about"])} for row in rows]


def loaded_until(warehouse: Warehouse) -> str:
    """When the newest receipt was loaded, local text; blank where there is none."""
    return str(warehouse.query(statements.text("loaded_until")).value())


def reasons(warehouse: Warehouse) -> Sequence[Row]:
    """Per item, department, source and rule: how many rejections, and how many of them are open."""
    return warehouse.query(statements.text("reasons")).dicts()


def trace(warehouse: Warehouse, item: Item, key: str, department: str = "") -> Sequence[Row]:
    """Every event of one key, oldest first, of one department's words only where one is named; ``detail`` holds the reasons or warnings."""
    rows = warehouse.query(statements.of_item("trace", item), {"key": key, "item": item.code, "department": department}).dicts()
    return [{**row, "detail": json.loads(row["detail"]) if row["detail"] else []} for row in rows]


def keys(warehouse: Warehouse, item: Item, said: str, secret: bytes, limit: int = 20) -> list[str]:
    """The keys a person may mean by ``said``: a key, a 回执行号 (``batch#line``), or the value of any of the item's key fields, written as in any way."""
    if said.startswith("["):
        return [said]
    batch, _, line = said.rpartition("#")
    asked = {"item": item.code, "batch": batch, "line": int(line) if line.isdecimal() else -1, "limit": limit}
    statement = statements.of_item("keys", item)
    found = {row["key"] for part in {"", *identity.parts(item, said, secret)} for row in warehouse.query(statement, asked | {"part": part and f",{part}"}).dicts()}
    return sorted(found)[:limit]


def outcomes(warehouse: Warehouse, batch: str, item: Item, after: int = 0, limit: int = 1000) -> Page:
    """What became of a batch: records with a line above ``after``, at most ``limit`` (a line that was split into two sayings counts twice)."""
    legs = warehouse.query(statements.of_item("legs", item), {"batch": batch, "item": item.code}).dicts()
    totals = legs[0]
    asked = {"batch": batch, "item": item.code, "after": after, "limit": limit}
    rows = warehouse.query(statements.of_item("outcomes", item), asked).dicts()
    records = [{**row, "reasons": json.loads(row["reasons"])} for row in rows]
    more = records[-1]["line"] if len(records) == limit else None
    counts = {name: int(totals[name]) for name in OUTCOMES}
    return Page(int(totals["said"]), int(totals["judged"]), int(totals["loaded"]), counts, records, more)


def heard(warehouse: Warehouse) -> dict[tuple[str, str], datetime]:
    """By department and way when something was said last, a proof of "no change" included."""
    return {(row["department"], row["way"]): datetime.fromtimestamp(int(row["newest"]), UTC) for row in warehouse.query(statements.text("heard")).dicts()}


def rates(warehouse: Warehouse) -> Sequence[Row]:
    """Per department and item 入库率 重复率 更新率 (of messages) and 合规率 疑问率 (of identities), numerators and denominators beside them; 0/0 is None."""
    return [_rated(row) for row in warehouse.query(statements.text("rates")).dicts()]


def unlinked(warehouse: Warehouse) -> Sequence[Row]:
    """未关联率 per department and item with both numbers beside it: standing records on organisations of this city that found no subject, of all of them."""
    return [{**row, "未关联率": _ratio(row["未关联"], row["本市"])} for row in warehouse.query(statements.text("unlinked")).dicts()]


def _rated(row: Row) -> Row:
    received, judged, open_ = row["received"], row["judged"], row["open"]
    return {
        **row, "valid": judged - open_, "入库率": _ratio(row["accepted"], received), "重复率": _ratio(row["duplicate"], received),
        "更新率": _ratio(row["changed"], received), "合规率": _ratio(judged - open_, judged), "疑问率": _ratio(open_, judged),
    }  # fmt: skip


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _plain(row: Row) -> Row:
    """`accepted_` → `accepted`: an alias may not bear the name of the column it sums."""
    return {name.rstrip("_"): value for name, value in row.items()}


def local(moment: datetime) -> str:
    """A moment (aware) in the site's time, as the queries take it."""
    return moment.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M:%S")


def today(now: datetime) -> tuple[datetime, datetime]:
    """The local day that ``now`` (aware) falls in, as [from, to)."""
    start = now.astimezone(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)
