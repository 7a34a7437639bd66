"""How far others have read: whether a consumer group is past everything that stands in a topic now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infra import kafka
from infra.settings import Settings

_TAIL = 100  # offsets looked at for the last record; the markers of transactions stand between


@dataclass(frozen=True)
class End:
    """``offset``: where a group stands that has read all committed records of a partition; None where there is none to read."""

    topic: str
    partition: int
    offset: int | None


def ends(settings: Settings, wanted: Iterable[str]) -> list[End]:
    """Of those topics that are there, every partition as it is now. Raises KafkaException, Unavailable."""
    there = kafka.partitions(settings)
    return [End(topic, number, _end(settings, topic, number)) for topic in wanted if topic in there for number in range(there[topic])]


def unread(settings: Settings, group: str, places: Sequence[End]) -> list[End]:
    """Those that the group has not read so far."""
    stands = kafka.committed(settings, group, [(place.topic, place.partition) for place in places])
    return [place for place in places if place.offset is not None and stands.get((place.topic, place.partition), -1) < place.offset]


def _end(settings: Settings, topic: str, partition: int) -> int | None:
    low, high = kafka.watermarks(settings, topic, partition)
    start, size = high, _TAIL
    while start > low:
        start, size = max(low, high - size), size * 100
        last = [message.offset() for message in kafka.read_to_end(settings, topic, partition, start)][-1:]
        if last and last[0] is not None:
            return last[0] + 1
    return None
