"""异议与修复申请: filed with proof about one record, followed by its number, and nothing of the applicant shown."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import CapturingLogger

from portal.accounts.roles import Role
from portal.audit import journal
from producers import api_errors
from producers.rate import Rate
from tests.loaders.records import Records
from tests.portal.desk import Browser, Desk

CODE, KEY, PDF = "91370102678901232X", '["xzcf","hbj","1"]', ("执照.pdf", b"%PDF-1.4 proof")
SAID = {"CF_WSH": "济环罚字1号", "CF_CFMC": "超标排放", "CF_XDR_SHXYM": CODE, "CF_XDR_MC": "济南泉城化工有限公司", "CF_SYFW": "0", "CF_ZT": "0", "CF_JDRQ": date(2017, 5, 10)}
FORM = {"kind": "objection", "applicant": "王芳", "capacity": "受托人", "phone": "0531-66608888", "statement": "处罚的不是我公司，是同名的另一家。"}


@pytest.fixture
def number(desk: Desk, records: Records) -> str:
    """A published record's."""
    desk.clock.time = datetime(2017, 9, 1, 4, tzinfo=UTC)
    records.put("qydj", '["qydj",null,"1"]', QYMC="济南泉城化工有限公司", TYSHXYDM=CODE)
    found = records.put("xzcf", KEY, department="hbj", **SAID)
    records.link()
    return found


def stored(desk: Desk) -> list[Path]:
    return list((desk.settings.home / "attachments").glob("*"))


def file(desk: Desk, number: str, **more: str) -> tuple[Browser, str]:
    """File one; the browser and the application's number."""
    browser = desk.nobody()
    browser.get(f"/public/applications/new/{number}?kind=objection")
    assert browser.attach(f"/public/applications/new/{number}", [PDF, ("照片.png", b"\x89PNG\r\n\x1a\n")], **FORM | more).status_code == 200
    return browser, re.search(r"(?:YY|XF)20170901-[2-9A-Z]{10}", browser.page)[0]


def exits(desk: Desk, number: str) -> dict[str, bool]:
    """Which public exits show the record."""
    browser = desk.nobody()
    found = {}
    for path in (f"/public/company?id={CODE}", f"/public/records/{number}", "/public/lists/xzcf", "/public/lists/xzcf/export?form=csv", f"/public/applications/new/{number}"):
        found[path] = "济环罚字1号" in browser.get(path).text
    browser.get(f"/public/company?id={CODE}")
    return found | {"report": "济环罚字1号" in browser.post("/public/reports", id=CODE).text}


@pytest.mark.parametrize("kind", ["objection", "repair"])
def test_from_the_application_to_the_decision_which_every_exit_obeys_at_once_whatever_is_sent_next(desk: Desk, records: Records, number: str, kind: str) -> None:
    browser, receipt = file(desk, number, kind=kind)
    assert all(exits(desk, number).values())
    office, officer = desk.person(Role.OFFICE), desk.person(Role.OFFICER, "hbj")
    office.get("/objections")
    address = re.search(r"/objections/\d+", office.page)[0]
    office.get(address)
    assert "处罚的不是我公司" in office.page
    office.follow(office.post(f"{address}/accept", yes="1"))
    desk.nobody().get(f"/public/records/{number}")
    browser.get(f"/public/records/{number}")
    assert ("这条信息有异议" in browser.page) is (kind == "objection")
    officer.get(address)
    officer.follow(officer.post(f"{address}/opinion", words="确系同名企业。"))
    office.follow(office.post(f"{address}/decision", granted="1", words="停止公示。"))
    assert not any(exits(desk, number).values())
    again = records.put("xzcf", KEY, department="hbj", **SAID | {"CF_SY": "又报了一次"})
    assert not any(exits(desk, again).values())
    browser.get(f"/public/applications?number={receipt}")
    for words in ("停止公示", "停止公示。", "0 天（自然日）", "济环罚字1号"):
        assert words in browser.page
    for hidden in ("王芳", "66608888", "同名的另一家", "张user"):
        assert hidden not in browser.page
    office.follow(office.post(f"{address}/decision", granted="0", words="恢复公示。"))
    assert all(exits(desk, number).values())


