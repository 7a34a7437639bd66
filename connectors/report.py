"""`guiji connectors status`: every source, asked at Connect, in Kafka and in its database at once. Whoever does not answer is told as that; the others are shown all the same."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from confluent_kafka import KafkaException

from connectors import access, additions, guards, look_binlog, look_postgres, readings, restarts, signals
from connectors.answers import progress as answers
from connectors.answers.progress import Progress as Answered
from connectors.config import CHUNK, heartbeat_topic, slot
from connectors.connect import Connect, ConnectFault, Status, settled
from connectors.fault import Fault
from connectors.guards import Danger, Place, Pulse
from connectors.plan import AT_ONCE
from connectors.progress import Progress, first, progress
from connectors.readings import Reading
from connectors.restarts import Restart
from connectors.sweep import proof
from infra import kafka
from infra.settings import Settings
from schemas import registry
from schemas.sources import Source


@dataclass(frozen=True)
class Report:
    """One source now. ``feed``: active, idle, snapshot, stalled, unreachable; ``behind``: bytes of log not read yet; ``clock``: the database's clock minus ours, seconds; None: not known;
    ``proofs``: each table's newest comparison with the warehouse; ``answers``: how far receipts are, where the department is given any."""

    source: str
    status: Status
    feed: str
    behind: int | None
    clock: float | None
    snapshots: tuple[Progress, ...]
    restarts: tuple[Restart, ...]
    findings: tuple[Danger, ...]
    proofs: tuple[Mapping[str, Any], ...] = ()
    answers: Answered | None = None

    @property
    def well(self) -> bool:
        return self.status.running and not self.findings

    def row(self) -> dict[str, Any]:
        """For a table."""
        shown = [str(one) for one in self.snapshots if one.state != "completed"]
        last = str(self.restarts[-1]) if self.restarts else ""
        behind = None if self.behind is None else f"{self.behind / (1 << 20):.1f} MB"
        clock = None if self.clock is None else f"{self.clock:+.1f} s"
        state = self.status.state if len(set(self.status.tasks) | {self.status.state}) == 1 else f"{self.status.state}, task {', '.join(self.status.tasks) or 'none'}"
        told = {"source": self.source, "connector": state, "feed": self.feed, "behind": behind, "clock": clock, "snapshots": shown}
        return told | {"restarts": len(self.restarts), "last restart": last, "proof": proof.shown(self.proofs), "receipts": self.answers and str(self.answers)}

    def record(self) -> dict[str, Any]:
        """For a program."""
        known = {"source": self.source, "well": self.well, "connector": self.status.state, "tasks": list(self.status.tasks), "workers": list(self.status.workers), "reason": self.status.reason}
        known |= {"feed": self.feed, "behind_bytes": self.behind, "clock_seconds": self.clock}
        known["snapshots"] = [one.record() for one in self.snapshots]
        known["proofs"] = list(self.proofs)
        known["receipts"] = self.answers and vars(self.answers)
        known["restarts"] = [vars(each) for each in self.restarts]
        known["findings"] = [vars(each) for each in self.findings]
        return known


@dataclass(frozen=True)
class Asked:
    """What the database itself said; ``why`` when it said nothing."""

    why: str = ""
    clock: float | None = None
    behind: int | None = None
    rows: Mapping[str, int] | None = None
    findings: tuple[Danger, ...] = ()


def reports(settings: Settings, sources: Mapping[str, Source]) -> list[Report]:
    """Every source, by name. Raises Unavailable of Connect and of Kafka, KafkaException."""
    now = time.time()
    beats = kafka.newest(settings, [topic for source in sources.values() for topic in (heartbeat_topic(source), *(table.topic for table in source.tables.values()))])
    past = [each for each in restarts.read(settings) if now - each.at < 24 * 3600]
    proofs, answered = proof.known(settings), answers.every(settings, sources.values(), now)
    with Connect(settings.connect) as connect, ThreadPoolExecutor(AT_ONCE) as pool:
        live = {name: status for name, (_, status) in connect.every().items()}

        def one(source: Source) -> Report:
            status = live.get(source.name) or Status(source.name, "absent")
            found = _report(settings, source, status, _offsets(connect, status), (now, beats, past))
            mine = tuple(proofs[table.source_id] for table in source.tables.values() if table.source_id in proofs)
            dangers = [Danger(source.name, "proof", *said) for said in proof.dangers(mine, now)]
            given = answered.get(source.name)
            dangers += [Danger(source.name, "receipts", *said) for said in (given.dangers() if given else ())]
            return replace(found, proofs=mine, answers=given, findings=(*found.findings, *dangers))

        return list(pool.map(one, (sources[name] for name in sorted(sources))))


