"""Who looked up what a department supplied: that department alone sees it, with counts, pages and export; the office counts all."""

import csv
import io

import pytest

from portal.accounts.roles import Role
from portal.government import ledger
from portal.government.ledger import Answer, Question
from tests.portal.desk import Desk
from tests.portal.government.site import asker, shown

WHY = ("审查许可申请", "济建〔2017〕1号")


def looked_up(desk: Desk, subject: str, supplied: list[str], who: str = "gtj", times: int = 1) -> None:
    with desk.database.begin() as database:
        for _ in range(times):
            records = [shown(department) for department in supplied]
            ledger.add(database, asker(department=who, role="officer" if who else "office"), Question(ledger.PAGE, "organisation", subject, *WHY), Answer(ledger.FOUND, subject, records), desk.clock())


def test_a_department_sees_who_was_shown_its_records_and_why_and_nothing_of_others(desk: Desk) -> None:
    looked_up(desk, "甲公司", ["zjj", "zjj", "hbj"])
    looked_up(desk, "乙公司", ["hbj"])
    browser = desk.person(Role.REVIEWER, "zjj")
    for path in ("/looked-up", "/looked-up?department=hbj"):
        assert browser.get(path).status_code == 200
        for words in ("谁查询了本部门提供的记录", "甲公司", "张伟", *WHY, "济南市国土资源局", "行政许可", "共 1 条"):
            assert words in browser.page, words
        assert "乙公司" not in browser.page
    rows = list(csv.reader(io.StringIO(browser.get("/looked-up/export?form=csv&department=hbj").content.decode("utf-8-sig"))))
    assert [row[-1] for row in rows] == ["记录数", "2"]
    assert "乙公司" not in desk.person(Role.OFFICER, "gtj").get("/looked-up").text  # who asks does not read it there


@pytest.mark.parametrize("role", [Role.OFFICE, Role.CENTRE, Role.AUDITOR])
def test_those_who_oversee_see_every_department_and_count_all(desk: Desk, role: Role) -> None:
    looked_up(desk, "甲公司", ["zjj", "hbj"])
    looked_up(desk, "乙公司", ["hbj"], who="")
    browser = desk.person(role)
    browser.get("/looked-up")
    assert "共 3 条" in browser.page
    browser.get("/looked-up?department=hbj&asker=gtj")
    assert "共 1 条" in browser.page
    assert "乙公司" not in browser.page
    browser.get("/looked-up/counts")
    for words in ("共查询 2 次，查到 2 次，显示记录 3 条", "信用办", "国土资源局"):
        assert words in browser.page
    assert browser.get("/looked-up/counts/export?form=xlsx").status_code == 200


def test_a_second_page_a_period_and_an_empty_state(desk: Desk) -> None:
    browser = desk.person(Role.OFFICER, "zjj")
    browser.get("/looked-up")
    assert "还没有人查询过" in browser.page
    looked_up(desk, "甲公司", ["zjj"], times=60)
    browser.get("/looked-up?page=2")
    assert browser.page.count("甲公司") == 10
    today = desk.clock().astimezone(desk.app.state.site.zone).date().isoformat()
    for asked, words in ((f"since={today}&until={today}", "共 60 条"), ("until=2000-01-01", "没有符合条件的查询"), ("since=x", "共 60 条")):
        browser.get(f"/looked-up?{asked}")
        assert words in browser.page
    browser.get("/looked-up")
    assert "60" in browser.page.split("按查询单位</h2>")[1].split("逐次</h2>")[0]
