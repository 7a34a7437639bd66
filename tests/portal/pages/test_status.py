"""报送情况: a month as the office and as a department see it, the records behind each number, frequencies and outages."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from loaders.errors import Unavailable
from portal.accounts.roles import Role
from producers.declarations import Declaration
from tests.loaders.records import Records
from tests.portal.desk import Browser, Desk
from tests.portal.status.site import OUTAGE_SAID

NOVEMBER = datetime(2017, 11, 20, 2, tzinfo=UTC)
MONTH = "month=2017-10"


def put(records: Records, number: int, decided: date, received: datetime, department: str = "zjj", item: str = "xzxk", **said: Any) -> None:
    times = {"_received_at": received, "_judged_at": received + timedelta(seconds=1), "_way": "excel", "_batch": "HZ7", "_line": number}
    records.put(item, f'["{item}","{department}","{number}"]', department=department, **{"XK_JDRQ": decided, "XK_WSH": f"文{number}", **times, **said})


@pytest.fixture(autouse=True)
def _filled(desk: Desk, records: Records) -> None:
    """住建委 reports weekly: two decisions of the first week of October in time, one of the third too late; the other weeks are blank."""
    desk.clock.time = NOVEMBER
    put(records, 1, date(2017, 10, 9), datetime(2017, 10, 12, 2, tzinfo=UTC))
    put(records, 2, date(2017, 10, 10), datetime(2017, 10, 12, 2, tzinfo=UTC))
    put(records, 3, date(2017, 10, 23), datetime(2017, 11, 15, 2, tzinfo=UTC))
    quantity = {"of": "2017-10", "produced": 6, "reported": 3, "unreported": 2, "grounds": "涉密", "published": 3, "address": ""}
    said = [
        ("ways", None, {"ways": {"excel": {"frequencies": ["week"], "remark": ""}}, "suggestion": ""}, datetime(2017, 9, 5, tzinfo=UTC)),
        ("quantity", "xzxk", quantity, NOVEMBER), ("nil", "xzxk", {"of": "2017-10-16/2017-10-22", "signed": True}, datetime(2017, 10, 24, tzinfo=UTC)),
    ]  # fmt: skip
    desk.lobby.loaded += [Declaration(f"{at:032x}", kind, "zjj", item, 1, about, "li", when) for at, (kind, item, about, when) in enumerate(said)]


@pytest.fixture
def office(desk: Desk) -> Browser:
    return desk.person(Role.OFFICE)


def lines(browser: Browser, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.get(path).content.decode("utf-8-sig"))))


def mine(browser: Browser, more: str = "") -> dict[str, str]:
    (found,) = [line for line in lines(browser, f"/status/export?form=csv&{MONTH}{more}") if line["部门代码"] == "zjj" and line["信息项代码"] == "xzxk"]
    return found


def test_a_month_says_who_owes_what_and_each_rate_with_both_numbers(office: Browser) -> None:
    found = mine(office)
    assert found["状态"] == "漏报"  # the first week, up to the 8th
    assert (found["报送条数"], found["归集率分子"], found["归集率分母"]) == ("3", "3", "4")
    assert (found["及时率分子"], found["及时率分母"]) == ("2", "4")
    assert (found["超时率"], found["超时率分子"], found["超时率分母"]) == ("0.25", "1", "4")
    assert (found["漏报率分子"], found["漏报率分母"]) == ("1", "4")
    office.get(f"/status?{MONTH}&department=zjj&item=xzxk")
    for number in ("75.0%（3/4）", "50.0%（2/4）"):  # each leads to its records
        assert re.search(rf'<a href="/status/zjj/xzxk/records\?[^"]*of=decided[^"]*">{number}</a>', office.page), number


def test_every_assignment_of_the_month_has_a_line_and_filters_stand_in_the_address(desk: Desk, office: Browser) -> None:
    everybody = lines(office, f"/status/export?form=csv&{MONTH}")
    assert {(line["部门代码"], line["信息项代码"]) for line in everybody} == {(each.department, each.item) for each in desk.app.state.site.assignments}
    missed = lines(office, f"/status/export?form=csv&{MONTH}&state=漏报")
    assert {line["状态"] for line in missed} == {"漏报"}
    assert 0 < len(missed) < len(everybody)
    assert {line["部门代码"] for line in lines(office, f"/status/export?form=csv&{MONTH}&department=gsj")} == {"gsj"}
    office.get("/status?month=2017-13")
    assert "月份或日期不对" in office.page
    assert lines(office, f"/status/export?form=csv&{MONTH}&item=none") == []
    office.get(f"/status?{MONTH}&department=none")
    assert "没有符合条件的报送任务" in office.page


def test_a_past_day_is_told_as_it_was(office: Browser) -> None:
    before = mine(office, "&as_of=2017-10-25")
    assert (before["报送条数"], before["归集率"], before["申报情况"], before["漏报率分母"]) == ("2", "—", "未申报", "2")
    assert mine(office, "&as_of=2030-01-01") == mine(office)


def test_the_periods_of_one_assignment_and_what_met_them(office: Browser) -> None:
    found = lines(office, f"/status/zjj/xzxk/export?form=csv&{MONTH}")
    assert [(line["期次"], line["状态"], line["完成于"], line["条数"]) for line in found] == [
        ("2017年第40周", "漏报", "", "0"), ("2017年第41周", "已上报", "2017-10-12 已归集记录", "2"),
        ("2017年第42周", "已上报", "2017-10-24 无数据上报", "0"), ("2017年第43周", "超时", "2017-11-15 已归集记录", "1"),
    ]  # fmt: skip
    assert [line["截止"] for line in found] == ["2017-10-17", "2017-10-24", "2017-10-31", "2017-11-07"]
    office.get(f"/status/zjj/xzxk?{MONTH}")
    for told in ("行政许可决定书文号", "数据报送方式", "自“许可决定日期”的次日起 7 个工作日内", "超时率", "25.0%（1/4）"):
        assert told in office.page


def test_behind_each_number_stand_as_many_records(office: Browser) -> None:
    decided = lines(office, f"/status/zjj/xzxk/records/export?form=csv&{MONTH}&of=decided")
    assert [(line["回执行号"], line["应于"], line["及时"]) for line in decided] == [("HZ7#1", "2017-10-18", "及时"), ("HZ7#2", "2017-10-19", "及时"), ("HZ7#3", "2017-11-01", "迟报")]
    assert len(lines(office, f"/status/zjj/xzxk/records/export?form=csv&{MONTH}&of=judged")) == 2  # the third came in November
    assert len(lines(office, "/status/zjj/xzxk/records/export?form=csv&month=2017-11&of=judged")) == 1
    for of in ("again", "open", "aged"):
        office.get(f"/status/zjj/xzxk/records?{MONTH}&of={of}")
        assert "没有记录" in office.page


def test_a_department_sees_its_own_only(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER)
    assert {line["部门代码"] for line in lines(browser, f"/status/export?form=csv&{MONTH}&department=gsj")} == {"zjj"}
    assert browser.get(f"/status/gsj/xzcf?{MONTH}").status_code == 404
    assert browser.get(f"/status/zjj/xzxk?{MONTH}").status_code == 200
    assert "本部门本信息项的频率" not in browser.page
    assert browser.get(f"/status/zjj/none?{MONTH}").status_code == 404


def test_the_office_sets_a_frequency_from_the_next_period_on(desk: Desk, office: Browser) -> None:
    office.get(f"/status/zjj/xzxk?{MONTH}")
    office.follow(office.post(f"/status/zjj/xzxk?{MONTH}", frequency="month", seen="0"))
    assert "已设定：一月一次。从下一期起执行。" in office.page
    assert office.post("/status/zjj/xzxk", frequency="day", seen="0").status_code == 409
    assert office.post("/status/zjj/xzxk", frequency="year", seen="1").status_code == 422
    assert lines(office, f"/status/zjj/xzxk/export?form=csv&{MONTH}")[0]["期次"] == "2017年第40周"
    desk.clock.time = datetime(2018, 2, 20, tzinfo=UTC)
    assert [line["期次"] for line in lines(desk.person(Role.OFFICE), "/status/zjj/xzxk/export?form=csv&month=2018-01")] == ["2018-01"]


def test_an_outage_moves_due_dates_and_its_removal_brings_them_back(desk: Desk, office: Browser) -> None:
    office.get("/status/outages")
    said = {**OUTAGE_SAID, "from": "2017-11-01T09:00", "to": "2017-11-01T10:00"}
    assert office.post("/status/outages", **said | {"to": "2017-11-01T09:00", "why": ""}, seen="0").status_code == 422
    assert "结束时间应晚于开始时间" in office.page
    assert "请写明原因" in office.page
    office.follow(office.post("/status/outages", **said, seen="0"))
    assert "升级" in office.page
    dues = [line["截止"] for line in lines(office, f"/status/zjj/xzxk/export?form=csv&{MONTH}")]
    assert dues == ["2017-10-17", "2017-10-24", "2017-10-31", "2017-11-08（顺延 1 个工作日）"]
    assert desk.person(Role.REVIEWER, "gsj").get("/status/outages").text.count("升级") == 1
    assert office.post("/status/outages", **said, seen="0").status_code == 409
    office.follow(office.post("/status/outages/remove", line="0", seen="1"))
    assert "没有停用记录" in office.page
    assert lines(office, f"/status/zjj/xzxk/export?form=csv&{MONTH}")[3]["截止"] == "2017-11-07"


def test_the_stock_against_what_was_stated(desk: Desk, office: Browser, records: Records) -> None:
    put(records, 10, date(2016, 5, 3), datetime(2017, 10, 20, 2, tzinfo=UTC))
    put(records, 11, date(2015, 5, 3), datetime(2017, 11, 3, 2, tzinfo=UTC))
    desk.lobby.loaded += [Declaration("f" * 32, "stock", "zjj", "xzxk", 1, {"years": {"2015": 1, "2016": 1}}, "li", datetime(2017, 9, 5, tzinfo=UTC))]
    found = {(line["部门"], line["信息项"]): line for line in lines(office, "/status/stock/export?form=csv")}
    line = next(line for (_, item), line in found.items() if item == "行政许可" and line["申报存量"] == "2")
    assert (line["状态"], line["已归集"], line["归集率"], line["截止"], line["完成于"]) == ("超时", "2", "100.0%（2/2）", "2017-10-31", "2017-11-03")
    assert {line["归集率"] for line in found.values() if not line["申报存量"]} == {"未申报"}
    office.get("/status/stock?department=zjj")
    assert "存量归集情况" in office.page


def test_the_warehouse_may_be_away(desk: Desk, office: Browser) -> None:
    class Gone:
        def query(self, *_: object, **__: object) -> None:
            raise Unavailable("away")

    desk.change(warehouse=Gone())
    assert office.get(f"/status?{MONTH}").status_code == 503
    assert "现在看不到报送情况" in office.page
