"""What endangers a source, from what Connect, Kafka and the database answered: pure. Each finding says what is wrong and what to do; nothing found means nothing known to be wrong."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors import look_binlog, look_postgres
from connectors.readings import Reading

HEARTBEATS = 60.0  # seconds without a heartbeat (six of them) after which a source is stalled
IDLE = 300.0  # seconds without an event after which it is called idle
CLOCK = 5.0  # seconds: who wins between two sources is decided by their clocks
BEHIND = 1 << 30  # bytes of log not read yet
LEFT = 0.25  # of what the server keeps: less than that left is told
ANEW = "changes may be missing here: `guiji connectors snapshot {source}` reads its tables anew"


@dataclass(frozen=True)
class Danger:
    """One thing that is not well with a source. ``guard`` names the question that found it; ``lost``: the database has no log any more from where the connector stands."""

    source: str
    guard: str
    problem: str
    remedy: str
    lost: bool = False

    def __str__(self) -> str:
        return f"{self.source}: {self.problem}\n  {self.remedy}"


@dataclass(frozen=True)
class Place:
    """Where a binlog connector stands: file, place in it, and when that was written (epoch seconds)."""

    file: str
    pos: int
    at: float


@dataclass(frozen=True)
class Pulse:
    """Ages in seconds of the newest sign of life (heartbeat, event, the order to read everything) and of the newest event; None: there never was one."""

    beat: float | None
    event: float | None


def feed(pulse: Pulse, *, reached: bool, running: bool, snapshot: bool) -> str:
    """`unreachable`: the database does not answer us. `stalled`: it does, but the connector gives no sign of life for a minute. `idle`: it does, and nothing has changed in the database for a while.
    Else `snapshot` or `active`.

    Heartbeats pause while a first snapshot is read."""
    if not reached:
        return "unreachable"
    if running and snapshot:
        return "snapshot"
    if not running or pulse.beat is None or pulse.beat > HEARTBEATS:
        return "stalled"
    return "idle" if pulse.event is None or pulse.event > IDLE else "active"


def postgres(source: str, found: look_postgres.Answers, tables: list[str], remembered: Mapping[str, Reading]) -> Iterator[Danger]:
    """``remembered``: each table's last reading as a whole."""
    yield from slot(source, found.slot)
    for table in tables:
        quoted = ".".join(f'"{part}"' for part in table.split("."))
        if table not in found.identity:
            yield Danger(source, "table", f"the database has no table {table}", "Ask its owner, or take it out of the source file.")
            continue
        if table not in found.published:
            told = f"{table} is not in the publication guiji_{source}: the server passes over its changes in silence"
            yield Danger(source, "publication", told, f'{_owner(source)} (here: ALTER PUBLICATION "guiji_{source}" ADD TABLE {quoted}); then {ANEW.format(source=source)}')
        elif remembered.get(table, Reading()).membership not in (0, found.published[table]):
            yield Danger(source, "publication", f"{table} was taken out of the publication guiji_{source} and put in again", ANEW.format(source=source).capitalize())
        if found.identity[table] != "f":
            yield Danger(source, "identity", f"updates and deletes of {table} come without their old row", f"{_owner(source)} (here: ALTER TABLE {quoted} REPLICA IDENTITY FULL)")


def slot(source: str, found: look_postgres.Slot | None) -> Iterator[Danger]:
    """A slot that is gone, lost, nearly lost, or far behind."""
    if found is None:
        yield Danger(source, "slot", f"its slot guiji_{source} was dropped", ANEW.format(source=source).capitalize(), lost=True)
        return
    if found.wal_status == "lost":
        yield Danger(source, "slot", f"the server has thrown away log that its slot guiji_{source} had not delivered", ANEW.format(source=source).capitalize(), lost=True)
    elif found.wal_status == "unreserved" or (found.safe is not None and found.safe < LEFT * (found.safe + (found.kept or 0))):
        told = f"the server will soon throw away log that was not read yet: {_bytes(found.safe or 0)} may still be written (wal_status {found.wal_status})"
        yield Danger(source, "slot", told, "Bring the connector to work now, or have max_slot_wal_keep_size raised.")
    if found.behind is not None and found.behind > BEHIND:
        told = f"{_bytes(found.behind)} of log are not read yet; the server keeps {_bytes(found.kept or 0)} for us"
        yield Danger(source, "lag", told, "Is the connector running, and is a long transaction open in the database?")


