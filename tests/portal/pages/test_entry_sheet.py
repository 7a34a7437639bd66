"""One sheet: a second pair of eyes, 代报 confirmed by the department, and what became of it."""

import re

import pytest

from portal.accounts.roles import Role
from tests.portal.desk import Browser, Desk
from tests.portal.entry.site import ITEM, equipped, filled, judged, open_form

REASON = {"rule": "R-USCC-03", "severity": "error", "field": "XK_XDR_SHXYM", "title": "统一社会信用代码", "value": "9144…", "message": "校验位不对。", "remedy": "请核对执照。"}


def reviewed(desk: Desk) -> Browser:
    """The department's reviewer, who has just asked for 审核."""
    reviewer = desk.person(Role.REVIEWER)
    reviewer.get("/entry")
    reviewer.post("/entry/review", review="on")
    return reviewer


def send(browser: Browser, **more: str) -> str:
    open_form(browser)
    answer = browser.post("/entry", item="xzxk", do="send", **filled(ITEM, **more))
    assert answer.status_code == 303, browser.page
    return answer.headers["location"]


def decide(browser: Browser, address: str, what: str, **more: str) -> int:
    browser.get(address)
    found = re.search(r'name="revision" value="(\d+)"', browser.page)
    return browser.post(f"{address}/{what}", revision=found[1] if found else "1", **more).status_code


def test_an_entry_waits_until_the_reviewer_releases_it(desk: Desk) -> None:
    door, _ = equipped(desk)
    reviewer, account = reviewed(desk), desk.account(Role.OFFICER)
    officer = desk.enter(account)
    address = send(officer)
    assert not door.sent
    officer.get(address)
    assert "通过并报送" not in officer.page
    assert decide(officer, address, "release") == 403
    reviewer.get(address)
    assert "通过并报送" in reviewer.page
    assert decide(reviewer, address, "release") == 303
    submission, row = door.last
    assert (submission.source, row.operation, dict(row.fields)) == ("zjj/form", "assert", ITEM.example)
    assert submission.by.startswith(f"{account.username}/")
    reviewer.get(address)
    assert "审核" in reviewer.page
    assert decide(reviewer, address, "release") == 409
    assert len(door.sent) == 1


def test_returned_with_a_reason_it_is_corrected_and_waits_again(desk: Desk) -> None:
    door, _ = equipped(desk)
    reviewer, officer = reviewed(desk), desk.person(Role.OFFICER)
    address = send(officer)
    assert decide(reviewer, address, "return", reason=" ") == 422
    assert decide(reviewer, address, "return", reason="法定代表人填的是旧的") == 303
    officer.get(f"{address}/edit")
    assert "法定代表人填的是旧的" in officer.page
    revision = re.search(r'name="revision" value="(\d+)"', officer.page)[1]
    officer.follow(officer.post(address, revision=revision, do="send", **filled(ITEM, XK_FR="李四")))
    assert "待审核" in officer.page
    assert "旧的" not in officer.page
    assert decide(reviewer, address, "release") == 303
    assert door.last[1].fields["XK_FR"] == "李四"


def test_nobody_releases_what_he_filled_in_himself(desk: Desk) -> None:
    door, _ = equipped(desk)
    reviewer = reviewed(desk)
    address = send(reviewer)
    assert decide(reviewer, address, "release") == 403
    assert "不能审核" in reviewer.page
    assert decide(desk.person(Role.REVIEWER), address, "release") == 303
    assert len(door.sent) == 1


def test_what_was_changed_under_the_reviewers_eyes_is_not_released(desk: Desk) -> None:
    door, _ = equipped(desk)
    reviewer, officer = reviewed(desk), desk.person(Role.OFFICER)
    address = send(officer)
    reviewer.get(address)
    seen = re.search(r'name="revision" value="(\d+)"', reviewer.page)[1]
    second = desk.person(Role.REVIEWER)
    decide(second, address, "return", reason="改")
    officer.get(f"{address}/edit")
    revision = re.search(r'name="revision" value="(\d+)"', officer.page)[1]
    officer.post(address, revision=revision, do="send", **filled(ITEM, XK_FR="李四"))
    assert reviewer.post(f"{address}/release", revision=seen).status_code == 409
    assert not door.sent


