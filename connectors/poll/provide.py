"""What polled sources need of Kafka and the registry before their first poll: the topics and schemas that Connect makes for the others. There is no connector."""

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from connectors import access
from connectors.fault import Fault
from connectors.plan import AT_ONCE, Change
from connectors.poll.event import Form
from connectors.sweep import scan
from infra import kafka
from infra.settings import Settings
from schemas import topics
from schemas.registry import Registry
from schemas.sources import Source, Table


def plan(settings: Settings, sources: Mapping[str, Source]) -> list[Change]:
    """What `apply` would make, by source. Raises Unavailable of Kafka."""
    there = kafka.partitions(settings) if sources else {}
    return [_change(name, [table.topic for table in source.tables.values() if table.topic not in there]) for name, source in sorted(sources.items())]


def _change(name: str, missing: list[str]) -> Change:
    return Change(name, "created" if missing else "same", tuple(missing))


def apply(settings: Settings, sources: Mapping[str, Source], report: Callable[[str], None]) -> list[Fault]:
    """Topics, and the schemas of the tables as they are now, for which each database is asked, several at once; what they say against it. Raises Unavailable of Kafka and of the registry."""
    for change in plan(settings, sources):
        report(str(change))
    declare(settings, [table for source in sources.values() for table in source.tables.values()])
    with Registry(settings.registry) as registry, ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda source: _registered(settings, source, registry), sources.values())
        return [fault for faults in found for fault in faults]


def _registered(settings: Settings, source: Source, registry: Registry) -> list[Fault]:
    faults = []
    for table in source.tables.values():
        try:
            where = access.of(source.database, {**os.environ, **settings.secrets()})
            registry.register_topics(Form(table, scan.look(where, table).key).topics)
        except access.Unasked as fault:
            faults.append(Fault(source.name, str(fault)))
    return faults


def declare(settings: Settings, tables: Iterable[Table]) -> None:
    """The topics, and no compatibility for their subjects, as for those of followed tables. Raises Unavailable of Kafka and of the registry, KafkaException."""
    declared = [topics.feed(table.topic) for table in tables]
    kafka.ensure(settings, declared)
    with Registry(settings.registry) as registry:
        for topic in declared:
            for side in ("key", "value"):
                registry.set_compatibility(f"{topic.name}-{side}", topics.NONE)
