"""What a rule is: columns in, a mask of suspects out; and its twin, which explains one value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import polars as pl

from schemas.codes import Entry


class Named(Protocol):
    """A rule as a field names it."""

    @property
    def name(self) -> str: ...


class Field(Protocol):
    """What rules need of a catalogue's field."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def length(self) -> int | None: ...
    @property
    def min_length(self) -> int | None: ...
    @property
    def pattern(self) -> str | None: ...
    @property
    def code_set(self) -> Mapping[str, str]: ...
    @property
    def histories(self) -> Mapping[str, Sequence[Entry]]: ...
    @property
    def many(self) -> bool: ...
    @property
    def precision(self) -> int | None: ...
    @property
    def scale(self) -> int | None: ...
    @property
    def rules(self) -> Sequence[Named]: ...
    @property
    def privacy(self) -> str: ...


@dataclass(frozen=True)
class Finding:
    """What a rule says of one value; the severity comes from the dated table, not from the rule."""

    rule: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Row:
    """One record under judgement: values made alike, typed values, today, and the title of each field."""

    clean: Mapping[str, str | None]
    typed: Mapping[str, Any]
    today: date
    titles: Mapping[str, str]


@dataclass(frozen=True)
class Frame:
    """Many records under judgement: the same in columns."""

    clean: pl.DataFrame
    typed: pl.DataFrame
    today: date


Suspects = Callable[[Frame, Field, Mapping[str, Any]], pl.Series]
Explain = Callable[[Row, Field, Mapping[str, Any]], Finding | None]


@dataclass(frozen=True)
class Rule:
    """`suspects`: true wherever `explain` finds something (it may be true elsewhere, too: every suspect is explained). Null values are never passed on to either.
    `title` says in Chinese what it asks for; `kinds`: of the fields it is for.
    """

    suspects: Suspects
    explain: Explain
    title: str
    parameters: frozenset[str] = field(default_factory=frozenset)
    kinds: frozenset[str] = frozenset({"string"})
