"""What a page of 数据录入 is asked about, found for this person or refused: his department's item, sheet or record, and nobody else's."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from loaders.entered import Entered
from loaders.errors import WarehouseError
from portal.entry import sheets, showing
from portal.entry.sheets import Sheet
from portal.frame.visit import Visit
from producers.refusal import Refusal
from schemas.catalog import Item


def owed(visit: Visit, department: str, code: str) -> Item:
    """The item. Raises Refusal `not_found` unless the department owes it today."""
    found = next((item for item in visit.site.owed(department) if item.code == code), None)
    if found is None:
        raise Refusal("not_found", "没有这个信息项，或者它没有分配给这个部门。", "请从“数据录入”中选择；如果分配有误，请与市信用办联系。")
    return found


def sheet(visit: Visit, number: int) -> tuple[Sheet, Item]:
    """The sheet. Raises Refusal `not_found`: there is none, it is another department's, or its item is gone from the catalogue."""
    found = sheets.one(visit.db, visit.who, number)
    item = visit.site.catalog.get(found.item) if found else None
    if found is None or item is None:
        raise Refusal("not_found", "没有这张录入单。", "请从“数据录入”的列表中打开；只能查看本部门的。")
    visit.about(f"{item.title} {showing.name(item, found.said)}", found.department)
    return found, item


def to_edit(visit: Visit, number: int) -> tuple[Sheet, Item]:
    """The sheet, where this person may change it. Raises Refusal `not_found` or `conflict`."""
    found, item = sheet(visit, number)
    if not sheets.may_edit(visit.who, found):
        raise Refusal("conflict", f"这张录入单“{found.title}”，现在不能修改。", "已报送的记录，请从“已录入的记录”中打开来修改。")
    return found, item


def copied(visit: Visit, department: str, item: Item, wanted: str) -> Mapping[str, str | None]:
    """What a new sheet begins with: nothing, the `last` sheet of the item, or the one with that number."""
    if wanted == "last":
        found = sheets.last(visit.db, visit.who, department, item.code)
        return found.said if found else {}
    return _of(visit, department, item, wanted).said if wanted else {}


def corrected(visit: Visit, department: str, item: Item, wanted: str) -> Sheet:
    """The sheet of that number, sent before. Raises Refusal `not_found`."""
    return _of(visit, department, item, wanted)


def record(visit: Visit, item: Item, text: str) -> Mapping[str, Any]:
    """The record that `token` names, by this person's department, standing or withdrawn. Raises Refusal `not_found` or `unavailable`."""
    key = untoken(text)
    try:
        found = own(visit).standing(item, [key]).get(key)
    except WarehouseError as fault:
        raise away() from fault
    if found is None:
        raise Refusal("not_found", "没有这条记录。", "请从“已录入的记录”中打开；刚报送的要等处理完。")
    visit.belongs(str(found["_department"]), "这条记录")
    return found


def token(key: str) -> str:
    """A key as a part of an address."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def untoken(text: str) -> str:
    """What `token` made a part of an address; empty for what it did not make."""
    try:
        return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def away() -> Refusal:
    """The warehouse does not answer."""
    return Refusal("unavailable", "现在查不到已录入的记录：数据仓库没有应答。", "请稍后再试；已经报送的不会丢失。")


def own(visit: Visit) -> Entered:
    """What the department of this person entered."""
    department = visit.who.department
    return Entered(visit.site.warehouse, department, sheets.source(department))


def _of(visit: Visit, department: str, item: Item, wanted: str) -> Sheet:
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() else -1
    found, _ = sheet(visit, number)
    if (found.department, found.item) != (department, item.code):
        raise Refusal("not_found", "没有这张录入单。", "请从“数据录入”的列表中打开。")
    return found
