"""The same judge as a Faust agent: state in a RocksDB table with a changelog, outputs sent without waiting, at-least-once.

Records are taken one by one: `take()` leaves no current event, and the RocksDB store asks for one at every write (AssertionError in faust/stores/rocksdb.py, 0.15.3).
"""

import os
import sys
from pathlib import Path
from typing import Any

import faust
from faust.transport.producer import ProducerBuffer

from bench.peer_judge import Job, Pace, RecordJudge

OPTIONS: dict[str, Any] = {
    "store": "rocksdb://", "topic_partitions": 1, "consumer_auto_offset_reset": "earliest", "web_enabled": False, "producer_linger_ms": 20, "producer_max_batch_size": 1 << 20,
    "stream_buffer_maxsize": 16_384, "stream_publish_on_commit": False, "broker_commit_interval": 2.0, "processing_guarantee": "at_least_once",
}  # fmt: skip
CONFIGURATION = OPTIONS | {"producer_buffer_max_messages": 10_000, "table": "rocksdict, with a changelog"}  # 100 messages wait by default


def main() -> None:
    job = Job.of(sys.argv[1:])
    judge, pace = RecordJudge(job.item), Pace(job)
    ProducerBuffer.max_messages = CONFIGURATION["producer_buffer_max_messages"]
    app = faust.App(job.name, broker=f"kafka://{job.broker}", datadir=Path(job.folder), value_serializer="json", key_serializer="json", **OPTIONS)
    submitted = app.topic(job.topic, value_serializer="raw", key_serializer="raw")
    outputs = {name: app.topic(f"{job.name}.{name}", value_serializer="raw", key_serializer="raw", partitions=1) for name in ("accepted", "rejected")}
    states = app.Table(f"{job.name}-states", partitions=1, options={"driver": "rocksdict"})

    @app.agent(submitted)
    async def judging(stream: Any) -> None:
        async for value in stream:
            key, said = judge.read(value)
            outcome = judge.judge(key, said, states.get(key))
            if outcome is not None:
                outputs[outcome.topic].send_soon(key=outcome.key.encode(), value=outcome.value)
                if outcome.state is not None:
                    states[outcome.key] = outcome.state
            if pace.count():
                pace.tell(CONFIGURATION)
                os._exit(0)

    app.finalize()
    sys.argv = [sys.argv[0], "worker", "--loglevel", "warn", "--without-web"]
    app.main()


if __name__ == "__main__":
    main()
