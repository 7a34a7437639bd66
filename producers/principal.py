"""Who is calling the HTTP interface, as far as the interface needs to know."""

import re
from dataclasses import dataclass

SUBMIT, QUERY = "submit", "query"
CLIENT = re.compile(r"[a-z][a-z0-9-]{0,31}")
RESERVED = {"excel", "file", "form"}  # other ways' sources
UNSUITABLE = f"is no client name: lower-case letters, digits and '-', up to 32, and none of {sorted(RESERVED)}"


def suitable(client: str) -> bool:
    """Whether a department's system may be called so."""
    return bool(CLIENT.fullmatch(client)) and client not in RESERVED


@dataclass(frozen=True)
class Principal:
    """A client of a department. `items` names the items it may submit, empty for all; `prefix` is the part of its token that may be shown
    and logged; `scope` is the one thing its token is for.
    """

    department: str
    client: str
    items: frozenset[str]
    prefix: str
    scope: str = SUBMIT

    @property
    def source(self) -> str:
        return f"{self.department}/{self.client}"

    def may(self, item: str) -> bool:
        return not self.items or item in self.items
