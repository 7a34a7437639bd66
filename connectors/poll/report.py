"""`guiji connectors status` of polled sources: what was noted of each table, and what is not well. The databases are not asked: the polls do that. Pure but for reading notes and proofs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.answers import progress as answers
from connectors.answers.progress import Progress as Answered
from connectors.guards import Danger
from connectors.poll import blind, notes
from connectors.poll.notes import Polled
from connectors.sweep import proof
from infra.settings import Settings
from schemas.sources import Source, Table

LATE = 60.0  # seconds after which a poll that was due is missed


@dataclass(frozen=True)
class Report:
    """One polled source now: each table with what was noted of it; ``proofs``: each table's newest comparison with the warehouse, by `_source`."""

    source: Source
    tables: Mapping[str, Polled]
    now: float
    proofs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answers: Answered | None = None

    @property
    def dangers(self) -> list[Danger]:
        found = [danger for name, table in self.source.tables.items() for danger in self._dangers(table, self.tables.get(name))]
        found += [Danger(self.source.name, "proof", *said) for said in proof.dangers(self._proofs(), self.now)]
        return found + [Danger(self.source.name, "receipts", *said) for said in (self.answers.dangers() if self.answers else ())]

    def _proofs(self) -> list[Mapping[str, Any]]:
        return [self.proofs[table.source_id] for table in self.source.tables.values() if table.source_id in self.proofs]

    def _dangers(self, table: Table, polled: Polled | None) -> Iterator[Danger]:
        name, started = self.source.name, "Start `guiji connectors poll`, and keep it running."
        if polled is None:
            yield Danger(name, "poll", f"{table.name} was never polled", started)
        elif polled.fault:
            again = max(0.0, polled.next - self.now)
            yield Danger(name, "poll", f"{table.name} failed {polled.failures} times since its last poll: {polled.fault}", f"Mend the cause; it is tried again in {again:.0f} s.")
        if polled and self.now > polled.next + LATE and polled.next + polled.seconds + LATE < self.now:
            yield Danger(name, "poll", f"{table.name} has been due for {self.now - polled.next:.0f} s: nothing polls it, or a poll takes very long", started)

    @property
    def well(self) -> bool:
        return not self.dangers and not any(polled.missing for polled in self.tables.values())

    def rows(self) -> list[dict[str, Any]]:
        """For a table."""
        return [self._row(table, self.tables.get(name, Polled())) for name, table in self.source.tables.items()]

    def _row(self, table: Table, polled: Polled) -> dict[str, Any]:
        by = f"column {table.poll.column}" if table.poll.column else "comparison"
        sent = ", ".join(f"{count} {op}" for op, count in sorted(polled.events.items())) or "nothing"
        state = "held" if polled.missing else "failed" if polled.fault else "well" if polled.at else "never polled"
        return {
            "source": self.source.name, "table": table.name, "by": by, "state": state, "last poll": _time(polled.at), "took": f"{polled.seconds:.1f} s", "rows": polled.rows, "sent": sent,
            "next": _time(polled.next or None), "proof": proof.shown([self.proofs[table.source_id]] if table.source_id in self.proofs else []),
            "receipts": self.answers and str(self.answers), "blind spots": blind.spots(table),
        }  # fmt: skip

    def record(self) -> dict[str, Any]:
        """For a program."""
        tables = [
            {
                "table": table.name, "by": "column" if table.poll.column else "comparison", "column": table.poll.column, "last_poll": polled.at, "seconds": polled.seconds, "rows": polled.rows,
                "events": dict(polled.events), "next": polled.next or None, "failures": polled.failures, "fault": polled.fault, "missing": polled.missing, "blind_spots": blind.spots(table),
            }
            for table, polled in ((table, self.tables.get(name, Polled())) for name, table in self.source.tables.items())
        ]  # fmt: skip
        told = {"source": self.source.name, "capture": "poll", "every": self.source.every, "well": self.well, "tables": tables}
        return told | {"proofs": self._proofs(), "receipts": self.answers and vars(self.answers), "findings": [vars(each) for each in self.dangers]}


def _time(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def reports(settings: Settings, sources: Mapping[str, Source], now: float) -> list[Report]:
    """Every polled source, by name."""
    proofs = proof.known(settings) if sources else {}
    answered = answers.every(settings, sources.values(), now)
    return [Report(source, notes.read(settings, name), now, proofs, answered.get(name)) for name, source in sorted(sources.items())]