def test_two_that_wait_with_the_same_record_are_not_both_released(desk: Desk) -> None:
    door, _ = equipped(desk)
    reviewer, officer = reviewed(desk), desk.person(Role.OFFICER)
    one, other = send(officer), send(officer, XK_FR="李四")
    assert decide(reviewer, one, "release") == 303
    assert decide(reviewer, other, "release") == 409
    assert "已经录入过" in reviewer.page
    assert len(door.sent) == 1


@pytest.mark.parametrize("review", [False, True])
def test_the_centre_fills_in_for_a_department_which_confirms(desk: Desk, review: bool) -> None:
    door, _ = equipped(desk)
    reviewer = reviewed(desk) if review else desk.person(Role.REVIEWER)
    centre, officer = desk.person(Role.CENTRE), desk.person(Role.OFFICER)
    centre.get("/entry/new?department=zjj")
    assert "item=xzxk" in centre.page
    centre.get("/entry/new?department=zjj&item=xzxk")
    address = centre.post("/entry", item="xzxk", department="zjj", do="draft", **filled(ITEM)).headers["location"]
    assert officer.get(address).status_code == 404  # not handed over yet
    centre.get(f"{address}/edit")
    centre.follow(centre.post(address, revision="1", do="send", **filled(ITEM)))
    assert "待部门确认" in centre.page
    assert not door.sent
    assert decide(centre, address, "release") == 403
    assert officer.get(f"{address}/edit").status_code == 409  # the department confirms, and changes nothing
    assert decide(officer, address, "release") == (403 if review else 303)
    if review:
        assert decide(reviewer, address, "release") == 303
    submission, _ = door.last
    assert (submission.source, submission.department) == ("zjj/form", "zjj")
    centre.get("/entry")
    assert "代报" in centre.page
    assert "已报送" in centre.page


def test_a_department_that_does_not_agree_returns_it_to_the_centre(desk: Desk) -> None:
    door, _ = equipped(desk)
    centre, officer = desk.person(Role.CENTRE), desk.person(Role.OFFICER)
    centre.get("/entry/new?department=zjj&item=xzxk")
    address = centre.post("/entry", item="xzxk", department="zjj", do="send", **filled(ITEM)).headers["location"]
    assert decide(officer, address, "return", reason="不是我委作出的") == 303
    centre.get(address)
    assert "不是我委作出的" in centre.page
    centre.follow(centre.post(f"{address}/delete"))
    assert not door.sent


def test_the_outcome_is_asked_for_until_it_is_there(desk: Desk) -> None:
    _, house = equipped(desk)
    officer = desk.person(Role.OFFICER)
    address = send(officer)
    before = desk.audited()
    officer.get(f"{address}/outcome?asked=1")
    assert "处理中" in officer.page or "待处理" in officer.page
    assert f'hx-get="{address}/outcome?asked=2" hx-trigger="load delay:3s"' in officer.page
    officer.get(f"{address}/outcome?asked=20")
    assert "hx-get" not in officer.page
    assert "刷新" in officer.page
    judged(house, "accepted")
    officer.get(f"{address}/outcome?asked=2")
    assert "hx-get" not in officer.page
    assert "成功，已入库" in officer.page
    assert "<html" not in officer.page
    assert desk.audited() == before


def test_a_rejected_record_says_why_and_is_corrected_with_the_same_reference(desk: Desk) -> None:
    door, house = equipped(desk)
    officer = desk.person(Role.OFFICER)
    address = send(officer)
    judged(house, "rejected", [REASON])
    officer.get(address)
    for words in ("失败，退回", "校验位不对。", "请核对执照。", f"corrects={address[7:]}"):
        assert words in officer.page
    officer.get(f"/entry/new?item=xzxk&corrects={address[7:]}")
    assert ITEM.example["XK_WSH"] in officer.page
    answer = officer.post("/entry", item="xzxk", corrects=address[7:], do="send", **filled(ITEM, XK_FR="李四"))
    assert answer.status_code == 303, officer.page  # the record of the same key is no mistake here
    (_, (first,)), (_, (second,)) = door.sent.values()
    assert first.ref == second.ref
    assert first.ref
