"""What the public query asks, on both warehouses, against a slow and obvious computation."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from loaders.published import Published, Wanted
from loaders.warehouse import Warehouse
from schemas import publication
from tests.contract.conftest import CATALOG
from tests.loaders.records import Records

TODAY = date(2020, 3, 29)
CODE, OTHER = "91370102678901232X", "91440300708461136T"


@pytest.fixture
def records(warehouse: Warehouse) -> Iterator[Records]:
    made = Records(warehouse, CATALOG)
    yield made
    made.clear()


def penalties(seed: int, number: int = 150) -> list[tuple[str, dict[str, Any]]]:
    """Penalties of all scopes, states, severities and terms, around the days on which publication ends."""
    dice, found = random.Random(seed), []
    for n in range(number):
        decided = TODAY - timedelta(days=dice.choice([0, 364, 365, 366, 367, 1094, 1095, 1096, 1097, 1500]))
        end = dice.choice([None, None, TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=1)])
        said = {
            "CF_SYFW": dice.choice(["0", "0", "0", "1", "2", None]), "CF_ZT": dice.choice(["0", "0", "1", "2"]), "CF_SXYZCD": dice.choice([None, "0", "1", "2", "3"]),
            "CF_JDRQ": decided, "CF_GSJZQ": end, "CF_XDR_MC": "济南泉城化工有限公司", "_department": dice.choice(["zjj", "hbj"]),
        }  # fmt: skip
        found.append((f'["xzcf","{n:04d}"]', said))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_a_list_is_what_each_record_alone_says_in_pages_and_counted(records: Records, seed: int) -> None:
    item, said = CATALOG["xzcf"], penalties(seed)
    records.put_all("xzcf", said)
    records.put("xzcf", said[0][0], withdrawn=True)
    asked, held = Published(records.warehouse, CATALOG), [said[3][0], said[4][0]]
    for department, since in (("", ""), ("hbj", ""), ("", "2019-01-01")):
        wanted = Wanted(TODAY, held, department, since, "2020-03-28" if since else "")
        expected = [
            (row["CF_JDRQ"].isoformat(), key)
            for key, row in said[1:]
            if key not in held and publication.published(item, row, TODAY) and department in ("", row["_department"])
            and (not since or date(2019, 1, 1) <= row["CF_JDRQ"] <= date(2020, 3, 28))
        ]  # fmt: skip
        expected = [pair for day in sorted({day for day, _ in expected}, reverse=True) for pair in sorted(expected) if pair[0] == day]
        found = [row for skip in range(0, len(expected) + 7, 7) for row in asked.page(item, wanted, skip, 7)]
        assert [(str(row["CF_JDRQ"])[:10], row["_key"]) for row in found] == expected
        assert asked.count(item, wanted) == len(expected) > 0


def test_a_list_without_scopes_of_its_own_leaves_persons_out(records: Records) -> None:
    shared = {"FBSJ": TODAY, "ZT": "发布"}
    records.put("sxbzx", '["sxbzx","1"]', MC="济南舜耕置业有限公司", **shared)
    records.put("sxbzx", '["sxbzx","2"]', MC="张三", **shared)
    records.put("sxbzx", '["sxbzx","3"]', MC="济南某某有限公司", **shared | {"ZT": "屏蔽"})
    records.put("sxbzx", '["sxbzx","4"]', MC="济南期满有限公司", **shared, GQRQ=TODAY - timedelta(days=1))
    records.link()
    asked = Published(records.warehouse, CATALOG)
    assert [row["_key"] for row in asked.page(CATALOG["sxbzx"], Wanted(TODAY), 0, 9)] == ['["sxbzx","1"]']
    assert asked.count(CATALOG["sxbzx"], Wanted(TODAY)) == 1


def test_a_subject_is_found_by_what_it_bears_and_bore_and_the_current_row_decides(records: Records) -> None:
    key, same = '["qydj",null,"1"]', '["qydj",null,"2"]'
    records.put("qydj", key, QYMC="旧名（济南）有限公司", TYSHXYDM=CODE)
    records.put("qydj", key, QYMC="新名有限公司", TYSHXYDM=CODE, CYMC="更旧有限公司")
    records.put("qydj", same, QYMC="新名有限公司", TYSHXYDM=None, ZCH="370100000000016")
    records.link()
    asked = Published(records.warehouse, CATALOG)
    told = {said: [(each.id, each.former) for each in asked.by_value(said)] for said in (CODE.lower(), "新名有限公司", "旧名(济南)有限公司", "更旧有限公司", "370100000000016", "没有", "")}
    assert told == {
        CODE.lower(): [(CODE, False)], "新名有限公司": [(CODE, False), (same, False)], "旧名(济南)有限公司": [(CODE, True)],
        "更旧有限公司": [(CODE, True)], "370100000000016": [(same, False)], "没有": [], "": [],
    }  # fmt: skip
    assert {each.id for each in asked.by_part("名有限", 9)} == {CODE, same}
    assert [each.id for each in asked.subject(same)] == [same]
    records.put("qydj", key, withdrawn=True)
    assert asked.by_value(CODE) == []
    assert asked.subject(CODE) == []


def test_records_of_a_subject_are_those_whose_current_row_says_so(records: Records) -> None:
    records.put("qydj", '["qydj",null,"1"]', QYMC="甲有限公司", TYSHXYDM=CODE)
    for number, said in enumerate(({"CF_XDR_SHXYM": CODE, "CF_XDR_MC": "甲有限公司"}, {"CF_XDR_MC": "甲有限公司"}, {"CF_XDR_SHXYM": OTHER, "CF_XDR_MC": "乙有限公司"}, {"CF_XDR_MC": "张三"})):
        records.put("xzcf", f'["xzcf","{number}"]', **said)
    records.link()
    asked = Published(records.warehouse, CATALOG)
    assert [row["_key"] for row in asked.records(CODE)["xzcf"]] == ['["xzcf","0"]', '["xzcf","1"]']
    records.put("xzcf", '["xzcf","1"]', CF_XDR_MC="丙有限公司")  # the link does not know yet
    assert [row["_key"] for row in asked.records(CODE)["xzcf"]] == ['["xzcf","0"]']
    assert [row["_key"] for row in asked.unregistered(OTHER)["xzcf"]] == ['["xzcf","2"]']
    assert [row["_key"] for row in asked.unregistered("乙有限公司")["xzcf"]] == ['["xzcf","2"]']
    assert asked.unregistered("张三") == asked.unregistered("") == asked.records("") == {}


def test_a_number_leads_to_the_row_that_stands_now(records: Records) -> None:
    item, key, asked = CATALOG["xzcf"], '["xzcf","1"]', Published(records.warehouse, CATALOG)
    records.put("xzcf", key, CF_CFMC="旧")
    records.put("xzcf", key, CF_CFMC="新")
    found = asked.numbered(item, 0, 0)
    assert found is not None
    assert found["CF_CFMC"] == "新"
    assert asked.numbered(item, 0, 9) is None
    records.put("xzcf", key, withdrawn=True)
    assert asked.numbered(item, 0, 0) is None
