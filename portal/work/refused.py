"""Rejected records as a page shows them: found for the department of whoever visits, with its last word on each, and handed to the entry form to be mended there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from loaders.own import Rejects
from portal.declared import Saying
from portal.entry import places, sheets, showing
from portal.frame import listing
from portal.frame.visit import Visit
from portal.work import marks
from portal.work.asking import own, told
from producers.refusal import Refusal
from schemas.catalog import Item
from schemas.declared import REJECT
from schemas.reason import covered

Row = Mapping[str, Any]


def page(visit: Visit, which: Rejects, skip: int, limit: int) -> list[Row]:
    """A page of them, each with its name and the last word on it. Raises Refusal `unavailable`."""
    said = marks.fresh(visit.site.declared.fresh([REJECT], visit.who.department))
    asked = replace(which, fresh={mark: str(each.about["state"]) for mark, each in said.items()})
    rows = told(lambda: own(visit).rejects(asked, skip, limit))
    found = marks.with_fresh(rows, said, visit.site.zone)
    return [_shown(visit, row | {"state": marks.CLOSED} if which.closed else row) for row in found]


def count(visit: Visit, which: Rejects) -> int:
    """How many there are. Raises Refusal `unavailable`."""
    said = marks.fresh(visit.site.declared.fresh([REJECT], visit.who.department))
    return told(lambda: own(visit).count_rejects(replace(which, fresh={mark: str(each.about["state"]) for mark, each in said.items()})))


def one(visit: Visit, text: str) -> tuple[Row, bool]:
    """The rejected record that `places.token` of its 回执行号 names, and whether it is open. Raises Refusal `not_found` or `unavailable`."""
    number = places.untoken(text)
    for closed in (False, True):
        for row in page(visit, Rejects(numbers=[number], closed=closed), 0, 1):
            visit.about(f"退回记录 {number}", visit.who.department)
            return row, not closed
    raise missing()


def missing() -> Refusal:
    """No such record, or another department's."""
    return Refusal("not_found", "没有这条退回记录。", "请从“退回记录”的列表中打开；只能查看本部门的。")


def to_mend(visit: Visit, item: Item, text: str) -> tuple[Mapping[str, str | None], str]:
    """What the rejected record said, for the form of the item, and the reference by which its correction closes it: its 回执行号, or the one that the sheet it came by has.
    Raises Refusal `not_found` or `unavailable`.
    """
    row, _ = one(visit, text)
    if row["_item"] != item.code:
        raise missing()
    return row["fields"], (row["_ref"] if row["_source"] == sheets.source(visit.who.department) else None) or marks.number(row)


def say(visit: Visit, numbers: Sequence[str], state: str, reason: str) -> int:
    """Declare the department's word on these open ones, when the page answers; how many they are. One said of two that are alike is said of both. Raises Refusal `not_found` or `unavailable`."""
    rows = {(row["_item"], row["mark"]): row for row in page(visit, Rejects(numbers=numbers), 0, listing.MOST_EXPORTED)}
    if not rows:
        raise missing()
    visit.declare(*(Saying(REJECT, visit.who.department, row["_item"], marks.about(row, state, reason), int(row["version"])) for row in rows.values()))
    return len(rows)


def facts(visit: Visit, row: Row) -> list[tuple[str, str, bool]]:
    """Title and text of everything that was said, and whether it is wrong; no personal number."""
    item, wrong = visit.site.catalog.get(row["_item"]), {reason.get("field") for reason in row["reasons"]}
    return [
        (field.title if field else name, covered(value, field.privacy if field else "content"), name in wrong)
        for name, value in row["fields"].items() if value
        for field in [item.by_name.get(name) if item else None]
    ]  # fmt: skip


def _shown(visit: Visit, row: Row) -> Row:
    item = visit.site.catalog.get(row["_item"])
    return {
        **row, "number": marks.number(row), "token": places.token(marks.number(row)), "title": item.title if item else row["_item"],
        "name": (showing.name(item, row["fields"]) if item else "") or "（认不出是哪一条）",
    }  # fmt: skip
