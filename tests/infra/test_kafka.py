"""The broker through our one way to it: topics as declared, reading to the end, what committed readers see."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from infra import kafka, wait
from infra.settings import Settings


@dataclass(frozen=True)
class Declared:
    name: str
    partitions: int = 1
    config: dict[str, str] = field(default_factory=lambda: {"cleanup.policy": "delete", "retention.ms": "-1"})


@pytest.mark.servers
def test_live_topics_are_compared_with_the_declared_ones(stack) -> None:
    settings = stack.settings
    assert kafka.ensure(settings, [Declared("cmp.a"), Declared("cmp.b", 2)]) == ["cmp.a", "cmp.b"]
    assert kafka.ensure(settings, [Declared("cmp.a")]) == []
    assert kafka.compare(settings, [Declared("cmp.a"), Declared("cmp.b", 2)]) == []
    wanted = [Declared("cmp.a", config={"cleanup.policy": "compact"}), Declared("cmp.b"), Declared("cmp.c")]
    assert kafka.compare(settings, wanted) == [
        "cmp.c: missing", "cmp.a: cleanup.policy is delete, declared compact", "cmp.b: has 2 partitions, declared 1",
    ]  # fmt: skip
    assert kafka.undeclared(settings, [Declared("cmp.a")], "cmp.") == ["cmp.b: not declared"]


@pytest.mark.servers
def test_the_newest_message_of_each_topic_is_dated_and_a_deleted_topic_is_gone(stack) -> None:
    settings, before = stack.settings, time.time()
    kafka.ensure(settings, [Declared("new.a"), Declared("new.b")])
    producer = kafka.producer(settings)
    producer.produce("new.a", b"x")
    assert producer.flush(15) == 0
    found = kafka.newest(settings, ["new.a", "new.b", "new.c"])
    assert list(found) == ["new.a"]
    assert before - 1 < found["new.a"] < time.time() + 1
    kafka.delete(settings, ["new.a", "new.c"])
    assert "new.a" not in kafka.partitions(settings)
    assert kafka.ensure(settings, [Declared("new.a")]) == ["new.a"]
    assert list(kafka.read_to_end(settings, "new.a")) == []


@pytest.mark.servers
def test_reading_to_the_end_passes_over_what_was_aborted(stack) -> None:
    settings = stack.settings
    kafka.ensure(settings, [Declared("read.end")])
    producer = kafka.producer(settings, "read-end")
    producer.init_transactions()
    for value, keep in ((b"a", True), (b"b", False), (b"c", True)):
        producer.begin_transaction()
        producer.produce("read.end", value)
        producer.flush()
        producer.commit_transaction() if keep else producer.abort_transaction()
    assert [message.value() for message in kafka.read_to_end(settings, "read.end")] == [b"a", b"c"]
    low, high = kafka.watermarks(settings, "read.end", 0)
    assert (low, high) == (0, 6)


@pytest.mark.servers
def test_reading_to_the_end_waits_for_a_transaction_that_is_open(stack) -> None:
    settings = stack.settings
    kafka.ensure(settings, [Declared("read.open")])
    producer = kafka.producer(settings, "read-open")
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce("read.open", b"open")
    producer.flush()
    other = kafka.producer(settings)
    other.produce("read.open", b"after")
    other.flush()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(lambda: [message.value() for message in kafka.read_to_end(settings, "read.open")])
        with pytest.raises(TimeoutError):
            reading.result(1.5)
        producer.commit_transaction()
        assert reading.result(20) == [b"open", b"after"]


@pytest.mark.servers
def test_an_empty_topic_is_read_to_its_end_at_once(stack) -> None:
    kafka.ensure(stack.settings, [Declared("read.empty")])
    assert list(kafka.read_to_end(stack.settings, "read.empty")) == []


@pytest.mark.servers
def test_a_topic_made_anew_has_another_id_in_the_same_cluster(stack) -> None:
    settings = stack.settings
    kafka.ensure(settings, [Declared("anew")])
    first, cluster = kafka.identity(settings, "anew"), kafka.cluster_id(settings)
    client = kafka.admin(settings)
    client.delete_topics(["anew"], operation_timeout=kafka.TIMEOUT)["anew"].result()
    assert kafka.ensure(settings, [Declared("anew")]) == ["anew"]
    assert kafka.identity(settings, "anew")[0] != first[0]
    assert kafka.cluster_id(settings) == cluster


def test_no_broker_is_a_word_about_what_to_do(settings: Settings) -> None:
    with pytest.raises(kafka.Unavailable, match="run `guiji up`, or set GUIJI_KAFKA"):
        kafka.partitions(settings)


def test_a_partition_without_a_leader_yet_is_asked_again() -> None:
    answers = iter([KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION), KafkaError(KafkaError.LEADER_NOT_AVAILABLE), None])

    class Reader:
        def get_watermark_offsets(self, _place: object, timeout: float) -> tuple[int, int]:
            fault = next(answers)
            if fault is not None:
                raise KafkaException(fault)
            return 3, 7

    assert wait.patiently(lambda: kafka._watermarks(Reader(), TopicPartition("t", 0)), kafka.NoLeader, 5, every=0.01) == (3, 7)


@pytest.mark.servers
def test_a_group_is_asked_where_it_stands_with_what_it_said_of_its_place_and_open_transactions_are_waited_for(stack) -> None:
    settings, place = stack.settings, ("stands.a", 0)
    kafka.ensure(settings, [Declared("stands.a")])
    assert (kafka.committed(settings, "stands", [place])[place], kafka.behind(settings, "stands", [place])) == (-1001, 0)
    member, producer = kafka.consumer(settings, "stands"), kafka.producer(settings, "stands")
    producer.init_transactions()
    try:
        for offset in (1, 2):
            producer.begin_transaction()
            producer.produce("stands.a", b"x")
            assert producer.flush(15) == 0
            producer.send_offsets_to_transaction([TopicPartition(*place, offset, metadata=f"said {offset}")], member.consumer_group_metadata())
            if offset == 1:
                producer.commit_transaction()
        assert kafka.behind(settings, "stands", [place]) > 0  # at once: who only wonders how far others are does not wait for them
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(kafka.standing, settings, "stands", [place])
            wait.until(lambda: asked.done(), 1)
            assert not asked.done()
            producer.commit_transaction()
            assert [(found.offset, found.metadata) for found in asked.result(15)] == [(2, "said 2")]
    finally:
        member.close()
