"""Rules on a whole record: what must be filled, groups of which one is enough, what is required of whom; and what lies outside the period that is collected."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import polars as pl

from schemas.rules.finding import Finding, Frame, Row

# An organisation's name ends so; a person's does not.
ORGANISATION = "(?:公司|集团|企业|厂|店|院|所|社|行|部|队|会|局|站|场|馆|园|中心|学校|大学|医院|工作室|合伙|分行|支行|商行|超市|酒楼|饭店|摊位?)[)）]?$"
_ORGANISATION = re.compile(ORGANISATION)
Suspects = Callable[[Frame], pl.Series]


class Field(Protocol):
    """What row rules need of a field."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def group(self) -> str | None: ...
    @property
    def when(self) -> Mapping[str, Any] | None: ...
    @property
    def rules(self) -> Sequence[Any]: ...


class Item(Protocol):
    """What row rules need of an item."""

    @property
    def subject(self) -> str: ...
    @property
    def fields(self) -> Sequence[Any]: ...
    @property
    def key(self) -> Sequence[str]: ...
    @property
    def dated_by(self) -> str: ...
    @property
    def scope(self) -> Mapping[str, Any]: ...


def explain_required(row: Row, field: Field) -> Finding | None:
    if row.clean[field.name] is not None:
        return None
    return Finding("R-REQ-01", f"“{field.title}”没有填。", "该项必填，请补充后重新报送。")


def groups(item: Item) -> dict[str, list[Field]]:
    """Group name → its fields."""
    found: dict[str, list[Field]] = {}
    for field in item.fields:
        if field.group:
            found.setdefault(field.group, []).append(field)
    return found


def name_field(item: Item) -> str | None:
    """The field that names the subject."""
    return next((field.name for field in item.fields if any(rule.name == "name" for rule in field.rules)), None)


def is_organisation(item: Item, clean: Mapping[str, str | None]) -> bool:
    """Whether the record speaks of an organisation: it has an organisation's code, or a name that ends like one's."""
    if item.subject != "any":
        return item.subject == "organisation"
    if any(clean[field.name] is not None for field in item.fields if field.group):
        return True
    name = name_field(item)
    return bool(name and clean[name] and _ORGANISATION.search(str(clean[name])))


def organisations(item: Item, clean: pl.DataFrame) -> pl.Series:
    """`is_organisation` of every row."""
    height = clean.height
    if item.subject != "any":
        return pl.repeat(item.subject == "organisation", height, eager=True)
    found = pl.repeat(value=False, n=height, eager=True)
    for field in item.fields:
        if field.group:
            found = found | clean[field.name].is_not_null()
    name = name_field(item)
    return found | clean[name].str.contains(ORGANISATION).fill_null(value=False) if name else found


def explain_group(row: Row, members: Sequence[Field]) -> Finding | None:
    """One of a group, asked of organisations only."""
    if any(row.clean[field.name] is not None for field in members):
        return None
    titles = "、".join(field.title for field in members)
    return Finding("R-REQ-02", f"法人和其他组织应至少填写一种代码：{titles}。", "请补充其中一种；有统一社会信用代码的填统一社会信用代码。")


def explain_when(row: Row, field: Field) -> Finding | None:
    if row.clean[field.name] is not None:
        return None
    when = field.when or {}
    whom = {"person": "自然人", "organisation": "法人和其他组织"}.get(when.get("subject", ""))
    whom = whom or f"“{row.titles[when['field']]}”为“{row.clean[when['field']]}”时"
    return Finding("R-REQ-03", f"“{field.title}”没有填，{whom}必填。", "请补充后重新报送。")


def applies(item: Item, field: Field, clean: Mapping[str, str | None], *, organisation: bool) -> bool:
    """Whether a conditional field is required in this record."""
    when = field.when or {}
    if "subject" in when:
        return bool(organisation == (when["subject"] == "organisation"))
    return bool(clean[when["field"]] in when["in"])


def applying(item: Item, field: Field, clean: pl.DataFrame, organisation: pl.Series) -> pl.Series:
    """`applies` of every row."""
    when = field.when or {}
    if "subject" in when:
        return organisation if when["subject"] == "organisation" else ~organisation
    found: pl.Series = clean[when["field"]].is_in(when["in"]).fill_null(value=False)
    return found


def is_excluded(item: Item, typed: Mapping[str, Any], today: date) -> bool:
    """Decided *and* last changed before the period that is collected; a licence still valid is not, be it by its last day or, where it has none, by its state."""
    if not item.scope.get("since"):
        return False
    since = date.fromisoformat(item.scope["since"])
    decided = typed[item.dated_by]
    if decided is None or decided >= since:
        return False
    changed = typed.get(item.scope.get("changed", ""))
    valid_until = typed.get(item.scope.get("valid_until", ""))
    valid_while = item.scope.get("valid_while")
    kept = (changed is not None and changed >= since) or (valid_until is not None and valid_until >= today)
    return not kept and not (valid_while and typed.get(valid_while["field"]) in valid_while["in"])


def excluded(item: Item, typed: pl.DataFrame, today: date) -> pl.Series:
    """`is_excluded` of every row."""
    if not item.scope.get("since"):
        return pl.repeat(value=False, n=typed.height, eager=True)
    since = date.fromisoformat(item.scope["since"])
    found = (typed[item.dated_by] < since).fill_null(value=False)
    if changed := item.scope.get("changed"):
        found = found & ~(typed[changed] >= since).fill_null(value=False)
    if valid_until := item.scope.get("valid_until"):
        found = found & ~(typed[valid_until] >= today).fill_null(value=False)
    if valid_while := item.scope.get("valid_while"):
        found = found & ~typed[valid_while["field"]].is_in(valid_while["in"]).fill_null(value=False)
    return found
