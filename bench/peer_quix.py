"""The same judge as a Quix Streams application: stateful, RocksDB with a changelog, at-least-once. Runs in an environment of its own: Quix wants an older confluent-kafka."""

import sys
from typing import Any

from quixstreams import Application

from bench.peer_judge import Job, Pace, RecordJudge

OPTIONS: dict[str, Any] = {
    "auto_offset_reset": "earliest", "commit_interval": 5.0, "producer_extra_config": {"linger.ms": 20, "compression.type": "lz4"}, "topic_create_timeout": 30, "loglevel": "WARNING",
    "processing_guarantee": "at-least-once",
}  # fmt: skip


def main() -> None:
    job = Job.of(sys.argv[1:])
    judge, pace = RecordJudge(job.item), Pace(job)
    app = Application(broker_address=job.broker, consumer_group=job.name, state_dir=job.folder, **OPTIONS)
    submitted = app.topic(job.topic, value_deserializer="bytes", key_deserializer="bytes")
    accepted = app.topic(f"{job.name}.accepted", value_serializer="bytes", key_serializer="bytes")
    rejected = app.topic(f"{job.name}.rejected", value_serializer="bytes", key_serializer="bytes")

    def judged(value: bytes, state: Any) -> Any:
        if pace.count():
            pace.tell(OPTIONS | {"state": "RocksDB, with a changelog"})
            app.stop()
        key, said = judge.read(value)
        outcome = judge.judge(key, said, state.get("state"))
        if outcome is not None and outcome.state is not None:
            state.set("state", outcome.state)
        return outcome

    # The Kafka key is the record's key already: state by it needs no repartitioning.
    outcomes = app.dataframe(submitted).apply(judged, stateful=True).filter(lambda outcome: outcome is not None)
    outcomes.filter(lambda outcome: outcome.topic == "accepted").apply(lambda outcome: outcome.value).to_topic(accepted)
    outcomes.filter(lambda outcome: outcome.topic == "rejected").apply(lambda outcome: outcome.value).to_topic(rejected)
    app.run()


if __name__ == "__main__":
    main()
