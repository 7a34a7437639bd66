"""What a ClickHouse server of a given version can do: the one table that DDL, inserts and queries ask.

Sources: ClickHouse changelogs 19–26; 18.16 and 26.9 were tried (see docs/loaders.md). Only what some statement of ours depends on stands here.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

ZONE = "Asia/Shanghai"


class Version(NamedTuple):
    """The first two numbers of a server's version."""

    year: int
    month: int


@dataclass(frozen=True, slots=True)
class Capability:
    """Switches of one server; ``earliest`` and ``latest`` bound what its date and time columns hold without wrapping."""

    version: Version
    datetime64: bool
    date32: bool
    low_cardinality: bool
    codecs: bool
    skip_indexes: bool
    replace_view: bool
    insert_tokens: bool
    earliest: date
    latest: date


SINCE = {
    "low_cardinality": Version(19, 1),
    "codecs": Version(19, 1),
    "skip_indexes": Version(20, 1),
    "datetime64": Version(20, 4),
    "replace_view": Version(21, 1),
    "insert_tokens": Version(22, 2),
    "date32": Version(22, 8),
}
RANGES = (  # newest first: (since, earliest, latest) of date and time columns
    (Version(26, 9), date(1, 1, 1), date(9999, 12, 31)),
    (Version(22, 8), date(1900, 1, 1), date(2299, 12, 31)),
    (Version(0, 0), date(1970, 1, 2), date(2105, 12, 31)),
)


def version(text: str) -> Version:
    """``"26.9.2.1"`` → (26, 9); ValueError for anything that does not begin with two numbers."""
    found = re.match(r"(\d+)\.(\d+)", text)
    if not found:
        raise ValueError(f"not a ClickHouse version: {text!r}")
    return Version(int(found[1]), int(found[2]))


def of(text: str) -> Capability:
    """The capabilities of a server that calls itself ``text``."""
    number = version(text)
    earliest, latest = next((low, high) for since, low, high in RANGES if number >= since)
    return Capability(version=number, earliest=earliest, latest=latest, **{name: number >= since for name, since in SINCE.items()})


CURRENT = of("26.9")  # the newest tried, and what the embedded engine is
