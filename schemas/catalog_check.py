"""What an item file may say, and every place where it says something else. Pure: a parsed file in, (place, problem) pairs out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemas import rules
from schemas.codes import is_known

NAME = r"[a-z][a-z0-9_]{1,40}"
FIELD_NAME = r"[A-Za-z][A-Za-z0-9_]{0,60}"
KINDS = {"string", "decimal-text", "date", "timestamp-millis", "long"}
BASES = {"decimal-text": "string", "date": "int", "timestamp-millis": "long"}
RECORD = {"type", "namespace", "name", "doc", "catalogue", "fields"}
CATALOGUE = {
    "title", "category", "subject", "key", "key_scope", "frequency", "due", "dated_by", "scope", "delete", "usage", "wins", "partitions", "registers", "source",
}  # fmt: skip
NEEDED = {"title", "category", "subject", "key", "key_scope", "frequency", "dated_by", "usage", "source"}
FIELD = {
    "name", "type", "default", "doc", "title", "help", "example", "length", "min_length", "pattern", "codes", "many", "blank", "rules", "group", "when", "privacy",
    "volatile", "searchable", "former", "source",
}  # fmt: skip
CHOICES = {
    "category": {"基本", "资质", "履约", "失信", "表彰荣誉", "其它"},
    "subject": {"organisation", "person", "any"},
    "key_scope": {"department", "city"},
    "frequency": {"day", "week", "month", "quarter"},
    "delete": {"withdraw", "housekeeping"},
    "privacy": {"none", "person_number", "person_name", "content"},
}
WAYS = {"cdc", "excel", "file", "form", "api"}
# Rules an item file may name; the implied ones follow from the other attributes.
RULES = {name: set(rule.parameters) for name, rule in rules.RULES.items() if name not in rules.IMPLIED}
Problems = Iterator[tuple[str, str]]


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


def faults(stem: str, spec: Any) -> list[tuple[str, str]]:
    """Every fault of one file, by place."""
    if not isinstance(spec, dict):
        return [("", "is not a JSON object")]
    return [*_record(stem, spec), *_about(spec.get("catalogue"), _names(spec)), *_fields(spec.get("fields"))]


def _names(spec: Mapping[str, Any]) -> list[str]:
    fields = spec.get("fields")
    return [str(field.get("name")) for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []


def _unknown(place: str, spec: Mapping[str, Any], known: Iterable[str]) -> Problems:
    for name in sorted(set(spec) - set(known)):
        yield place, f"unknown attribute {name!r}"


def _record(stem: str, spec: Mapping[str, Any]) -> Problems:
    yield from _unknown("", spec, RECORD)
    if spec.get("type") != "record" or spec.get("namespace") != "credit":
        yield "", 'must be a "record" of namespace "credit"'
    if spec.get("name") != stem:
        yield "name", f"is {spec.get('name')!r}, the file's name says {stem!r}"
    elif not re.fullmatch(NAME, stem):
        yield "name", "may hold lower-case letters, digits and _ only"


def _about(about: Any, names: list[str]) -> Problems:
    if not isinstance(about, dict):
        yield "catalogue", "is missing"
        return
    yield from _unknown("catalogue", about, CATALOGUE)
    for name in sorted(NEEDED - set(about)):
        yield "catalogue", f"{name!r} is missing"
    yield from _choices("catalogue", about)
    key = about.get("key")
    if not isinstance(key, list) or not key:
        yield "catalogue.key", "must list at least one field"
    else:
        yield from (("catalogue.key", f"there is no field {name!r}") for name in key if name not in names)
    yield from _references(about, names)
    wins = about.get("wins", "latest")
    if wins not in ("latest", "arrival") and not (isinstance(wins, list) and wins and set(wins) <= WAYS):
        yield "catalogue.wins", f"must be 'latest', 'arrival' or a list of ways {sorted(WAYS)}"
    partitions = about.get("partitions", 1)
    if not isinstance(partitions, int) or not 1 <= partitions <= 64:
        yield "catalogue.partitions", "must be a number from 1 to 64"


def _references(about: Mapping[str, Any], names: list[str]) -> Problems:
    mentioned = {
        "dated_by": about.get("dated_by"),
        "due.after": (about.get("due") or {}).get("after"),
        "scope.valid_until": (about.get("scope") or {}).get("valid_until"),
        "scope.changed": (about.get("scope") or {}).get("changed"),
    }
    for place, name in mentioned.items():
        if name is not None and name not in names:
            yield f"catalogue.{place}", f"there is no field {name!r}"
    usage = about.get("usage")
    if usage is not None and usage not in ("0", "1", "2") and usage not in names:
        yield "catalogue.usage", "must be '0', '1', '2' or a field"


def _choices(place: str, spec: Mapping[str, Any]) -> Problems:
    for name, allowed in CHOICES.items():
        if name in spec and spec[name] not in allowed:
            yield f"{place}.{name}", f"{spec[name]!r} is none of {sorted(allowed)}"


def _fields(fields: Any) -> Problems:
    if not isinstance(fields, list) or not fields:
        yield "fields", "must list at least one field"
        return
    seen: set[str] = set()
    names = {str(field.get("name")) for field in fields if isinstance(field, dict)}
    for number, field in enumerate(fields, start=1):
        if not isinstance(field, dict):
            yield f"field {number}", "is not a JSON object"
            continue
        name = str(field.get("name"))
        if name.lower() in seen:
            yield name, "is there twice (small and capital letters count as the same)"
        seen.add(name.lower())
        yield from _field(name if "name" in field else f"field {number}", field, names)


def _field(place: str, field: Mapping[str, Any], names: set[str]) -> Problems:
    yield from _unknown(place, field, FIELD)
    if not re.fullmatch(FIELD_NAME, str(field.get("name", ""))):
        yield place, "name must begin with a letter and hold letters, digits and _ only"
    if not field.get("title"):
        yield place, "'title' is missing"
    nullable, plain = plain_type(field.get("type"))
    if not kind(plain):
        yield f"{place}.type", f"unknown type {field.get('type')!r}"
    elif kind(plain) == "decimal-text" and not (isinstance(plain.get("precision"), int) and isinstance(plain.get("scale"), int)):
        yield f"{place}.type", "decimal-text needs precision and scale"
    if nullable and ("default" not in field or field["default"] is not None):
        yield place, 'an optional field needs "default": null'
    yield from _choices(place, field)
    yield from _content(place, field, names)


def _content(place: str, field: Mapping[str, Any], names: set[str]) -> Problems:
    for name in ("length", "min_length"):
        if name in field and not (isinstance(field[name], int) and field[name] > 0):
            yield f"{place}.{name}", "must be a positive number"
    if "pattern" in field:
        try:
            re.compile(field["pattern"])
        except re.error as fault:
            yield f"{place}.pattern", f"is no regular expression: {fault}"
    if "codes" in field and not is_known(str(field["codes"])):
        yield f"{place}.codes", f"there is no code set {field['codes']!r} in schemas/codes"
    for rule in field.get("rules", ()):
        yield from _rule(f"{place}.rules", rule, names)
    when = field.get("when")
    if when is not None and not (isinstance(when, dict) and ("subject" in when or when.get("field") in names)):
        yield f"{place}.when", "must name a field of the item or a subject"


def _rule(place: str, rule: Any, names: set[str]) -> Problems:
    spec = {"rule": rule} if isinstance(rule, str) else rule
    if not isinstance(spec, dict) or spec.get("rule") not in RULES:
        yield place, f"unknown rule {rule!r}"
        return
    wanted = RULES[spec["rule"]]
    if set(spec) - {"rule"} != wanted:
        yield place, f"rule {spec['rule']!r} takes {sorted(wanted) or 'no parameters'}"
    if "field" in wanted and spec.get("field") not in names:
        yield place, f"there is no field {spec.get('field')!r}"
