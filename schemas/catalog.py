"""The catalogue: one Avro file per item (schemas/avro/<item>.avsc), read once, checked whole, never guessed at."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as of
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from schemas import catalog_check as check
from schemas.codes import DIRECTORY as CODES
from schemas.codes import Entry, code_set, entries, histories
from schemas.codes_check import faults as code_faults
from schemas.faults import CatalogFault, Fault
from schemas.rules import example_problems
from schemas.rules.severity import table

DIRECTORY = Path(__file__).parent / "avro"
OF_RULES = {"uscc_exceptions", "ric_place"}  # code sets that rules use, not fields


@dataclass(frozen=True)
class Rule:
    """A rule named in an item file, with its parameters."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One field of an item. `kind`: string, decimal-text, date, timestamp-millis or long. `codes` names its code set.
    `blank`, `blank_person`: what a blank means in a record on an organisation, on a person.
    """

    name: str
    title: str
    kind: str
    required: bool
    example: str | None
    help: str
    length: int | None
    min_length: int | None
    pattern: str | None
    codes: str | None
    many: bool
    blank: str | None
    blank_person: str | None
    rules: tuple[Rule, ...]
    group: str | None
    when: Mapping[str, Any] | None
    privacy: str
    volatile: bool
    searchable: bool
    former: bool
    source: str | None
    precision: int | None
    scale: int | None
    codes_in: Path = of(default=CODES, compare=False)

    @property
    def code_set(self) -> Mapping[str, str]:
        """Code → title; empty where the field has no code set."""
        return code_set(self.codes, self.codes_in) if self.codes else {}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All lines of its code set."""
        return entries(self.codes, self.codes_in) if self.codes else ()

    @property
    def histories(self) -> Mapping[str, tuple[Entry, ...]]:
        """Code → its lines, for the codes of the set that did not always hold."""
        return histories(self.codes, self.codes_in) if self.codes else {}


@dataclass(frozen=True)
class Item:
    """One item of the catalogue (信息项). `spec` is its file as read."""

    code: str
    title: str
    doc: str
    category: str
    subject: str
    key: tuple[str, ...]
    key_scope: str
    frequency: str
    due: Mapping[str, Any]
    dated_by: str
    scope: Mapping[str, Any]
    delete: str
    usage: str
    wins: str | tuple[str, ...]
    partitions: int
    registers: str | None
    source: str
    fields: tuple[Field, ...]
    spec: Mapping[str, Any]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}

    @property
    def example(self) -> dict[str, str | None]:
        """The example record, as text."""
        return {field.name: field.example for field in self.fields}


class Catalog(Mapping[str, Item]):
    """Items by code."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = {item.code: item for item in items}

    def __getitem__(self, code: str) -> Item:
        return self._items[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    @cached_property
    def version(self) -> str:
        """12 hexadecimal digits over all that judgement rests on: the item files, the code sets they use, the severities."""
        used = {name: entries(name) for name in OF_RULES} | {field.codes: field.entries for item in self.values() for field in item.fields if field.codes}
        content = json.dumps([item.spec for item in self.values()], ensure_ascii=False, sort_keys=True)
        content += repr(sorted(used.items())) + repr(sorted(table().items()))
        return hashlib.sha256(content.encode()).hexdigest()[:12]


def load(directory: Path = DIRECTORY, codes: Path = CODES) -> Catalog:
    """All items of a folder, or the item of one file. Raises CatalogFault with every fault of every file, those of the code sets (in ``codes``) included."""
    items: list[Item] = []
    faults = code_faults(codes)
    sound = not faults
    for path in [directory] if directory.is_file() else sorted(directory.glob("*.avsc")):
        spec, found = _spec(path)
        found = found or check.faults(path.stem, spec, codes)
        if found:
            faults += [Fault(path.name, place, problem) for place, problem in found]
        else:
            item = read(spec, codes)
            # An example is judged by code sets: not before those are sound.
            faults += [Fault(path.name, "example", problem) for problem in example_problems(item, date.max)] if sound else []
            items.append(item)
    if not items and not faults:
        faults.append(Fault(str(directory), "", "holds no item file (*.avsc)"))
    if faults:
        raise CatalogFault(faults)
    return Catalog(items)


def _spec(path: Path) -> tuple[Any, list[tuple[str, str]]]:
    try:
        return json.loads(path.read_text(encoding="utf-8")), []
    except UnicodeDecodeError as fault:
        return None, [("", f"is not UTF-8: {fault}")]
    except json.JSONDecodeError as fault:
        return None, [(f"line {fault.lineno}", f"is not JSON: {fault.msg}")]


def read(spec: Mapping[str, Any], codes: Path = CODES) -> Item:
    """An item from a file's content that was found sound; its code sets stand in the folder ``codes``."""
    about = spec["catalogue"]
    wins = about.get("wins", "latest")
    return Item(
        code=spec["name"],
        title=about["title"],
        doc=spec.get("doc", ""),
        category=about["category"],
        subject=about["subject"],
        key=tuple(about["key"]),
        key_scope=about["key_scope"],
        frequency=about["frequency"],
        due=about.get("due", {}),
        dated_by=about["dated_by"],
        scope=about.get("scope", {}),
        delete=about.get("delete", "withdraw"),
        usage=about["usage"],
        wins=wins if isinstance(wins, str) else tuple(wins),
        partitions=about.get("partitions", 1),
        registers=about.get("registers"),
        source=about["source"],
        fields=tuple(_field(field, codes) for field in spec["fields"]),
        spec=spec,
    )


def _field(spec: Mapping[str, Any], codes: Path) -> Field:
    nullable, plain = check.plain_type(spec["type"])
    blank = spec.get("blank")
    blanks: Mapping[str, str | None] = blank if isinstance(blank, dict) else {"organisation": blank, "person": blank}
    return Field(
        name=spec["name"],
        title=spec["title"],
        kind=check.kind(plain),
        required=not nullable,
        example=spec.get("example"),
        help=spec.get("help", ""),
        length=spec.get("length"),
        min_length=spec.get("min_length"),
        pattern=spec.get("pattern"),
        codes=spec.get("codes"),
        many=spec.get("many", False),
        blank=blanks["organisation"],
        blank_person=blanks["person"],
        rules=tuple(_rule(rule) for rule in spec.get("rules", ())),
        group=spec.get("group"),
        when=spec.get("when"),
        privacy=spec.get("privacy", "none"),
        volatile=spec.get("volatile", False),
        searchable=spec.get("searchable", False),
        former=spec.get("former", False),
        source=spec.get("source"),
        precision=plain.get("precision") if isinstance(plain, dict) else None,
        scale=plain.get("scale") if isinstance(plain, dict) else None,
        codes_in=codes,
    )


def _rule(spec: str | Mapping[str, Any]) -> Rule:
    if isinstance(spec, str):
        return Rule(spec, {})
    return Rule(spec["rule"], {name: value for name, value in spec.items() if name != "rule"})


