"""What the pipeline's rates stand beside, each doing less or the same in the plainest way."""

import json
import subprocess
import sys
import time
import venv
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Message, TopicPartition

from bench.measure import ROOT, SLACK, BenchFault
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
PATIENCE = 900.0  # seconds for a framework's run


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


def framework(settings: Settings, python: Path, name: str, item: Item, records: int) -> float:
    """Records/s of the same judge written for a framework (`bench/peer_<name>.py`), run by ``python``. Raises BenchFault when it dies."""
    kafka.ensure(settings, [Topic(f"bench.{name}.{outcome}", retention_ms=3_600_000) for outcome in ("accepted", "rejected")])
    folder = settings.home / f"peer-{name}"
    folder.mkdir(exist_ok=True)
    command = [str(python), "-m", f"bench.peer_{name}", settings.kafka, topics.submitted(item.code), item.code, str(records), str(folder)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as fault:
        raise BenchFault(f"peer {name} did not come to its end in {PATIENCE} s") from fault
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not told:
        raise BenchFault(f"peer {name} said nothing: {done.stderr[-500:]}")
    return float(json.loads(told[-1])["rate"])


def quix_environment(folder: Path) -> Path:
    """The Python of an environment with Quix Streams, made on first use from its own lock."""
    python = folder / "bin" / "python"
    lock = ROOT / "bench" / "requirements-quix.lock"
    made = folder / "made-from.lock"
    if not made.is_file() or made.read_bytes() != lock.read_bytes():
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)], check=True)
        made.write_bytes(lock.read_bytes())
    return python


PYTHON = Path(sys.executable)
