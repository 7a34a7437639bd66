"""Writing goes on where the client's queue is full, and ends where the client does not."""

import threading

import pytest
from confluent_kafka import KafkaError, KafkaException

from infra import kafka, writing


class Crowded:
    """A producer whose queue takes two messages at a time, and refuses one for good."""

    def __init__(self, refused: bytes = b"") -> None:
        self.refused, self.taken, self.room = refused, list[bytes](), 2

    def produce_batch(self, _topic: str, messages: list[dict[str, object]]) -> int:
        queued = 0
        for message in messages:
            if message["value"] == self.refused:
                message["_error"] = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
            elif self.room:
                self.room, queued = self.room - 1, queued + 1
                self.taken.append(bytes(message["value"]))
            else:
                message["_error"] = KafkaError(KafkaError._QUEUE_FULL)
        return queued

    def poll(self, _seconds: float) -> None:
        self.room = 2


def test_a_full_queue_is_waited_for_and_every_message_goes_once() -> None:
    producer = Crowded()
    writing.produce(producer, "t", [{"key": b"k", "value": b"%d" % n} for n in range(7)])
    assert producer.taken == [b"%d" % n for n in range(7)]


def test_what_waiting_does_not_mend_is_raised() -> None:
    with pytest.raises(KafkaException):
        writing.produce(Crowded(refused=b"2"), "t", [{"key": b"k", "value": b"%d" % n} for n in range(4)])


class Stuck:
    """A producer and a consumer as after the death of a coordinator: the call that puts offsets into a transaction never returns."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def consumer_group_metadata(self) -> object:
        return object()

    def send_offsets_to_transaction(self, *_rest: object) -> None:
        self.let_go.wait(60)


def test_offsets_that_nobody_takes_are_given_up_whatever_the_client_does(monkeypatch) -> None:
    monkeypatch.setattr(kafka, "TIMEOUT", 0.1)
    monkeypatch.setattr(writing, "GRACE", 0.1)
    stuck = Stuck()
    with pytest.raises(KafkaException, match="does not take the offsets"):
        writing.send_offsets(stuck, [], stuck)
    stuck.let_go.set()


def test_what_is_wrong_with_the_offsets_is_raised() -> None:
    class Refused(Stuck):
        def send_offsets_to_transaction(self, *_rest: object) -> None:
            raise KafkaException(KafkaError(KafkaError.ILLEGAL_GENERATION))

    with pytest.raises(KafkaException) as caught:
        writing.send_offsets(Refused(), [], Refused())
    assert caught.value.args[0].code() == KafkaError.ILLEGAL_GENERATION
