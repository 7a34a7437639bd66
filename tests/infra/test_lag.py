"""How far a group is behind, by a real broker: markers of transactions are no records."""

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, TopicPartition

from infra import kafka, lag
from infra.settings import Settings
from tests.infra.test_kafka import Declared

pytestmark = pytest.mark.servers
TOPIC, GROUP = "lag.a", "lag-reader"
PLACE = (TOPIC, 0)


@pytest.fixture
def settings(stack) -> Iterator[Settings]:
    """Two committed records, one to a transaction: offsets 0 and 2, markers at 1 and 3."""
    kafka.delete(stack.settings, [TOPIC])
    kafka.ensure(stack.settings, [Declared(TOPIC)])
    producer = kafka.producer(stack.settings, "lag-writer")
    producer.init_transactions()
    for value in (b"a", b"b"):
        producer.begin_transaction()
        producer.produce(TOPIC, value)
        producer.commit_transaction()
    yield stack.settings
    kafka.delete(stack.settings, [TOPIC])


@pytest.fixture
def member(settings: Settings) -> Iterator[Consumer]:
    consumer = kafka.consumer(settings, GROUP)
    yield consumer
    consumer.close()


def stand(member: Consumer, offset: int) -> None:
    member.commit(offsets=[TopicPartition(*PLACE, offset)], asynchronous=False)


def test_what_is_left_is_counted_from_where_the_group_stands(settings: Settings, member: Consumer) -> None:
    assert lag.ends(settings, [PLACE]) == {PLACE: (0, 4)}
    for stands, found in ((0, (0, 4)), (2, (2, 2)), (3, (3, 1))):
        stand(member, stands)
        assert lag.unread(settings, GROUP, [PLACE]) == {PLACE: found}


def test_the_oldest_record_left_has_an_age_and_a_marker_has_none(settings: Settings) -> None:
    now = time.time() + 100
    assert 99 < lag.oldest(settings, {PLACE: 0}, now)[PLACE] < 160
    assert lag.oldest(settings, {PLACE: 3}, now) == {PLACE: 0.0}
    assert lag.oldest(settings, {}, now) == {}


def test_who_has_read_the_last_record_is_short_of_nothing_though_its_marker_stands_behind_it(settings: Settings, member: Consumer) -> None:
    (end,) = lag.last_records(settings, [TOPIC, "lag.nothing"])
    assert end == lag.End(TOPIC, 0, 3)
    stand(member, 2)
    assert lag.short_of(settings, GROUP, [end]) == [end]
    stand(member, 3)
    assert lag.short_of(settings, GROUP, [end]) == []


def test_a_topic_without_records_leaves_nobody_behind(settings: Settings) -> None:
    kafka.ensure(settings, [Declared("lag.empty")])
    (end,) = lag.last_records(settings, ["lag.empty"])
    assert end.offset is None
    assert lag.short_of(settings, GROUP, [end]) == []
