"""What the pipeline's rates stand beside, each doing less or the same in the plainest way."""

import time
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Message, TopicPartition

from bench.measure import SLACK
from infra import kafka
from infra.settings import Settings
from loaders import embedded, rows
from loaders.decoding import Decoder
from loaders.dialect import adapt
from loaders.sink import prepare
from schemas import codec, envelope, rules, topics
from schemas.catalog import Catalog, Item
from schemas.registry import Registry
from schemas.topics import Topic

BATCH = 20_000


def _read(settings: Settings, topic: str, group: str) -> list[Message]:
    last = kafka.watermarks(settings, topic, 0)[1]
    reader = kafka.consumer(settings, group)
    reader.assign([TopicPartition(topic, 0, 0)])
    found: list[Message] = []
    while not found or (found[-1].offset() or 0) < last - 1 - SLACK:
        found += reader.consume(BATCH, 1.0)
    reader.close()
    return found


def pass_through(settings: Settings, topic: str, outputs: int) -> float:
    """Records/s of reading a topic and writing every value ``outputs`` times, in transactions of 20,000 records with the reader's place in them; nothing is decoded."""
    target = Topic("bench.passed", retention_ms=3_600_000)
    kafka.ensure(settings, [target])
    last = kafka.watermarks(settings, topic, 0)[1]
    reader, writer = kafka.consumer(settings, "bench-pass"), kafka.producer(settings, "bench-pass")
    reader.assign([TopicPartition(topic, 0, 0)])
    writer.init_transactions(30)
    began, done, place = 0.0, 0, 0
    while place < last - SLACK:
        messages = reader.consume(BATCH, 0.2)
        if not messages:
            continue
        began = began or time.monotonic()
        writer.begin_transaction()
        for _ in range(outputs):
            writer.produce_batch(target.name, [{"value": message.value(), "key": message.key()} for message in messages])
        place = (messages[-1].offset() or 0) + 1
        writer.send_offsets_to_transaction([TopicPartition(topic, 0, place)], reader.consumer_group_metadata())
        writer.commit_transaction(60)
        done += len(messages)
    reader.close()
    return done / (time.monotonic() - began)


def record_loop(settings: Settings, item: Item, limit: int) -> float:
    """Records/s of one thread that reads Avro, checks by the rules' scalar twins and writes Avro, record by record; no Kafka, no state."""
    values = [message.value() or b"" for message in _read(settings, topics.submitted(item.code), "bench-loop")[:limit]]
    context, schema = rules.Context(datetime.now(UTC).date()), envelope.acceptance(item)
    judged = {"_key": "", "_version": 1, "_fingerprint": "", "_change": "new", "_warnings": None, "_judged_at": datetime.now(UTC)}
    with Registry(settings.registry) as registry:
        began = time.monotonic()
        for value in values:
            said = codec.decode_one(value, registry.schema, envelope.submission(item))
            checked = rules.check_one(item, {field.name: said[field.name] for field in item.fields}, context)
            if not checked.errors:
                codec.encode(schema, 1, [said | judged | dict(checked.typed)])
        return len(values) / (time.monotonic() - began)


def raw_insert(settings: Settings, catalog: Catalog, item: Item, folder: Path) -> float:
    """Rows/s of inserting the same accepted rows, already decoded, into the item's two tables of an embedded warehouse."""
    stream = rows.streams(catalog)[topics.accepted(item.code)]
    messages = _read(settings, topics.accepted(item.code), "bench-raw")
    now, decoder = datetime.now(UTC), Decoder(settings)
    blocks = []
    for at in range(0, len(messages), BATCH):
        frame, places, _misfits = decoder.decode(stream, messages[at : at + BATCH], now)
        blocks.append(stream.make(frame, places))
    warehouse = embedded.own(folder)
    try:
        prepare(warehouse, catalog)
        began = time.monotonic()
        for block in blocks:
            for table, found in block:
                warehouse.insert(table.name, adapt(found, table, warehouse.capability))
        return len(messages) / (time.monotonic() - began)
    finally:
        embedded.release(folder)