def _report(settings: Settings, source: Source, status: Status, offsets: list[dict[str, Any]], known: tuple[float, Mapping[str, float], list[Restart]]) -> Report:
    now, beats, past = known
    asked = _asked(settings, source, guards.place(offsets), now)
    begun = status.running and not settled(offsets)
    shown = tuple(_first(settings, source, asked.rows or {}, now) if begun else _snapshots(settings, source, asked.rows or {}, now))
    events = [beats[table.topic] for table in source.tables.values() if table.topic in beats]
    signs = [*events, *(one.at for one in readings.read(settings, source.name).values()), *([beats[heartbeat_topic(source)]] if heartbeat_topic(source) in beats else [])]
    pulse = Pulse(max(0.0, now - max(signs)) if signs else None, max(0.0, now - max(events)) if events else None)
    feed = guards.feed(pulse, reached=not asked.why, running=status.running, snapshot=begun)
    mine = restarts.of(past, source.name)
    findings = [] if status.state == "absent" else [*_connect(status), *asked.findings, *guards.life(source.name, feed, pulse, asked.why)]
    return Report(source.name, status, feed, asked.behind, asked.clock, shown, tuple(mine), tuple(findings))


def _connect(status: Status) -> Iterator[Danger]:
    if status.failed:
        fault = Fault(status.name, f"failed: {status.reason[:300]}")
        yield Danger(status.name, "connect", fault.problem, fault.remedy)
    elif status.halted:
        yield Danger(status.name, "connect", f"is {status.state}: somebody paused or stopped it", f"`guiji connectors resume {status.name}`, when its reason is gone.")


def _asked(settings: Settings, source: Source, place: Place | None, now: float) -> Asked:
    try:
        where = access.of(source.database, settings.secrets())
        if source.database.kind == "postgres":
            names = additions.names(source)
            said = look_postgres.ask(where, slot(source), names)
            found = [*guards.postgres(source.name, said, names, readings.read(settings, source.name)), *guards.clock(source.name, said.clock)]
            return Asked("", said.clock, said.slot.behind if said.slot else None, _short(said.rows), tuple(found))
        answer = look_binlog.ask(where, [table.short for table in source.captured.values()])
        told = [*guards.mariadb(source.name, answer, [table.short for table in source.captured.values()], place, now), *guards.clock(source.name, answer.clock)]
        return Asked("", answer.clock, guards.bytes_behind(answer, place), answer.rows, tuple(told))
    except access.Unasked as fault:
        return Asked(str(fault))


def _short(rows: Mapping[str, int]) -> dict[str, int]:
    return {name.rpartition(".")[2]: count for name, count in rows.items()}


def _offsets(connect: Connect, status: Status) -> list[dict[str, Any]]:
    with suppress(ConnectFault):
        return [] if status.state == "absent" else connect.offsets(status.name)
    return []


def _first(settings: Settings, source: Source, rows: Mapping[str, int], now: float) -> Iterator[Progress]:
    """A first snapshot: what has arrived of each table since it was asked for."""
    known = readings.read(settings, source.name)
    for table in source.captured.values():
        since = known.get(additions.full(source, table), Reading(at=now))
        arrived = kafka.watermarks(settings, table.topic, 0)[1] - since.start
        yield first(table.short, arrived, rows.get(table.short), now - since.at)


def _snapshots(settings: Settings, source: Source, rows: Mapping[str, int], now: float) -> list[Progress]:
    try:
        return progress(signals.notes(settings, source), CHUNK, rows, now)
    except (registry.Unavailable, registry.NotFound, KafkaException):
        return []
