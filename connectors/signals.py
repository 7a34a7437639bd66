"""Signals to a source's connector and its notifications, both over Kafka: nothing is written into the department's database.

A connector reads its signals while it streams; one that is sent meanwhile waits in the topic. That a signal was taken is known by the notification that answers it.
"""

import json
import uuid
from collections.abc import Callable, Sequence

from confluent_kafka import KafkaError, KafkaException, Message

from connectors.config import CHUNK, notification_topic, pattern, signal_topic
from connectors.connect import ConnectFault
from connectors.progress import INCREMENTAL, Note, note, progress
from infra import kafka, wait
from infra.settings import Settings
from schemas import codec
from schemas.registry import Registry
from schemas.sources import Captured, Source

PATIENCE = 90.0
_ANSWER = {"pause-snapshot": "PAUSED", "resume-snapshot": "RESUMED", "stop-snapshot": "ABORTED"}


def execute(settings: Settings, source: Source, tables: Sequence[Captured]) -> None:
    """Have these tables read anew beside the stream of changes, the others undisturbed; waits until reading has begun. Raises ConnectFault."""
    token = uuid.uuid4().hex
    _send(settings, source, token, "execute-snapshot", {"type": "INCREMENTAL", "data-collections": [pattern(source, table) for table in tables]})
    _answered(settings, source, "execute-snapshot", lambda each: each.id == token)


def steer(settings: Settings, source: Source, signal: str) -> None:
    """`pause-snapshot`, `resume-snapshot` or `stop-snapshot` what runs; waits until it is so. Raises ConnectFault, also where nothing runs."""
    said = notes(settings, source)
    if not any(one.under_way and one.kind == INCREMENTAL for one in progress(said, CHUNK, {}, 0.0)):
        raise ConnectFault(f"{source.name}: no snapshot of single tables is under way")
    data: dict[str, object] = {"type": "INCREMENTAL"}
    if signal == "stop-snapshot":
        data["data-collections"] = [pattern(source, table) for table in source.captured.values()]
    _send(settings, source, uuid.uuid4().hex, signal, data)
    _answered(settings, source, signal, lambda each: each.said == _ANSWER[signal] and each.kind == INCREMENTAL, len(said))


def notes(settings: Settings, source: Source) -> list[Note]:
    """Every notification kept, oldest first; none before the connector was first applied. Raises KafkaException, registry.Unavailable."""
    topic = notification_topic(source)
    if topic not in kafka.partitions(settings):
        return []
    values = [message.value() for message in kafka.read_to_end(settings, topic)]
    with Registry(settings.registry) as registry:
        return [note(record) for record in codec.decode(values, registry.schema).records]


def _send(settings: Settings, source: Source, token: str, kind: str, data: dict[str, object]) -> None:
    """Raises KafkaException."""
    failed = list[KafkaError]()

    def told(fault: KafkaError | None, _message: Message) -> None:
        if fault is not None:
            failed.append(fault)

    producer = kafka.producer(settings)
    producer.produce(signal_topic(source), key=source.name, value=json.dumps({"id": token, "type": kind, "data": data}), on_delivery=told)
    left = producer.flush(kafka.TIMEOUT)
    if failed or left:
        raise KafkaException(failed[0] if failed else KafkaError(KafkaError._TIMED_OUT))


def _answered(settings: Settings, source: Source, signal: str, is_it: Callable[[Note], bool], start: int = 0) -> None:
    if not wait.until(lambda: any(map(is_it, notes(settings, source)[start:])), PATIENCE, every=1.0):
        told = f"{source.name}: its connector has not answered `{signal}` for {PATIENCE:.0f} s"
        raise ConnectFault(f"{told}. Does it run, and is a snapshot under way? See `guiji connectors status`; the signal stays in the topic and is obeyed later.")
