"""How a front-end database is reached to be asked: never kept, never logged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.sources import Database, resolved

SECONDS = 30  # the longest that any one question may take at the department's database
PATIENCE = 10  # to be let in


class Unasked(Exception):
    """The database could not be asked; the message says why and what to do."""


class Refused(Unasked):
    """It answers, and does not let this account in."""


@dataclass(frozen=True)
class Access:
    """Address and account, every reference resolved."""

    kind: str
    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)

    @property
    def near(self) -> bool:
        """Whether it is this machine: nothing is encrypted there."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    def __str__(self) -> str:
        return f"{self.kind} {self.host}:{self.port}/{self.name} as {self.user}"


def of(database: Database, names: Mapping[str, str]) -> Access:
    """Raises Unasked for a reference that nobody set."""
    try:
        values = {part: resolved(getattr(database, part), names) for part in ("host", "port", "name", "user", "password")}
    except KeyError as missing:
        raise Unasked(f"{missing.args[0]} is set nowhere: put {missing.args[0]}=… into secrets.env of the home folder.") from missing
    if not re.fullmatch(r"\d{1,5}", values["port"]):
        raise Unasked(f"the port is {values['port']!r}, which is no number")
    return Access(database.kind, values["host"], int(values["port"]), values["name"], values["user"], values["password"])
