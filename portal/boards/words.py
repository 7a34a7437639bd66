"""What the labels and the lists of boards are called, and where a label leads."""

from collections.abc import Mapping

from loaders import completeness
from portal.boards.asking import Question, stretch
from portal.entry.showing import WAYS
from portal.site import Site

AGES = {"0": "0–7 天", "8": "8–30 天", "31": "31–90 天", "91": "91 天以上"}
LISTS = {
    "messages": "报送的记录", "judged": "首次收到的记录", "decided": "现行记录", "open": "仍退回的记录", "waiting": "未判定完的批次", "links": "关于组织的现行记录", "lacking": "缺少字段的记录",
    "periods": "报送周期",
}  # fmt: skip
WHICH = {
    "accepted": "入库", "duplicate": "重复", "superseded": "被取代", "rejected": "退回", "excluded": "不在范围", "open": "仍退回", "valid": "合规", "first_try": "一次合规", "again": "非一次合规",
    "unknown": "报送时间不详", "new": "新增", "change": "修改", "promoted": "恢复", "withdrawn": "撤销",
}  # fmt: skip


def label(kind: str, value: str, grain: str, site: Site, item: str = "") -> str:
    """A value of a label as people read it."""
    if kind == "period":
        return f"{value} 周" if grain == "week" else value
    if kind == "hour":
        return value[5:16]
    if kind == "department":
        return site.departments[value].short if value in site.departments else value
    if kind == "item":
        return site.catalog[value].title if value in site.catalog else value
    if kind == "field":
        return completeness.title(site.catalog[item], value) if item in site.catalog else value
    return {"way": WAYS, "age": AGES}.get(kind, {}).get(value, value) or "（不详）"


def narrowed(kind: str, value: str, asked: Question) -> Mapping[str, str]:
    """What the address of the list behind a label asks for, over what the chart does."""
    if kind == "period":
        first, last = stretch(value, asked.grain, asked)
        return {"from": first.isoformat(), "to": last.isoformat()}
    if kind == "hour":
        return {"from": value[:10], "to": value[:10]}
    if kind == "age":
        return {"which": value}
    return {kind: value}


def named(which: str) -> str:
    return WHICH.get(which, which)


