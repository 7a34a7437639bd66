"""What the declared sources need of Connect, and making it so. `plan` is pure; `apply` may be repeated at any time and changes only what differs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors import access, additions, look_postgres
from connectors.config import MARK, NOTES, Kept, Place, config, digest, event_topics, history_topic, own_topics, slot
from connectors.connect import Connect, ConnectFault, Unavailable, settled
from connectors.fault import Fault
from connectors.life.start import PATIENCE, Report, Site, bring_up, halt, patient, resume, steady
from infra import kafka, wait
from infra.settings import Settings
from schemas.registry import Registry
from schemas.sources import Captured, Source
from schemas.topics import NONE

AT_ONCE = 8


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
        found = live.get(name)
        if found is None:
            yield Change(name, "created")
            continue
        wanted = config(source, place, first=NOTES not in found)
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
    """Make Connect run the sources: topics, compatibility, configurations; waits until each runs, and brings in tables that were added. One that fails holds none of the others.
    Connectors without a source go only with ``remove``.

    Raises ConnectFault naming every connector that does not run, why and what to do; Unavailable of Kafka, registry or Connect."""
    with Connect(settings.connect) as connect:
        site = Site(settings, connect, place(settings), report)
        live = patient(connect.configs)
        changes = plan(sources, live, site.here)
        _provide(settings, sources.values())
        found = {name: patient(partial(connect.status, name)) for name in sources}
        halted, resting = {name for name, status in found.items() if status.halted}, {name for name, status in found.items() if not status.running}
        for name in sources.keys() & live.keys():
            additions.begin(settings, sources[name], live[name])
        added = {name: additions.added(settings, source) for name, source in sources.items() if name in live}
        faults = _refused(site, sources, live)
        refused = {fault.name for fault in faults}
        faults += [fault for change in changes if change.name not in refused and (fault := _made(site, change, sources.get(change.name), added.get(change.name, []), remove=remove))]
        faults += [Fault(name, "was paused or stopped by hand") for name in sorted(halted)]
        lame = {fault.name for fault in faults}
        faults += [fault for name, source in sources.items() if name not in lame and (fault := _at_work(site, source, additions.added(settings, source) if name in live else []))]
        begun = {change.name for change in changes if change.kind not in ("same", "removed")} | resting
        faults += steady(site, begun - {fault.name for fault in faults})
    if faults:
        raise ConnectFault("\n".join(map(str, faults)))
    return changes


def _refused(site: Site, sources: Mapping[str, Source], live: Mapping[str, Mapping[str, str]]) -> list[Fault]:
    """What the databases say against it, several asked at once: one that does not answer takes its time."""

    def one(source: Source) -> Fault | None:
        stands = patient(partial(site.connect.offsets, source.name)) if source.name in live else []
        return additions.refused(site.settings, source, stands)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [fault for fault in pool.map(one, sources.values()) if fault]


def _made(site: Site, change: Change, source: Source | None, added: list[Captured], *, remove: bool) -> Fault | None:
    """Carry out one change; what Connect finds wrong with it."""
    site.report(str(change))
    try:
        if source is None:
            if remove:
                patient(lambda: site.connect.delete(change.name))
        elif change.kind == "created":
            _created(site, source)
        elif change.kind in ("changed", "drifted"):
            if settled(patient(lambda: site.connect.offsets(change.name))) and (strange := additions.unknown(site.settings, source, added)):
                _learn(site, source, strange)
            if not _put(site, source):
                additions.remember(site.settings, source, added)  # the first snapshot begins again, with these
    except Unavailable:
        raise
    except ConnectFault as fault:
        return Fault(change.name, str(fault))
    return None


def _created(site: Site, source: Source) -> None:
    """A connector without a place begins with a snapshot of all its tables; one that was deleted and comes again goes on from the place that Connect kept."""
    patient(lambda: site.connect.put(source.name, config(source, site.here, first=True)))
    if not patient(lambda: site.connect.offsets(source.name)):
        additions.remember(site.settings, source)


def _learn(site: Site, source: Source, strange: list[Captured]) -> None:
    """Let a binlog connector look at tables that its schema history knows nothing of, Debezium's documented way: the history is made anew from what the tables look like now, the place stays.

    Holds while no captured table was altered in what is not read yet, which is why nothing else is done meanwhile."""
    if patient(lambda: site.connect.status(source.name)).halted:
        raise ConnectFault(f"it must look at {', '.join(table.name for table in strange)} before it can read them, and was paused or stopped by hand")
    site.report(f"{source.name}: looks at {', '.join(table.name for table in strange)} for the first time")
    halt(site.connect, source.name)
    _new_history(site.settings, source)
    patient(lambda: site.connect.put(source.name, config(source, site.here) | {"snapshot.mode": "recovery"}))
    resume(site.connect, source.name)
    if not wait.until(lambda: not additions.unknown(site.settings, source, strange), PATIENCE):
        raise ConnectFault(f"the connector did not see {', '.join(table.name for table in strange)} within {PATIENCE:.0f} s: may its role read them?")


def _new_history(settings: Settings, source: Source) -> None:
    if source.database.kind != "postgres":
        kafka.delete(settings, [history_topic(source)])
        kafka.ensure(settings, [Kept(history_topic(source))])


def _at_work(site: Site, source: Source, added: Sequence[Captured]) -> Fault | None:
    """Wait until it runs, then bring in what was added."""
    if fault := bring_up(site, source.name):
        return fault
    try:
        if added:
            site.report(f"{source.name}: reads {', '.join(table.name for table in added)}")
            if not settled(patient(lambda: site.connect.offsets(source.name))):
                return Fault(source.name, "its first snapshot is still being read: wait until it is complete (`guiji connectors status`)")
            if NOTES not in patient(site.connect.configs)[source.name]:
                _put(site, source)
            if not wait.until(lambda: numbered(source, patient(lambda: site.connect.offsets(source.name))), PATIENCE, every=1):
                return Fault(source.name, f"has seen no transaction for {PATIENCE:.0f} s, not even its own heartbeat's: look into Connect's log")
            additions.bring_in(site.settings, source, added)
    except ConnectFault as fault:
        return Fault(source.name, str(fault))
    return None


def _provide(settings: Settings, sources: Iterable[Source]) -> None:
    """Topics, and no compatibility for their subjects, before the first event: a changed table must not stop its task."""
    listed = list(sources)
    events = [topic for source in listed for topic in event_topics(source)]
    kafka.ensure(settings, [*events, *(topic for source in listed for topic in own_topics(source))])
    with Registry(settings.registry) as registry:
        for topic in events:
            for side in ("key", "value"):
                registry.set_compatibility(f"{topic.name}-{side}", NONE)


def _put(site: Site, source: Source, *, first: bool = False) -> bool:
    """Whether its first snapshot was complete. A connector at work is stopped first: its tasks would be called running while they still have the old configuration. One that was paused stays so."""
    connect, name = site.connect, source.name
    at_work = patient(lambda: connect.status(name)).state not in ("absent", "PAUSED", "STOPPED")
    if at_work:
        halt(connect, name)
    try:
        done = not first and settled(patient(lambda: connect.offsets(name)))
        patient(lambda: connect.put(name, config(source, site.here, first=not done)))
    finally:
        if at_work:
            resume(connect, name)
    return done


def numbered(source: Source, offsets: list[dict[str, Any]]) -> bool:
    """Whether a connector knows the number of a transaction, without which Debezium's snapshots of single tables die on PostgreSQL (3.5.0); its heartbeat brings one."""
    return source.database.kind != "postgres" or any((each.get("offset") or {}).get("txId") is not None for each in offsets)


