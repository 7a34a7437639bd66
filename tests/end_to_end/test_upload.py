"""数据报送 with real servers: an ugly workbook is uploaded, confirmed, judged, returned, corrected, uploaded again and all of it is in; one batch is taken back."""

import asyncio
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import httpx
import openpyxl
import pytest

from tests.end_to_end.people import Person
from tests.portal.upload.site import ITEM, licence, workbook
from tests.waiting import eventually

pytestmark = pytest.mark.servers


class Officer(Person):
    """An officer with files."""

    def upload(self, name: str, content: bytes, **fields: str) -> str:
        """The address of the upload, once it is read."""
        self.get("/report")
        answer = self.post("/report", files=[("files", (name, content))], **{"do": "send", **fields})
        assert answer.status_code == 200, self.page
        return self.until(answer.url.path, "读取中")

    def until(self, path: str, not_any_more: str) -> str:
        eventually(lambda: self.get(path).status_code == 200 and not_any_more not in self.page and "正在" not in self.page, 90)
        return path


@pytest.fixture
def officers(pipeline: Any) -> Iterator[Callable[[str], Officer]]:
    """People of 住建委 by their user names."""
    with ExitStack() as stack:

        def enter(name: str) -> Officer:
            officer = Officer(pipeline, name, "officer", "zjj")
            stack.callback(officer.client.close)
            return officer

        yield enter


def standing(pipeline: Any) -> set[str]:
    return {row["XK_WSH"] for row in pipeline.query("SELECT XK_WSH FROM xzxk FINAL WHERE _withdrawn = 0 AND _department = 'zjj'")}


def corrected(content: bytes) -> bytes:
    """The workbook that came back, with its bad cell put right."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[2]]
    assert "【许可决定日期】" in sheet.cell(4, titles.index("错误说明") + 1).value
    assert book["错误汇总"].cell(1, 1).value
    sheet.cell(4, titles.index("许可决定日期") + 1).value = "2017-06-01"
    content_ = io.BytesIO()
    book.save(content_)
    return content_.getvalue()


def test_an_ugly_workbook_from_the_upload_to_success_and_back(pipeline: Any, officers: Callable[[str], Officer]) -> None:
    officer = officers("zhang")
    first = workbook(licence(1), licence(2, XK_JDRQ="2017-13-40"), licence(3), titles={"XK_WSH": "许可文号"}, ugly=True)
    address = officer.upload("九月.xlsx", first)
    assert "表头对应：行政许可" in officer.page
    officer.post(f"{address}/header", **{"means.0": "XK_WSH"})
    officer.until(address, "读取中")
    assert "新增 2，变更 0，相同 0，有误 1。继续吗？" in officer.page
    assert not standing(pipeline)
    officer.post(f"{address}/send")
    officer.until(address, "待处理")
    assert "部分成功" in officer.page
    assert "退回 1" in officer.page
    assert standing(pipeline) == {"济建许〔2017〕1号", "济建许〔2017〕3号"}

    back = officer.get(f"{address}/back.xlsx").content
    right = corrected(back)
    again = officer.upload("改好.xlsx", right)
    assert "新增 1，变更 0，相同 2，有误 0" in officer.page
    officer.post(f"{again}/send")
    officer.until(again, "待处理")
    assert re.search(r"状态</dt><dd><span class=\"state good\">成功<", officer.page)
    assert standing(pipeline) == {f"济建许〔2017〕{n}号" for n in (1, 2, 3)}
    eventually(lambda: not pipeline.json("rejects", "--source", "zjj/excel"))

    # Sent again it says so; taken back, what it brought goes and what stood before stays.
    repeated = officer.upload("又一次.xlsx", right)
    assert "重复文件" in officer.page
    officer.get(f"{again}/undo/0")
    assert "恢复为以前的内容 0，撤销 1，不动 0" in officer.page
    seen = re.search(r'name="seen" value="(\w+)"', officer.page)[1]
    officer.post(f"{again}/undo/0", seen=seen)
    assert "撤销已收下" in officer.page
    eventually(lambda: standing(pipeline) == {"济建许〔2017〕1号", "济建许〔2017〕3号"})
    officer.get(repeated)
    officer.post(f"{repeated}/drop")
    assert officer.get(f"{repeated}/file").status_code == 404
    assert ITEM.title in officer.get("/report").text


def test_what_was_acknowledged_survives_the_death_of_the_process(pipeline: Any, officers: Callable[[str], Officer]) -> None:
    officer = officers("lina")
    address = officer.upload("十月.xlsx", workbook(licence(7)))
    officer.get(address)
    officer.post(f"{address}/send")
    pipeline.kill("serve")
    pipeline.start("serve")
    officer.until(address, "待处理")
    assert "成功" in officer.page
    assert "济建许〔2017〕7号" in standing(pipeline)


@pytest.mark.timeout(1200)
def test_two_hundred_people_browse_while_a_file_is_judged(pipeline: Any, officers: Callable[[str], Officer]) -> None:
    officer = officers("wangwu")
    address = officer.upload("十一月.xlsx", workbook(*(licence(n) for n in range(1_000, 5_000))))
    officer.get(address)
    officer.post(f"{address}/send")
    pages = ("/my-work", "/report", address, "/people", "/audit")
    found = asyncio.run(_browsed(officer, pages, 200))
    assert len(found) == 400
    assert {status for _, status in found if status != 200} <= {403}, found  # 人员 is not for an officer
    assert {path for path, status in found if status == 403} <= {"/people"}
    officer.until(address, "待处理")
    assert "成功" in officer.page
    assert sum(int(re.search(r"〕(\d+)号", number)[1]) >= 1_000 for number in standing(pipeline)) == 4_000


async def _browsed(officer: Officer, pages: Sequence[str], people: int) -> list[tuple[str, int]]:
    """Each of so many people at once asks for two of the pages, one after the other; each page is asked for by as many."""
    found: list[tuple[str, int]] = []
    limits = httpx.Limits(max_connections=people, max_keepalive_connections=0)  # one that the server is just closing would be taken for a fault
    async with httpx.AsyncClient(base_url=str(officer.client.base_url), cookies=officer.client.cookies, headers={"accept": "text/html"}, timeout=900, limits=limits) as client:

        async def browse(first: int) -> None:
            for n in range(2):
                path = pages[(first + n) % len(pages)]
                found.append((path, (await client.get(path)).status_code))

        await asyncio.gather(*(browse(number) for number in range(people)))
    return found
