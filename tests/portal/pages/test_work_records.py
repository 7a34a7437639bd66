"""What arrived, what changed nothing and what stands instead, and one's own records with every version."""

import pytest

from portal.accounts.roles import Role
from portal.entry import places
from tests.portal.desk import Away, Desk
from tests.portal.entry.site import AT, ITEM, House, equipped, record, stands
from tests.portal.work.site import SOURCE, busy, stood

NAME = str(ITEM.example["XK_WSH"])


@pytest.fixture
def house(desk: Desk) -> House:
    """住建委 has one record that stands, one that was superseded, one that is rejected."""
    _, made = equipped(desk)
    made.whose = "zjj"
    row = record(ITEM, "zjj", ITEM.example, desk.settings.key_secret)
    stands(made, row, ITEM.code)
    busy(made, row, ITEM.example)
    return made


def page(desk: Desk) -> str:
    return f"/my-work/records/xzxk/{places.token(record(ITEM, 'zjj', ITEM.example, desk.settings.key_secret)['_key'])}"


def test_arrivals_are_told_by_item_and_way_with_what_is_not_known(desk: Desk, house: House) -> None:
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work/arrivals")
    for words in ("行政许可", "数据报送", SOURCE, "2026-11-26 16:00", "9 条，每小时 0.4 条", "已入库 1，重复 2，被取代 3，退回 4，不在归集范围 5", "行政处罚", "尚无记录到达"):
        assert words in officer.page
    assert "本页不知道" not in officer.page
    tapped = {**house.answers["sum(lately_) AS lately"][0], "way": "cdc", "source": "zjj_pg.permit"}
    house.answers["sum(lately_) AS lately"] = [tapped]
    officer.get("/my-work/arrivals")
    for words in ("此刻连接是否正常，本页不知道", "还没有核对过"):
        assert words in officer.page
    house.answers["FROM proofs FINAL\nWHERE department"] = [{"source": "zjj_pg.permit", "at": AT, "found": "equal"}]
    officer.get("/my-work/arrivals")
    assert "一致（2026-11-26 08:00）" in officer.page
    told = officer.get("/my-work/arrivals/export?form=csv").content.decode("utf-8-sig")
    assert "本期已入库" in told
    assert "以前退回" in told


def test_the_period_that_is_running_tells_this_period_from_before(desk: Desk, house: House) -> None:
    desk.person(Role.OFFICER).get("/my-work/arrivals")
    asked = next(parameters for sql, parameters in house.asked if "sum(lately_) AS lately" in sql)
    starts = dict(zip(asked["items"], asked["starts"], strict=True))
    assert set(starts) == {item.code for item in desk.app.state.site.owed("zjj")}
    assert all(start.endswith(" 00:00:00") and start[:10] <= desk.app.state.site.today.isoformat() for start in starts.values())


def test_what_was_superseded_says_what_stands_from_which_way_and_since_when(desk: Desk, house: House) -> None:
    officer = desk.person(Role.OFFICER)
    officer.get("/my-work/echoes?item=xzxk&outcome=superseded&way=excel&batch=HZ2")
    for words in (NAME, "被取代", "HZ2#5", "数据录入", "2026-11-26 08:00", "HZ1#1"):
        assert words in officer.page
    asked = next(parameters for sql, parameters in house.asked if "AND ({outcome:String} = ''" in sql)
    assert {name: asked[name] for name in ("department", "item", "outcome", "way", "batch")} == {"department": "zjj", "item": "xzxk", "outcome": "superseded", "way": "excel", "batch": "HZ2"}
    house.answers["AS at, _withdrawn AS withdrawn"] = [stood(house.answers["SELECT DISTINCT key"][0]["key"], department="gtj", batch="HZ秘密")]
    officer.get("/my-work/echoes?item=xzxk")
    assert "其他部门" in officer.page
    assert "HZ秘密" not in officer.page
    assert NAME in officer.get("/my-work/echoes/export?item=xzxk&form=csv").content.decode("utf-8-sig")


