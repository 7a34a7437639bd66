"""数据录入, the form: every fault at its field before anything is sent; drafts, copies, 试报; nothing of it needs scripts."""

import html
import re

import pytest

from portal.accounts.roles import Role
from portal.entry import places
from producers.refusal import Refusal
from schemas import identity
from tests.portal.desk import BOTH, CATALOG, Desk
from tests.portal.entry.site import ITEM, equipped, filled, open_form, record, stands

LINK = re.compile(r'href="(/entry/\d+)"')
MORE_ITEMS = ["xzcf", "ajns", "dcdy"]


@BOTH
def test_sent_it_goes_through_the_door_as_the_departments_word(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    answer = officer.post("/entry", item="xzxk", do="send", **filled(ITEM))
    submission, row = door.last
    assert (submission.source, submission.department, submission.way, submission.item) == ("zjj/form", "zjj", "form", "xzxk")
    assert (row.operation, dict(row.fields), row.line, list(row.faults)) == ("assert", ITEM.example, 1, [])
    officer.follow(answer)
    receipt = identity.batch("zjj/form", submission.idempotency_key)
    assert receipt in officer.page
    assert "已收下" in officer.page
    assert 'hx-get="/entry/1/outcome?asked=1"' in officer.page
    assert '<a href="/entry/1">刷新</a>' in officer.page


@pytest.mark.parametrize("code", MORE_ITEMS)
def test_every_items_example_can_be_entered(desk: Desk, code: str) -> None:
    door, _ = equipped(desk)
    department = next(each.department for each in desk.app.state.site.assignments if each.item == code)
    officer = desk.person(Role.OFFICER, department)
    open_form(officer, code)
    assert officer.post("/entry", item=code, do="send", **filled(CATALOG()[code])).status_code == 303, officer.page
    assert dict(door.last[1].fields) == CATALOG()[code].example


def test_all_faults_are_told_at_once_at_their_fields_and_nothing_is_sent(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    sent = filled(ITEM, XK_XDR_SHXYM="91440300708461136X", XK_JDRQ="2017-13-40", XK_WSH="")
    assert officer.post("/entry", item="xzxk", do="send", **sent).status_code == 422
    for name in ("XK_XDR_SHXYM", "XK_JDRQ", "XK_WSH"):
        assert f'id="{name}-fault"' in officer.page
        assert f'href="#{name}"' in officer.page
        assert re.search(rf'id="{name}"[^>]*aria-describedby="[^"]*{name}-fault[^"]*" aria-invalid="true"', officer.page), name
    assert "2017-13-40" in officer.page  # what was filled in stays, although a date input could not show it
    assert "有 3 处需要改正" in officer.page
    assert not door.sent
    officer.get("/entry")
    assert "还没有录入过" in officer.page
    assert desk.audit()[-2].outcome == "failed"


def test_a_draft_may_be_wrong_and_is_finished_later(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    officer.follow(officer.post("/entry", item="xzxk", do="draft", XK_WSH="济建许〔2017〕9号", XK_JDRQ="昨天"))
    assert "草稿已保存" in officer.page
    assert not door.sent
    colleague = desk.person(Role.OFFICER)
    colleague.get("/entry/1/edit")
    assert 'value="昨天"' in colleague.page
    assert "济建许〔2017〕9号" in colleague.page
    revision = re.search(r'name="revision" value="(\d+)"', colleague.page)[1]
    colleague.follow(colleague.post("/entry/1", do="send", revision=revision, **filled(ITEM)))
    assert len(door.sent) == 1
    assert colleague.get("/entry/1/edit").status_code == 409  # sent, it is changed as a record


@BOTH
def test_who_changes_a_draft_second_is_told_and_loses_nothing_of_the_first(desk: Desk) -> None:
    equipped(desk)
    one, other = desk.person(Role.OFFICER), desk.person(Role.OFFICER)
    open_form(one)
    one.follow(one.post("/entry", item="xzxk", do="draft", XK_WSH="甲"))
    for browser in (one, other):
        browser.get("/entry/1/edit")
    assert one.post("/entry/1", do="draft", revision="1", XK_WSH="乙").status_code == 303
    assert other.post("/entry/1", do="draft", revision="1", XK_WSH="丙").status_code == 409
    assert "刚刚被别人改动" in other.page
    one.get("/entry/1")
    assert "乙" in one.page


def test_a_draft_can_be_deleted_and_what_is_sent_cannot(desk: Desk) -> None:
    equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    officer.post("/entry", item="xzxk", do="draft", XK_WSH="甲")
    officer.follow(officer.post("/entry/1/delete"))
    assert "草稿已删除" in officer.page
    open_form(officer)
    address = officer.post("/entry", item="xzxk", do="send", **filled(ITEM)).headers["location"]
    assert officer.post(f"{address}/delete").status_code == 409


def test_the_last_record_is_copied_by_link(desk: Desk) -> None:
    equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    assert "copy=last" not in officer.page
    officer.post("/entry", item="xzxk", do="draft", XK_WSH="济建许〔2017〕9号", XK_XKJG="济南市城乡建设委员会")
    open_form(officer)
    assert 'href="/entry/new?item=xzxk&copy=last"' in officer.page
    officer.get("/entry/new?item=xzxk&copy=last")
    assert "济建许〔2017〕9号" in officer.page
    assert "济南市城乡建设委员会" in officer.page


def test_the_same_record_is_not_entered_anew_by_mistake(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    officer.post("/entry", item="xzxk", do="send", **filled(ITEM))
    open_form(officer)
    assert officer.post("/entry", item="xzxk", do="send", **filled(ITEM, BZ="又一次")).status_code == 422
    assert "这条记录已经录入过" in officer.page
    assert len(door.sent) == 1


def test_tried_it_is_judged_and_nothing_is_stored(desk: Desk) -> None:
    door, house = equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)

    def tried(**more: str) -> str:
        assert officer.post("/entry", item="xzxk", do="try", **filled(ITEM, **more)).status_code == 200
        return re.search(r"试报结果：([^。]+)。", officer.page)[1]

    assert tried() == "新增"
    assert tried(XK_WSH="") == "退回"
    assert 'id="XK_WSH-fault"' in officer.page
    stands(house, record(ITEM, "zjj", ITEM.example, desk.settings.key_secret), "xzxk")
    assert tried() == "重复"
    assert tried(BZ="改了一处") == "修改"
    assert all(parameters["department"] == "zjj" for _, parameters in house.asked)
    assert not door.sent
    officer.get("/entry")
    assert "还没有录入过" in officer.page


def test_without_the_warehouse_it_is_tried_by_the_rules_alone(desk: Desk) -> None:
    away = desk.app.state.site.warehouse
    equipped(desk)
    desk.change(warehouse=away)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    officer.post("/entry", item="xzxk", do="try", **filled(ITEM))
    assert "试报结果：可以报送。" in officer.page
    officer.follow(officer.post("/entry", item="xzxk", do="send", **filled(ITEM)))
    assert "现在查不到处理结果" in officer.page
    assert "记录已经收下，不会丢失" in officer.page


def test_every_input_has_its_label_help_and_condition_in_words_and_needs_no_script(desk: Desk) -> None:
    equipped(desk)
    department = next(each.department for each in desk.app.state.site.assignments if each.item == "dcdy")
    officer = desk.person(Role.OFFICER, department)
    open_form(officer, "dcdy")
    for field in CATALOG()["dcdy"].fields:
        assert f'for="{field.name}"' in officer.page or f'<fieldset class="field" id="{field.name}"' in officer.page
        assert f'id="{field.name}-help"' in officer.page
    assert "为注销、撤销时必填" in officer.page
    assert """data-when="ZT" data-in='["注销", "撤销"]'""" in html.unescape(re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), officer.page))
    assert "novalidate" in officer.page
    assert "hidden" not in re.sub(r'type="hidden"|aria-hidden', "", officer.page)


def test_a_code_is_found_by_its_title_in_a_long_list(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    assert 'list="DFBM-list"' in officer.page
    assert '<option value="370102">370102 历下区</option>' in officer.page
    officer.post("/entry", item="xzxk", do="send", **filled(ITEM, DFBM="历下区"))
    assert door.last[1].fields["DFBM"] == "370102"


def test_long_texts_and_markup_come_back_as_they_were(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    text = "因违反《中华人民共和国建筑法》第六十五条之规定，" * 60 + '</textarea><script>alert("x")</script>'
    answer = officer.post("/entry", item="xzxk", do="draft", **filled(ITEM, XK_NR=text))
    raw = officer.client.get(answer.headers["location"] + "/edit", headers={"accept": "text/html"}).text
    assert "<script>alert" not in raw
    assert text in html.unescape(raw)
    huge = officer.post("/entry", item="xzxk", do="draft", XK_NR="长" * 200_000)
    assert huge.status_code == 413
    assert not door.sent


def test_what_the_door_refuses_stays_a_draft(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    officer.post("/entry", item="xzxk", do="draft", **filled(ITEM))
    door.refusal = Refusal("busy", "平台正忙。")
    assert officer.post("/entry/1", do="send", revision="1", **filled(ITEM)).status_code == 429
    officer.get("/entry/1")
    assert "草稿" in officer.page
    door.refusal = None
    assert officer.post("/entry/1", do="send", revision="1", **filled(ITEM)).status_code == 303


def test_who_died_between_the_door_and_the_answer_sends_again_and_gets_the_same_receipt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    officer.post("/entry", item="xzxk", do="draft", **filled(ITEM))
    submit = door.submit

    def dying(submission: object) -> None:
        submit(submission)
        raise OSError

    monkeypatch.setattr(door, "submit", dying)
    assert officer.post("/entry/1", do="send", revision="1", **filled(ITEM)).status_code == 500
    monkeypatch.undo()
    officer.follow(officer.post("/entry/1", do="send", revision="1", **filled(ITEM)))
    assert len(door.sent) == 1
    assert next(iter(door.sent)) in officer.page


def test_only_what_the_department_owes_can_be_entered(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    owed = {item.code for item in desk.app.state.site.owed("zjj")}
    foreign = next(code for code in CATALOG() if code not in owed)
    assert officer.get(f"/entry/new?item={foreign}").status_code == 404
    assert officer.post("/entry", item=foreign, do="send").status_code == 404
    open_form(officer)
    officer.post("/entry", item="xzxk", department="gtj", do="send", **filled(ITEM))
    assert door.last[0].source == "zjj/form"  # whatever the form says


def test_a_record_of_another_department_is_not_changed_from_here(desk: Desk) -> None:
    door, house = equipped(desk)
    stands(house, row := record(ITEM, "gtj", ITEM.example, desk.settings.key_secret), "xzxk")
    officer = desk.person(Role.OFFICER)
    open_form(officer)
    assert officer.post("/entry", item="xzxk", do="send", fixed=places.token(row["_key"]), **filled(ITEM)).status_code == 404
    assert not door.sent
