"""The bulk way against a broker that asks for passwords: a system writes its own topic and nothing else, reads nothing, and what it wrote arrives with one outcome each."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
)
from confluent_kafka.admin import UserScramCredentialUpsertion as Upsertion

from infra import kafka
from infra import stack as local
from schemas import topics
from schemas.catalog import load
from tests.end_to_end.items import few_items
from tests.waiting import eventually

pytestmark = pytest.mark.servers
CATALOG = load()
CLIENT = Path(__file__).parents[2] / "docs" / "clients" / "bulk.py"
TOPIC, OTHER = "in.swj.erp.xzxk", "in.gsj.erp.xzxk"
DENIED = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED)


@dataclass
class Secured:
    """A pipeline whose broker has the second listener, and what two departments' systems were given."""

    pipeline: Any
    broker: str
    folder: Path
    mine: dict[str, Any]
    theirs: dict[str, Any]

    def config(self, given: dict[str, Any]) -> dict[str, Any]:
        login = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": given["user"], "sasl.password": given["password"]}
        return {"bootstrap.servers": self.broker, "log_level": 0, **login}

    def write(self, records: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
        """By the example client."""
        file = self.folder / "records.jsonl"
        file.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
        env = {**os.environ, "GUIJI_BULK_PROTOCOL": "SASL_PLAINTEXT", "GUIJI_BULK_USER": self.mine["user"], "GUIJI_BULK_PASSWORD": self.mine["password"]}
        command = [sys.executable, str(CLIENT), self.broker, self.mine["topic"], str(self.mine["schema id"]), self.mine["schema"], str(file)]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)

    def sent(self, given: dict[str, Any], topic: str) -> int | None:
        """The error code of writing one message; None when it was written."""
        told: list[KafkaError | None] = []
        producer = Producer(self.config(given) | {"message.timeout.ms": 10_000, "enable.idempotence": True, "topic.metadata.propagation.max.ms": 1_000})
        try:
            producer.produce(topic, b"\0\0\0\0\1junk", on_delivery=lambda fault, _message: told.append(fault))
            producer.flush(20)
        except KafkaException as fault:
            return int(fault.args[0].code())
        (fault,) = told
        return None if fault is None else int(fault.code())


@pytest.fixture(scope="module")
def secured(pipeline_of: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("bulk")
    found, (port,) = pipeline_of(folder / "home", few_items(folder / "avro")), local._free_ports(1, set())
    found.home.mkdir()
    try:
        local.up(found.settings.model_copy(update={"bulk_port": port}), ("kafka", "registry"), report=lambda _line: None)
        found.start("map", "judge", "serve")
        given = [json.loads(found.cli("bulk", "new", each, "erp", "xzxk", "--schemas", str(folder), "-o", "json"))[0] for each in ("swj", "gsj")]
        yield Secured(found, f"127.0.0.1:{port}", folder, *given)
    finally:
        found.stop()
        local.down(found.settings, report=lambda _line: None)


def licence(number: int) -> dict[str, Any]:
    return CATALOG["xzxk"].example | {"XK_WSH": f"批量〔2017〕{number}号"}


def test_what_a_system_writes_arrives_as_submissions_with_one_outcome_each(secured: Secured) -> None:
    records = [{"ref": f"R{n}", "fields": licence(n)} for n in range(40)] + [{"ref": "bad", "fields": licence(40) | {"XK_XDR_SHXYM": "91440300708461136A"}}]
    done = secured.write(records)
    assert (done.returncode, done.stdout) == (0, "写入 41 条\n"), done.stderr
    assert secured.sent(secured.mine, TOPIC) is None  # what nobody can read
    pipeline, where = secured.pipeline, {"source": "swj/erp"}
    eventually(lambda: pipeline.query("SELECT count() AS rows FROM rejected FINAL WHERE _source = {source:String}", **where) == [{"rows": 2}])
    eventually(lambda: pipeline.query("SELECT count() AS rows FROM xzxk FINAL WHERE _source = {source:String} AND _department = 'swj'", **where) == [{"rows": 40}])
    rejected = pipeline.query("SELECT _ref AS ref, _department AS department, reasons FROM rejected FINAL WHERE _source = {source:String} ORDER BY ref", **where)
    assert [(row["ref"], row["department"]) for row in rejected] in ([(None, "swj"), ("bad", "swj")], [("bad", "swj"), (None, "swj")])
    assert {rule for row in rejected for rule in ("R-READ-01", "R-USCC-03") if rule in json.dumps(row["reasons"])} == {"R-READ-01", "R-USCC-03"}
    (legs,) = pipeline.query("SELECT sum(rows) AS said FROM batches FINAL WHERE source = {source:String}", **where)
    counts = [f"sum({outcome}) AS {outcome}_" for outcome in ("accepted", "duplicate", "superseded", "rejected", "excluded")]
    (judged,) = pipeline.query(f"SELECT {', '.join(counts)} FROM receipts FINAL WHERE source = {{source:String}}", **where)
    assert (legs["said"], judged) == (42, {"accepted_": 40, "duplicate_": 0, "superseded_": 0, "rejected_": 2, "excluded_": 0})
    assert secured.write(records[:40]).returncode == 0
    counts = "SELECT sum(duplicate) AS duplicate_, sum(accepted) AS accepted_ FROM receipts FINAL WHERE source = {source:String}"
    eventually(lambda: pipeline.query(counts, **where) == [{"duplicate_": 40, "accepted_": 40}])


@pytest.mark.parametrize("topic", [OTHER, topics.submitted("xzxk"), topics.BATCHES, topics.RECEIPTS, "in.swj.erp.xzcf", "in.swj.other.xzxk"])
def test_it_writes_no_other_topic(secured: Secured, topic: str) -> None:
    before = kafka.watermarks(secured.pipeline.settings, OTHER, 0)
    assert secured.sent(secured.mine, topic) in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError._UNKNOWN_TOPIC, KafkaError.UNKNOWN_TOPIC_OR_PART)
    assert kafka.watermarks(secured.pipeline.settings, OTHER, 0) == before


