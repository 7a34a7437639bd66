"""What the platform provides for one department, by name: everything follows from the department and the kind of database. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.catalog import Item

KINDS = ("postgres", "mariadb")
MARK = "guiji provide"  # in comments: what does not bear it was made by somebody else, and is not touched
OWNER = "guiji_front"  # PostgreSQL: the role that owns every provided database and may not log in
PASSWORD, TAPPING, ANSWERING = "PASSWORD", "CDC_PASSWORD", "HZ_PASSWORD"


@dataclass(frozen=True)
class Front:
    """A department's provided front-end database and the items that have a table there."""

    department: str
    kind: str
    items: Sequence[Item]

    @property
    def name(self) -> str:
        """Of the source, of the database, and of the department's own account."""
        return f"{self.department}_front"

    @property
    def tapping(self) -> str:
        return f"{self.name}_cdc"

    @property
    def answering(self) -> str:
        return f"{self.name}_hz"

    @property
    def accounts(self) -> dict[str, str]:
        """Each account, and the variable that holds its password."""
        made = {self.name: PASSWORD, self.tapping: TAPPING, self.answering: ANSWERING}
        return {account: f"{self.name.upper()}_{part}" for account, part in made.items()}

    @property
    def slot(self) -> str:
        return f"guiji_{self.name}"


def variable(kind: str, part: str) -> str:
    """The variable that holds the provided server's HOST, PORT, USER or PASSWORD."""
    return f"GUIJI_FRONT_{kind.upper()}_{part}"


@dataclass(frozen=True)
class Standing:
    """What is on the server. ``database``: there, and ours (None: not there); ``accounts``: those of its names that exist, and whether they are ours; ``tables``: by name, their columns;
    ``published``: in the publication (None: there is none).
    """

    database: bool | None = None
    accounts: Mapping[str, bool] = field(default_factory=dict)
    tables: Mapping[str, frozenset[str]] = field(default_factory=dict)
    published: frozenset[str] | None = None

    def foreign(self, front: Front) -> list[str]:
        """What bears a name of ours and was made by somebody else."""
        accounts = [f"account {name}" for name, ours in self.accounts.items() if not ours]
        return [f"database {front.name}"] * (self.database is False) + accounts