def mariadb(source: str, found: look_binlog.Answers, tables: list[str], stands: Place | None, now: float) -> Iterator[Danger]:
    """``stands`` None: the connector has not stood anywhere yet."""
    for table in tables:
        if table not in found.rows:
            yield Danger(source, "table", f"the database has no table {table}", "Ask its owner, or take it out of the source file.")
    if (found.form, found.image) != ("ROW", "FULL"):
        yield Danger(source, "binlog", f"binlog_format is {found.form}, binlog_row_image {found.image}: changes do not come whole", _owner(source))
    left = retention_left(found, stands, now)
    if stands is not None and stands.file not in found.logs:
        yield Danger(source, "binlog", f"the server has thrown away {stands.file}, which was not read to its end", ANEW.format(source=source).capitalize(), lost=True)
    elif left is not None and left < LEFT * found.keeps:
        told = f"the server throws away {stands.file if stands else ''} in {max(left, 0) / 3600:.1f} h, and it is not read to its end"
        yield Danger(source, "binlog", told, "Bring the connector to work now, or have binlog_expire_logs_seconds raised.")
    if (behind := bytes_behind(found, stands)) is not None and behind > BEHIND:
        yield Danger(source, "lag", f"{_bytes(behind)} of binlog are not read yet", "Is the connector running?")


def place(offsets: Iterable[Mapping[str, Any]]) -> Place | None:
    """Where a binlog connector stands, by Connect's list of {partition, offset}; None before its first event."""
    found = next((each["offset"] for each in offsets if "file" in (each.get("offset") or {})), None)
    return None if found is None else Place(str(found["file"]), int(found.get("pos", 0)), float(found.get("ts_sec") or 0))


def retention_left(found: look_binlog.Answers, stands: Place | None, now: float) -> float | None:
    """Seconds until the file that a connector reads may be thrown away; None where that is no question: it is the newest one, or files are kept until somebody purges them."""
    if stands is None or not found.keeps or stands.file not in found.logs or stands.file == list(found.logs)[-1]:
        return None
    return found.keeps - (now - stands.at)


def bytes_behind(found: look_binlog.Answers, stands: Place | None) -> int | None:
    """Bytes of binlog after where a connector stands; None where it stands in no file that is there."""
    if stands is None or stands.file not in found.logs:
        return None
    names = list(found.logs)
    return sum(found.logs[name] for name in names[names.index(stands.file) :]) - stands.pos


def clock(source: str, offset: float) -> Iterator[Danger]:
    """``offset``: the database's clock minus ours, in seconds."""
    if abs(offset) > CLOCK:
        told = f"the database's clock is {abs(offset):.0f} s {'ahead of' if offset > 0 else 'behind'} ours: between two sources the later word wins"
        yield Danger(source, "clock", told, "Have the clocks of both machines set by the same time server.")


def life(source: str, state: str, pulse: Pulse, why: str = "") -> Iterator[Danger]:
    """What the state of a feed means where it is not well; ``why``: what was said when the database did not answer."""
    if state == "unreachable":
        yield Danger(source, "heartbeat", f"the database does not answer ({why})", "Is the machine there, does it run, is the way to it open? Reading goes on by itself when it is back.")
    elif state == "stalled":
        told = "never" if pulse.beat is None else f"{pulse.beat:.0f} s ago"
        remedy = "Look at its tasks and Connect's log; `guiji connectors apply` starts what failed."
        yield Danger(source, "heartbeat", f"the database answers, but the connector's last sign of life was {told}", remedy)


def _owner(source: str) -> str:
    return f"Have the database's owner run what `guiji connectors prepare {source}` prints"


def _bytes(number: int) -> str:
    return f"{number / (1 << 20):,.1f} MB"
