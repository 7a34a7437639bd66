"""Which topic the rows came from: the ids the cluster gave them, kept in the table `topics`. A topic made anew starts at offset 0 again, and its
offsets would be taken for rows that are already there; so the sink refuses until the rows of the old one are gone.
"""

from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa
from confluent_kafka import TopicCollection

from infra import kafka
from infra.settings import Settings
from loaders.dialect import adapt
from loaders.errors import Fatal
from loaders.rows import Stream
from loaders.table import TOPICS
from loaders.warehouse import Warehouse


def ids(settings: Settings, names: list[str]) -> dict[str, str]:
    """The cluster's ids of topics. Raises KafkaException when one is missing or nobody answers."""
    admin = kafka.admin(settings)  # must outlive the answers
    answers = admin.describe_topics(TopicCollection(names), request_timeout=kafka.TIMEOUT)
    return {name: str(answer.result().topic_id) for name, answer in answers.items()}


def known(warehouse: Warehouse) -> dict[str, str]:
    """The ids under which the rows were loaded."""
    return {str(topic): str(id_) for topic, id_ in warehouse.query("SELECT topic, topic_id FROM topics FINAL").rows()}


def check(live: Mapping[str, str], loaded: Mapping[str, str]) -> list[str]:
    """Topics not seen before. Raises Fatal for those made anew since their rows were loaded."""
    anew = sorted(name for name, id_ in live.items() if loaded.get(name, id_) != id_)
    if anew:
        raise Fatal(
            f"Topics were deleted and made anew since the warehouse was loaded from them: {', '.join(anew)}. Their offsets start again, so that new records "
            "would be taken for old ones. If the old rows are to go, run `guiji load --forget TOPIC` for each and start again; "
            "else restore the topics from a backup."
        )
    return [name for name in live if name not in loaded]


def remember(warehouse: Warehouse, seen: Mapping[str, str], now: datetime) -> None:
    rows = [{"topic": name, "topic_id": id_, "seen_at": now} for name, id_ in seen.items()]
    warehouse.insert(TOPICS.name, adapt(pa.Table.from_pylist(rows, schema=TOPICS.schema()), TOPICS, warehouse.capability))


def forget(warehouse: Warehouse, stream: Stream) -> None:
    """Removes all rows that came from a topic, and its id. Stop every loader first; reset the group's offsets of the topic afterwards."""
    for table in stream.tables:
        if stream.item:
            warehouse.command(f"ALTER TABLE `{table.name}` DELETE WHERE _item = '{stream.item}'")
        else:
            warehouse.command(f"TRUNCATE TABLE `{table.name}`")
    warehouse.command(f"ALTER TABLE `unloadable` DELETE WHERE topic = '{stream.topic}'")
    warehouse.command(f"ALTER TABLE `topics` DELETE WHERE topic = '{stream.topic}'")
