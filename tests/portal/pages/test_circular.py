"""通报: from the draft to the issued document, as the centre, the office and departments see it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from loaders import measures
from loaders.obligations import Asked
from portal.circular import freeze
from portal.circular.frozen import Frozen, Packed
from tests.loaders.records import Records
from tests.portal.circular import site
from tests.portal.circular.site import Team, do, draft, everything, issued, lines, sent
from tests.portal.desk import Desk

FREEZE, FROZEN = freeze.freeze, dict[Asked, tuple[Frozen, list[Packed]]]()
OBJECTION = {"figure": "timely", "why": "第 3 条（11010519491231002X）在 10 月 25 日已报送"}


@pytest.fixture(autouse=True)
def _once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same month of the same data is frozen once for all these tests."""
    monkeypatch.setattr(freeze, "freeze", lambda ground, asked: FROZEN.get(asked) or FROZEN.setdefault(asked, FREEZE(ground, asked)))


@pytest.fixture
def people(desk: Desk, records: Records) -> Team:
    site.month(desk, records)
    return Team(desk)


def test_a_draft_says_what_the_ledger_says(people: Team) -> None:
    at = draft(people.centre)
    (mine,) = [line for line in lines(people.centre, f"{at}/lines/export?form=csv") if (line["部门"], line["信息项"], line["报送条数"]) == ("市城乡建设委", "行政许可", "3")]
    (ledger,) = lines(people.centre, "/status/export?form=csv&month=2017-10&as_of=2017-11-10&department=zjj&item=xzxk")
    for figure in ("归集率", "及时率", "一次合规率", "合规率", "疑问率", "超时率", "漏报率"):
        assert [mine[figure + part] for part in ("", "分子", "分母")] == [ledger[figure + part] for part in ("", "分子", "分母")], figure
    assert (mine["归集率分子"], mine["归集率分母"], mine["及时率分子"], mine["完整率分子"]) == ("3", "4", "2", "6")
    ranked = {line["部门"]: (line["名次"], line["得分"]) for line in lines(people.centre, f"{at}/export?form=csv")}
    assert ranked["济南市工商行政管理局"][0] == "1"
    assert ranked["中共济南市委宣传部"] == ("—", "不排名")


def test_behind_each_frozen_number_stand_as_many_rows(people: Team) -> None:
    at = draft(people.centre) + "/zjj/xzxk"
    decided = lines(people.centre, f"{at}/records/export?form=csv&of=decided")
    assert [(row["回执行号"], row["应于"], row["及时"]) for row in decided] == [("HZ-zjj#1", "2017-10-18", "及时"), ("HZ-zjj#2", "2017-10-19", "及时"), ("HZ-zjj#3", "2017-11-01", "迟报")]
    assert [row["回执行号"] for row in lines(people.centre, f"{at}/records/export?form=csv&of=late")] == ["HZ-zjj#3"]
    assert len(lines(people.centre, f"{at}/records/export?form=csv&of=judged")) == 2
    people.centre.get(f"{at}/records?of=again")
    assert "没有记录" in people.centre.page
    people.centre.get(at)
    assert "2017年第40周" in people.centre.page


