"""Where a tapped database is, with its references resolved: for the questions we ask it ourselves. Connect resolves the same references by its own environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.connect import ConnectFault
from schemas.sources import Database, Source

SECONDS = 5  # to reach it, and for each question


class Unreachable(ConnectFault):
    """The database does not answer our questions; the message says why, without any password."""


@dataclass(frozen=True)
class Address:
    """A database that can be connected to."""

    kind: str
    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    encrypted: bool = True

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}/{self.name}"


def resolve(source: Source, names: Mapping[str, str]) -> Address:
    """A source's database; ``names`` stand behind `${env:NAME}`, the environment of this process first. Raises Unreachable for a name that nobody knows."""
    database = source.database
    found = {each: _value(getattr(database, each), source, names) for each in Database.__dataclass_fields__}
    if not found["port"].isdigit():
        raise Unreachable(f"{source.name}: the port {found['port']!r} is no number")
    near = found["host"] in ("localhost", "::1") or found["host"].startswith("127.")
    return Address(found["kind"], found["host"], int(found["port"]), found["name"], found["user"], found["password"], encrypted=not near)


def _value(text: str, source: Source, names: Mapping[str, str]) -> str:
    reference = re.fullmatch(r"\$\{env:(\w+)\}", text)
    if not reference:
        return text
    value = os.environ.get(reference[1], names.get(reference[1]))
    if value is None:
        raise Unreachable(f"{source.name}: nothing is known under {reference[1]} (secrets.env of the home folder)")
    return value
