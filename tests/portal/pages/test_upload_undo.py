"""Taking back: shown first, done as it was shown, once."""

from portal.accounts.roles import Role
from portal.upload import uploads
from tests.portal.desk import Away, Desk
from tests.portal.entry.site import ITEM, LEGS, NOTHING_JUDGED, equipped
from tests.portal.upload import target
from tests.portal.upload.site import row
from tests.portal.upload.target import RECEIPT


def undo(number: int) -> str:
    return f"/report/{number}/undo/0"


def test_what_would_follow_is_shown_and_then_done_once(desk: Desk) -> None:
    door, house = equipped(desk)
    seen = target.sent(desk, house)
    officer, number = desk.person(Role.OFFICER), target.upload(desk, "/{part}", centre=False)
    officer.get(f"/report/{number}")
    assert "撤销这次报送…" in officer.page
    officer.get(undo(number))
    for words in ("恢复为以前的内容 0，撤销 1，不动 0", str(ITEM.example["XK_WSH"]), "撤回本次报送", f'value="{seen}"'):
        assert words in officer.page
    assert not door.sent
    assert officer.post(undo(number), seen="x").status_code == 409
    assert not door.sent
    officer.follow(officer.post(undo(number), seen=seen))
    submission, rows = door.last
    assert (submission.source, submission.name, rows.operation) == ("zjj/excel", f"撤销 {RECEIPT}", "withdraw")
    assert "已撤销，回执号" in officer.page
    assert officer.get(undo(number)).status_code == 409
    assert [line.action for line in desk.audit()][-4:] == ["撤销一次报送", "撤销一次报送", "查看报送的文件", "查看撤销的后果"]


def test_a_record_somebody_spoke_of_since_is_left_alone_and_the_plan_is_shown_anew(desk: Desk) -> None:
    door, house = equipped(desk)
    seen = target.sent(desk, house)
    officer, number = desk.person(Role.OFFICER), target.upload(desk, "/{part}", centre=False)
    name = "SELECT *\nFROM `xzxk` FINAL"
    house.answers[name] = [{**house.answers[name][0], "_batch": "HZLATER", "_source": "zjj/erp"}]
    officer.get(undo(number))
    assert "不动 1" in officer.page
    assert "之后由 zjj/erp" in officer.page
    assert "没有可以撤销的记录" in officer.page
    assert officer.post(undo(number), seen=seen).status_code == 409
    assert not door.sent


def test_nothing_is_taken_back_before_it_is_judged_or_by_others(desk: Desk) -> None:
    _, house = equipped(desk)
    target.sent(desk, house)
    officer, number = desk.person(Role.OFFICER), target.upload(desk, "/{part}", centre=False)
    assert officer.get(f"/report/{number}/undo/1").status_code == 404
    assert desk.person(Role.OFFICER, "gtj").get(undo(number)).status_code == 404
    house.answers[LEGS] = [NOTHING_JUDGED]
    assert officer.get(undo(number)).status_code == 409
    assert "还没有处理完" in officer.page
    desk.change(warehouse=Away())
    assert officer.get(undo(number)).status_code == 503
    waiting = target.upload(desk, "/send", centre=False)
    assert officer.get(undo(waiting)).status_code == 409
    assert row(desk, f"/report/{waiting}").state == uploads.READY
