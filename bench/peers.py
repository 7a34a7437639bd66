"""What the pipeline's rates stand beside, each doing less or the same in the plainest way."""

import json
import os
import subprocess
import sys
import venv
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import TopicPartition

from bench.book import Work
from bench.cpu import Meter
from bench.ground import Ground
from bench.lanes import BLOCK, Lane, Row
from bench.measure import ROOT, SLACK, BenchFault, ends
from infra import kafka
from schemas import codec, envelope, rules
from schemas.catalog import Item
from schemas.topics import Topic

PATIENCE = 900.0  # seconds for a framework's run
PYTHON = sys.executable
HOUR = 3_600_000


def pass_through(ground: Ground, topic: str, outputs: int) -> Work:
    """Reading a topic and writing every value ``outputs`` times, in transactions of 20,000 records with the reader's place in them; nothing is decoded."""
    settings, target = ground.settings, Topic("bench.passed", retention_ms=HOUR)
    kafka.ensure(settings, [target])
    last = ends(settings, topic)
    reader, writer = kafka.consumer(settings, "bench-pass"), kafka.producer(settings, "bench-pass")
    reader.assign([TopicPartition(topic, 0, 0)])
    writer.init_transactions(30)
    meter, done, place = None, 0, 0
    while place < last - SLACK:
        messages = reader.consume(BLOCK, 0.2)
        if not messages:
            continue
        meter = meter or Meter({"pass_through": os.getpid()} | ground.beside("kafka"))
        writer.begin_transaction()
        for _ in range(outputs):
            writer.produce_batch(target.name, [{"value": message.value(), "key": message.key()} for message in messages])
        place = (messages[-1].offset() or 0) + 1
        writer.send_offsets_to_transaction([TopicPartition(topic, 0, place)], reader.consumer_group_metadata())
        writer.commit_transaction(60)
        done += len(messages)
    reader.close()
    if meter is None:
        raise BenchFault(f"{topic} is empty")
    return meter.work(done)


def record_loop(item: Item, records: list[Row]) -> Work:
    """One thread that reads Avro, checks by the rules' scalar twins and writes Avro, record by record; no Kafka, no state."""
    context, submission, acceptance = rules.Context(datetime.now(UTC).date()), envelope.submission(item), envelope.acceptance(item)
    judged = {"_key": "", "_version": 1, "_fingerprint": "", "_change": "new", "_warnings": None, "_judged_at": datetime.now(UTC)}
    meter = Meter({"record_loop": os.getpid()})
    for _, value in records:
        said = codec.decode_one(value, lambda _number: submission, submission)
        checked = rules.check_one(item, {field.name: said[field.name] for field in item.fields}, context)
        if not checked.errors:
            codec.encode(acceptance, 1, [said | judged | dict(checked.typed)])
    return meter.work(len(records))


def framework(ground: Ground, python: str, name: str, lane: Lane, run: int) -> Work:
    """The same judge written for a framework (`bench/peer_<name>.py`), run by ``python`` under a name of the run's own. Raises BenchFault when it dies."""
    settings, own = ground.settings, f"bench-{name}-{run}"
    kafka.ensure(settings, [Topic(f"{own}.{outcome}", retention_ms=HOUR) for outcome in ("accepted", "rejected")])
    folder = settings.home / own
    folder.mkdir()
    job = {
        "broker": settings.kafka, "topic": lane.submitted, "item": str(lane.settings.catalogue / f"{lane.item.code}.avsc"), "records": min(ground.profile.few, ground.profile.records),
        "folder": str(folder), "name": own, "servers": ground.beside("kafka"),
    }  # fmt: skip
    try:
        done = subprocess.run([python, "-m", f"bench.peer_{name}", json.dumps(job)], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as fault:
        raise BenchFault(f"peer {name} did not come to its end in {PATIENCE} s") from fault
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not told:
        raise BenchFault(f"peer {name} said nothing: {done.stderr[-500:]}")
    said = json.loads(told[-1])
    ground.book.configurations[name] = said["configuration"]
    return Work(said["records"], said["seconds"], said["cpu_us"], said["memory_mb"])


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
