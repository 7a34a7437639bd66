"""The figures' counts by department, item, way and day, as of one moment: what rates are made of (`schemas/obligations/figures`).

Each is one file in `queries`. Raises what `Warehouse.query` raises.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from loaders import statements
from loaders.obligations import Asked
from loaders.warehouse import Warehouse
from schemas.catalog import Catalog
from schemas.obligations.period import DAY, MONTH, QUARTER, WEEK, Period

Row = Mapping[str, Any]
BY = ("department", "item", "way")
COUNTED = {  # what each statement counts
    "judged": ("judged", "first_try", "open"),
    "operating": ("received", "accepted", "duplicate", "superseded", "rejected", "excluded", "changed"),
    "ageing": ("open",),
    "decided": ("identities",),
}
AGES = ((0, 7), (8, 30), (31, 90), (91, None))  # days since the first rejection


def judged(warehouse: Warehouse, catalog: Catalog, asked: Asked) -> Sequence[Row]:
    """Identities by the day they were first received: `judged` (a valid outcome, or still rejected), `first_try`, `open`."""
    return warehouse.query(_over(warehouse, catalog, asked, "judged"), asked.parameters).dicts()


def operating(warehouse: Warehouse, catalog: Catalog, asked: Asked) -> Sequence[Row]:
    """Messages by the day they were judged: `received`, the five outcomes, `changed`."""
    return warehouse.query(_over(warehouse, catalog, asked, "operating"), asked.parameters).dicts()


def decided(warehouse: Warehouse, catalog: Catalog, asked: Asked, *, dated: bool = True) -> Sequence[Row]:
    """Standing `identities` by the `day` they are dated by (blank, and all days one, where `dated` is false), and `delivered` (a day; blank: not known when)."""
    return warehouse.query(_over(warehouse, catalog, asked, "decided"), asked.parameters | {"dated": int(dated)}).dicts()


def ageing(warehouse: Warehouse, catalog: Catalog, asked: Asked) -> Sequence[Row]:
    """`open` identities by the day since when, whenever that was."""
    return warehouse.query(_over(warehouse, catalog, asked, "ageing"), {name: asked.parameters[name] for name in ("until", "department", "item")}).dicts()


def decided_records(warehouse: Warehouse, catalog: Catalog, asked: Asked, skip: int, limit: int) -> Sequence[Row]:
    """The identities behind `decided`, a page of them: `department` `number` (回执行号) `day` `delivered` (a moment) `way`."""
    return warehouse.query(_over(warehouse, catalog, asked, "decided_records"), asked.parameters | {"skip": skip, "limit": limit}).dicts()


def judged_records(warehouse: Warehouse, catalog: Catalog, asked: Asked, which: str, skip: int, limit: int) -> Sequence[Row]:
    """The identities behind `judged`, a page of them: `department` `number` `received` `way` `first_try` `open`. ``which``: `open`, `again` (not valid at the first try), or blank."""
    return warehouse.query(_over(warehouse, catalog, asked, "judged_records"), asked.parameters | {"which": which, "skip": skip, "limit": limit}).dicts()


def open_records(warehouse: Warehouse, catalog: Catalog, asked: Asked, skip: int, limit: int) -> Sequence[Row]:
    """The rejections behind `ageing` of one item, a page of them: `department` `number` `received` `way` `rules`."""
    parameters = {name: asked.parameters[name] for name in ("until", "department", "item")}
    return warehouse.query(_over(warehouse, catalog, asked, "open_records"), parameters | {"skip": skip, "limit": limit}).dicts()


def aged(rows: Iterable[Row], on: date) -> dict[tuple[int, int | None], int]:
    """Open identities by AGES, the youngest first."""
    found = Counter[tuple[int, int | None]]()
    for row in rows:
        days = (on - date.fromisoformat(row["day"])).days
        found[next(each for each in AGES if each[1] is None or days <= each[1])] += row["open"]
    return {each: found[each] for each in AGES}


def rolled(rows: Iterable[Row], measure: str, by: Sequence[str] = BY, every: str | None = None) -> list[dict[str, Any]]:
    """Rows of a measure (of COUNTED) added up by some of BY, and by day, week, month or quarter where `every` says so: then `period` is a Period's label."""
    sums = defaultdict[tuple[str, ...], Counter[str]](Counter)
    for row in rows:
        place = tuple(row[name] for name in by) + ((_label(row["day"], every),) if every else ())
        sums[place].update({name: row[name] for name in COUNTED[measure]})
    names = (*by, "period") if every else tuple(by)
    return [dict(zip(names, place, strict=True)) | {name: sums[place][name] for name in COUNTED[measure]} for place in sorted(sums)]


def _label(text: str, every: str) -> str:
    if every not in (DAY, WEEK, MONTH, QUARTER):
        raise ValueError(f"{every!r} is no frequency")
    day = date.fromisoformat(text)
    return Period(every, day, day).label


def _over(warehouse: Warehouse, catalog: Catalog, asked: Asked, name: str) -> str:
    return statements.composed(name, statements.filled(warehouse, asked.items(catalog)))
