"""How records that are entered by hand are shown: the form in groups with what is filled in, a record's name, what each version changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from producers import form
from producers.form import Choice, Form, Input
from schemas import reason
from schemas.catalog import Field, Item

Said = Mapping[str, str | None]
LONGEST_NAME = 60
WAYS = {"form": "数据录入", "excel": "数据报送", "file": "文件", "api": "数据接口", "cdc": "前置机"}
WHAT = {
    "new": "新增", "change": "修改", "promoted": "恢复", "withdrawn": "撤销",
    "duplicate": "重复", "superseded": "被取代", "rejected": "退回", "excluded": "不在归集范围",
}  # fmt: skip
ACCEPTED = "已入库"


@dataclass(frozen=True)
class Group:
    """Inputs that stand together; `legend` is empty for what needs none."""

    legend: str
    inputs: tuple[Input, ...]


def groups(made: Form) -> list[Group]:
    """The form from top to bottom; those of which one is enough stand together where the first of them stands."""
    found, done, named = list[Group](), set[str](), {each.name: each for each in made.inputs}
    for each in made.inputs:
        together = next((names for names in made.groups if each.name in names), (each.name,))
        if each.name in done:
            continue
        done |= set(together)
        found.append(Group(each.needed if len(together) > 1 else "", tuple(named[name] for name in together)))
    return found


def strays(each: Input, values: Mapping[str, Sequence[str]]) -> list[Choice]:
    """Values that are filled in and no code: shown, so that nobody loses them, and judged like the others."""
    known = {choice.code for choice in each.choices}
    return [Choice(value, f"{value}（不在清单中）") for value in values.get(each.name, ()) if value not in known] if known else []


def name(item: Item, said: Said) -> str:
    """What people call the record: its key fields, without a person's number or name."""
    shown = (reason.public(value, item.by_name[code].privacy) for code in item.key if (value := said.get(code)))
    text = " ".join(shown)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def facts(item: Item, said: Said, *, masked: bool) -> list[tuple[str, str]]:
    """Title and text of what is filled in; codes with their titles. `masked` covers personal numbers."""
    return [(field.title, _titled(field, reason.covered(value, field.privacy) if masked else value)) for field in item.fields if (value := said.get(field.name))]


def changes(item: Item, versions: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """By version, which fields it changed, in words; a first version and a withdrawal changed none."""
    return dict(_changes(item, versions))


def _changes(item: Item, versions: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    for before, after in zip([None, *versions], versions, strict=False):
        if before is None or after["_withdrawn"] or before["_withdrawn"]:
            continue
        found = [field for field in item.fields if before[field.name] != after[field.name]]
        yield int(after["_version"]), "；".join(f"{each.title}：{_old(each, before)} → {_old(each, after)}" for each in found)


def _old(field: Field, version: Mapping[str, Any]) -> str:
    value = version[field.name]
    return _titled(field, reason.masked(value, field.privacy) or "") if value else "（空）"


def _titled(field: Field, text: str) -> str:
    title = field.code_set.get(text)
    return f"{text} {title}" if title and title != text else text


def of(item: Item, version: str) -> list[Group]:
    """The groups of the item's form."""
    return groups(form.of(item, version))
