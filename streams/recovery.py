"""What an operator does after the judge refused: raise the generation, or set the group's offsets to what the state says. With all judges stopped."""

from dataclasses import replace

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from infra import kafka, wait
from infra.settings import Settings
from schemas import envelope, topics
from schemas.catalog import Catalog, Item
from schemas.registry import Registry
from streams import mark as marks
from streams.mark import FIRST_GENERATION, Mark, Refused

GROUP = topics.JUDGE


def new_generation(settings: Settings, item: Item, group: str = GROUP) -> int:
    """Judge the item's `submitted` topic afresh from its first record, with versions above all earlier ones, and an empty state; the new generation.

    Needed after a topic was made anew or its state was lost. Raises Refused while a judge runs."""
    submitted, state = topics.submitted(item.code), topics.state(item.code)
    partitions = kafka.partitions(settings)
    last, keys = _last(settings, state, partitions[state])
    topic = marks.live(settings, submitted)
    generation = last + 1
    with Registry(settings.registry) as registry:
        number = registry.id(topics.subject(state), envelope.STATE)
    starts = [kafka.watermarks(settings, submitted, partition)[0] for partition in range(topic.partitions)]
    _move(settings, group, submitted, starts)
    producer = kafka.producer(settings, f"generation-{item.code}")
    producer.init_transactions(kafka.TIMEOUT)
    producer.begin_transaction()
    for partition, key in keys:
        producer.produce(state, None, key, partition)
        producer.poll(0)
    for partition, start in enumerate(starts):
        mark = Mark(start, generation, topic.topic_id, topic.cluster_id, topic.partitions)
        producer.produce(state, marks.encode(mark, number), marks.key(partition), partition)
    producer.commit_transaction(kafka.TIMEOUT)
    return generation


def resume_from_state(settings: Settings, item: Item, group: str = GROUP) -> list[int]:
    """Set the group's offsets of the item to what its state says is judged; the offsets by partition. Raises Refused while a judge runs, or when there is no mark."""
    state = topics.state(item.code)
    found: dict[int, int] = {}
    with Registry(settings.registry) as registry:
        for partition in range(kafka.partitions(settings)[state]):
            known = marks.newest(kafka.read_to_end(settings, state, partition), partition, registry.schema)
            if known is None:
                raise Refused(
                    f"{state}/{partition} holds no mark: nothing says how far it is judged. Run `guiji judge --new-generation {item.code}`."
                )
            found[partition] = known.offset
    offsets = [found[partition] for partition in sorted(found)]
    _move(settings, group, topics.submitted(item.code), offsets)
    return offsets


def _last(settings: Settings, state: str, partitions: int) -> tuple[int, list[tuple[int, bytes]]]:
    """The highest generation so far, and every key with a state."""
    last, keys = FIRST_GENERATION - 1, set[tuple[int, bytes]]()
    with Registry(settings.registry) as registry:
        for partition in range(partitions):
            messages = list(kafka.read_to_end(settings, state, partition))
            known = marks.newest(messages, partition, registry.schema)
            last = max(last, known.generation if known is not None else last)
            keys |= {(partition, key) for message in messages if (key := message.key() or b"\0")[:1] != b"\0"}
    return last, sorted(keys)


def _move(settings: Settings, group: str, topic: str, offsets: list[int]) -> None:
    """Waits for the group to miss a judge that has just stopped. Raises Refused."""
    wait.patiently(lambda: _moved(settings, group, topic, offsets), Refused, kafka.SESSION_MS / 1000 + 5)


def _moved(settings: Settings, group: str, topic: str, offsets: list[int]) -> None:
    wanted = [TopicPartition(topic, partition, offset) for partition, offset in enumerate(offsets)]
    client = kafka.admin(settings)
    try:
        for future in client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, wanted)]).values():
            moved = future.result()
    except KafkaException as fault:
        raise Refused(f"The offsets of group {group} cannot be set; are all judges stopped? {fault.args[0].str()}") from fault
    failed = [each for each in moved.topic_partitions if each.error]
    if failed:
        raise Refused(f"The offsets of group {group} cannot be set; are all judges stopped? {failed[0].error.str()}")


def adopt(settings: Settings, catalog: Catalog) -> int:
    """Say in every state that its `submitted` topic, restored with the same offsets, is the one that was judged; how many partitions. With all judges stopped.

    Only right after a restore: a topic that was made anew in another way holds other records at these offsets."""
    producer = kafka.producer(settings, "adopt")
    producer.init_transactions(kafka.TIMEOUT)
    producer.begin_transaction()
    adopted = 0
    with Registry(settings.registry) as registry:
        there = kafka.partitions(settings)
        for item in (item for item in catalog.values() if topics.submitted(item.code) in there):  # a newer catalogue may have items that were never backed up
            topic, state = marks.live(settings, topics.submitted(item.code)), topics.state(item.code)
            for partition in range(topic.partitions):
                known = marks.newest(kafka.read_to_end(settings, state, partition), partition, registry.schema)
                if known is not None:
                    mark = replace(known, topic_id=topic.topic_id, cluster_id=topic.cluster_id)
                    producer.produce(state, marks.encode(mark, registry.id(topics.subject(state), envelope.STATE)), marks.key(partition), partition)
                    adopted += 1
    if adopted:
        producer.commit_transaction(kafka.TIMEOUT)
    else:
        producer.abort_transaction(kafka.TIMEOUT)
    return adopted


__all__ = ["adopt", "new_generation", "resume_from_state"]
