"""Tapped databases, declared in connectors/sources/*.yaml: read whole, or refused with every fault by file and place. Secrets are references to the environment, never values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from schemas.catalog import Catalog, Item
from schemas.faults import Fault
from schemas.sources_check import DATABASE, check


class SourceFault(Exception):
    """Source files are wrong; ``faults`` lists every mistake of every file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("The sources are broken:\n" + "\n".join(f"  {fault}" for fault in self.faults))


@dataclass(frozen=True)
class Database:
    """Where a front-end database is. Values may be references `${env:NAME}`, which Connect resolves; ``port`` is text for that reason."""

    kind: str
    host: str
    port: str
    name: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Filter:
    """Rows whose ``column`` has one of ``values`` (as text) are sent, the others counted as outside."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One captured table and the item its rows are. ``columns``: field → column; ``constants``: field → text; ``codes``: field → {the source's code: the catalogue's value}."""

    name: str
    source: str
    item: str
    delete: str
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    source_time: str | None
    filter: Filter | None

    @property
    def short(self) -> str:
        """The name without the schema."""
        return self.name.rpartition(".")[2]

    @property
    def source_id(self) -> str:
        """`_source` of its records."""
        return f"{self.source}.{self.short}"

    @property
    def topic(self) -> str:
        return f"cdc.{self.source_id}"

    @property
    def needed(self) -> frozenset[str]:
        """Every column the mapping reads."""
        extra = {self.source_time, self.filter.column if self.filter else None} - {None}
        return frozenset({*self.columns.values(), *(name for name in extra if name)})


@dataclass(frozen=True)
class Source:
    """One tapped database of a department. ``generation`` rises when it was rebuilt: positions start anew."""

    name: str
    department: str
    database: Database
    generation: int
    tables: Mapping[str, Table]


def load(directory: Path, catalog: Catalog, departments: Iterable[str] | None = None) -> dict[str, Source]:
    """All sources of a folder by name; none is fine. With ``departments``, theirs must be among them. Raises SourceFault with every mistake of every file."""
    known = None if departments is None else set(departments)
    faults, found = list[Fault](), dict[str, Source]()
    for path in sorted(directory.glob("*.yaml")):
        spec, wrong = _spec(path)
        wrong = wrong or list(check(spec, catalog, known))
        if not wrong and spec["source"] in found:
            wrong = [("source", f"{spec['source']!r} stands in another file, too")]
        if wrong:
            faults += [Fault(path.name, place, problem) for place, problem in wrong]
        else:
            found[spec["source"]] = read(spec, catalog)
    if faults:
        raise SourceFault(faults)
    return found


def read(spec: Mapping[str, Any], catalog: Catalog) -> Source:
    """A source from a file's content that was found sound."""
    database = spec["database"]
    return Source(
        name=spec["source"],
        department=spec["department"],
        database=Database(**{name: str(database[name]) for name in DATABASE}),
        generation=spec.get("generation", 1),
        tables={name: _table(spec["source"], name, table, catalog[table["item"]]) for name, table in spec["tables"].items()},
    )


def _table(source: str, name: str, spec: Mapping[str, Any], item: Item) -> Table:
    chosen = spec.get("filter")
    return Table(
        name=name,
        source=source,
        item=item.code,
        delete=spec.get("delete", item.delete),
        columns=dict(spec["columns"]),
        constants=dict(spec.get("constants", {})),
        codes={field: dict(codes) for field, codes in spec.get("codes", {}).items()},
        source_time=spec.get("source_time"),
        filter=Filter(chosen["column"], tuple(chosen["in"])) if chosen else None,
    )


def _spec(path: Path) -> tuple[Any, list[tuple[str, str]]]:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")), []
    except (OSError, UnicodeDecodeError) as fault:
        return None, [("", f"cannot be read: {fault}")]
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        return None, [(f"line {mark.line + 1}" if mark else "", f"is not YAML: {getattr(fault, 'problem', fault)}")]
