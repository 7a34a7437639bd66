"""What the public may see of one record: no digit of a personal number, no name of a person, nothing but what its scope and term allow. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loaders.subject_match import parts
from schemas import publication, reason
from schemas.catalog import Field, Item
from schemas.identity import holds_personal_number
from schemas.publication import Terms
from schemas.rules import rows
from schemas.rules.identifiers import excepted, ric_check, uscc_check

COVERED = "***"
PERSON = "自然人"
NO_END = date(2099, 12, 31)
HIDDEN_PRIVACY = ("person_number", "person_name")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """A published record. `number` names it in addresses and says nothing; `key` never leaves the platform. `facts`: title and text of what is filled; `until`: the last day of publication."""

    item: Item
    key: str
    number: str
    department: str
    decided: date | None
    subject: str
    person: bool
    what: str
    facts: Sequence[tuple[str, str]]
    until: date | None
    disputed: bool = False


def record(item: Item, row: Row, rule: Terms, *, disputed: bool = False) -> Record:
    """The public's view of a row that is published."""
    person = about_person(item, row)
    names = _names(item, row) if person else ()
    fields = [field for field in item.fields if _open(field, rule, person=person, name=rows.name_field(item))]
    facts = [(field.title, text) for field in fields if (text := shown(field, row.get(field.name), names))]
    stated = any(row.get(name) in values for name, values in rule.disputed.items())
    number = f"{item.code}-{row['_partition']}-{row['_offset']}"
    subject = PERSON if person else shown_name(item, row)
    return Record(
        item, str(row["_key"]), number, str(row["_department"]), publication.day(row.get(item.dated_by)), subject, person, _what(item, row, fields, names), facts,
        publication.last_day(item, row, rule), disputed or stated,
    )  # fmt: skip


def about_person(item: Item, row: Row) -> bool:
    """Whether the record is on a natural person. A code that holds a personal number is no organisation's, and a name that is also a person's in the record is a person's."""
    if item.subject == "person":
        return True
    name = rows.name_field(item)
    if name and row.get(name) and row[name] in {row.get(field.name) for field in item.fields if field.privacy == "person_name"}:
        return True
    return not rows.is_organisation(item, {field.name: _impersonal(_text(row.get(field.name))) for field in item.fields})


def like_a_person(name: str) -> bool:
    """Whether a given-up name may be a person's: up to four characters, all of them Chinese, without an organisation's ending."""
    return re.fullmatch("[\u4e00-\u9fff·]{2,4}", name) is not None and re.search(rows.ORGANISATION, name) is None


def shown_name(item: Item, row: Row) -> str:
    """An organisation's name, covered where it is a person's or holds a personal number."""
    name = parts(item).now.get("name", "")
    if not name or not row.get(name):
        return "（未登记名称）"
    return COVERED if about_person(item, row) else reason.public(str(row[name]), "none")


def shown(field: Field, value: Any, names: Sequence[str] = ()) -> str:
    """One field's text for the public: codes by their titles, personal numbers and the names given covered. Blank where nothing is filled."""
    text = worded(field, value, reason.public)
    if field.former:
        text = "；".join(COVERED if like_a_person(each.strip()) else each for each in re.split("[;；]", text))
    for name in names:
        text = text.replace(name, COVERED)
    return text


def shown_code(item: Item, row: Row) -> str:
    """The 18-digit code of whom the record is about; blank where the item has none."""
    fields = [field for field in item.fields if any(rule.name == "uscc" for rule in field.rules)]
    return shown(fields[0], row.get(fields[0].name)) if fields else ""


def worded(field: Field, value: Any, cover: Callable[[str, str], str]) -> str:
    """One field's text: codes by their titles, a sound 18-digit code as it is, everything else as `cover` leaves it (text, privacy). Blank where nothing is filled."""
    text = _text(value)
    if text is None:
        return ""
    if field.kind == "date":
        return "长期" if publication.day(value) == NO_END else text[:10]
    return text if _is_uscc(text) else cover(field.code_set.get(text, text), field.privacy)


def _open(field: Field, rule: Terms, *, person: bool, name: str | None) -> bool:
    closed = field.privacy in HIDDEN_PRIVACY or field.name in rule.never or field.volatile
    return not closed and not (person and (field.name == name or field.group or field.title in ("性别", "年龄")))


def _what(item: Item, row: Row, fields: Sequence[Field], names: Sequence[str]) -> str:
    """What tells it from others of its subject: the key's fields that are public and do not name the subject."""
    about = set(parts(item).now.values())
    said = [shown(field, row.get(field.name), names) for field in fields if field.name in item.key and field.name not in about and field.name != "PRIPID"]
    return "，".join(filter(None, said))


def _names(item: Item, row: Row) -> Sequence[str]:
    """The names of persons in a record on a person, longest first."""
    fields = [field.name for field in item.fields if field.privacy == "person_name" or field.name == rows.name_field(item)]
    return sorted({str(row[name]) for name in fields if row.get(name) and len(str(row[name])) > 1}, key=len, reverse=True)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _impersonal(text: str | None) -> str | None:
    """The text, unless it holds a personal number and is no sound code."""
    return None if text is None or (holds_personal_number(text.upper()) and not _is_uscc(text)) else text


def _is_uscc(text: str) -> bool:
    """A sound 18-digit code of an organisation that is not a person's number as well."""
    if len(text) != 18 or not text.isascii() or not text.isalnum() or set(text) & set("IOSVZ") or text != text.upper():
        return False
    personal = text[:17].isdigit() and ric_check(text) == text[17]
    return not personal and (text in excepted() or uscc_check(text) == text[17])
