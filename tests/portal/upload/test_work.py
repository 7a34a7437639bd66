"""What holds of uploads whatever is done with them: nothing runs, nothing crosses departments, nothing is lost or kept for ever."""

import io
from datetime import timedelta

import openpyxl
from sqlalchemy import select

from portal.accounts.roles import Role
from portal.upload import uploads, work
from producers.submission import Receipt
from tests.portal.desk import Away, Desk
from tests.portal.entry.site import equipped
from tests.portal.upload.site import EVIL, ITEM, judge, licence, press, reason, row, send, work_on, workbook


def test_names_and_cells_are_shown_and_never_run(desk: Desk) -> None:
    equipped(desk)
    officer = desk.person(Role.OFFICER)
    address = send(officer, (f"../../{EVIL}", workbook(licence(1, XK_JDRQ="<img src=x onerror=alert(1)>", XK_WSH="<b>x</b>"))))
    work_on(desk)
    raw = officer.client.get(address, headers={"accept": "text/html"}).text
    for text in ("<script>alert", "<img src=x", "<b>x</b>"):
        assert text not in raw
    assert row(desk, address).name == "script>.xlsx"
    assert [path.parent for path in desk.settings.home.rglob(row(desk, address).uid)] == [desk.settings.home / "uploads"]


def test_a_persons_number_is_readable_on_no_page_and_in_no_list(desk: Desk) -> None:
    _, house = equipped(desk)
    officer, number = desk.person(Role.OFFICER), "370102198001011237"
    fields = {field.name: number for field in ITEM.fields if field.kind == "string" and not field.code_set}
    book = openpyxl.load_workbook(io.BytesIO(workbook(licence(1, **fields), licence(2, XK_JDRQ=number))))
    book.active.title = number
    content, untitled = io.BytesIO(), io.BytesIO()
    book.save(content)
    book.active.cell(3, len(ITEM.fields) + 4).value = number
    book.save(untitled)
    first, second = (send(officer, (f"{number}.xlsx", each.getvalue())) for each in (content, untitled))
    work_on(desk)
    press(officer, first, "send")
    judge(house, 2, {3: [reason("XK_XDR_SFZ", value="370102***********7")], 4: [reason("XK_JDRQ", value="370102***********7")]})
    work_on(desk)
    for path in (first, second, "/report", "/report/export?form=csv", "/audit", "/audit/export?form=csv"):
        assert number not in officer.get(path).content.decode("utf-8-sig"), path
    assert row(desk, first).title == "失败"
    assert row(desk, second).title == "不能读取"
    with desk.database() as database:
        assert not any(number in upload.said + upload.name for upload in database.scalars(select(uploads.Upload)))


def test_another_departments_files_do_not_exist(desk: Desk) -> None:
    equipped(desk)
    address = send(desk.person(Role.OFFICER), ("不可外传.xlsx", workbook(licence(1))))
    work_on(desk)
    for role, department in ((Role.OFFICER, "gtj"), (Role.REVIEWER, "gtj"), (Role.CENTRE, "")):
        other = desk.person(role, department)
        for path in (address, f"{address}/status", f"{address}/progress", f"{address}/file", f"{address}/back.xlsx"):
            assert other.get(path).status_code == 404, path
            assert "不可外传" not in other.page
        for do in ("send", "drop", "assert", "header", "release", "return"):
            assert other.post(f"{address}/{do}", revision="1", reason="x").status_code in (403, 404), do
        assert "不可外传" not in other.get("/report").text + other.get("/report/export?form=csv").text
    assert [line for line in desk.audit() if line.outcome == "refused"]


def test_what_the_centre_uploads_waits_for_the_department(desk: Desk) -> None:
    door, _ = equipped(desk)
    centre, officer = desk.person(Role.CENTRE), desk.person(Role.OFFICER)
    centre.get("/report")
    assert centre.attach("/report", [("a.xlsx", workbook(licence(1)))]).status_code == 422
    address = send(centre, ("代报.xlsx", workbook(licence(1))), department="zjj")
    work_on(desk)
    assert officer.get(address).status_code == 404
    centre.follow(press(centre, address, "send"))
    assert "已交给部门确认" in centre.page
    work_on(desk)
    assert not door.sent
    assert desk.person(Role.OFFICER, "gtj").get(address).status_code == 404
    assert press(officer, address, "return").status_code == 422
    press(officer, address, "return", reason="少了两行")
    centre.get(address)
    assert "少了两行" in centre.page
    again = send(centre, ("代报.xlsx", workbook(licence(1))), department="zjj")
    work_on(desk)
    press(centre, again, "send")
    assert press(centre, again, "release").status_code == 403
    press(officer, again, "release")
    work_on(desk)
    submission = next(iter(door.sent.values()))[0]
    assert (submission.source, submission.by) == ("zjj/excel", row(desk, again).by)
    assert "/" in row(desk, again).by


