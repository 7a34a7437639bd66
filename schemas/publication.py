"""What of an item is published and until when: data the credit office changes (schemas/publication.json), evaluated on the day somebody reads, never when a record is loaded.

A record is published while its usage scope is 0, its state does not end publication, and its term has not passed: the day it names itself, else months after the decision by
the rule in force on the day of reading. Terms include their last day.
"""

import calendar
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from schemas.catalog import Catalog, Item

FILE = Path(__file__).parent / "publication.json"
PUBLIC = "0"


@dataclass(frozen=True)
class Terms:
    """An item's rule on one day. `by`: the field whose code decides the months (None: one for all); `months`: per code, `default` for every other (None: no end). States: field → values."""

    until: str | None = None
    by: str | None = None
    months: Mapping[str, int] = field(default_factory=dict)
    default: int | None = None
    hidden: Mapping[str, Sequence[str]] = field(default_factory=dict)
    disputed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    never: frozenset[str] = frozenset()


def terms(item: Item, today: date, path: Path = FILE) -> Terms:
    """The rule for an item as it holds today; an item that is not listed is published without an end."""
    spec = _specs(path).get(item.code, {})
    period: Mapping[str, Any] = max((each for each in spec.get("periods", ()) if date.fromisoformat(each["from"]) <= today), key=lambda each: each["from"], default={})
    return Terms(
        spec.get("until"), period.get("by"), period.get("months", {}), period.get("default"), spec.get("hidden", {}), spec.get("disputed", {}), frozenset(spec.get("never", ()))
    )


def scope(item: Item, row: Mapping[str, Any]) -> str:
    """The record's usage scope; blank where its field is blank, which is not public."""
    return str(row.get(item.usage) or "") if item.usage in item.by_name else item.usage


def last_day(item: Item, row: Mapping[str, Any], rule: Terms) -> date | None:
    """The last day on which the record is published; None: no end."""
    if rule.until and (named := day(row.get(rule.until))):
        return named
    decided = day(row.get(item.dated_by))
    months = rule.months.get(str(row.get(rule.by) or ""), rule.default) if rule.by else rule.default
    return _after(decided, months) if decided and months is not None else None


def published(item: Item, row: Mapping[str, Any], today: date, rule: Terms | None = None) -> bool:
    """Whether the record's own text lets the public see it today."""
    rule = rule or terms(item, today)
    if scope(item, row) != PUBLIC or any(row.get(name) in values for name, values in rule.hidden.items()):
        return False
    end = last_day(item, row, rule)
    return end is None or end >= today


def earliest(today: date, months: int) -> date:
    """The earliest decision whose term of so many months has not passed today."""
    found = _after(today, -months)
    while _after(found, months) < today:
        found += timedelta(days=1)
    return found


def day(value: Any) -> date | None:
    """A date as any warehouse gives it: a date, or ISO text."""
    if isinstance(value, date) or value is None:
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def faults(catalog: Catalog, path: Path = FILE) -> list[str]:
    """Everything in the file that does not fit the catalogue."""
    found = []
    for code, spec in _specs(path).items():
        if code not in catalog:
            found.append(f"{code}: no such item")
            continue
        named = [spec.get("until"), *spec.get("hidden", {}), *spec.get("disputed", {}), *spec.get("never", ()), *(each.get("by") for each in spec.get("periods", ()))]
        found += [f"{code}.{name}: no such field" for name in named if name and name not in catalog[code].by_name]
        for name, values in (*spec.get("hidden", {}).items(), *spec.get("disputed", {}).items()):
            codes = catalog[code].by_name[name].code_set if name in catalog[code].by_name else {}
            found += [f"{code}.{name}: {value} is not in its code set" for value in values if codes and value not in codes]
    return found


@cache
def _specs(path: Path) -> Mapping[str, Any]:
    return {code: spec for code, spec in json.loads(path.read_text(encoding="utf-8")).items() if code != "_"}


def _after(start: date, months: int) -> date:
    """So many months on, on the same day of the month or the month's last."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    year = min(max(year, 1), 9999)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