def renew(settings: Settings, source: Source, report: Report = lambda _line: None) -> None:
    """Take a snapshot of the source anew and go on from there: after its log was lost, or its database rebuilt (raise ``generation`` first). Raises ConnectFault, Unavailable, Unasked.

    What was deleted meanwhile is not in the snapshot: the watcher finds it when that has ended (`sweep`)."""
    if fault := additions.refused(settings, source, []):
        raise ConnectFault(str(fault))
    with Connect(settings.connect) as connect:
        site = Site(settings, connect, place(settings), report)
        halt(connect, source.name)
        patient(lambda: connect.reset_offsets(source.name))
        _new_history(settings, source)
        if source.database.kind == "postgres" and look_postgres.drop_lost_slot(access.of(source.database, settings.secrets()), slot(source)):
            report(f"{source.name}: its slot could not be read any more and was dropped")
        _provide(settings, [source])
        additions.remember(settings, source)  # its beginning; with no place to go on from the connector reads everything, whatever dies now
        _put(site, source, first=True)
        report(f"{source.name}: begins with a snapshot again")
        resume(connect, source.name)
        for fault in _brought_up(site, source.name):
            raise ConnectFault(str(fault))


def snapshot(settings: Settings, source: Source, tables: Sequence[Captured]) -> None:
    """Have these tables read anew beside everything else. Raises ConnectFault, Unavailable."""
    with Connect(settings.connect) as connect:
        site = Site(settings, connect, place(settings), lambda _line: None)
        if fault := additions.refused(settings, source, connect.offsets(source.name)) or _at_work(site, source, tables):
            raise ConnectFault(str(fault))


def move(settings: Settings, connect: Connect, name: str, offsets: list[dict[str, Any]]) -> None:
    """Have a connector go on from another place. Raises ConnectFault when it does not run there."""
    halt(connect, name)
    patient(lambda: connect.set_offsets(name, offsets))
    resume(connect, name)
    for fault in _brought_up(Site(settings, connect, place(settings), lambda _line: None), name):
        raise ConnectFault(str(fault))


def _brought_up(site: Site, name: str) -> list[Fault]:
    fault = bring_up(site, name)
    return [fault] if fault else steady(site, [name])
