"""A liaison officer's workbook, from the first look to the last: told, sent, returned, corrected, sent again, taken back."""

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from loaders import warehouse
from portal.knowledge import Warehoused
from producers import door, undo
from schemas.catalog import load
from tests.waiting import eventually

pytestmark = pytest.mark.servers
CATALOG = load()
ITEM = CATALOG["xzxk"]
SENT = ("--item", "xzxk", "--department", "swj")


def save(path: Path, *records: dict[str, Any]) -> Path:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["济南市行政许可信息归集表"])
    sheet.append([field.title for field in ITEM.fields] + ["操作"])
    for record in records:
        sheet.append([record.get(field.name) for field in ITEM.fields] + [record.get("操作")])
    book.save(path)
    return path


def licence(number: int, **said: Any) -> dict[str, Any]:
    return ITEM.example | {"XK_WSH": f"济水许〔2017〕{number}号"} | said


def receipt(told: str) -> str:
    return re.search(r"HZ[A-Z2-7]{26}", told)[0]


def standing(pipeline: Any) -> dict[str, str]:
    rows = pipeline.query("SELECT XK_WSH, XK_NR FROM xzxk FINAL WHERE _withdrawn = 0 AND _department = 'swj'")
    return {row["XK_WSH"]: row["XK_NR"] for row in rows}


def test_a_workbook_is_told_sent_returned_corrected_and_taken_back(pipeline: Any, tmp_path: Path) -> None:
    first = save(tmp_path / "九月.xlsx", licence(1), licence(2, XK_JDRQ="2017-13-40"), licence(3))
    told = pipeline.cli("submit", str(first), *SENT, "--preview")
    assert "新增 2，变更 0，相同 0，有误 1" in told
    assert not pipeline.query("SELECT batch FROM batches WHERE department = 'swj'")
    back = tmp_path / "退回.xlsx"
    sent = receipt(pipeline.cli("submit", str(first), *SENT, "--return", str(back)))
    assert set(standing(pipeline)) == {"济水许〔2017〕1号", "济水许〔2017〕3号"}

    corrected = openpyxl.load_workbook(back)
    sheet = corrected.worksheets[0]
    titles = [cell.value for cell in sheet[2]]
    assert sheet.cell(4, titles.index("回执行号") + 1).value == f"{sent}#4"
    assert "【许可决定日期】" in sheet.cell(4, titles.index("错误说明") + 1).value
    sheet.cell(4, titles.index("许可决定日期") + 1).value = "2017-06-01"
    sheet.cell(4, titles.index("行政许可决定书文号") + 1).value = "济水许〔2017〕22号"  # another key: only the number tells whose fix it is
    corrected.save(back)
    assert "新增 1，变更 0，相同 2，有误 0" in pipeline.cli("submit", str(back), *SENT, "--preview")
    pipeline.cli("submit", str(back), *SENT)
    eventually(lambda: not pipeline.json("rejects", "--source", "swj/excel"))
    assert "重复文件" in pipeline.cli("submit", str(back), *SENT)

    # What is told is what happens, word by word.
    more = save(tmp_path / "十月.xlsx", licence(1), licence(3, XK_NR="变了"), licence(4), licence(22, 操作="删除"), licence(5, XK_NR=None))
    told = pipeline.cli("submit", str(more), *SENT, "--preview")
    assert "新增 1，变更 1，相同 1，有误 1，撤销 1" in told
    october = receipt(pipeline.cli("submit", str(more), *SENT, "--return", str(tmp_path / "b.xlsx")))
    counts = pipeline.query("SELECT sum(accepted) AS a, sum(duplicate) AS d, sum(rejected) AS r FROM receipts FINAL WHERE batch = {batch:String}", batch=october)
    assert counts == [{"a": 3, "d": 1, "r": 1}]

    # Somebody else speaks of one of them; the batch is taken back.
    token = pipeline.token("swj", "erp")
    pipeline.settled(token, pipeline.post(token, "xzxk", [{"fields": licence(4, XK_NR="系统里的")}]).json()["receipt"])
    house = warehouse.connect(pipeline.settings)
    try:
        plan = undo.plan(Warehoused(house, CATALOG), october, ITEM, "swj", pipeline.settings.key_secret)
    finally:
        house.close()
    assert plan.told() == "恢复为以前的内容 2，撤销 0，不动 1"
    with door.opened(pipeline.settings, load(pipeline.settings.catalogue)) as entrance:
        done = undo.do(entrance, plan, "zhang")
        assert undo.do(entrance, plan, "zhang").receipt == done.receipt
        assert entrance.settle(done.receipt, 60)
    eventually(lambda: standing(pipeline).get("济水许〔2017〕22号"))
    found = standing(pipeline)
    assert found["济水许〔2017〕3号"] == ITEM.example["XK_NR"]
    assert found["济水许〔2017〕4号"] == "系统里的"


def test_a_strange_title_is_asked_about_once(pipeline: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    titles = ["许可文号" if field.name == "XK_WSH" else field.title for field in ITEM.fields]
    path.write_text(",".join(titles) + "\n" + ",".join(str(licence(9)[field.name] or "") for field in ITEM.fields) + "\n", encoding="utf-8")
    asked = pipeline.cli("submit", str(path), *SENT, "--preview", code=1)
    assert '--map "许可文号=XK_WSH"' in asked
    assert "新增 1" in pipeline.cli("submit", str(path), *SENT, "--preview", "--map", "许可文号=XK_WSH")
    assert "新增 1" in pipeline.cli("submit", str(path), *SENT, "--preview")
