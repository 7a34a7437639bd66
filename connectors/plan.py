"""What the declared sources need of Connect, and making it so. `plan` is pure; `apply` may be repeated at any time and changes only what differs."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from connectors.config import MARK, config, digest, event_topics, own_topics
from connectors.connect import Connect, ConnectFault, Status, Unavailable
from infra import kafka
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


def plan(sources: Mapping[str, Source], live: Mapping[str, Mapping[str, str]], brokers: str) -> list[Change]:
    """What `apply` would do, by name. Connectors without our mark, and of no source, are somebody else's and left out."""
    return sorted(_changes(sources, live, brokers), key=lambda change: change.name)


def _changes(sources: Mapping[str, Source], live: Mapping[str, Mapping[str, str]], brokers: str) -> Iterator[Change]:
    for name, source in sources.items():
        wanted, found = config(source, brokers), live.get(name)
        if found is None:
            yield Change(name, "created")
            continue
        options = tuple(sorted(option for option in {*wanted, *found} - {MARK, "name"} if wanted.get(option) != found.get(option)))
        by_hand = found.get(MARK) != digest(found)
        yield Change(name, "drifted" if by_hand else "changed" if options else "same", options)
    for name, found in live.items():
        if name not in sources and MARK in found:
            yield Change(name, "removed")


def apply(settings: Settings, sources: Mapping[str, Source], *, remove: bool = False, report: Report = lambda _line: None) -> list[Change]:
    """Make Connect run the sources: topics, compatibility, configurations; waits until each runs. Connectors without a source go only with ``remove``.

    Raises ConnectFault with the trace's cause of every connector that does not run, Unavailable of Kafka, registry or Connect."""
    with Connect(settings.connect) as connect:
        changes = plan(sources, patient(connect.configs), settings.kafka)
        _provide(settings, sources.values())
        for change in changes:
            report(str(change))
            if change.kind == "removed" and remove:
                connect.delete(change.name)
            elif change.kind in ("created", "changed", "drifted"):
                _put(connect, sources[change.name], settings.kafka)
        faults = [fault for name in sources if (fault := _bring_up(connect, name, report))]
    if faults:
        raise ConnectFault("\n".join(faults))
    return changes


def status(settings: Settings, sources: Mapping[str, Source]) -> list[Status]:
    """Every source's connector as Connect sees it."""
    with Connect(settings.connect) as connect:
        return [connect.status(name) for name in sorted(sources)]


def patient(ask: Callable[[], Answer], seconds: float = PATIENCE) -> Answer:
    """An answer of Connect; while it is busy or away, asked again."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)  # Connect tells of no event, it only answers


def _provide(settings: Settings, sources: Iterable[Source]) -> None:
    """Topics, and no compatibility for their subjects, before the first event: a changed table must not stop its task."""
    listed = list(sources)
    events = [topic for source in listed for topic in event_topics(source)]
    kafka.ensure(settings, [*events, *(topic for source in listed for topic in own_topics(source))])
    with Registry(settings.registry) as registry:
        for topic in events:
            for side in ("key", "value"):
                registry.set_compatibility(f"{topic.name}-{side}", NONE)


def _put(connect: Connect, source: Source, brokers: str) -> None:
    patient(lambda: connect.put(source.name, config(source, brokers)))


def _bring_up(connect: Connect, name: str, report: Report) -> str | None:
    """Wait until it runs; what failed is started again, later each time. The reason when it does not run in the end."""
    for attempt in range(ATTEMPTS):
        found = _settled(connect, name)
        if found.running:
            return None
        if not found.failed:
            return f"{name}: is {found.state} ({', '.join(found.tasks) or 'no task'}) after {PATIENCE:.0f} s; resume it, or look into Connect's log."
        if attempt < ATTEMPTS - 1:
            report(f"{name}: failed ({found.reason}), starting it again")
            time.sleep(2.0**attempt)
            patient(lambda: connect.restart(name))
    return f"{name}: failed {ATTEMPTS} times: {found.reason}\n  Mend the cause and repeat `guiji connectors apply`. The whole trace: {found.trace}"


def _settled(connect: Connect, name: str) -> Status:
    """Its status as soon as it runs or has failed, at the latest after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = patient(lambda: connect.status(name))
        if found.running or found.failed or time.monotonic() > deadline:
            return found
        time.sleep(0.2)  # as above
