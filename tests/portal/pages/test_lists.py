"""双公示 and the lists: by department and date, in pages, the filters in the address, and to take away."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.loaders.records import Records
from tests.portal.desk import Desk

FIRST = date(2017, 1, 1)


@pytest.fixture(autouse=True)
def _clock(desk: Desk) -> None:
    desk.clock.time = datetime(2017, 9, 1, 4, tzinfo=UTC)


@pytest.fixture
def filled(records: Records) -> Records:
    said = [
        (f'["xzcf","{n}"]', {
            "CF_WSH": f"第{n:03d}号", "CF_CFMC": "=HYPERLINK(1)" if n == 119 else "案由", "CF_XDR_MC": f"第{n}有限公司", "CF_SYFW": "0", "CF_ZT": "0",
            "CF_JDRQ": FIRST + timedelta(days=n), "_department": "hbj" if n % 2 else "zjj",
        })
        for n in range(120)
    ]  # fmt: skip
    records.put_all("xzcf", said)
    return records


def test_a_list_has_pages_and_its_filters_stand_in_the_address(desk: Desk, filled: Records) -> None:
    browser = desk.nobody()
    browser.get("/public/lists/xzcf")
    assert "共 120 条，第 1 / 3 页" in browser.page
    assert "第119号" in browser.page
    browser.get("/public/lists/xzcf?department=hbj&since=2017-01-10&to=2017-04-20&page=2")
    assert "共 51 条，第 2 / 2 页" in browser.page
    assert "第009号" in browser.page
    assert "department=hbj&since=2017-01-10&to=2017-04-20&page=1" in browser.page
    browser.get("/public/lists/xzcf?department=hbj&since=2017-01-10&to=bad")
    assert "共 56 条" in browser.page
    assert browser.get("/public/lists/xzcf?department=gtj").status_code == 200
    assert "没有符合条件的公示信息" in browser.page


def test_an_export_holds_what_the_filters_ask_for_and_runs_no_formula(desk: Desk, filled: Records) -> None:
    answer = desk.nobody().get("/public/lists/xzcf/export?form=csv&department=hbj")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 60
    assert (rows[0]["企业名称"], rows[0]["日期"]) == ("第119有限公司", "2017-04-30")
    assert all(not value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    assert desk.nobody().get("/public/lists/xzcf/export?form=xlsx").content.startswith(b"PK")


def test_the_index_names_both_kinds_and_the_red_and_black_lists_and_nobodys_else(desk: Desk) -> None:
    browser = desk.nobody()
    browser.get("/public/lists")
    for words in ("行政许可", "行政处罚", "红名单", "黑名单", "异常名录与失信公告", "失信被执行人", "纳税信用A级纳税人"):
        assert words in browser.page
    for hidden in ("道德模范", "律师执业", "水费欠缴", "社会保险费欠缴", "企业登记信息"):
        assert hidden not in browser.page
    for code in ("ddmf", "sfqj", "sbqf", "qydj", "none"):
        assert browser.get(f"/public/lists/{code}").status_code == 404
