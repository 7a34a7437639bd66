"""How far what is written runs ahead of who reads it, asked of a real broker."""

from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import TopicPartition

from infra import ahead, kafka
from schemas.topics import Topic

pytestmark = pytest.mark.servers


def test_full_is_what_nobody_read_yet_over_all_partitions(stack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name, group, settings = f"ahead-{uuid4().hex[:8]}", uuid4().hex, stack.settings
    kafka.ensure(settings, [Topic(name, partitions=2)])
    producer = kafka.producer(settings)
    for number in range(12):
        producer.produce(name, b"x", partition=number % 2)
    producer.flush()
    monkeypatch.setattr(ahead, "EVERY", 0.0)
    assert ahead.Ahead(settings, group, 11).full(name, 2)
    assert not ahead.Ahead(settings, group, 12).full(name, 2)
    reader = kafka.consumer(settings, group)
    reader.commit(offsets=[TopicPartition(name, 1, 4)], asynchronous=False)
    reader.close()
    assert ahead.Ahead(settings, group, 7).full(name, 2)
    assert not ahead.Ahead(settings, group, 8).full(name, 2)


def test_it_is_asked_now_and_then(stack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()
    monkeypatch.setattr(kafka, "behind", lambda _settings, group, places: asked.append(group) or 5)
    gauge = ahead.Ahead(stack.settings, "judge", 4)
    assert gauge.full("t", 1)
    assert gauge.full("t", 1)
    assert asked == ["judge"]
