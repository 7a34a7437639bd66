"""What a field of an item file may say, and every place where it says something else. Pure: parsed fields in, (place, problem) pairs out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from schemas import normalize, rules
from schemas.codes import DIRECTORY, code_set, is_known
from schemas.words import PRIVACY

NAME = r"[A-Za-z][A-Za-z0-9_]{0,60}"
BASES = {"decimal-text": "string", "date": "int", "timestamp-millis": "long"}
DATED = {"date", "timestamp-millis"}
ATTRIBUTES = {
    "name", "type", "default", "doc", "title", "help", "example", "length", "min_length", "pattern", "codes", "many", "blank", "rules", "group", "when", "privacy",
    "volatile", "searchable", "former", "source",
}  # fmt: skip
SWITCHES = ("many", "volatile", "searchable", "former")
WHOM = {"person", "organisation"}  # subjects a condition may name
OURS = {"操作", "回执行号", "序号", "退回原因", "错误说明"}  # columns of a workbook that are the platform's
# Rules an item file may name; the implied ones follow from the other attributes.
RULES = {name: rule for name, rule in rules.RULES.items() if name not in rules.IMPLIED}
Problems = Iterator[tuple[str, str]]
Fields = Mapping[str, Mapping[str, Any]]


def plain_type(spec: Any) -> tuple[bool, Any]:
    """Whether a field's type is nullable, and the type without the null."""
    if isinstance(spec, list):
        rest = [part for part in spec if part != "null"]
        return "null" in spec, rest[0] if len(rest) == 1 else None
    return False, spec


def kind(plain: Any) -> str:
    """The catalogue's name of an Avro type; empty when there is none."""
    if isinstance(plain, str):
        return plain if plain in ("string", "long") else ""
    if isinstance(plain, dict) and BASES.get(plain.get("logicalType", "")) == plain.get("type"):
        return str(plain["logicalType"])
    return ""


def kind_of(field: Mapping[str, Any]) -> str:
    return kind(plain_type(field.get("type"))[1])


def by_name(fields: Any) -> Fields:
    """The fields that have a form at all."""
    return {str(field.get("name")): field for field in fields if isinstance(field, dict)} if isinstance(fields, list) else {}


def unknown(place: str, spec: Mapping[str, Any], known: Iterable[str]) -> Problems:
    """Attributes nobody knows: mostly slips of the pen."""
    for name in sorted(set(spec) - set(known)):
        yield place, f"unknown attribute {name!r}"


def faults(fields: Any, codes: Path = DIRECTORY) -> Problems:
    """Every fault of a file's fields; code sets stand in the folder ``codes``."""
    if not isinstance(fields, list) or not fields:
        yield "fields", "must list at least one field"
        return
    seen: set[str] = set()
    titles: set[str] = set()
    others = by_name(fields)
    for number, field in enumerate(fields, start=1):
        if not isinstance(field, dict):
            yield f"field {number}", "is not a JSON object"
            continue
        name = str(field.get("name"))
        if name.lower() in seen:
            yield name, "is there twice (small and capital letters count as the same)"
        seen.add(name.lower())
        title = normalize.code(str(field.get("title") or ""))
        if title in titles or title in OURS:
            yield f"{name}.title", f"{field['title']!r} is {'a column of the platform' if title in OURS else 'there twice'}: a column of a workbook is known by its title"
        titles.update({title} if title else ())
        yield from _field(name if "name" in field else f"field {number}", field, others, codes)


def _field(place: str, field: Mapping[str, Any], others: Fields, codes: Path) -> Problems:
    yield from unknown(place, field, ATTRIBUTES)
    if not re.fullmatch(NAME, str(field.get("name", ""))):
        yield place, "name must begin with a letter and hold letters, digits and _ only"
    if not field.get("title"):
        yield place, "'title' is missing"
    yield from _type(place, field)
    yield from _text(place, field)
    yield from _codes(place, field, codes)
    if field.get("privacy", "none") not in PRIVACY:
        yield f"{place}.privacy", f"{field['privacy']!r} is none of {sorted(PRIVACY)}"
    for name in SWITCHES:
        if not isinstance(field.get(name, False), bool):
            yield f"{place}.{name}", "must be true or false"
    given = field.get("rules", ())
    for rule in given if isinstance(given, list | tuple) else [given]:
        yield from _rule(f"{place}.rules", rule, field, others)
    yield from _conditions(place, field, others)


