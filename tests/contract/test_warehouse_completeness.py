"""完整率 per field on both warehouses, for every kind of field and condition in the catalogue, against going through the records one by one."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from loaders import completeness
from loaders.obligations import Asked
from loaders.warehouse import Warehouse
from schemas.catalog import Item
from schemas.rules.rows import applies, groups, is_organisation
from tests.contract.conftest import CATALOG
from tests.loaders.records import NOW, Records

VALUES = [None, None, "无", "000", "00", "空", "/", "济南泉城建筑有限公司", "张三", "0"]
ASKED = Asked(date(2017, 1, 1), date(2017, 12, 31), NOW + timedelta(days=1))


def said(item: Item, dice: random.Random) -> dict[str, Any]:
    known = {value for field in item.fields if field.when and "in" in field.when for value in field.when["in"]}
    kinds = {"date": [None, date(2017, 5, 1)], "timestamp-millis": [None, NOW], "long": [None, 0, 7]}
    return {field.name: dice.choice(kinds.get(field.kind, [*VALUES, *sorted(known)])) for field in item.fields}


def slowly(item: Item, records: list[dict[str, Any]]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for record in records:
        organisation = is_organisation(item, record)
        for field in item.fields:
            if field.group or not completeness.counts(field) or (field.when and not applies(item, field, record, organisation=organisation)):
                continue
            found[record["_department"], field.name, "applicable"] += 1
            found[record["_department"], field.name, "filled"] += filled(field, record[field.name])
        for members in groups(item).values():
            if organisation:
                place = record["_department"], "+".join(each.name for each in members)
                found[*place, "applicable"] += 1
                found[*place, "filled"] += any(filled(each, record[each.name]) for each in members)
    return +found


def filled(field: Any, value: Any) -> bool:
    if value is None:
        return False
    if field.kind != "string" or field.codes:
        return True
    return bool(value) and value not in set(completeness.PLACEHOLDERS) - ({"空"} if "文号" in field.title else set()) and not (len(value) >= 3 and set(value) == {"0"})


@pytest.mark.parametrize("code", ["xzxk", "xzcf", "qydj", "zyzg", "shzz"])
def test_each_field_is_filled_as_often_as_the_records_say(warehouse: Warehouse, code: str) -> None:
    item, dice = CATALOG[code], random.Random(code)
    kept = Records(warehouse, CATALOG)
    for table in (code, f"{code}_history"):
        warehouse.command(f"TRUNCATE TABLE `{table}`")
    standing = [said(item, dice) | {"_department": dice.choice(["zjj", "gtj"])} for _ in range(60)]
    old, gone = [said(item, dice) for _ in range(60)], [said(item, dice) for _ in range(5)]
    kept.put_all(code, [(f"k{at}", record) for at, record in enumerate(old)])
    kept.put_all(code, [(f"k{at}", record) for at, record in enumerate(standing)])
    kept.put_all(code, [(f"g{at}", record) for at, record in enumerate(gone)], withdrawn=True)
    rows = completeness.fields(warehouse, item, ASKED)
    assert Counter({(row["department"], row["field"], name): row[name] for row in rows for name in ("filled", "applicable") if row[name]}) == slowly(item, standing)
    assert all(0 <= row["filled"] <= row["applicable"] for row in rows)
    assert {row["department"] for row in completeness.fields(warehouse, item, Asked(ASKED.first, ASKED.last, ASKED.until, "zjj"))} == {"zjj"}
    assert completeness.fields(warehouse, item, Asked(ASKED.first, ASKED.last, datetime(2017, 1, 1, tzinfo=NOW.tzinfo))) == []


def test_remarks_and_what_moves_with_every_update_do_not_count() -> None:
    counted = dict(completeness.units(CATALOG["xzxk"]))
    assert {"BZ", "SJC"}.isdisjoint(counted)
    assert "XK_XDR_SHXYM+XK_XDR_ZDM+XK_XDR_GSDJ+XK_XDR_SWDJ" in counted
    assert set(CATALOG["xzxk"].by_name) - {"BZ", "SJC"} == {name for code in counted for name in code.split("+")}
