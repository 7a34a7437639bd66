"""What is handed to the door, and what the door answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FILE_WAYS = {"excel", "file"}
OPERATIONS = ("upsert", "withdraw", "assert", "retract")


@dataclass(frozen=True)
class Row:
    """One record as it was said: text by field code, its line in the submission (from 1), and faults met while reading it (Reasons)."""

    line: int
    fields: Mapping[str, str | None]
    operation: str = "upsert"
    ref: str | None = None
    faults: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Submission:
    """Rows of one item from one source.

    `idempotency_key` makes a repeat answer with the old receipt; None gives every submission a receipt of its own.
    `digest` is the SHA-256 of the payload in hex, `name` a file's name, `by` who sent it (an account, a token's prefix).
    """

    source: str
    department: str
    way: str
    item: str
    digest: str
    rows: Iterable[Row] = field(repr=False)
    idempotency_key: str | None = None
    name: str | None = None
    by: str | None = None


@dataclass(frozen=True)
class Receipt:
    """The answer to a submission: `receipt` is the number (回执号), `records` how many rows are durable, `repeated` true when nothing new
    was taken.
    """

    receipt: str
    source: str
    department: str
    item: str
    records: int
    repeated: bool = False
    notes: Sequence[str] = ()
