"""A column of a table, on a page or in a file; without the web, for commands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra import cells


@dataclass(frozen=True)
class Column:
    """`value` takes a row and gives what is shown and exported; `link` takes a row and gives the address behind it, where there is one; `short` text keeps to one line."""

    title: str
    value: Callable[[Any], cells.Cell]
    link: Callable[[Any], str] | None = None
    short: bool = False
