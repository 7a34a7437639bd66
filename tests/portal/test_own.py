"""What a department's own system is told of its records: its department's alone, by key, page by page, without personal numbers."""

import pytest

from portal.own import Standing
from producers.refusal import Refusal
from tests.loaders.records import Records
from tests.portal.desk import CATALOG, Away, Desk

NUMBER = "37010219900307851X"


def test_what_stands_of_a_department_is_told_by_pages(records: Records, desk: Desk) -> None:
    for n in range(5):
        records.put("xzxk", f'["{n}"]', XK_WSH=f"{n}号", _ref=f"R{n}", XK_NR=f"持证人 {NUMBER}，" + "长" * 200)
    records.put("xzxk", '["2"]', withdrawn=True)
    records.put("xzxk", '["9"]', department="gsj", XK_WSH="别人的")
    own = Standing(records.warehouse, CATALOG())
    first = own("zjj", "xzxk", "", 3)
    assert [(each.key, each.ref, each.fields["XK_WSH"]) for each in first] == [('["0"]', "R0", "0号"), ('["1"]', "R1", "1号"), ('["3"]', "R3", "3号")]
    assert [each.key for each in own("zjj", "xzxk", first[-1].key, 3)] == ['["4"]']
    assert [each.fields["XK_WSH"] for each in own("gsj", "xzxk", "", 3)] == ["别人的"]
    assert first[0].fields["XK_NR"] == "持证人 370102***********X，" + "长" * 200
    assert (first[0].source, first[0].way, first[0].receipt) == ("s", "api", "b")
    assert own("swj", "xzxk", "'; DROP TABLE xzxk; --", 3) == []


def test_a_silent_warehouse_is_said() -> None:
    with pytest.raises(Refusal) as caught:
        Standing(Away(), CATALOG())("zjj", "xzxk", "", 3)
    assert caught.value.code == "unavailable"
