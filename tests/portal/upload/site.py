"""Workbooks as departments have them, the work behind the pages done at once, and what the judge says of what was sent."""

import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import openpyxl
from sqlalchemy import select

from portal.upload import work
from portal.upload.uploads import Upload
from tests.portal.desk import CATALOG, Browser, Desk
from tests.portal.entry.site import LEGS, NOTHING_JUDGED, House

ITEM = CATALOG()["xzxk"]
EVIL = "<script>alert(1)</script>.xlsx"


def licence(number: int, **said: Any) -> dict[str, Any]:
    return ITEM.example | {"XK_WSH": f"济建许〔2017〕{number}号"} | said


def workbook(*records: Mapping[str, Any], titles: Mapping[str, str] | None = None, ugly: bool = False) -> bytes:
    """An .xlsx of licences. `titles`: a field's title as this department writes it; `ugly`: with what people put around a table."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "九月"
    sheet.append(["济南市行政许可信息归集表"])
    sheet.append(["序号", *((titles or {}).get(field.name, field.title) for field in ITEM.fields)])
    for number, record in enumerate(records, 1):
        sheet.append([number, *(record.get(field.name) for field in ITEM.fields)])
    if ugly:
        sheet.append([None, f"合计 {len(records)} 条"])
        sheet.append([None, "填表人：张三"])
        sheet.row_dimensions[3].hidden = True
        book.create_sheet("电话").append(["姓名", "电话", "传真"])
        book["电话"].append(["李四", "0531", "0532"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def send(browser: Browser, *files: tuple[str, bytes], **fields: str) -> str:
    """Upload; the address of the upload, or of the list."""
    browser.get("/report")
    answer = browser.attach("/report", files, **{"do": "send", **fields})
    assert answer.status_code == 303, browser.page
    return str(answer.headers["location"])


def work_on(desk: Desk) -> None:
    """Everything that can be done now."""
    site = desk.app.state.site
    while work.step(site, small=True) or work.step(site, small=False):
        pass


def press(browser: Browser, address: str, do: str, **fields: str) -> Any:
    """A button of the upload's page, as it was last seen."""
    browser.get(address)
    found = re.search(r'name="revision" value="(\d+)"', browser.page)
    return browser.post(f"{address}/{do}", **({"revision": found[1]} if found else {}), **fields)


def row(desk: Desk, address: str) -> Upload:
    with desk.database() as database:
        found = database.scalar(select(Upload).where(Upload.id == int(address.rsplit("/", 1)[1])))
    assert found is not None
    return found


def judge(house: House, rows: int, wrong: Mapping[int, Sequence[Mapping[str, Any]]] | None = None, settled: int | None = None) -> None:
    """What the warehouse says of every batch: so many rows, those of `wrong` rejected."""
    bad, done = wrong or {}, rows if settled is None else settled
    house.answers[LEGS] = [{**NOTHING_JUDGED, "said": rows, "judged": done, "loaded": done, "accepted": done - len(bad), "rejected": len(bad)}]
    lines = [{"line": line, "ref": None, "outcome": "rejected", "key": "k", "reasons": json.dumps(reasons)} for line, reasons in bad.items()]
    house.answers["SELECT line, ref, outcome"] = lines


def reason(field: str, message: str = "日期不对", value: str = "2017-13-40") -> dict[str, Any]:
    return {"rule": "R-X", "severity": "error", "field": field, "title": ITEM.by_name[field].title, "value": value, "message": message, "remedy": "请改正。"}


def later(desk: Desk, moment: datetime) -> None:
    desk.clock.time = moment
