"""信用报告: a number, a code to scan, "as of", and a page on which the number is verified and nothing that was shown is kept."""

import re
from datetime import UTC, date, datetime

import pytest

from tests.loaders.records import Records
from tests.portal.desk import BOTH, Desk

CODE = "91370102678901232X"


@pytest.fixture(autouse=True)
def _filled(desk: Desk, records: Records) -> None:
    desk.clock.time = datetime(2017, 9, 1, 4, tzinfo=UTC)
    records.put("qydj", '["qydj",null,"1"]', QYMC="济南泉城化工有限公司", TYSHXYDM=CODE)
    records.put("xzcf", '["xzcf","1"]', CF_WSH="济环罚字1号", CF_CFMC="超标排放", CF_XDR_SHXYM=CODE, CF_XDR_MC="济南泉城化工有限公司", CF_SYFW="0", CF_ZT="0", CF_JDRQ=date(2017, 5, 10))
    records.link()


@BOTH
def test_a_report_has_a_number_that_can_be_verified(desk: Desk) -> None:
    browser = desk.nobody()
    browser.get(f"/public/company?id={CODE}")
    assert browser.post("/public/reports", id=CODE).status_code == 200
    number = re.search(r"BG20170901-[2-9A-Z]{10}", browser.page)[0]
    digest = re.search(r"<code>([0-9a-f]{16})</code>", browser.page)[1]
    for words in ("2017-09-01 12:00", "超标排放", f"http://127.0.0.1:8000/public/reports/{number}", 'src="data:image/svg+xml'):
        assert words in browser.page
    assert browser.get(f"/public/reports/{number.lower()}").status_code == 200
    for words in (number, digest, "济南泉城化工有限公司", "行政处罚与失信", "1 条", "2017-09-01 12:00"):
        assert words in browser.page
    assert "超标排放" not in browser.page
    assert [(line.action, line.subject.split()[0]) for line in desk.audit()] == [("出具公开信用报告", number)]


def test_a_number_that_nobody_gave_out_is_not_verified(desk: Desk) -> None:
    browser = desk.nobody()
    assert browser.get("/public/reports/BG20170901-AAAAAAAAAA").status_code == 404
    assert "不是本平台出具的报告" in browser.page
    assert browser.get("/public/reports?number=BG20170901-AAAAAAAAAA").headers["location"] == "/public/reports/BG20170901-AAAAAAAAAA"
    for strange in ("//evil.example", "../login", "a%0d%0ab"):
        assert browser.get(f"/public/reports?number={strange}").status_code == 200


def test_a_report_of_nobody_is_not_made(desk: Desk) -> None:
    browser = desk.nobody()
    browser.get(f"/public/company?id={CODE}")
    assert browser.post("/public/reports", id="91440300708461136T").status_code == 404
    assert browser.post("/public/reports").status_code == 404
