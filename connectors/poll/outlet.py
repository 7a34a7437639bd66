"""Where polled events go: the table's topic, in transactions. A predecessor's that is still open is ended by the same id; after any error the producer is thrown away."""

from types import TracebackType
from typing import Self

from confluent_kafka import Producer

from connectors.poll import event
from connectors.poll.event import Form, Numbered
from infra import failpoint, kafka, writing
from infra.settings import Settings
from schemas import codec
from schemas.registry import Registry
from schemas.sources import Source


class Outlet:
    """One source's. Raises KafkaException, Unavailable of Kafka and of the registry, BufferError."""

    def __init__(self, settings: Settings, source: Source) -> None:
        self._settings, self._source = settings, source
        self._registry = Registry(settings.registry)
        self._producer: Producer | None = None
        self._registered: Form | None = None
        self._numbers: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._registry.close()

    def send(self, form: Form, batch: Numbered) -> None:
        """These events, all or none of them, and committed when this returns."""
        ids = self._ids(form)
        keys = codec.encode(form.key, ids[0], event.keys(form, batch.changes))
        values = codec.encode(form.value, ids[1], event.values(form, self._source, batch))
        producer = self._opened()
        producer.begin_transaction()
        writing.produce(producer, form.table.topic, [{"key": key, "value": value, "partition": 0} for key, value in zip(keys, values, strict=True)])
        producer.flush(kafka.TIMEOUT)
        failpoint.point("poll.produced")
        producer.commit_transaction(kafka.TIMEOUT)
        failpoint.point("poll.committed")

    def _ids(self, form: Form) -> list[int]:
        """Of the table's schemas as they are now, which are registered first."""
        if self._registered != form:
            found = self._registry.register_topics(form.topics)
            self._registered, self._numbers = form, [found[topic.subject] for topic in form.topics]
        return self._numbers

    def _opened(self) -> Producer:
        """Only once there is something to send."""
        if self._producer is None:
            self._producer = kafka.producer(self._settings, f"poll-{self._source.name}")
            self._producer.init_transactions(kafka.TIMEOUT)
        return self._producer
