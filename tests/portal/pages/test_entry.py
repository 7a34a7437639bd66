"""数据录入: the list of a department's sheets, and its own decision whether they are reviewed."""

from portal.accounts.roles import Role
from tests.portal.desk import CATALOG, Away, Browser, Desk
from tests.portal.entry.site import ITEM, equipped, filled, open_form


def send(browser: Browser, do: str = "send", **more: str) -> str:
    """A record entered; where its sheet is shown."""
    open_form(browser)
    return browser.post("/entry", item="xzxk", do=do, **filled(ITEM, **more)).headers["location"]


def test_each_sheet_stands_with_what_became_of_it(desk: Desk) -> None:
    door, house = equipped(desk)
    officer = desk.person(Role.OFFICER)
    send(officer)
    send(officer, XK_WSH="济建许〔2017〕2号")
    send(officer, "draft", XK_WSH="济建许〔2017〕3号")
    first, second = door.sent
    counted = {"accepted_": 0, "duplicate_": 0, "superseded_": 0, "excluded_": 0, "rejected_": 0}
    house.answers["AS rejected_, sum(excluded) AS excluded_\nFROM receipts"] = [{"batch": first, **counted, "rejected_": 1}]
    officer.get("/entry")
    for words in (first, second, "退回", "处理中", "草稿", "济建许〔2017〕3号", "共 3 条"):
        assert words in officer.page
    assert [parameters["batches"] for sql, parameters in house.asked if "{batches:" in sql][-1] == [second, first]
    officer.get("/entry?state=draft")
    assert "共 1 条" in officer.page
    assert first in officer.get("/entry/export?form=csv").content.decode("utf-8-sig")
    desk.change(warehouse=Away())
    officer.get("/entry")
    assert "查不到" in officer.page


def test_no_list_shows_a_persons_number_or_name(desk: Desk) -> None:
    equipped(desk)
    item = CATALOG()["dcdy"]
    officer = desk.person(Role.OFFICER, next(each.department for each in desk.app.state.site.assignments if each.item == item.code))
    open_form(officer, item.code)
    numbers = {field.name: "370102198001011237" for field in item.fields if field.kind == "string" and not field.code_set}
    officer.post("/entry", item=item.code, do="draft", **numbers)
    for address in ("/entry", "/entry/export?form=csv", "/audit", "/audit/export?form=csv"):
        assert "370102198001011237" not in officer.get(address).content.decode(), address


def test_another_departments_sheets_do_not_exist(desk: Desk) -> None:
    equipped(desk)
    address = send(desk.person(Role.OFFICER), "draft", XK_XMMC="不可外传")
    for role, department in ((Role.OFFICER, "gtj"), (Role.REVIEWER, "gtj"), (Role.CENTRE, "")):
        other = desk.person(role, department)
        for path in ("/entry", "/entry/export?form=csv", address, f"{address}/edit", f"{address}/outcome", f"/entry/new?item=xzxk&copy={address[7:]}"):
            answer = other.get(path)
            assert "不可外传" not in answer.content.decode(), path
            assert answer.status_code == (200 if path.startswith(("/entry?", "/entry/export")) or path == "/entry" or (role is Role.CENTRE and "new" in path) else 404), path
        for path in (address, f"{address}/delete", f"{address}/release", f"{address}/return"):
            assert other.post(path, revision="1", reason="x").status_code in (403, 404), path


def test_the_reviewer_decides_whether_the_department_reviews(desk: Desk) -> None:
    door, _ = equipped(desk)
    reviewer, officer = desk.person(Role.REVIEWER), desk.person(Role.OFFICER)
    assert officer.post("/entry/review", review="on").status_code == 403
    reviewer.get("/entry")
    reviewer.follow(reviewer.post("/entry/review", review="on"))
    assert "须由另一位审核人员审核" in reviewer.page
    officer.follow(send_raw(officer))
    assert "待审核" in officer.page
    assert not door.sent
    reviewer.post("/entry/review")
    open_form(officer)
    assert officer.post("/entry", item="xzxk", do="send", **filled(ITEM, XK_WSH="济建许〔2017〕2号")).status_code == 303
    assert len(door.sent) == 1  # the first one still waits


def send_raw(browser: Browser) -> object:
    open_form(browser)
    return browser.post("/entry", item="xzxk", do="send", **filled(ITEM))
