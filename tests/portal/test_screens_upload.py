"""数据报送 in a real browser, with scripts and without, at a desk and on a phone: from the file to the workbook that goes back. PORTAL_PICTURES=folder keeps pictures."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from portal.accounts.roles import Role
from portal.pages.upload import LARGE
from portal.upload import worker
from tests.portal.desk import Desk
from tests.portal.entry.site import equipped
from tests.portal.screens import SCRIPTS, SIZES, entered, picture, watched
from tests.portal.upload.site import judge, licence, reason, workbook

LONG = "济南市住房和城乡建设委员会二〇一七年九月行政许可信息归集表（第三次修改，请以本表为准）最终版.xlsx"


@SCRIPTS
@pytest.mark.parametrize("size", SIZES)
def test_from_the_file_to_the_workbook_that_goes_back(chromium: Browser, site: str, desk: Desk, size: str, scripts: bool, tmp_path: Path) -> None:
    door, house = equipped(desk)
    context = entered(chromium, desk, site, Role.OFFICER, "zjj", viewport=SIZES[size], java_script_enabled=scripts)
    path = tmp_path / LONG
    path.write_bytes(workbook(licence(1), licence(2, XK_JDRQ="2017-13-40", XK_XDR_FR="欧阳" * 20), licence(3), titles={"XK_WSH": "许可文号"}, ugly=True))
    page, seen, complaints = watched(context, f"upload-{size}", scripts=scripts)
    with worker.running(desk.app.state.site):
        page.goto(f"{site}/report")
        seen("empty")
        page.locator("#files").set_input_files(path)
        page.get_by_role("button", name="上传并试算").click()
        expect(page.get_by_role("heading", name="表头对应：行政许可")).to_be_visible(timeout=30_000)
        seen("header")
        page.get_by_role("button", name="确认并重新读取").click()
        expect(page.get_by_role("heading", name="新增 2，变更 0，相同 0，有误 1。继续吗？")).to_be_visible(timeout=30_000)
        seen("told")
        assert not door.sent
        page.get_by_role("button", name="确认报送").click()
        expect(page.locator("#upload")).to_contain_text("正在处理", timeout=30_000)
        seen("judging")
        judge(house, 3, {4: [reason("XK_JDRQ")]})
        desk.clock.time += timedelta(seconds=30)  # the judge is asked again at once
        expect(page.get_by_role("link", name="下载退回的工作簿")).to_be_visible(timeout=60_000)
        seen("done")
        with page.expect_download() as fetched:
            page.get_by_role("link", name="下载退回的工作簿").click()
        assert fetched.value.suggested_filename == f"退回_{LONG}"
        page.goto(f"{site}/report")
        expect(page.locator("#listing")).to_contain_text("部分成功")
        seen("list")
        page.goto(f"{site}/report/headers")
        expect(page.locator("main")).to_contain_text("许可文号")
        seen("headers")
    context.close()
    assert len(door.sent) == 1
    assert complaints == []


def test_files_are_dropped_sent_one_by_one_and_a_large_one_is_refused_before_it_is_sent(chromium: Browser, site: str, desk: Desk) -> None:
    equipped(desk)
    context = entered(chromium, desk, site, Role.OFFICER, "zjj")
    page = context.new_page()
    page.goto(f"{site}/report")
    drop = """names => { const data = new DataTransfer(); for (const name of names) data.items.add(new File(["XK_WSH\\n1\\n"], name));
        document.querySelector('.drop').dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true})); }"""
    page.evaluate(drop, ["一.csv", "二.csv"])
    page.get_by_role("button", name="上传并试算").click()
    expect(page.locator("#listing")).to_contain_text("一.csv")
    expect(page.locator("#listing")).to_contain_text("二.csv")
    page.evaluate("document.getElementById('send').dataset.bytes = 5")
    page.locator("#files").set_input_files({"name": "大.csv", "mimeType": "text/csv", "buffer": b"1234567890"})
    page.get_by_role("button", name="上传并试算").click()
    expect(page.locator("#sending")).to_contain_text("超过 1 MB：大.csv")
    # What the server refuses is told in its own words.
    page.evaluate("document.getElementById('send').dataset.bytes = 500")
    page.evaluate("document.querySelector('#send [name=_form]').value = 'x'")
    page.get_by_role("button", name="上传并试算").click()
    expect(page.locator("#sending")).to_contain_text("这个表单已经过期")
    context.close()


def test_what_is_too_large_is_told_in_a_browser_without_scripts(chromium: Browser, site: str, desk: Desk, tmp_path: Path) -> None:
    equipped(desk)
    context = entered(chromium, desk, site, Role.OFFICER, "zjj", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/report")
    with (tmp_path / "大.csv").open("wb") as file:
        file.truncate(LARGE.bytes_all + (1 << 20))
    page.locator("#files").set_input_files(tmp_path / "大.csv")
    page.get_by_role("button", name="上传并试算").click()
    expect(page.locator("main")).to_contain_text("一次上传了 201 MB，最多 200 MB")
    picture(page, "upload-desk-nojs-too-large")
    context.close()
