"""Tapped databases, declared in connectors/sources/*.yaml: read whole, or refused with every fault by file and place. Secrets are references to the environment, never values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from schemas.catalog import Catalog, Item
from schemas.faults import Fault
from schemas.formats import Format
from schemas.formats import read as read_format
from schemas.sources_check import check
from schemas.sources_form import DATABASE


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
class Receipts:
    """The account that writes what became of each row into `<table>_hz` beside it, and of each load into `<table>_hzd` (schemas/front_receipts)."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Filter:
    """Rows whose ``column`` has one of ``values`` (as text) are sent, the others counted as outside. ``withdrawn``: values by which a row takes back what it said; any other means that it is not
    ready: nothing is said of it, and what it said before stands. None: every other value takes back.
    """

    column: str
    values: tuple[str, ...]
    withdrawn: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Poll:
    """How a table without a log of changes is asked. ``column``: the one that says when a row was changed last; rows at most ``overlap`` seconds older than the newest known are read again. None: the
    whole table is compared; one that has ``shrink`` percent fewer rows than before deletes nothing. ``rate``: rows a second at most.
    """

    column: str | None = None
    overlap: int = 300
    shrink: int = 20
    rate: int = 10_000


@dataclass(frozen=True)
class Captured:
    """A table whose changes are brought to Kafka; ``name`` as the source file writes it."""

    name: str
    source: str

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
        """Every column that is read here."""
        return frozenset()


@dataclass(frozen=True)
class Marker(Captured):
    """A row that comes into it says that another table's load has ended; with ``column``, one that has ``value`` there. No item is made of it."""

    column: str | None = None
    value: str | None = None

    @property
    def needed(self) -> frozenset[str]:
        return frozenset([self.column] if self.column else [])


@dataclass(frozen=True)
class Reload:
    """A table that its owner empties and fills anew. The load has ended when it was ``quiet`` for so many seconds, or when the ``marker`` came; one that leaves more than ``shrink`` percent fewer rows
    than before withdraws nothing.
    """

    quiet: int = 60
    marker: Marker | None = None
    shrink: int = 20


@dataclass(frozen=True)
class Table(Captured):
    """One captured table and the item its rows are. ``columns``: field → column; ``constants``: field → text; ``codes``: field → {the source's code: the catalogue's value}; ``formats``: how a field's
    dates or numbers are written; ``reload``: how its owner fills it, where he does so anew each time; ``poll``: how it is asked, where its source is.
    """

    item: str
    delete: str
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    source_time: str | None
    filter: Filter | None
    formats: Mapping[str, Format] = field(default_factory=dict)
    reload: Reload | None = None
    poll: Poll = Poll()

    @property
    def needed(self) -> frozenset[str]:
        """Every column the mapping reads."""
        extra = {self.source_time, self.filter.column if self.filter else None} - {None}
        return frozenset({*self.columns.values(), *(name for name in extra if name)})

    @property
    def asked(self) -> frozenset[str]:
        """Every column that is named to the database: those, and the one by which it is polled."""
        return self.needed | ({self.poll.column} if self.poll.column else frozenset())


@dataclass(frozen=True)
class Source:
    """One tapped database of a department. ``generation`` rises when it was rebuilt: positions start anew. ``capture``: by the database's log, or by asking it ``every`` so many seconds (`poll`);
    ``heartbeat``: seconds; ``reconcile``: the hour of the day, `02:30`, at which it is compared with the warehouse, None never. ``receipts``: None where nothing is written back.
    """

    name: str
    department: str
    database: Database
    generation: int
    tables: Mapping[str, Table]
    capture: str = "log"
    every: int = 600
    heartbeat: int = 10
    receipts: Receipts | None = None
    reconcile: str | None = "02:30"

    @property
    def captured(self) -> dict[str, Captured]:
        """Every table whose changes are brought, by name: those that are mapped, and those that say when a load has ended."""
        found = dict[str, Captured](self.tables)
        for marker in (table.reload.marker for table in self.tables.values() if table.reload and table.reload.marker):
            if marker.short not in {each.short for each in found.values()}:
                found[marker.name] = marker
        return found


def answering(source: Source) -> Database:
    """Its database with the account that writes receipts. ValueError where it has none."""
    if source.receipts is None:
        raise ValueError(f"{source.name} names no account for receipts")
    return replace(source.database, user=source.receipts.user, password=source.receipts.password)


def seconds(text: str) -> int:
    """Of `60s`, `10m`, `2h`."""
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]]


def resolved(value: str, names: Mapping[str, str]) -> str:
    """What a value, or the reference `${env:NAME}` that stands there, means. KeyError with the name that nobody set."""
    reference = re.fullmatch(r"\$\{env:(\w+)\}", value)
    return names[reference[1]] if reference else value


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
        capture=spec.get("capture", "log"),
        receipts=Receipts(**spec["receipts"]) if "receipts" in spec else None,
        reconcile=None if spec.get("reconcile") == "never" else spec.get("reconcile", Source.reconcile),
        **{name: seconds(spec[name]) for name in ("every", "heartbeat") if name in spec},
    )


def _table(source: str, name: str, spec: Mapping[str, Any], item: Item) -> Table:
    return Table(
        name=name,
        source=source,
        item=item.code,
        delete=spec.get("delete", item.delete),
        columns=dict(spec["columns"]),
        constants=dict(spec.get("constants", {})),
        codes={field: dict(codes) for field, codes in spec.get("codes", {}).items()},
        source_time=spec.get("source_time"),
        filter=_filter(spec),
        formats={field: read_format(form) for field, form in spec.get("formats", {}).items()},
        reload=_reload(source, spec.get("reload", {})) if spec.get("load") == "reload" else None,
        poll=_poll(spec.get("poll", {})),
    )


def _filter(spec: Mapping[str, Any]) -> Filter | None:
    if status := spec.get("status"):
        return Filter(status["column"], tuple(status["ready"]), tuple(status.get("withdrawn", ())))
    chosen = spec.get("filter")
    return Filter(chosen["column"], tuple(chosen["in"])) if chosen else None


def _reload(source: str, spec: Mapping[str, Any]) -> Reload:
    said = {name: spec[name] for name in ("shrink",) if name in spec} | {name: seconds(spec[name]) for name in ("quiet",) if name in spec}
    marker = spec["marker"] if spec.get("ends") == "marker" else None
    return Reload(marker=Marker(marker["table"], source, marker.get("column"), marker.get("value")) if marker else None, **said)


def _poll(spec: Mapping[str, Any]) -> Poll:
    said: dict[str, Any] = {name: spec[name] for name in ("column", "shrink", "rate") if name in spec}
    return Poll(**said | {name: seconds(spec[name]) for name in ("overlap",) if name in spec})


def _spec(path: Path) -> tuple[Any, list[tuple[str, str]]]:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")), []
    except (OSError, UnicodeDecodeError) as fault:
        return None, [("", f"cannot be read: {fault}")]
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        return None, [(f"line {mark.line + 1}" if mark else "", f"is not YAML: {getattr(fault, 'problem', fault)}")]