def test_rows_are_the_same_in_however_many_pages_they_are_asked_for(people: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    at = draft(people.centre)
    whole = everything(people.centre, at)["/zjj/xzxk/records/export decided"]
    do(people.centre, f"{at}/withdraw", why="重做")
    monkeypatch.setattr(freeze, "PAGE", 1)
    monkeypatch.setattr(freeze, "freeze", FREEZE)
    assert everything(people.centre, draft(people.centre))["/zjj/xzxk/records/export decided"] == whole


def test_numbers_whose_rows_are_not_all_there_are_not_frozen(people: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measures.decided_records
    monkeypatch.setattr(measures, "decided_records", lambda *asked: whole(*asked)[1:])
    monkeypatch.setattr(freeze, "freeze", FREEZE)
    people.centre.get("/circular")
    assert people.centre.post("/circular", month="2017-10").status_code == 409
    assert "对不上" in people.centre.page
    assert "还没有通报" in people.centre.get("/circular").text


def test_what_happens_afterwards_changes_no_byte_of_it(desk: Desk, records: Records, people: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    at = sent(people)
    issued(desk, people, at)
    before = everything(people.office, at)
    assert any(b"HZ-zjj#3" in content for content in before.values())
    site.put(records, 5, date(2017, 10, 24), datetime(2017, 10, 26, 2, tzinfo=UTC))  # judged before the cut-off and loaded only now
    site.put(records, 1, date(2017, 10, 9), datetime(2017, 11, 20, 2, tzinfo=UTC), XK_WSH="更正")
    records.put("xzxk", '["xzxk","zjj","2"]', withdrawn=True, _received_at=datetime(2017, 10, 20, 2, tzinfo=UTC), _judged_at=datetime(2017, 10, 20, 2, tzinfo=UTC))
    desk.lobby.loaded.clear()
    catalog = desk.app.state.site.catalog
    desk.change(catalog=type(catalog)([item for item in catalog.values() if item.code != "xzxk"]), assignments=[])
    monkeypatch.setattr("portal.circular.freeze.freeze", None)
    people.at(desk.clock.time + timedelta(days=400))
    assert everything(people.office, at) == before


def test_a_department_sees_its_own_lines_only_until_all_see_the_table(desk: Desk, people: Team) -> None:
    at = draft(people.centre)
    assert people.zjj.get(at).status_code == 404
    assert "还没有通报" in people.zjj.get("/circular").text
    do(people.centre, f"{at}/consult")
    assert people.zjj.get(at).status_code == 200
    assert "工商" not in people.zjj.page
    assert {line["部门"] for path in ("/export", "/lines/export") for line in lines(people.zjj, f"{at}{path}?form=csv")} == {"市城乡建设委"}
    for path in ("/gsj/xzxk", "/gsj/xzxk/records", "/gsj/xzxk/records/export"):
        assert people.zjj.get(at + path).status_code == 404, path
    issued(desk, people, at)
    assert {"济南市工商行政管理局", "济南市城乡建设委员会"} <= {line["部门"] for line in lines(people.zjj, f"{at}/export?form=csv")}
    assert people.zjj.get(f"{at}/gsj/xzxk").status_code == 404
    assert {line["部门"] for line in lines(people.zjj, f"{at}/lines/export?form=csv")} == {"市城乡建设委"}


def test_the_first_page_says_what_waits_for_whom(people: Team) -> None:
    at = sent(people)
    for browser in (people.zjj, people.gsj):
        assert f'<a href="{at}">' in browser.get("/my-work").text
    assert at not in people.office.get("/my-work").text
    people.zjj.get(f"{at}/zjj/xzxk")
    do(people.zjj, f"{at}/zjj/xzxk/object", **OBJECTION)
    assert at not in people.zjj.get("/my-work").text
    assert "有 1 条异议待裁定" in people.office.get("/my-work").text
    assert at not in people.centre.get("/my-work").text


def test_a_department_confirms_and_takes_it_back_within_the_term(desk: Desk, people: Team) -> None:
    at = sent(people)
    people.zjj.get(at)
    do(people.zjj, f"{at}/confirm")
    assert "已确认" in people.zjj.page
    assert people.zjj.post(f"{at}/confirm").status_code == 409
    assert people.zjj.post(f"{at}/zjj/xzxk/object", **OBJECTION).status_code == 409
    do(people.zjj, f"{at}/unconfirm")
    assert "待答复" in people.zjj.page
    assert people.zjj.post(f"{at}/unconfirm").status_code == 409


def test_silence_after_the_term_of_working_days_counts_as_stated(desk: Desk, people: Team) -> None:
    at = sent(people)
    people.office.get(at)
    assert "2017-11-20" in people.office.page  # five working days after Monday the 13th
    assert "个部门没有答复" in people.office.page
    assert people.office.post(f"{at}/issue").status_code == 409
    people.at(datetime(2017, 11, 20, 15, 59, tzinfo=UTC))
    assert people.office.post(f"{at}/issue").status_code == 409
    people.at(datetime(2017, 11, 20, 16, 1, tzinfo=UTC))
    people.zjj.get(at)
    assert people.zjj.post(f"{at}/confirm").status_code == 409
    assert "逾期视为无异议" in people.zjj.page
    people.office.get(at)
    do(people.office, f"{at}/issue")
    assert "济信用办通报〔2017〕1号" in people.office.page


def test_an_objection_is_decided_in_writing_and_both_values_are_shown(desk: Desk, people: Team) -> None:
    at = sent(people)
    people.zjj.get(f"{at}/zjj/xzxk")
    do(people.zjj, f"{at}/zjj/xzxk/object", **OBJECTION)
    assert people.zjj.post(f"{at}/zjj/xzxk/object", **OBJECTION).status_code == 409
    assert people.zjj.post(f"{at}/zjj/xzxk/object", figure="none", why="不对").status_code == 404
    assert people.zjj.post(f"{at}/zjj/xzxk/object", figure="valid", why=" ").status_code == 422
    people.at(desk.clock.time + timedelta(days=8))
    people.office.get(at)
    assert "1 条异议没有裁定" in people.office.page
    assert people.office.post(f"{at}/issue").status_code == 409
    decide = f"{at}/objections/3/decide"
    for wrong in ({"upheld": "1", "part": "5", "whole": "4"}, {"upheld": "1", "part": "2", "whole": "4"}, {"upheld": "", "part": "", "whole": ""}, {"upheld": "1", "part": "-1", "whole": "4"}):
        assert people.office.post(decide, why="核实", **wrong).status_code == 422, wrong
    assert people.office.post(decide, why="", upheld="0", part="", whole="").status_code == 422
    do(people.office, decide, upheld="1", part="3", whole="4", why="经核实属实")
    (line,) = [each for each in lines(people.zjj, f"{at}/lines/export?form=csv") if each["信息项"] == "行政许可"]
    assert (line["及时率"], line["改定前"]) == ("0.75", "及时率 50.0%（2/4）")
    people.zjj.get(f"{at}/zjj/xzxk")
    for told in ("75.0%（3/4），改定前为 50.0%（2/4）", "经核实属实", "成立"):
        assert told in people.zjj.page
    do(people.office, decide, upheld="0", part="", whole="", why="再核实，原数无误")  # until it is signed the last decision counts
    assert lines(people.zjj, f"{at}/lines/export?form=csv")[0]["改定前"] == ""
    do(people.office, f"{at}/issue")
    assert people.office.post(decide, upheld="1", part="3", whole="4", why="晚了").status_code == 409
    assert "不成立" in people.gsj.get(at).text


def test_an_objection_is_taken_back_before_it_is_decided(people: Team) -> None:
    at = sent(people)
    people.zjj.get(f"{at}/zjj/xzxk")
    do(people.zjj, f"{at}/zjj/xzxk/object", **OBJECTION)
    assert people.gsj.post(f"{at}/objections/3/retract").status_code == 404
    assert "10 月 25 日" not in people.gsj.get(at).text
    assert "10 月 25 日" in people.office.get(at).text
    assert "19491231" not in people.office.page
    do(people.zjj, f"{at}/objections/3/retract")
    assert "待答复" in people.zjj.page


def test_a_draft_is_withdrawn_and_made_anew(desk: Desk, people: Team) -> None:
    at = draft(people.centre)
    assert people.centre.post("/circular", month="2017-10").status_code == 409
    assert people.centre.post(f"{at}/withdraw", why="").status_code == 422
    do(people.centre, f"{at}/withdraw", why="截止日不对")
    assert "已撤回" in people.centre.page
    assert people.centre.post(f"{at}/consult").status_code == 409
    assert draft(people.centre, last="2017-11-12") != at
    assert "2017-11-13 00:00" in people.centre.page
    for last in ("2017-10-30", "2017-11-13", "2018-01-01", "x"):
        assert people.centre.post("/circular", month="2017-09" if last == "x" else "2017-10", last=last).status_code == 422, last


def test_a_later_error_is_mended_by_a_numbered_correction_that_names_the_old_one(desk: Desk, people: Team) -> None:
    at = sent(people)
    issued(desk, people, at)
    own = {path: people.office.get(f"{at}{path}?form=csv").content for path in ("/zjj/xzxk/records/export", "/gsj/xzxk/records/export")}
    people.centre.get(f"{at}/zjj/xzxk")
    assert people.centre.post(f"{at}/zjj/xzxk/correct", figure="timely", part="2", whole="4", why="同数").status_code == 422
    do(people.centre, f"{at}/zjj/xzxk/correct", figure="timely", part="4", whole="4", why="平台漏记停用")
    correction = people.centre.client.get("/circular").text.split('href="/circular/')[1].split('"')[0]
    assert "原为" in people.centre.page
    assert people.zjj.get(f"/circular/{correction}").status_code == 404
    people.office.get(f"/circular/{correction}")
    assert people.office.post(f"{at}/zjj/xzxk/correct", figure="timely", part="3", whole="4", why="再改").status_code == 409
    do(people.office, f"/circular/{correction}/issue")
    for told in ("济信用办通报〔2017〕2号", "济信用办通报〔2017〕1号", "的更正", "50.0%（2/4）", "100.0%（4/4）", "平台漏记停用"):
        assert told in people.office.page, told
    people.zjj.get(at)
    assert "已更正" in people.zjj.page
    assert "济信用办通报〔2017〕2号" in people.zjj.page
    assert {path: people.office.get(f"{at}{path}?form=csv").content for path in own} == own
    assert lines(people.zjj, f"{at}/lines/export?form=csv")[0]["改定前"] == "及时率 50.0%（2/4）"
    assert people.office.post(f"{at}/issue").status_code == 409


def test_a_change_is_taken_out_of_a_correction_and_an_empty_one_is_not_signed(desk: Desk, people: Team) -> None:
    at = sent(people)
    issued(desk, people, at)
    people.office.get(f"{at}/zjj/xzxk")
    answer = people.office.post(f"{at}/zjj/xzxk/correct", figure="timely", part="4", whole="4", why="漏计")
    correction = answer.headers["location"]
    people.office.follow(answer)
    do(people.office, f"{correction}/changes/2/remove")
    assert "还没有写入更正" in people.office.page
    assert people.office.post(f"{correction}/issue").status_code == 409
    do(people.office, f"{correction}/withdraw", why="不用更正")
    assert "已撤回" in people.office.page


def test_numbers_follow_each_other_in_a_year_and_ranks_are_compared_with_the_last_circular(desk: Desk, people: Team) -> None:
    issued(desk, people, sent(people))
    at = draft(people.centre, month="2017-09", last="2017-11-12")
    do(people.centre, f"{at}/consult")
    issued(desk, people, at)
    assert "济信用办通报〔2017〕2号" in people.office.page
    people.at(datetime(2018, 1, 15, 2, tzinfo=UTC))
    at = draft(people.centre, month="2017-11")
    moved = {line["部门"]: line["较上次"] for line in lines(people.centre, f"{at}/export?form=csv")}
    assert any(word.startswith(("升", "降")) for word in moved.values())
    assert moved["中共济南市委宣传部"] == "—"
    people.centre.get(at)
    assert "历次得分和名次" in people.centre.page
    assert "2017-10 济信用办通报〔2017〕1号" in people.centre.page
    do(people.centre, f"{at}/consult")
    issued(desk, people, at)
    assert "济信用办通报〔2018〕1号" in people.office.page


def test_every_step_is_in_the_audit(desk: Desk, people: Team) -> None:
    at = sent(people)
    people.zjj.get(at)
    do(people.zjj, f"{at}/confirm")
    issued(desk, people, at)
    told = {(each.action, each.outcome) for each in desk.audit()}
    assert {(action, "done") for action in ("起草通报", "通报送部门征求意见", "确认通报无异议", "签发通报", "查看通报")} <= told
    assert any("〔2017〕1号" in each.subject for each in desk.audit() if each.action == "签发通报")
