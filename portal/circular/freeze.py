"""Freezing a month: every figure as the ledger and the warehouse have it as of the cut-off, and the rows behind each. Nothing is computed here that is computed elsewhere; it is written down."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from loaders import accounts, completeness, measures, obligations, statements
from loaders import figures as warehoused
from loaders.accounts import Account
from loaders.obligations import Asked, Owing, Said
from loaders.warehouse import Warehouse
from portal.circular import frozen
from portal.circular.frozen import AGED, DECIDED, JUDGED, Frozen, Packed, Row
from portal.status import words
from portal.work import periods
from producers.refusal import Refusal
from schemas.departments import Department
from schemas.obligations import figures, score, stated
from schemas.obligations.due import Outage
from schemas.obligations.figures import Rate
from schemas.obligations.ledger import MET_BY, Line
from schemas.obligations.stock import Stock
from schemas.rules.severity import table

PAGE = 200_000  # rows asked for at once: a reader of the warehouse is given a million at most
Place = tuple[str, str]


@dataclass(frozen=True)
class Ground:
    """What a circular is drafted from."""

    warehouse: Warehouse
    owing: Owing
    declared: Sequence[Said]
    departments: Mapping[str, Department]


def freeze(ground: Ground, asked: Asked) -> tuple[Frozen, list[Packed]]:
    """The frozen text and its blocks. ``asked``: a whole month, all departments and items, as of a moment that is over.

    Raises what `Warehouse.query` raises, ScoreFault, and Refusal `conflict`: numbers and rows do not agree, because records are still being loaded.
    """
    found = accounts.month(ground.warehouse, ground.owing, ground.declared, asked)
    fields, blocks = _fields(ground, asked), list(_blocks(ground, asked, found))
    said = obligations.heard(ground.declared, asked.until)
    text = {
        "month": f"{asked.first:%Y-%m}", "cut_off": asked.until.isoformat(), "catalogue": ground.owing.catalog.version, "calendar": ground.owing.calendar(asked.on).version,
        "rules": frozen.digest(frozen.text({rule: [[day.isoformat(), level] for day, level in entries] for rule, entries in table().items()}))[:12],
        "score": score.on(asked.on).said, "departments": [[each.code, each.name, each.short] for each in ground.departments.values()],
        "titles": {code: item.title for code, item in ground.owing.catalog.items()},
        "lines": [_line(ground, each, fields[each.duty.department, each.duty.item]) for each in found],
        "stock": [_stock(each) for each in accounts.stock(ground.warehouse, ground.owing, ground.declared, asked)],
        "came": measures.rolled(measures.operating(ground.warehouse, ground.owing.catalog, asked), "operating"),
        "outages": [_outage(each) for each in stated.outages(said) if each.end.date() >= asked.first and each.start.date() <= asked.on],
        "unbalanced": [_unbalanced(each) for each in warehoused.balance(ground.warehouse)], "unlinked": [_unlinked(each) for each in warehoused.unlinked(ground.warehouse)],
        "blocks": {"/".join((each.department, each.item, each.of)): [each.rows, each.digest] for each in blocks},
    }  # fmt: skip
    return text, blocks


def last_day(month: str, today: date) -> date:
    """The last day that counts: the 10th of the month after, or yesterday where that is not over."""
    return min(periods.cut_off_of(month), today - timedelta(days=1))


def _fields(ground: Ground, asked: Asked) -> dict[Place, list[Row]]:
    """完整率 per field of every department and item."""
    found = defaultdict[Place, list[Row]](list)
    catalog = ground.owing.catalog
    for item in statements.filled(ground.warehouse, catalog.values()):
        for row in completeness.fields(ground.warehouse, item, asked):
            found[row["department"], item.code].append({name: row[name] for name in ("field", "title", "filled", "applicable")})
    return found


def _blocks(ground: Ground, asked: Asked, found: Sequence[Account]) -> Iterator[Packed]:
    """One of each kind for every account that has rows. Raises Refusal `conflict`."""
    by_item = defaultdict[str, list[Account]](list)
    for each in found:
        by_item[each.duty.item].append(each)
    with_records = {item.code for item in statements.filled(ground.warehouse, ground.owing.catalog.values())}
    rejected = {row["item"] for row in measures.ageing(ground.warehouse, ground.owing.catalog, asked)}
    judged = {each.duty.item for each in found if each.first_try.whole}
    for item, mine in by_item.items():
        if item in with_records | rejected | judged:
            yield from _of_item(ground, replace(asked, item=item), mine)


def _of_item(ground: Ground, asked: Asked, mine: Sequence[Account]) -> Iterator[Packed]:
    house, catalog = ground.warehouse, ground.owing.catalog
    decided = _grouped(_all(lambda skip: measures.decided_records(house, catalog, asked, skip, PAGE)))
    judged = _grouped(_all(lambda skip: measures.judged_records(house, catalog, asked, "", skip, PAGE)))
    aged = _grouped(_all(lambda skip: measures.open_records(house, catalog, asked, skip, PAGE)))
    for each in mine:
        code = each.duty.department
        due = _due(accounts.rule(each.duty, ground.owing, ground.declared, asked).due, asked.on)
        found = {DECIDED: [{**row, **due(row)} for row in decided[code]], JUDGED: judged[code], AGED: aged[code]}
        if len(found[DECIDED]) != each.delivered or len(found[JUDGED]) != each.first_try.whole:
            raise Refusal("conflict", "统计期间还有记录正在装入数据仓库，数字与明细对不上，没有起草。", "请稍后重新起草。")
        yield from (frozen.packed((code, asked.item, of), rows) for of, rows in found.items() if rows)


def _all(page: Callable[[int], Sequence[Row]]) -> Iterator[Row]:
    """Every row, page by page."""
    skip = 0
    while rows := page(skip):
        yield from rows
        skip += PAGE


def _grouped(rows: Iterable[Row]) -> dict[str, list[dict[str, Any]]]:
    """By department, which the rows then do not say any more."""
    found = defaultdict[str, list[dict[str, Any]]](list)
    for row in rows:
        found[row["department"]].append({name: value for name, value in row.items() if name != "department"})
    return found


def _due(rule: Callable[[date], date], on: date) -> Callable[[Row], Row]:
    """What is added to a record that was decided: when it was due, and what that makes of it in 及时率."""
    due_of = cache(lambda day: rule(date.fromisoformat(day)).isoformat())

    def verdict(row: Row) -> Row:
        due = due_of(row["day"])
        if due >= on.isoformat():
            return {"due": due, "timely": "未到期"}
        if not row["delivered"]:
            return {"due": due, "timely": "时间不详，不计迟报"}
        return {"due": due, "timely": "及时" if row["delivered"][:10] <= due else "迟报"}

    return verdict


def _line(ground: Ground, account: Account, fields: Sequence[Row]) -> dict[str, Any]:
    duty = account.duty
    complete = Rate(sum(each["filled"] for each in fields), sum(each["applicable"] - each["filled"] for each in fields))
    rates = {
        "collected": account.collected.rate, "timely": account.timely, "first_try": account.first_try, "valid": account.valid, "late": figures.late(account.lines),
        "missed": figures.missed(account.lines), "complete": complete,
    }  # fmt: skip
    return {
        "department": duty.department, "item": duty.item, "state": account.state, "ways": words.ways(duty.ways), "rule": words.rule(ground.owing.catalog[duty.item]),
        "delivered": account.delivered, "remark": account.collected.remark, "figures": {name: frozen.pair(each) for name, each in rates.items()},
        "periods": [_period(each) for each in account.lines], "fields": list(fields),
    }  # fmt: skip


def _period(line: Line) -> dict[str, Any]:
    return {
        "label": line.period.label, "first": line.period.start.isoformat(), "last": line.period.end.isoformat(), "due": words.due(line.due), "moved": line.due.moved,
        "provisional": line.due.provisional, "state": line.state, "met": f"{line.met_on or ''} {MET_BY[line.met_by]}".strip(), "records": line.records, "over": line.over,
    }  # fmt: skip


def _stock(each: Stock) -> dict[str, Any]:
    return {"department": each.department, "item": each.item, "state": each.state, "stated": each.stated, "arrived": each.arrived, "due": words.due(each.due), "remark": each.remark}


def _outage(each: Outage) -> dict[str, Any]:
    minutes = int((each.end - each.start).total_seconds() // 60)
    return {"way": each.way, "first": each.start.isoformat(), "last": each.end.isoformat(), "minutes": minutes, "departments": sorted(each.departments), "why": each.why}


def _unbalanced(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("batch", "item", "department", "way", "said", "judged", "loaded")}


def _unlinked(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("department", "item", "未关联", "本市")}
