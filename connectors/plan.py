"""What the declared sources need of Connect, and making it so. `plan` is pure; `apply` may be repeated at any time and changes only what differs."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from connectors.config import MARK, Place, config, digest, event_topics, own_topics
from connectors.connect import Connect, ConnectFault, Status, Unavailable
from connectors.fault import Fault
from infra import kafka, wait
from infra.settings import Settings
from schemas.registry import Registry
from schemas.sources import Source
from schemas.topics import NONE

PATIENCE = 60.0
ATTEMPTS = 3
Report = Callable[[str], None]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Change:
    """One connector. ``kind``: created, changed, removed, drifted (somebody changed it by hand), same; ``options``: the names of what differs."""

    name: str
    kind: str
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.kind}" + (f" ({', '.join(self.options)})" if self.options else "")


def plan(sources: Mapping[str, Source], live: Mapping[str, Mapping[str, str]], place: Place) -> list[Change]:
    """What `apply` would do, by name. Connectors without our mark, and of no source, are somebody else's and left out."""
    return sorted(_changes(sources, live, place), key=lambda change: change.name)


def _changes(sources: Mapping[str, Source], live: Mapping[str, Mapping[str, str]], place: Place) -> Iterator[Change]:
    for name, source in sources.items():
        wanted, found = config(source, place), live.get(name)
        if found is None:
            yield Change(name, "created")
            continue
        options = tuple(sorted(option for option in {*wanted, *found} - {MARK, "name"} if wanted.get(option) != found.get(option)))
        by_hand = found.get(MARK) != digest(found)
        yield Change(name, "drifted" if by_hand else "changed" if options else "same", options)
    for name, found in live.items():
        if name not in sources and MARK in found:
            yield Change(name, "removed")


def place(settings: Settings) -> Place:
    """Where the local stack's connectors run."""
    return Place(settings.kafka, settings.secrets())


def apply(settings: Settings, sources: Mapping[str, Source], *, remove: bool = False, report: Report = lambda _line: None) -> list[Change]:
    """Make Connect run the sources: topics, compatibility, configurations; waits until each runs. One that fails holds none of the others. Connectors without a source go only with ``remove``.

    Raises ConnectFault naming every connector that does not run, why and what to do; Unavailable of Kafka, registry or Connect."""
    here = place(settings)
    with Connect(settings.connect) as connect:
        changes = plan(sources, patient(connect.configs), here)
        _provide(settings, sources.values())
        halted = {name for name in sources if patient(partial(connect.status, name)).halted}
        faults = [fault for change in changes if (fault := _made(connect, change, sources, here, remove=remove, report=report))]
        faults += [Fault(name, "was paused or stopped by hand") for name in sorted(halted)]
        lame = {fault.name for fault in faults}
        faults += [fault for name in sources if name not in lame and (fault := _bring_up(connect, name, report))]
    if faults:
        raise ConnectFault("\n".join(map(str, faults)))
    return changes


def _made(connect: Connect, change: Change, sources: Mapping[str, Source], here: Place, *, remove: bool, report: Report) -> Fault | None:
    """Carry out one change; what Connect finds wrong with it."""
    report(str(change))
    try:
        if change.kind == "removed" and remove:
            patient(lambda: connect.delete(change.name))
        elif change.kind in ("created", "changed", "drifted"):
            _put(connect, change.name, config(sources[change.name], here))
    except Unavailable:
        raise
    except ConnectFault as fault:
        return Fault(change.name, str(fault))
    return None


def status(settings: Settings, sources: Mapping[str, Source]) -> list[Status]:
    """Every source's connector as Connect sees it."""
    with Connect(settings.connect) as connect:
        return [connect.status(name) for name in sorted(sources)]


def patient(ask: Callable[[], Answer], seconds: float = PATIENCE) -> Answer:
    """An answer of Connect; while it is busy or away, asked again."""
    return wait.patiently(ask, Unavailable, seconds)


def _provide(settings: Settings, sources: Iterable[Source]) -> None:
    """Topics, and no compatibility for their subjects, before the first event: a changed table must not stop its task."""
    listed = list(sources)
    events = [topic for source in listed for topic in event_topics(source)]
    kafka.ensure(settings, [*events, *(topic for source in listed for topic in own_topics(source))])
    with Registry(settings.registry) as registry:
        for topic in events:
            for side in ("key", "value"):
                registry.set_compatibility(f"{topic.name}-{side}", NONE)


def _put(connect: Connect, name: str, wanted: Mapping[str, str]) -> None:
    """A connector that is at work is stopped first: its tasks would be called running while they still have the old configuration. One that was paused stays so."""
    at_work = patient(lambda: connect.status(name)).state not in ("absent", "PAUSED", "STOPPED")
    if at_work:
        _halt(connect, name)
    try:
        patient(lambda: connect.put(name, wanted))
    finally:
        if at_work:
            resume(connect, name)


def resume(connect: Connect, name: str) -> None:
    """Put a paused or stopped connector to work again; waits until it runs or fails (in between Connect may call it stopped once more)."""
    patient(lambda: connect.resume(name))
    _until(connect, name, lambda found: found.running or found.failed)


def renew(settings: Settings, source: Source, report: Report = lambda _line: None) -> None:
    """Take a snapshot of the source anew and go on from there: after its log was lost, or its database rebuilt (raise ``generation`` first). Raises ConnectFault, Unavailable.

    What was deleted meanwhile is not in a snapshot and stays as it is here."""
    with Connect(settings.connect) as connect:
        _halt(connect, source.name)
        patient(lambda: connect.reset_offsets(source.name))
        report(f"{source.name}: begins with a snapshot again")
        resume(connect, source.name)
        if fault := _bring_up(connect, source.name, report):
            raise ConnectFault(str(fault))


def move(connect: Connect, name: str, offsets: list[dict[str, Any]], report: Report = lambda _line: None) -> None:
    """Have a connector go on from another place. Raises ConnectFault when it does not run there."""
    _halt(connect, name)
    patient(lambda: connect.set_offsets(name, offsets))
    resume(connect, name)
    if fault := _bring_up(connect, name, report):
        raise ConnectFault(str(fault))


def _halt(connect: Connect, name: str) -> None:
    patient(lambda: connect.stop(name))
    _until(connect, name, lambda found: found.state == "STOPPED" and not found.tasks)


def _bring_up(connect: Connect, name: str, report: Report) -> Fault | None:
    """Wait until it runs; what failed is started again, later each time. The reason when it does not run in the end."""
    for attempt in range(ATTEMPTS):
        found = _until(connect, name, lambda found: found.running or found.failed)
        if found.running:
            return None
        if not found.failed:
            return Fault(name, f"is {found.state} ({', '.join(found.tasks) or 'no task'}) after {PATIENCE:.0f} s; look into Connect's log")
        if attempt < ATTEMPTS - 1:
            report(f"{name}: failed ({found.reason[:200]}), starting it again")
            time.sleep(2.0**attempt)  # a task that fails at once is given time, longer each time
            patient(lambda: connect.restart(name))
    return Fault(name, f"failed {ATTEMPTS} times: {found.reason}", found.trace or "")


def _until(connect: Connect, name: str, holds: Callable[[Status], bool]) -> Status:
    """Its status as soon as that holds, at the latest after PATIENCE."""
    return wait.until(lambda: patient(lambda: connect.status(name)), PATIENCE, holds=holds)