@pytest.mark.parametrize("topic", [TOPIC, OTHER, topics.submitted("xzxk"), topics.accepted("xzxk")])
def test_it_reads_nothing_not_even_what_it_wrote(secured: Secured, topic: str) -> None:
    reader = Consumer(secured.config(secured.mine) | {"group.id": "spy", "auto.offset.reset": "earliest", "enable.auto.commit": False})
    try:
        reader.assign([TopicPartition(topic, 0, 0)])
        found = eventually(lambda: _error(reader.poll(1.0)), 30)
        assert found in DENIED
    finally:
        reader.close()


def _error(message: Message | None) -> int:
    """The code of a refusal; 0 while nothing came. A record that was read is no refusal."""
    assert message is None or message.error() is not None, "it read a record"
    fault = message.error() if message else None
    return int(fault.code()) if fault and fault.code() not in (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT) else 0


def test_it_gives_itself_no_rights_and_sees_no_others(secured: Secured) -> None:
    client = AdminClient(secured.config(secured.mine))
    upsertion = Upsertion("gsj.erp", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192), b"stolen")
    for future in client.alter_user_scram_credentials([upsertion]).values():
        with pytest.raises(KafkaException) as caught:
            future.result()
        assert caught.value.args[0].code() == KafkaError.CLUSTER_AUTHORIZATION_FAILED
    more = AclBinding(ResourceType.TOPIC, OTHER, ResourcePatternType.LITERAL, f"User:{secured.mine['user']}", "*", AclOperation.ALL, AclPermissionType.ALLOW)
    with pytest.raises(KafkaException) as caught:
        client.create_acls([more])[more].result()
    assert caught.value.args[0].code() == KafkaError.CLUSTER_AUTHORIZATION_FAILED
    every = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY)
    assert client.describe_acls(every).result() == []  # librdkafka does not tell that it was refused
    assert kafka.admin(secured.pipeline.settings).describe_acls(every).result() != []
    assert set(client.list_topics(timeout=20).topics) == {TOPIC}


@pytest.mark.parametrize("password", ["wrong", ""])
def test_without_the_password_nobody_gets_in(secured: Secured, password: str) -> None:
    given = {**secured.mine, "password": password or "x" * 100}
    assert secured.sent(given, TOPIC) in (KafkaError._MSG_TIMED_OUT, KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED)


def test_the_command_gives_a_password_once_and_takes_everything_back(secured: Secured) -> None:
    again = json.loads(secured.pipeline.cli("bulk", "new", "gsj", "erp", "xzxk", "xzcf", "--schemas", str(secured.folder), "-o", "json"))
    assert [(row["topic"], row["password"]) for row in again] == [(OTHER, None), ("in.gsj.erp.xzcf", None)]
    assert secured.sent(secured.theirs, "in.gsj.erp.xzcf") is None
    (fresh, _) = json.loads(secured.pipeline.cli("bulk", "new", "gsj", "erp", "xzxk", "xzcf", "--schemas", str(secured.folder), "--password", "-o", "json"))
    assert secured.sent(secured.theirs, OTHER) is not None
    assert secured.sent(fresh, OTHER) is None
    secured.pipeline.cli("bulk", "end", "gsj", "erp")
    assert secured.sent(fresh, OTHER) is not None
    secured.pipeline.cli("bulk", "end", "gsj", "erp")
    for wrong in (("nobody", "erp", "xzxk"), ("gsj", "Erp", "xzxk"), ("gsj", "erp", "nothing")):
        secured.pipeline.cli("bulk", "new", *wrong, code=2)