def test_where_the_department_reviews_a_reviewer_confirms(desk: Desk) -> None:
    door, _ = equipped(desk)
    centre, officer, reviewer = desk.person(Role.CENTRE), desk.person(Role.OFFICER), desk.person(Role.REVIEWER)
    reviewer.get("/entry")
    reviewer.post("/entry/review", review="on")
    address = send(centre, ("代报.xlsx", workbook(licence(1))), department="zjj")
    work_on(desk)
    press(centre, address, "send")
    assert press(officer, address, "release", revision="3").status_code == 403
    assert press(reviewer, address, "release").status_code == 303
    work_on(desk)
    assert len(door.sent) == 1


def test_two_people_at_one_file_and_the_second_is_told(desk: Desk) -> None:
    door, _ = equipped(desk)
    one, other = desk.person(Role.OFFICER), desk.person(Role.OFFICER)
    address = send(one, ("a.xlsx", workbook(licence(1))))
    work_on(desk)
    one.get(address)
    seen = str(row(desk, address).revision)
    assert other.post(f"{address}/send", revision=seen).status_code == 303
    assert one.post(f"{address}/assert", revision=seen, asserted="on").status_code == 409
    work_on(desk)
    assert len(door.sent) == 1


def test_nothing_is_confirmed_while_the_warehouse_is_away_and_it_goes_on_by_itself(desk: Desk) -> None:
    _, house = equipped(desk)
    officer = desk.person(Role.OFFICER)
    desk.change(warehouse=Away())
    address = send(officer, ("a.xlsx", workbook(licence(1))))
    work_on(desk)
    officer.get(address)
    assert "数据仓库没有应答" in officer.page
    desk.change(warehouse=house)
    desk.clock.time += timedelta(minutes=2)
    work_on(desk)
    officer.get(address)
    assert "新增 1" in officer.page


def test_what_is_not_confirmed_expires_and_leaves_the_disk(desk: Desk) -> None:
    equipped(desk)
    officer = desk.person(Role.OFFICER)
    address = send(officer, ("a.xlsx", workbook(licence(1))))
    work_on(desk)
    folder = desk.settings.home / "uploads"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]
    stray = folder / "arriving-x"
    stray.touch()
    work.sweep(desk.app.state.site)
    assert len(list(folder.iterdir())) == 2  # it may be arriving this moment
    desk.clock.time += uploads.WAITS + timedelta(hours=1)
    work.sweep(desk.app.state.site)
    officer = desk.person(Role.OFFICER)
    officer.get(address)
    assert "过期没有确认" in officer.page
    assert not list(folder.iterdir())


def test_a_death_while_reading_or_sending_is_made_up_for(desk: Desk) -> None:
    door, _ = equipped(desk)
    officer = desk.person(Role.OFFICER)
    address = send(officer, ("a.xlsx", workbook(licence(1))))
    for _ in range(work.MOST_ATTEMPTS):
        assert work._next(desk.app.state.site, small=True)  # begun, and never ended
    work_on(desk)
    officer.get(address)
    assert "3 次都没有读完" in officer.page
    address = send(officer, ("b.xlsx", workbook(licence(2))))
    work_on(desk)
    press(officer, address, "send")
    site, taken = desk.app.state.site, door.submit

    def dies(submission: object) -> Receipt:
        taken(submission)
        raise KeyboardInterrupt

    door.submit = dies
    try:
        work.step(site, small=True)
    except KeyboardInterrupt:
        door.submit = taken
    work_on(desk)
    assert len(door.sent) == 1
    assert row(desk, address).report.parts[0].receipt == next(iter(door.sent))
