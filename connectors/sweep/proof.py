"""The proof that a table and the warehouse are equal, or what differs: one record a table and run in `credit.proofs`, kept for ever."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from infra import kafka
from infra.settings import Settings
from schemas import codec, envelope, registry, topics
from schemas.registry import Registry

EQUAL, DIFFERS, UNSETTLED, UNKNOWN = "equal", "differs", "unsettled", "unknown"
OLD = 50 * 3600.0  # seconds: two nights were missed
_TAIL = 20_000  # of the newest proofs, those that are looked at for each table's last


@dataclass(frozen=True)
class Proof:
    """``source`` as records name it; ``began``, ``ended``: epoch milliseconds; ``position``: of the source when it was compared; ``counts``: of rows (`envelope.COUNTS`); ``why`` it could not.

    ``verdict``: equal · differs · unsettled (rows changed faster than they could be looked at) · unknown (it could not be compared)."""

    source: str
    table: str
    item: str
    department: str
    began: int
    ended: int
    position: str | None
    counts: Mapping[str, int]
    verdict: str
    why: str | None = None

    def record(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "counts"} | {name: self.counts.get(name, 0) for name in envelope.COUNTS}


def write(settings: Settings, proofs: Sequence[Proof]) -> None:
    """Raises KafkaException, registry.Unavailable, registry.NotFound."""
    with Registry(settings.registry) as names:
        values = codec.encode(envelope.PROOF, names.id(topics.subject(topics.PROOFS), envelope.PROOF), [each.record() for each in proofs])
    producer = kafka.producer(settings)
    for each, value in zip(proofs, values, strict=True):
        producer.produce(topics.PROOFS, value, each.source)
    if producer.flush(kafka.TIMEOUT):
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))


def last(settings: Settings) -> dict[str, dict[str, Any]]:
    """Each table's newest proof, by `source`; times as datetimes. Empty where none was written yet. Raises KafkaException, registry.Unavailable."""
    if topics.PROOFS not in kafka.partitions(settings):
        return {}
    low, high = kafka.watermarks(settings, topics.PROOFS, 0)
    values = [message.value() for message in kafka.read_to_end(settings, topics.PROOFS, 0, max(low, high - _TAIL))] if high > low else []
    with Registry(settings.registry) as names:
        found = codec.decode(values, names.schema, envelope.PROOF).records
    return {each["source"]: each for each in found}


def known(settings: Settings) -> dict[str, dict[str, Any]]:
    """The same; none while Kafka or the registry is away, so that the rest can be told all the same."""
    with suppress(registry.Unavailable, registry.NotFound, kafka.Unavailable, KafkaException):
        return last(settings)
    return {}


def shown(proofs: Sequence[Mapping[str, Any]]) -> str | None:
    """A source's newest proofs in a line: when, the worst verdict, how many rows its filters leave out."""
    if not proofs:
        return None
    worst = max((each["verdict"] for each in proofs), key=(EQUAL, UNSETTLED, UNKNOWN, DIFFERS).index)
    outside = sum(each["outside"] for each in proofs)
    return f"{worst}, {min(each['ended'] for each in proofs).astimezone():%m-%d %H:%M}" + f", {outside} rows outside the filter" * bool(outside)


def dangers(proofs: Iterable[Mapping[str, Any]], now: float) -> Iterator[tuple[str, str]]:
    """What is not well with a source's proofs, and what to do."""
    for each in proofs:
        again = f"guiji reconcile {each['source'].partition('.')[0]} --table {each['table']}"
        if each["verdict"] == DIFFERS:
            counts = ", ".join(f"{each[name]} {name}" for name in ("missing", "extra", "different"))
            yield f"{each['source']} and the warehouse differ: {counts}", f"`{again}` names them, `{again} --repair` mends them."
        elif each["verdict"] == UNKNOWN:
            yield f"{each['source']} could not be compared: {each['why']}", f"`{again}`, when that is mended."
        if now - each["ended"].timestamp() > OLD:
            yield f"{each['source']} was last compared {(now - each['ended'].timestamp()) / 86_400:.0f} days ago", "Does `guiji connectors watch` run? Does the source's file say `reconcile: never`?"
