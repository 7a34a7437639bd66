"""Rows of a tapped table said again, and rows taken back, as submitted records: through the topic `sweep.<source>.<table>`, which map reads beside the table's events. Nothing is written into the
warehouse.

Guarantee: asked at least once. What is asked has a place in the database's order (`schemas.place`), so that a change of the same row that came later wins, whichever of the two arrives first; and what
was said already is a duplicate to the judge.
"""

from collections.abc import Sequence

import polars as pl
from confluent_kafka import KafkaError, KafkaException, Message

from infra import kafka, writing
from infra.settings import Settings
from schemas import codec, envelope, topics
from schemas.catalog import Item
from schemas.registry import Registry
from schemas.sources import Table

UPSERT, WITHDRAW = "upsert", "withdraw"


class Braked(Exception):
    """So many rows would be taken back that a person must say so."""


def brake(table: str, gone: int, standing: int, percent: int) -> None:
    """Raises Braked where more than that many percent of what stands would go."""
    if gone * 100 > standing * percent:
        raise Braked(f"{table}: {gone} of {standing} standing records would be withdrawn, more than {percent} %. Look whether the table is whole; if they are really gone, say --yes.")


def asking(fields: pl.DataFrame, operation: str, rows: pl.Series, position: str | None, times: Sequence[int | None] | None = None) -> pl.DataFrame:
    """What `ask` takes: ``fields`` are the item's as text, row n that of the source's row ``rows[n]``; for a withdrawal at least those of its key. ``times``: when the source changed it, in ms."""
    stated = pl.Series("_source_time", times or [None] * fields.height, pl.Int64).cast(pl.Datetime("ms"))
    return fields.with_columns(pl.lit(operation).alias("_operation"), rows.alias("_row"), pl.lit(position, pl.String).alias("_position"), stated)


def ask(settings: Settings, item: Item, table: Table, asked: pl.DataFrame) -> int:
    """Ask for all of it, in order; how many that were, once the broker has them. Raises KafkaException, registry.Unavailable."""
    if not asked.height:
        return 0
    declared = topics.Topic(topics.swept(table.source_id), retention_ms=topics.THIRTY_DAYS, compatibility=topics.NONE, schema=envelope.swept(item))
    kafka.ensure(settings, [declared])
    with Registry(settings.registry) as registry:
        number = registry.register_topics([declared])[declared.subject]
    assert declared.schema is not None
    values = codec.encode_frame(declared.schema, number, asked)
    failed = list[KafkaError]()

    def told(fault: KafkaError | None, _message: Message) -> None:
        if fault is not None:
            failed.append(fault)

    producer = kafka.producer(settings, on_delivery=told)
    writing.produce(producer, declared.name, [{"key": row or "", "value": value} for row, value in zip(asked["_row"], values, strict=True)])
    if (left := producer.flush(kafka.TIMEOUT)) or failed:
        raise KafkaException(failed[0] if failed else KafkaError(KafkaError._TIMED_OUT, f"{left} records"))
    return asked.height
