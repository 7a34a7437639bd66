"""What a front-end database answered when it was asked: plain values, to be judged elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BLURRED = "NULL beside a default"
LOOKED_AT = 1_000_000  # rows of a table that are looked through for values that would not arrive as they are


@dataclass(frozen=True)
class Column:
    """``type`` as the database writes it, domains resolved; ``generated``: "stored" or "virtual", where the database computes it and its log leaves it out (PostgreSQL)."""

    name: str
    type: str
    nullable: bool = True
    generated: str = ""
    comment: str = ""
    default: bool = False

    @property
    def blurred(self) -> bool:
        """Whether a NULL cannot be told from the column's default when it arrives: the converter writes the default for both."""
        return self.nullable and self.default


@dataclass(frozen=True)
class TableFacts:
    """One table. ``kind``: table, view, partitioned, unlogged, foreign; ``rows`` an estimate, None where the database has none; ``readable`` by the role; ``full``: before images are whole;
    ``hidden``: a policy hides rows; ``indexed``: columns with which an index begins.
    """

    name: str
    kind: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    rows: int | None
    bytes: int
    comment: str = ""
    readable: bool = True
    full: bool = True
    hidden: bool = False
    indexed: frozenset[str] = frozenset()

    @property
    def virtual(self) -> list[str]:
        return [name for name, column in self.columns.items() if column.generated == "virtual"]

    @property
    def stored(self) -> list[str]:
        return [name for name, column in self.columns.items() if column.generated == "stored"]


@dataclass(frozen=True)
class Scan:
    """What looking through a table found: (column, what) → count, over the first ``rows`` rows; ``stopped``: why nothing was counted."""

    rows: int = 0
    bad: Mapping[tuple[str, str], int] = field(default_factory=dict)
    stopped: str = ""


@dataclass(frozen=True)
class Server:
    """``clock``: seconds by which its clock is ahead of ours; ``encrypted``: this connection; ``connected``: connections now; ``kept``: bytes of log on its disk, where that may be known."""

    version: str
    number: tuple[int, ...]
    settings: Mapping[str, str]
    clock: float
    encrypted: bool
    connected: int
    kept: int | None = None

    def number_of(self, name: str) -> int:
        """A setting that is a number; 0 where there is none."""
        value = self.settings.get(name, "0")
        return int(float(value)) if value.replace(".", "", 1).lstrip("-").isdigit() else 0


@dataclass(frozen=True)
class Role:
    """The account by which the source is tapped. ``rights``: what it may, by place ("" is everywhere, a schema or database, a table); ``attributes`` of it, such as superuser."""

    name: str
    attributes: frozenset[str]
    rights: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Publication:
    """``tables``: their names with the schema; ``narrowed``: those of which it leaves out columns or rows; ``computed``: it has stored computed columns, too."""

    tables: frozenset[str]
    everything: bool
    operations: frozenset[str]
    narrowed: frozenset[str] = frozenset()
    computed: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything. ``tables``: by the source file's name, those that exist; ``role`` None: there is none of that name."""

    server: Server
    tables: Mapping[str, TableFacts]
    role: Role | None
    scans: Mapping[str, Scan] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)
    senders: int = 0
    publication: Publication | None = None
