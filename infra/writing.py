"""What librdkafka's producers leave to whoever writes with them: a queue that is full, and a call that may never return."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from infra import kafka

GRACE = 2.0  # seconds beyond a call's own time limit


def produce(producer: Producer, topic: str, messages: list[dict[str, Any]]) -> None:
    """Queue all messages (`value`, and perhaps `key` and `partition`), waiting while the queue is full. Raises KafkaException for what is not mended by waiting."""
    left = messages
    while left:
        try:
            queued = producer.produce_batch(topic, left)
        except BufferError:
            queued = 0
        if queued == len(left):
            return
        failed = [(each, each.pop("_error", None)) for each in left]
        fatal = next((fault for _, fault in failed if fault is not None and fault.code() != KafkaError._QUEUE_FULL), None)
        if fatal is not None:
            raise KafkaException(fatal)
        left = [each for each, fault in failed if fault is not None] if queued else left
        producer.poll(0.1)


def send_offsets(producer: Producer, offsets: Sequence[TopicPartition], consumer: Consumer) -> None:
    """Put the group's offsets into the open transaction. Raises KafkaException; the producer must be thrown away then.

    When the group's coordinator was away or changes, librdkafka's call may never return, whatever its time limit (librdkafka #5456, open): it runs in a thread that is left behind then. The
    next producer with the same id fences the one it holds, so nothing comes of it any more.
    """
    ended = Future[None]()

    def call() -> None:
        try:
            producer.send_offsets_to_transaction(list(offsets), consumer.consumer_group_metadata(), kafka.TIMEOUT)
        except BaseException as fault:  # noqa: BLE001 -- raised where it is waited for
            ended.set_exception(fault)
        else:
            ended.set_result(None)

    threading.Thread(target=call, name="send offsets", daemon=True).start()
    try:
        ended.result(kafka.TIMEOUT + GRACE)
    except TimeoutError as fault:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the group's coordinator does not take the offsets")) from fault
