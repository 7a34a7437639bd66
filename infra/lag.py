"""How far consumer groups are behind, in records and in seconds: asked of the broker, whoever lives or died. Offsets between a group and the end may be markers of transactions alone:
who must know that nothing is left asks for the last records (`last_records`, `short_of`)."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from infra import kafka, metrics, wait
from infra.settings import Settings

MOST = 200  # partitions of a group whose oldest unread record is looked at
PATIENCE = 2.0  # seconds for the next one of them
_TAIL = 100  # offsets looked at for the last record; the markers of transactions stand between
Place = tuple[str, int]


def look(settings: Settings, groups: Mapping[str, Callable[[str], bool]]) -> None:
    """``groups``: which topics each reads. Raises KafkaException, kafka.Unavailable."""
    there = kafka.partitions(settings)
    records, seconds = Counter[tuple[str, ...]](), dict[tuple[str, ...], float]()
    for group, reads in groups.items():
        places = [(topic, number) for topic, count in there.items() if reads(topic) for number in range(count)]
        behind = unread(settings, group, places)
        for (topic, _), (_, count) in behind.items():
            records[group, topic] += count
        ages = oldest(settings, {place: start for place, (start, count) in behind.items() if count}, time.time())
        for topic, _ in places:
            seconds.setdefault((group, topic), 0.0)
        for (topic, _), age in ages.items():
            seconds[group, topic] = max(age, seconds[group, topic])
    metrics.LAG_RECORDS.replace(records)
    metrics.LAG_SECONDS.replace(seconds)


def unread(settings: Settings, group: str, places: Sequence[Place]) -> dict[Place, tuple[int, int]]:
    """Where the group goes on in each partition, and how many offsets lie between there and the end."""
    reached, stands = ends(settings, places), kafka.committed(settings, group, places)
    found = {}
    for place in places:
        low, high = reached[place]
        start = max(low, stands.get(place, low))
        found[place] = start, max(0, high - start)
    return found


def ends(settings: Settings, places: Sequence[Place], level: IsolationLevel = IsolationLevel.READ_COMMITTED) -> dict[Place, tuple[int, int]]:
    """First offset kept and the one after the last, of many partitions at once: the last one readable, or also of open transactions. Raises KafkaException."""
    return wait.patiently(lambda: _ends(settings, places, level), kafka.NoLeader, kafka.TIMEOUT)


def _ends(settings: Settings, places: Sequence[Place], level: IsolationLevel) -> dict[Place, tuple[int, int]]:
    client = kafka.admin(settings)  # must outlive its futures
    found: list[dict[Place, int]] = []
    for spec in (OffsetSpec.earliest(), OffsetSpec.latest()):  # type: ignore[no-untyped-call]  # the client leaves it without types
        asked = {TopicPartition(*place): spec for place in places}
        answers = client.list_offsets(asked, request_timeout=kafka.TIMEOUT, isolation_level=level) if asked else {}
        found.append({(place.topic, place.partition): _offset(future) for place, future in answers.items()})
    return {place: (found[0][place], found[1][place]) for place in places}


def _offset(future: Future[Any]) -> int:
    try:
        return int(future.result().offset)
    except KafkaException as fault:
        if fault.args[0].code() in (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE):
            raise kafka.NoLeader(fault.args[0]) from fault
        raise


def oldest(settings: Settings, starts: Mapping[Place, int], now: float) -> dict[Place, float]:
    """Age in seconds of the first committed record at or after each offset; 0 where only markers stand there."""
    found = dict[Place, float]()
    if not starts:
        return found
    reader = kafka.consumer(settings, "lag", **{"enable.partition.eof": True, "queued.min.messages": 1, "fetch.message.max.bytes": 1 << 20})
    try:
        waited = dict(list(starts.items())[:MOST])
        reader.assign([TopicPartition(*place, start) for place, start in waited.items()])
        while waited and (message := reader.poll(PATIENCE)) is not None:
            place = str(message.topic()), int(message.partition() or 0)
            if waited.pop(place, None) is not None:
                found[place] = 0.0 if message.error() else max(0.0, now - message.timestamp()[1] / 1000)
                reader.incremental_unassign([TopicPartition(*place)])
    finally:
        reader.close()
    return found


@dataclass(frozen=True)
class End:
    """``offset``: where a group stands that has read all committed records of a partition; None where there is none to read."""

    topic: str
    partition: int
    offset: int | None


def last_records(settings: Settings, wanted: Iterable[str]) -> list[End]:
    """Of those topics that are there, every partition as it is now. Raises KafkaException, Unavailable."""
    there = kafka.partitions(settings)
    return [End(topic, number, _last(settings, topic, number)) for topic in wanted if topic in there for number in range(there[topic])]


def short_of(settings: Settings, group: str, places: Sequence[End]) -> list[End]:
    """Those that the group has not read so far."""
    stands = kafka.committed(settings, group, [(place.topic, place.partition) for place in places])
    return [place for place in places if place.offset is not None and stands.get((place.topic, place.partition), -1) < place.offset]


def _last(settings: Settings, topic: str, partition: int) -> int | None:
    low, high = kafka.watermarks(settings, topic, partition)
    start, size = high, _TAIL
    while start > low:
        start, size = max(low, high - size), size * 100
        last = [message.offset() for message in kafka.read_to_end(settings, topic, partition, start)][-1:]
        if last and last[0] is not None:
            return last[0] + 1
    return None
