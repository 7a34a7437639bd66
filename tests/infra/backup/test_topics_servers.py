"""A topic with every kind of gap, on a real broker: restored, its records stand at the same offsets with the same keys, values, times and headers, and what is written next follows them."""

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from confluent_kafka.admin import NewTopic

from infra import kafka, lag
from infra.backup import topics
from infra.settings import Settings

pytestmark = pytest.mark.servers
TIME = 1_500_000_000_000


def everything(settings: Settings, topic: str, partition: int) -> list[Any]:
    found = kafka.read_to_end(settings, topic, partition, OFFSET_BEGINNING)
    return [(each.offset(), each.timestamp()[1], each.key(), each.value(), each.headers()) for each in found]


def made(settings: Settings, name: str, **config: str) -> None:
    client = kafka.admin(settings)
    for future in client.create_topics([NewTopic(name, 2, 1, config=config)]).values():
        future.result()


def filled(settings: Settings, name: str) -> None:
    """Partition 0: committed and given-up transactions, plain records, headers, a record without value, a deleted beginning. Partition 1 stays empty behind a given-up transaction."""
    plain, marking = kafka.producer(settings), kafka.producer(settings, f"fill-{name}")
    marking.init_transactions(30)

    def write(producer: Any, number: int, partition: int = 0) -> None:
        for n in range(number):
            headers = [("名", "值".encode()), ("none", None)] if n % 2 else None
            producer.produce(name, None if n == 3 else f"v{n}".encode(), f"k{n}".encode(), partition, timestamp=TIME + n, headers=headers)
        producer.flush()

    for step in ("plain", "commit", "abort", "abort", "commit", "plain", "commit"):
        if step == "plain":
            write(plain, 5)
            continue
        marking.begin_transaction()
        write(marking, 1 if step == "abort" else 4)
        marking.commit_transaction() if step == "commit" else marking.abort_transaction()
    marking.begin_transaction()
    write(marking, 3, 1)
    marking.abort_transaction()
    client = kafka.admin(settings)  # must outlive its futures
    for future in client.delete_records([TopicPartition(name, 0, 2)]).values():
        future.result()


def test_offsets_keys_values_times_and_headers_are_the_same_afterwards(stack: Any, tmp_path: Path) -> None:
    settings, name = stack.settings, "kept.zjj.backup.xzxk"
    made(settings, name, **{"retention.ms": "-1", "max.message.bytes": "8388608"})
    filled(settings, name)
    places = [(name, 0), (name, 1)]
    ends = {place: end for place, (_, end) in lag.ends(settings, places).items()}
    before, own = [everything(settings, *place) for place in places], topics.configs(settings, [name])
    saved = topics.save(settings, tmp_path, ends)
    assert [one.count for one in saved] == [len(each) for each in before]
    topics.place(settings, {"restored": [{"topic": name, "partition": 0, "offset": 7, "metadata": "of 1"}]})
    stands = {group: mine for group, mine in topics.groups(settings, places).items() if group == "restored"}
    kafka.delete(settings, [name])

    topics.make(settings, {name: 2}, own)
    topics.restore(settings, tmp_path, saved, frozenset())
    topics.settle(settings, own)
    topics.place(settings, stands)
    assert [everything(settings, *place) for place in places] == before
    assert {place: end for place, (_, end) in lag.ends(settings, places).items()} == ends
    assert topics.configs(settings, [name]) == own
    (found,) = kafka.standing(settings, "restored", [(name, 0)])
    assert (found.offset, found.metadata) == (7, "of 1")
    producer = kafka.producer(settings)
    producer.produce(name, b"next", b"k", 0)
    producer.flush()
    assert everything(settings, name, 0)[-1][0] == ends[name, 0]


def test_a_compacted_topic_keeps_its_order_and_its_settings(stack: Any, tmp_path: Path) -> None:
    settings, name = stack.settings, "kept.zjj.compacted.xzxk"
    made(settings, name, **{"cleanup.policy": "compact"})
    filled_records = kafka.producer(settings)
    for n in range(6):
        filled_records.produce(name, f"v{n}".encode(), f"k{n % 2}".encode(), 0, timestamp=TIME)
    filled_records.flush()
    before, own = everything(settings, name, 0), topics.configs(settings, [name])
    saved = topics.save(settings, tmp_path, {(name, 0): 6})
    kafka.delete(settings, [name])
    topics.make(settings, {name: 2}, own)
    topics.restore(settings, tmp_path, saved, frozenset({name}))
    topics.settle(settings, own)
    assert [each[1:] for each in everything(settings, name, 0)] == [each[1:] for each in before]
    assert topics.configs(settings, [name]) == own == {name: {"cleanup.policy": "compact"}}


def test_somebody_elses_record_in_the_new_topic_is_noticed(stack: Any, tmp_path: Path) -> None:
    settings, name = stack.settings, "kept.zjj.displaced.xzxk"
    made(settings, name)
    producer = kafka.producer(settings)
    producer.produce(name, b"v", b"k", 0)
    producer.flush()
    saved = topics.save(settings, tmp_path, {(name, 0): 1})
    with pytest.raises(topics.Displaced, match="1 instead of 0"):
        topics.restore(settings, tmp_path, saved, frozenset())
