"""What departments and the office declare, on its way to `credit.declarations`.

Guarantee: when `declare` returns, the declaration survives the death of every process and reaches the topic, in the order of acknowledgement, whether or not Kafka is up at that moment;
at least once, and a repeat bears the same id, by which every reader counts it once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from producers.spool import Bale, Cargo, Header, Spool
from schemas import codec
from schemas.envelope import DECLARATION

FOLDER = "declared"
MOST = 500  # files in one transaction


@dataclass(frozen=True)
class Declaration:
    """One statement. `id` is 32 hex digits, `version` counts from 1 the statements of one kind, department and item; `about` is what is stated, as JSON has it; `declared_at` is aware."""

    id: str
    kind: str
    department: str
    item: str | None
    version: int
    about: Mapping[str, Any]
    by: str
    declared_at: datetime


class Outlet(Protocol):
    """Where they go: all of them in one transaction, or none."""

    def declare(self, said: Sequence[Cargo]) -> None: ...


class Declarations:
    """Those that wait, one file for what was declared at once, in a folder of their own beside the spool's. Threads and processes may share it; one of them publishes."""

    def __init__(self, folder: Path, schema_id: int) -> None:
        self._spool, self._schema_id = Spool(folder / FOLDER), schema_id

    def declare(self, said: Sequence[Declaration]) -> None:
        """All of them, at least one, durable when this returns, or none. Raises Refusal `busy` when too much is waiting already."""
        self._spool.room()
        values = codec.encode(DECLARATION, self._schema_id, [vars(each) | {"about": _json(each.about)} for each in said])
        rows = [Cargo(line, f"{each.department}/{each.kind}".encode(), value) for line, (each, value) in enumerate(zip(said, values, strict=True), 1)]
        self._spool.write(_header(said[0]), rows)

    def waiting(self) -> list[Declaration]:
        """What is not published yet, first acknowledged first."""
        values = [cargo.value for bale in self._spool.pending() for cargo in _cargo(bale)]
        records = codec.decode(values, lambda _id: DECLARATION, DECLARATION).records
        return [Declaration(**{**record, "about": json.loads(record["about"])}) for record in records]

    def count(self) -> int:
        return len(self._spool.pending())

    def sweep(self) -> None:
        """Remove what died unacknowledged."""
        self._spool.sweep()

    def publish(self, outlet: Outlet) -> None:
        """Publish all that waits; what the outlet does not take stays. The caller is the one publisher of this home."""
        while bales := self._spool.pending()[:MOST]:
            outlet.declare([cargo for bale in bales for cargo in _cargo(bale)])
            for bale in bales:
                self._spool.drop(bale)


def _json(about: Mapping[str, Any]) -> str:
    return json.dumps(about, ensure_ascii=False, separators=(",", ":"))


def _cargo(bale: Bale) -> list[Cargo]:
    """Empty for a file that is published and gone by now."""
    try:
        return list(bale.cargo())
    except FileNotFoundError:
        return []


def _header(said: Declaration) -> Header:
    moment = int(said.declared_at.timestamp() * 1000)
    return Header(said.id, said.department, said.department, "declared", said.kind, said.id, moment, None, None, said.by)
