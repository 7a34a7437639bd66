"""The records of an invented year: each a function of its item, department, number and day. Made of the item's own example, so that every item of the catalogue has them. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from demo.subjects import FORMS, PLACES, TRADES, WORDS, credit_code, identity_number, org_code
from schemas.catalog import Field, Item
from schemas.departments import load

COMPANIES = 20_000
LATEST = date(2017, 12, 31)  # dates of the example up to here move with the day a record is dated by
_DIGITS = re.compile(r"[0-9]{4,}")
_LETTERS = "0123456789ABCDEFGHJK"
Fields = dict[str, str | None]


@dataclass(frozen=True)
class Company:
    name: str
    code: str
    organisation: str


@cache
def company(number: int) -> Company:
    """The same for the same number below COMPANIES."""
    n, parts = number, list[str]()
    for choice in (PLACES, WORDS, WORDS, TRADES, FORMS):
        n, place = divmod(n, len(choice))
        parts.append(choice[place])
    organisation = _organisation(number)
    return Company("".join(parts), credit_code("91370102" + organisation), organisation)


def _organisation(number: int) -> str:
    text = ""
    for _ in range(5):
        number, place = divmod(number, len(_LETTERS))
        text = _LETTERS[place] + text
    return org_code("MA3" + text)


@dataclass(frozen=True)
class Serial:
    """The key's field by which records of one item differ: how its text is made of the example's and a number, and for how many numbers."""

    name: str
    text: Callable[[str, str, int], str]
    capacity: int


def _appended(example: str, department: str, number: int) -> str:
    return f"{example}-{department}{number}"


def _counted(example: str, _department: str, number: int) -> str:
    start, end = _run(example)
    return f"{example[:start]}{number:0{end - start}d}{example[end:]}"


def _coded(example: str, _department: str, number: int) -> str:
    return credit_code(example[:8] + _organisation(number))


def _numbered(example: str, _department: str, number: int) -> str:
    born = date(1955, 1, 1) + timedelta(days=number // 999)
    return identity_number(f"{example[:6]}{born:%Y%m%d}{number % 999 + 1:03d}")


def _named(_example: str, _department: str, number: int) -> str:
    return company(number).name


def _run(text: str) -> tuple[int, int]:
    """The last seven digits, or fewer, of the last run of four or more; as long as nothing where there is none."""
    runs = [each.span() for each in _DIGITS.finditer(text)]
    start, end = runs[-1] if runs else (0, 0)
    return max(start, end - 7), end


def serial(item: Item) -> Serial:
    """The best that there is among the key's fields."""
    return max((each for name in item.key if (each := _serial_of(item.by_name[name]))), key=lambda each: each.capacity)


def room(item: Item) -> int:
    """How many records of it each department can have, none of them another's."""
    return serial(item).capacity // len(departments())


@cache
def departments() -> tuple[str, ...]:
    return tuple(load())


def _serial_of(field: Field) -> Serial | None:
    rules, example = {rule.name for rule in field.rules}, field.example or ""
    if field.kind != "string" or field.codes:
        return None
    if rules & {"uscc", "taxno"}:
        return Serial(field.name, _coded, len(_LETTERS) ** 5)
    if "ric" in rules:
        return Serial(field.name, _numbered, 999 * 365 * 40)
    if "name" in rules:
        return Serial(field.name, _named, COMPANIES) if len(example) > 4 else None
    start, end = _run(example)
    if field.pattern is None and (field.length or 64) >= len(example) + 12:
        return Serial(field.name, _appended, 10**8)
    return Serial(field.name, _counted, int(10 ** (end - start))) if end > start else None


class Maker:
    """The records of one department's item. `mistakes` each make a record that must be rejected; `free`: a field whose text may be another without being another record."""

    def __init__(self, item: Item, department: str) -> None:
        self._item, self._department = item, department
        self._serial = serial(item)
        self._first = departments().index(department) * room(item)
        self._example = item.example
        self._subject = [(field, part) for field in item.fields if field.name != self._serial.name and (part := _part(field))]
        self.free = next(field.name for field in item.fields if _is_free(field) and field.name not in item.key)
        self.mistakes = list(_mistakes(item, self._serial.name))

    def records(self, numbers: Sequence[int], day: date) -> Iterator[Fields]:
        """Those of some numbers, dated by ``day``."""
        differs, base = self._serial, self._example | _moved(self._item, day)
        text = str(self._example[differs.name])
        for number in numbers:
            made, firm = dict(base), company(number * 7919 % COMPANIES)
            made[differs.name] = differs.text(text, self._department, self._first + number)
            for field, part in self._subject:
                made[field.name] = part(firm)
            yield made


def _moved(item: Item, day: date) -> Fields:
    """The example's dates, as far from the day it is dated by as they were."""
    example = item.example
    dated = date.fromisoformat(str(example[item.dated_by])[:10])
    found: Fields = {}
    for field in item.fields:
        text = example[field.name]
        if field.kind == "date" and text and (was := date.fromisoformat(text)) <= LATEST:
            found[field.name] = (was + (day - dated)).isoformat()
    return found


def _part(field: Field) -> Callable[[Company], str] | None:
    """What of a company a field says."""
    rules, example = {rule.name for rule in field.rules}, field.example or ""
    if rules & {"uscc"} and example.startswith("91"):
        return lambda firm: firm.code
    if "name" in rules and len(example) > 6:
        return lambda firm: firm.name
    return None


def _is_free(field: Field) -> bool:
    plain = field.kind == "string" and not (field.codes or field.rules or field.pattern or field.volatile)
    return plain and bool(field.example) and (field.length or 64) >= len(field.example or "") + 4


def _mistakes(item: Item, differs: str) -> Iterator[Callable[[Fields], None]]:
    for field in item.fields:
        if field.name in item.key or field.name == differs or not field.example:
            continue
        if field.required and field.blank is None and field.when is None and field.group is None:
            yield _blank(field.name)
        if field.kind == "date":
            yield _undated(field.name)


def _blank(name: str) -> Callable[[Fields], None]:
    def make(record: Fields) -> None:
        record[name] = None

    return make


def _undated(name: str) -> Callable[[Fields], None]:
    def make(record: Fields) -> None:
        record[name] = "二〇一七年"

    return make