def test_records_are_searched_by_a_key_field_or_a_receipt_row(desk: Desk, house: House) -> None:
    officer = desk.person(Role.OFFICER)
    officer.get(f"/my-work/records?item=xzxk&q={NAME}")
    for words in (NAME, page(desk), "在库", "数据录入", "共 1 条"):
        assert words in officer.page
    assert any(parameters.get("part", "").startswith(",") for sql, parameters in house.asked if "SELECT DISTINCT key\n" in sql)
    officer.get("/my-work/records?item=xzxk&q=HZ1%231")
    asked = [parameters for sql, parameters in house.asked if "SELECT DISTINCT key\n" in sql][-1]
    assert (asked["batch"], asked["line"], asked["department"]) == ("HZ1", 1, "zjj")
    house.answers["SELECT DISTINCT key"] = []
    house.answers["SELECT count() AS n"] = [{"n": 0}]
    house.answers["({some:UInt8} = 0 OR has({keys"] = []
    officer.get("/my-work/records?item=xzxk&q=没有的")
    assert "没有找到“没有的”：查了行政许可的识别字段（行政许可决定书文号" in officer.page


def test_a_record_that_was_only_ever_rejected_is_found_too(desk: Desk, house: House) -> None:
    house.answers["SELECT count() AS n"] = [{"n": 0}]
    house.answers["({some:UInt8} = 0 OR has({keys"] = []
    officer = desk.person(Role.OFFICER)
    officer.get(f"/my-work/records?item=xzxk&q={NAME}")
    for words in (NAME, "没有由本部门入库", "共 1 条"):
        assert words in officer.page
    assert NAME in officer.get(f"/my-work/records/export?item=xzxk&q={NAME}&form=csv").content.decode("utf-8-sig")


def test_one_record_tells_every_version_and_what_stands(desk: Desk, house: House) -> None:
    event = house.answers["SELECT at, what"][0]
    house.answers["SELECT at, what"] = [event, {**event, "what": "superseded", "version": 0, "batch": "HZ2", "way": "excel"}]
    officer = desk.person(Role.OFFICER)
    officer.get(page(desk))
    for words in ("现行内容来自数据录入，自 2026-11-26 08:00 起", "HZ1#1", "新增", "被取代", "以数据录入的为准", "修改", "在库"):
        assert words in officer.page
    told = officer.get(f"{page(desk)}/export?form=csv").content.decode("utf-8-sig")
    assert NAME in told
    assert "新增" in told
    house.answers["AS at, _withdrawn AS withdrawn"] = [stood(house.answers["SELECT DISTINCT key"][0]["key"], department="gtj", batch="HZ秘密")]
    officer.get(page(desk))
    assert "以其他部门的为准" in officer.page
    assert "HZ秘密" not in officer.page


def test_personal_numbers_are_covered_on_the_screen_and_in_files(desk: Desk, house: House) -> None:
    said = {**ITEM.example, "XK_NR": "负责人 11010519491231002X" + "长" * 200 + "完"}
    row = record(ITEM, "zjj", said, desk.settings.key_secret)
    stands(house, row, ITEM.code)
    house.answers["({some:UInt8} = 0 OR has({keys"] = [{**row, "_way": "form", "_batch": "HZ1", "_line": 1}]
    officer = desk.person(Role.OFFICER)
    for path in (page(desk), f"{page(desk)}/export?form=csv", "/my-work/records/export?item=xzxk&form=csv"):
        told = officer.get(path).content.decode("utf-8-sig")
        assert "11010519491231002X" not in told, path
        assert "110105" in told, path
        assert "长完" in told, path  # nothing is cut off


def test_another_departments_records_do_not_exist(desk: Desk, house: House) -> None:
    other = desk.person(Role.OFFICER, "gtj")
    for path in (page(desk), f"{page(desk)}/export"):
        assert other.get(path).status_code == 404
    for path in ("/my-work/records?item=xzxk", "/my-work/echoes?item=xzxk", "/my-work/arrivals"):
        other.get(path)
        assert NAME not in other.page
        assert SOURCE not in other.page
    officer = desk.person(Role.OFFICER)
    assert officer.get("/my-work/records/nothing/x").status_code in (404, 422)
    assert officer.get("/my-work/records/xzxk/不是编码").status_code == 404


def test_without_the_warehouse_the_pages_say_so(desk: Desk, house: House) -> None:
    officer = desk.person(Role.OFFICER)
    desk.change(warehouse=Away())
    for path in ("/my-work/arrivals", "/my-work/echoes", "/my-work/records", page(desk), "/my-work/owed"):
        assert officer.get(path).status_code == 503
        assert "数据仓库没有应答" in officer.page