def test_everything_that_is_wrong_is_told_and_no_file_stays(desk: Desk, number: str) -> None:
    browser = desk.nobody()
    browser.get(f"/public/applications/new/{number}?kind=repair")
    assert browser.attach(f"/public/applications/new/{number}", [("a.pdf", b"<html>")], kind="repair", phone="x", applicant="王芳").status_code == 422
    for words in ("有 4 处需要改正", "不是 PDF、JPG 或 PNG", "请填写联系电话", 'value="王芳"'):
        assert words in browser.page
    assert browser.attach(f"/public/applications/new/{number}", [PDF] * 6, **FORM).status_code == 422
    assert browser.attach(f"/public/applications/new/{number}", [("big.pdf", b"%PDF-" + b"x" * (5 << 20))] * 5, **FORM).status_code == 413
    assert browser.post(f"/public/applications/new/{number}", **FORM).status_code == 422
    assert "至少附一份" in browser.page
    assert stored(desk) == []


def test_attachments_are_saved_and_never_shown_and_only_for_those_whose_business_it_is(desk: Desk, number: str) -> None:
    file(desk, number)
    assert len(stored(desk)) == 2
    officer = desk.person(Role.OFFICER, "hbj")
    officer.get("/objections/1")
    address = re.search(r"/objections/1/attachments/\d+", officer.page)[0]
    answer = officer.get(address)
    assert answer.content == PDF[1]
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for role, department in ((Role.OFFICER, "zjj"), (Role.AUDITOR, "")):
        assert desk.person(role, department).get(address).status_code in (403, 404)
    assert desk.nobody().get(address).status_code == 303


def test_nothing_is_filed_about_what_is_not_shown(desk: Desk, records: Records, number: str) -> None:
    browser = desk.nobody()
    browser.get("/public/reports")
    browser.get(f"/public/applications/new/{number}")
    records.put("xzcf", KEY, department="hbj", **SAID | {"CF_SYFW": "2"})
    assert browser.attach(f"/public/applications/new/{number}", [PDF], **FORM).status_code == 404
    person = records.put("xzcf", '["xzcf","hbj","2"]', **SAID | {"CF_XDR_SHXYM": None, "CF_XDR_MC": "张三"})
    assert browser.attach(f"/public/applications/new/{person}", [PDF], **FORM).status_code == 403
    assert stored(desk) == []


def test_one_address_cannot_fill_the_disk(desk: Desk, number: str) -> None:
    desk.change(applications=Rate(1e-9, 1, lambda: 0.0))
    browser, _ = file(desk, number)
    browser.get(f"/public/applications/new/{number}")
    assert browser.attach(f"/public/applications/new/{number}", [PDF], **FORM).status_code == 429
    assert len(stored(desk)) == 2


def test_what_cannot_be_written_down_leaves_no_file(desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    browser = desk.nobody()
    browser.get(f"/public/applications/new/{number}")
    monkeypatch.setattr(journal, "record", full)
    monkeypatch.setattr(api_errors, "LOG", CapturingLogger())
    assert browser.attach(f"/public/applications/new/{number}", [PDF], **FORM).status_code == 500
    assert stored(desk) == []


def test_a_number_nobody_has_is_said(desk: Desk) -> None:
    browser = desk.nobody()
    assert browser.get("/public/applications?number=YY20170901-AAAAAAAAAA").status_code == 404
    assert "没有这个编号的申请" in browser.page
    assert browser.get("/public/applications").status_code == 200


def test_the_filing_is_in_the_departments_audit_without_the_applicant(desk: Desk, number: str) -> None:
    _, receipt = file(desk, number)
    (line,) = [each for each in desk.audit() if each.action == "提交异议或修复申请"]
    assert (line.subject, line.about, line.account_id, line.address) == (receipt, "hbj", None, "10.1.2.3")
