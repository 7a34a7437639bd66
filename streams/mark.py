"""The mark of a partition: how far it is judged, and which topic that was. It travels in the state topic, in the judge's own transactions."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from confluent_kafka import OFFSET_INVALID, Message

from infra import kafka
from infra.settings import Settings
from schemas import codec, envelope
from schemas.codec import SchemaOf

FIRST_GENERATION = 1


class Refused(Exception):
    """Judging on would judge records twice or miss some; the message says what an operator does."""


@dataclass(frozen=True)
class Topic:
    """Which `submitted` topic it is: names alone do not tell a topic from its successor."""

    topic_id: str
    cluster_id: str
    partitions: int


@dataclass(frozen=True)
class Mark:
    """``offset``: every record of the partition below it is judged."""

    offset: int
    generation: int
    topic_id: str
    cluster_id: str
    partitions: int


def key(partition: int) -> bytes:
    """The mark's key in the state topic."""
    return f"\u0000{partition}".encode()


def encode(mark: Mark, schema_id: int) -> bytes:
    """As it stands in the state topic."""
    empty: dict[str, Any] = {"version": 0, "standing": -1, "retracted": False, "fingerprint": None, "sayings": []}
    return codec.encode(envelope.STATE, schema_id, [empty | {"mark": asdict(mark)}])[0]


def of_record(record: Mapping[str, Any]) -> Mark:
    return Mark(**record["mark"])


def newest(messages: Iterable[Message], partition: int, schema_of: SchemaOf) -> Mark | None:
    """The last mark among the messages of a state partition."""
    values = [message.value() for message in messages if message.key() == key(partition)]
    return of_record(codec.decode_one(values[-1], schema_of)) if values else None


def live(settings: Settings, name: str) -> Topic:
    """The topic as the broker knows it."""
    topic_id, partitions = kafka.identity(settings, name)
    return Topic(topic_id, kafka.cluster_id(settings), partitions)


def begin(name: str, partition: int, mark: Mark | None, committed: int, topic: Topic, kept: tuple[int, int]) -> int:
    """The offset from which to judge on. ``committed``: the group's offset, negative when it has none; ``kept``: first offset in the log and the one after its last. Raises Refused."""
    place = f"{name}/{partition}"
    code = name.split(".")[1]
    if mark is None:
        return _first(place, code, committed, kept)
    if (mark.topic_id, mark.cluster_id, mark.partitions) != (topic.topic_id, topic.cluster_id, topic.partitions):
        raise Refused(
            f"{place} is not the topic that was judged (then topic {mark.topic_id} of cluster {mark.cluster_id} with {mark.partitions} partition(s), "
            f"now {topic.topic_id} of {topic.cluster_id} with {topic.partitions}). If it was made anew on purpose, stop all judges and run "
            f"`guiji judge --new-generation {code}`: everything in it is judged afresh with higher versions."
        )
    if committed not in (mark.offset, OFFSET_INVALID):
        raise Refused(
            f"The group's offset of {place} is {committed}, but the state says that everything below {mark.offset} is judged. "
            f"Somebody moved the offset, or the state topic was restored from a copy. Stop all judges and run `guiji judge --resume-from-state {code}`."
        )
    if not kept[0] <= mark.offset <= kept[1]:
        raise Refused(
            f"{place} is judged up to {mark.offset}, but holds only {kept[0]} to {kept[1]}: records are gone before they were judged, or the log was cut. "
            f"Have their owners send them again; then stop all judges and run `guiji judge --new-generation {code}`."
        )
    return mark.offset


def _first(place: str, code: str, committed: int, kept: tuple[int, int]) -> int:
    if committed >= 0:
        raise Refused(
            f"{place} was judged up to {committed}, but its state topic says nothing of it: the state is lost. "
            f"Stop all judges and run `guiji judge --new-generation {code}`: everything is judged afresh."
        )
    if kept[0] > 0:
        raise Refused(
            f"{place} was never judged and its first {kept[0]} offsets are gone. Have their owners send them again; "
            f"then run `guiji judge --new-generation {code}`."
        )
    return 0


__all__ = ["FIRST_GENERATION", "Mark", "Refused", "Topic", "begin", "encode", "key", "live", "newest", "of_record"]
