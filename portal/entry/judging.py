"""A record that is being filled in, judged as the judge would, before anything is sent: all faults at once, each at its field. And 试报: what would become of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.entry.sheets import RETRACT
from schemas import identity
from schemas.catalog import Item
from schemas.reason import Reason
from schemas.rules import Context, check_one

Said = Mapping[str, str | None]
FIXED = "R-FORM-01"
ENTERED = "R-FORM-02"


@dataclass(frozen=True)
class Judged:
    """Errors and warnings by field code; `excluded`: outside the period collected; `key` None while it is incomplete."""

    errors: Mapping[str, list[Reason]]
    warnings: Mapping[str, list[Reason]]
    excluded: bool
    key: str | None
    fingerprint: str

    @property
    def count(self) -> int:
        return sum(map(len, self.errors.values()))


@dataclass(frozen=True)
class Question:
    """What is judged besides the text: whose record, what is done, the key of the record that it changes (empty: a new one), the receipt under which the same record was entered before."""

    department: str
    operation: str
    fixed: str
    before: str
    secret: bytes
    today: date


def key(item: Item, department: str, said: Said, secret: bytes) -> str | None:
    """The record's identity; None while a key field is blank."""
    return identity.key(item, department, said, secret)


def judged(item: Item, said: Said, asked: Question) -> Judged:
    """The judge's own rules, and what only the form knows: an edit does not become another record, and a new entry does not silently change what was entered before."""
    found = check_one(item, said, Context(asked.today), key_only=asked.operation == RETRACT)
    own = key(item, asked.department, said, asked.secret)
    errors = [*found.errors, *_moved(item, own, asked), *_repeated(item, asked)]
    return Judged(_by_field(errors), _by_field(found.warnings), found.excluded, own, identity.fingerprint(item, found.typed))


def foreseen(item: Item, made: Judged, standing: Mapping[str, Any] | None) -> tuple[str, str]:
    """What would become of it: a state in one word and a sentence. `standing`: what the warehouse has of this key, by this department."""
    if made.count:
        return "退回", f"有 {made.count} 处需要改正。"
    if made.excluded:
        return "不在归集范围", "决定日期早于归集的起始日期，会记下来，但不入库。"
    if standing is None or standing["_withdrawn"]:
        return "新增", "会作为新记录入库。" + ("如果全市已有同一条记录，则按它判断。" if item.key_scope == "city" else "")
    if standing["_fingerprint"] == made.fingerprint:
        return "重复", "平台上已有内容完全相同的记录，不会改变什么。"
    return "修改", "平台上已有这条记录，会按这里填写的修改它。"


def _moved(item: Item, own: str | None, asked: Question) -> Iterable[Reason]:
    if asked.fixed and own is not None and own != asked.fixed:
        names = "、".join(item.by_name[name].title for name in item.key)
        yield _reason(item, FIXED, f"{names}认定是哪一条记录，不能改。", "请改回原来的内容；确实填错了的，撤销这条记录，再录入正确的。")


def _repeated(item: Item, asked: Question) -> Iterable[Reason]:
    if asked.before:
        yield _reason(item, ENTERED, f"这条记录已经录入过，回执号 {asked.before}。", "要改它，请从“已录入的记录”中打开它来修改；如果是另一条，请核对填写的内容。")


def _reason(item: Item, rule: str, message: str, remedy: str) -> Reason:
    first = item.by_name[item.key[0]]
    return Reason(rule, "error", first.name, first.title, None, message, remedy)


def _by_field(reasons: Iterable[Reason]) -> dict[str, list[Reason]]:
    found: dict[str, list[Reason]] = {}
    for reason in reasons:
        found.setdefault(reason.field or "", []).append(reason)
    return found