def _type(place: str, field: Mapping[str, Any]) -> Problems:
    nullable, plain = plain_type(field.get("type"))
    if not kind(plain):
        yield f"{place}.type", f"unknown type {field.get('type')!r}"
    elif kind(plain) == "decimal-text" and not (isinstance(plain.get("precision"), int) and isinstance(plain.get("scale"), int)):
        yield f"{place}.type", "decimal-text needs precision and scale"
    if nullable and ("default" not in field or field["default"] is not None):
        yield place, 'an optional field needs "default": null'


def _text(place: str, field: Mapping[str, Any]) -> Problems:
    for name in ("length", "min_length"):
        if name in field and not (isinstance(field[name], int) and field[name] > 0):
            yield f"{place}.{name}", "must be a positive number"
        elif name in field and kind_of(field) not in ("string", ""):
            yield f"{place}.{name}", "is for text only"
    length, least = field.get("length"), field.get("min_length")
    if isinstance(length, int) and isinstance(least, int) and least > length:
        yield f"{place}.min_length", f"{least} is more than the length {length}"
    if "pattern" in field:
        try:
            re.compile(field["pattern"])
            # Columns are matched by another engine, which knows no look-around and no back reference.
            pl.Series([""]).str.contains(f"^(?:{field['pattern']})$")
        except (re.error, TypeError, pl.exceptions.ComputeError) as fault:
            yield f"{place}.pattern", f"is no regular expression: {fault}"
    if "example" in field and not isinstance(field["example"], str):
        yield f"{place}.example", "must be text, as people write it"


def _codes(place: str, field: Mapping[str, Any], codes: Path) -> Problems:
    name = field.get("codes")
    if name is None:
        if field.get("many"):
            yield f"{place}.many", "several values need codes"
    elif not is_known(str(name), codes):
        yield f"{place}.codes", f"there is no code set {name!r} in schemas/codes"
    elif "blank" in field:
        said = field["blank"]
        if isinstance(said, dict) and set(said) != WHOM:
            yield f"{place}.blank", f"must name one value, or one for each of {sorted(WHOM)}"
        for value in said.values() if isinstance(said, dict) else [said]:
            if value not in code_set(str(name), codes):
                yield f"{place}.blank", f"{value!r} is not in the code set {name!r}"


def _rule(place: str, rule: Any, field: Mapping[str, Any], others: Fields) -> Problems:
    spec = {"rule": rule} if isinstance(rule, str) else rule
    if not isinstance(spec, dict) or spec.get("rule") not in RULES:
        yield place, f"unknown rule {rule!r}"
        return
    known = RULES[spec["rule"]]
    if set(spec) - {"rule"} != known.parameters:
        yield place, f"rule {spec['rule']!r} takes {sorted(known.parameters) or 'no parameters'}"
    if kind_of(field) not in {"", *known.kinds}:
        yield place, f"rule {spec['rule']!r} is for {' and '.join(sorted(known.kinds))}, not for {kind_of(field)}"
    if "field" in known.parameters and "field" in spec:
        yield from _other(place, spec["field"], field, others)


def _other(place: str, name: str, field: Mapping[str, Any], others: Fields) -> Problems:
    if name not in others:
        yield place, f"there is no field {name!r}"
    elif kind_of(others[name]) != kind_of(field):
        yield place, f"{name!r} is {kind_of(others[name])}, this field {kind_of(field)}: they cannot be compared"


def _conditions(place: str, field: Mapping[str, Any], others: Fields) -> Problems:
    nullable, _plain = plain_type(field.get("type"))
    when = field.get("when")
    if "group" in field and not nullable:
        yield f"{place}.group", "is a required field: one of a group must be optional"
    if when is None:
        return
    if not isinstance(when, dict) or set(when) not in ({"subject"}, {"field", "in"}):
        yield f"{place}.when", 'must be {"subject": …} or {"field": …, "in": […]}'
    elif "subject" in when and when["subject"] not in WHOM:
        yield f"{place}.when", f"{when['subject']!r} is none of {sorted(WHOM)}"
    elif "field" in when and when["field"] not in others:
        yield f"{place}.when", f"there is no field {when['field']!r}"
    elif "field" in when and not (isinstance(when["in"], list) and when["in"]):
        yield f"{place}.when", "'in' must list at least one value"
    if not nullable:
        yield f"{place}.when", "is a required field: a condition makes an optional one required"


__all__ = ["DATED", "Fields", "Problems", "by_name", "faults", "kind", "kind_of", "plain_type", "unknown"]
