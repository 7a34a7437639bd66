"""What an item file may say, and every place where it says something else. Pure: a parsed file in, (place, problem) pairs out."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from schemas import field_check
from schemas.codes import DIRECTORY, code_set, is_known
from schemas.field_check import DATED, Fields, Problems, by_name, kind, kind_of, plain_type, unknown
from schemas.words import USAGES, WORDS

NAME = r"[a-z][a-z0-9_]{1,40}"
RECORD = {"type", "namespace", "name", "doc", "catalogue", "fields"}
CATALOGUE = {
    "title", "category", "subject", "key", "key_scope", "frequency", "due", "dated_by", "scope", "delete", "usage", "wins", "partitions", "registers", "source",
}  # fmt: skip
NEEDED = {"title", "category", "subject", "key", "key_scope", "frequency", "dated_by", "usage", "source"}
CHOICES = {
    **{name: set(WORDS[name]) for name in ("category", "subject", "key_scope", "frequency", "delete")},
    "registers": {"subjects"},
}
DUE = {"working_days", "days", "after"}
SCOPE = {"since", "changed", "valid_until", "valid_while"}
WAYS = {"cdc", "excel", "file", "form", "api"}


def faults(stem: str, spec: Any, codes: Path = DIRECTORY) -> list[tuple[str, str]]:
    """Every fault of one file, by place; code sets stand in the folder ``codes``."""
    if not isinstance(spec, dict):
        return [("", "is not a JSON object")]
    return [*_record(stem, spec), *_about(spec.get("catalogue"), by_name(spec.get("fields")), codes), *field_check.faults(spec.get("fields"), codes)]


def _record(stem: str, spec: Mapping[str, Any]) -> Problems:
    yield from unknown("", spec, RECORD)
    if spec.get("type") != "record" or spec.get("namespace") != "credit":
        yield "", 'must be a "record" of namespace "credit"'
    if spec.get("name") != stem:
        yield "name", f"is {spec.get('name')!r}, the file's name says {stem!r}"
    elif not re.fullmatch(NAME, stem):
        yield "name", "may hold lower-case letters, digits and _ only"


def _about(about: Any, fields: Fields, codes: Path) -> Problems:
    if not isinstance(about, dict):
        yield "catalogue", "is missing"
        return
    yield from unknown("catalogue", about, CATALOGUE)
    for name in sorted(NEEDED - set(about)):
        yield "catalogue", f"{name!r} is missing"
    for name, allowed in CHOICES.items():
        if name in about and about[name] not in allowed:
            yield f"catalogue.{name}", f"{about[name]!r} is none of {sorted(allowed)}"
    yield from _key(about.get("key"), fields)
    yield from _dates(about, fields, codes)
    usage = about.get("usage")
    if usage is not None and usage not in USAGES and usage not in fields:
        yield "catalogue.usage", "must be '0', '1', '2' or a field"
    wins = about.get("wins", "latest")
    if wins not in ("latest", "arrival") and not (isinstance(wins, list) and wins and set(wins) <= WAYS):
        yield "catalogue.wins", f"{wins!r} must be 'latest', 'arrival' or a list of ways {sorted(WAYS)}"
    partitions = about.get("partitions", 1)
    if not isinstance(partitions, int) or not 1 <= partitions <= 64:
        yield "catalogue.partitions", "must be a number from 1 to 64"


def _key(key: Any, fields: Fields) -> Problems:
    if not isinstance(key, list) or not key:
        yield "catalogue.key", "must list at least one field"
        return
    for name in key:
        if name not in fields:
            yield "catalogue.key", f"there is no field {name!r}"
        elif plain_type(fields[name].get("type"))[0]:
            yield "catalogue.key", f"{name!r} is optional: what identifies a record must be required"
        elif fields[name].get("volatile"):
            yield "catalogue.key", f"{name!r} is volatile: what identifies a record must last"


def _dates(about: Mapping[str, Any], fields: Fields, codes: Path) -> Problems:
    due, scope = about.get("due", {}), about.get("scope", {})
    if not isinstance(due, dict) or not isinstance(scope, dict):
        yield "catalogue", "'due' and 'scope' must be JSON objects"
        return
    yield from unknown("catalogue.due", due, DUE)
    yield from unknown("catalogue.scope", scope, SCOPE)
    for name in ("working_days", "days"):
        if name in due and not (isinstance(due[name], int) and due[name] > 0):
            yield "catalogue.due", f"{name} must be a positive number, not {due[name]!r}"
    if "since" in scope and not _is_date(scope["since"]):
        yield "catalogue.scope", f"since must be a date like 2015-01-01, not {scope['since']!r}"
    yield from _valid_while(scope.get("valid_while"), fields, codes)
    mentioned = {"dated_by": about.get("dated_by"), "due.after": due.get("after"), "scope.valid_until": scope.get("valid_until"), "scope.changed": scope.get("changed")}
    for place, field in mentioned.items():
        if field is not None and field not in fields:
            yield f"catalogue.{place}", f"there is no field {field!r}"
        elif field is not None and kind_of(fields[field]) not in {"", *DATED}:
            yield f"catalogue.{place}", f"{field!r} is {kind_of(fields[field])}, not a date or a time"


def _valid_while(said: Any, fields: Fields, folder: Path) -> Problems:
    """The state in which a licence without a last day is valid: a field with a code set, and codes of it."""
    place = "catalogue.scope.valid_while"
    if said is None:
        return
    if not isinstance(said, dict) or set(said) != {"field", "in"} or not isinstance(said["in"], list) or not said["in"]:
        yield place, 'must be {"field": …, "in": […]}'
        return
    field = fields.get(said["field"])
    codes = str(field.get("codes")) if field else ""
    if field is None:
        yield place, f"there is no field {said['field']!r}"
    elif field.get("many") or not is_known(codes, folder):
        yield place, f"{said['field']!r} has no code set of single values"
    else:
        yield from ((place, f"{code!r} is not in the code set {codes!r}") for code in said["in"] if code not in code_set(codes, folder))


def _is_date(text: Any) -> bool:
    try:
        date.fromisoformat(text)
    except (ValueError, TypeError):
        return False
    return True


__all__ = ["faults", "kind", "plain_type"]
