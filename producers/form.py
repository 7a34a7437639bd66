"""The form of an item (数据录入), made from the item alone: which inputs a page shows, and what a filled-in form says. Pages draw it, scripts or none; nothing here knows HTML.

A browser checks little and may be bypassed: what is said goes through the door and is judged like anything else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.catalog import Field, Item
from schemas.text import from_form
from schemas.words import SUBJECTS

WIDGETS = ("line", "text", "number", "date", "moment", "choice", "search", "choices")
SEVERAL = "；"
LONG, MANY = 120, 40  # characters from which a line is too small; codes from which a list is searched
OTHER = "其他"
NOTE = "__note"  # the input beside 其他


@dataclass(frozen=True)
class Choice:
    """One code. ``label`` is what people see; codes that no longer hold say until when."""

    code: str
    label: str


@dataclass(frozen=True)
class Input:
    """One input. ``widget`` is one of WIDGETS; ``note``: 其他 must be explained in an input named ``<name>__note``; ``needed`` says in words when an optional one is required;
    ``shown`` is {"field", "in"} where it makes sense only then.
    """

    name: str
    title: str
    widget: str
    required: bool
    help: str
    example: str | None
    start: str | None
    longest: int | None
    shortest: int | None
    pattern: str | None
    choices: tuple[Choice, ...]
    note: bool
    needed: str
    shown: Mapping[str, Any] | None


@dataclass(frozen=True)
class Form:
    """The form of an item at one version of the catalogue; ``groups``: names of inputs of which organisations fill at least one."""

    item: str
    title: str
    about: str
    version: str
    inputs: tuple[Input, ...]
    groups: tuple[tuple[str, ...], ...]


def of(item: Item, version: str) -> Form:
    """The form of an item, its inputs in the order of the item's fields."""
    names = dict.fromkeys(field.group for field in item.fields if field.group)
    groups = tuple(tuple(field.name for field in item.fields if field.group == name) for name in names)
    return Form(item.code, item.title, item.doc, version, tuple(_input(item, field) for field in item.fields), groups)


def said(item: Item, pairs: Sequence[tuple[str, str]]) -> dict[str, str | None]:
    """What a filled-in form says, field by field, as text. Several values of one input are joined as the standard joins them; an explanation goes
    behind its 其他; names that the form does not have are passed over.
    """
    told: dict[str, list[str]] = {}
    for name, value in pairs:
        if value.strip():
            told.setdefault(name, []).append(value)
    return {field.name: from_form(SEVERAL.join(_explained(field, told))) for field in item.fields}


def filled(item: Item, said: Mapping[str, str | None]) -> dict[str, list[str]]:
    """The inputs' values of a record by the inputs' names; `said` makes the record of them again."""
    found: dict[str, list[str]] = {}
    for field in item.fields:
        if value := said.get(field.name):
            inputs = _inputs(field, value)
            whole = all(map(str.strip, inputs[field.name])) and SEVERAL.join(_explained(field, inputs)) == value
            found |= inputs if whole else {field.name: [value]}
    return found


def _inputs(field: Field, value: str) -> dict[str, list[str]]:
    parts = value.split(SEVERAL) if field.many else [value]
    notes = [part.partition("-")[2] for part in parts if OTHER in field.code_set and part.startswith(f"{OTHER}-")]
    return {field.name: [OTHER if part.startswith(f"{OTHER}-") and notes else part for part in parts]} | ({field.name + NOTE: notes} if notes else {})


def _explained(field: Field, told: Mapping[str, list[str]]) -> Iterator[str]:
    note = next(iter(told.get(field.name + NOTE, ())), "").strip()
    for written in told.get(field.name, ()):
        value = _coded(field, written)
        yield f"{OTHER}-{note}" if value == OTHER and note and OTHER in field.code_set else value


def _coded(field: Field, written: str) -> str:
    """The code of what was written as a code's title, or picked by its label, where only one is called so."""
    if written in field.code_set:
        return written
    found = [code for code, title in field.code_set.items() if written.strip() in (code, title, f"{code} {title}")]
    return found[0] if len(found) == 1 else written


def _input(item: Item, field: Field) -> Input:
    return Input(
        name=field.name,
        title=field.title,
        widget=_widget(field),
        required=field.required and field.blank is None,
        help=field.help,
        example=field.example,
        start=field.blank if field.blank == field.blank_person else None,
        longest=field.length,
        shortest=field.min_length,
        pattern=field.pattern,
        choices=tuple(_choices(field)),
        note=OTHER in field.code_set,
        needed=needed(item, field),
        shown=field.when if field.when and "field" in field.when else None,
    )


def _widget(field: Field) -> str:
    if field.code_set:
        return "choices" if field.many else "search" if len(field.code_set) > MANY else "choice"
    if field.kind == "string":
        return "text" if (field.length or 0) > LONG else "line"
    return {"date": "date", "timestamp-millis": "moment"}.get(field.kind, "number")


def _choices(field: Field) -> Iterator[Choice]:
    last = {entry.code: entry for entry in sorted(field.entries, key=lambda entry: entry.since or date.min)}
    for code, title in field.code_set.items():
        until = last[code].until
        label = title if code == title else f"{code} {title}"
        yield Choice(code, f"{label}（用至 {until}）" if until else label)


def needed(item: Item, field: Field) -> str:
    """When an optional field must be filled, in Chinese; empty where never."""
    if field.group:
        return f"{SUBJECTS['organisation']}：{'、'.join(other.title for other in item.fields if other.group == field.group)}至少填一种"
    if field.when and "subject" in field.when:
        return f"{SUBJECTS[field.when['subject']]}必填"
    if field.when:
        return f"“{item.by_name[field.when['field']].title}”为{'、'.join(field.when['in'])}时必填"
    return ""
