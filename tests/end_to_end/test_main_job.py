"""The main job through the HTTP interface and files: every record gets exactly one outcome, its owner sees it, and deaths change nothing."""

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import DeserializingConsumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer

from infra import kafka
from producers import door, outlet
from producers.submission import Row, Submission
from schemas import topics
from schemas.catalog import load
from tests.waiting import eventually

pytestmark = pytest.mark.servers
CATALOG = load()
BAD_CODE = "91440300708461136A"


def licence(number: int | str, **said: Any) -> dict[str, Any]:
    return CATALOG["xzxk"].example | {"XK_WSH": f"济建许〔2017〕{number}号"} | said


def current(pipeline, where: str = "1") -> list[dict[str, Any]]:
    return pipeline.query(f"SELECT _key, _version, _change, XK_WSH, XK_NR FROM xzxk FINAL WHERE _withdrawn = 0 AND {where} ORDER BY _key")


def test_every_record_of_a_request_gets_its_outcome_and_all_its_reasons(pipeline) -> None:
    token = pipeline.token("zjj", "one")
    answer = pipeline.post(
        token,
        "xzxk",
        [{"ref": "a", "fields": licence("a1")}, {"ref": "b", "fields": licence("a2", XK_XDR_SHXYM=BAD_CODE, XK_SPLB="备案")}, {"ref": "c", "fields": licence("a1")}],
        wait=20,
    )
    assert answer.status_code == 200, answer.text
    found = pipeline.settled(token, answer.json()["receipt"])
    assert found["status"] == "部分成功"
    assert [(record["ref"], record["outcome"]) for record in found["records"]] == [("a", "accepted"), ("b", "rejected"), ("c", "duplicate")]
    reasons = found["records"][1]["reasons"]
    assert [reason["rule"] for reason in reasons] == ["R-CODE-01", "R-USCC-03"]
    assert all(reason["title"] and reason["message"] and reason["remedy"] for reason in reasons)
    assert found["counts"] == {"accepted": 1, "duplicate": 1, "superseded": 0, "rejected": 1, "excluded": 0}


def test_the_same_request_twice_gives_one_receipt_and_one_set_of_records(pipeline) -> None:
    token, records = pipeline.token("zjj", "two"), [{"fields": licence(f"t{n}")} for n in range(5)]
    first, second = (pipeline.post(token, "xzxk", records, key="k1") for _ in range(2))
    assert first.json()["receipt"] == second.json()["receipt"]
    assert pipeline.post(token, "xzxk", records[:4], key="k1").status_code == 409
    assert pipeline.settled(token, first.json()["receipt"])["counts"]["accepted"] == 5
    assert len(current(pipeline, "XK_WSH LIKE '%〕t%'")) == 5


def test_a_reject_closes_when_its_fix_arrives_by_another_way(pipeline, tmp_path: Path) -> None:
    token = pipeline.token("zjj", "three")
    answer = pipeline.post(token, "xzxk", [{"fields": licence("fix1", XK_XDR_SHXYM=BAD_CODE)}], wait=20)
    pipeline.settled(token, answer.json()["receipt"])
    assert [row["rules"] for row in pipeline.json("rejects", "--source", "zjj/three")] == [["R-USCC-03"]]
    names = [field.name for field in CATALOG["xzxk"].fields]
    fixed = licence("fix1")
    file = tmp_path / "改正.csv"
    file.write_bytes(("\n".join([",".join(names), ",".join(fixed[name] or "" for name in names)]) + "\n").encode("gb18030"))
    assert "回执号" in pipeline.cli("submit", str(file), "--item", "xzxk", "--department", "zjj")
    eventually(lambda: not pipeline.json("rejects", "--source", "zjj/three"))
    assert len(current(pipeline, "XK_WSH LIKE '%〕fix1号'")) == 1
    again = pipeline.cli("submit", str(file), "--item", "xzxk", "--department", "zjj")
    assert "重复文件" in again


def test_one_bad_row_in_ten_thousand_is_one_reject(pipeline) -> None:
    token = pipeline.token("zjj", "many")
    records = [{"fields": licence(f"m{n}", **({"XK_XDR_SHXYM": BAD_CODE, "XK_JDRQ": "昨天"} if n == 4711 else {}))} for n in range(10_000)]
    answer = pipeline.post(token, "xzxk", records)
    found = pipeline.settled(token, answer.json()["receipt"], 120)
    assert found["counts"] == {"accepted": 9_999, "duplicate": 0, "superseded": 0, "rejected": 1, "excluded": 0}
    rows = pipeline.query("SELECT _line, rules FROM rejected FINAL WHERE _batch = {batch:String}", batch=answer.json()["receipt"])
    assert [(row["_line"], list(row["rules"])) for row in rows] == [(4712, ["R-USCC-03", "R-DATE-01"])]
    assert pipeline.query("SELECT count() AS n FROM xzxk FINAL WHERE XK_WSH LIKE '%〕m%'")[0]["n"] == 9_999


def test_an_official_consumer_with_nothing_of_ours_reads_the_accepted_records(pipeline) -> None:
    with SchemaRegistryClient({"url": pipeline.settings.registry, "timeout": 30}) as registry:
        consumer = DeserializingConsumer(
            {
                "bootstrap.servers": pipeline.settings.kafka, "group.id": "somebody else", "auto.offset.reset": "earliest", "isolation.level": "read_committed",
                "value.deserializer": AvroDeserializer(registry),
            }
        )  # fmt: skip
        consumer.subscribe(["credit.xzxk.accepted"])
        message = consumer.poll(30)
        consumer.close()
    assert message is not None
    assert message.error() is None
    record = message.value()
    assert record["_department"] == "zjj"
    assert record["XK_JDRQ"].isoformat() == "2017-06-01"
    assert record["_key"] == message.key().decode()


def test_a_record_lost_between_said_and_judged_breaks_the_balance(pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The door is made to lose one record of five; what was said still says five."""
    produce = outlet._produce

    def losing(producer, pieces, chunks) -> None:
        class Loser:
            lost = False

            def produce(self, topic: str, *rest: Any) -> None:
                if topic.endswith(".submitted") and not self.lost:
                    self.lost = True
                    return
                producer.produce(topic, *rest)

            def poll(self, seconds: float) -> int:
                return producer.poll(seconds)

        produce(Loser(), pieces, chunks)

    monkeypatch.setattr(outlet, "_produce", losing)
    rows = [Row(n + 1, licence(f"lost{n}")) for n in range(5)]
    settings = pipeline.settings.model_copy(update={"home": pipeline.home / "loser"})
    assert settings.key_secret
    with door.opened(settings, load(settings.catalogue)) as entrance:
        receipt = entrance.submit(Submission("zjj/loser", "zjj", "api", "xzxk", "d", rows))
        assert entrance.settle(receipt.receipt, 30)
    judged = "SELECT sum(accepted) AS n FROM receipts FINAL WHERE batch = {batch:String}"
    eventually(lambda: int(pipeline.query(judged, batch=receipt.receipt)[0]["n"]) == 4)
    open_ = [row for row in pipeline.json("balance") if row["batch"] == receipt.receipt]
    assert [(row["said"], row["judged"]) for row in open_] == [(5, 4)]
    pipeline.cli("balance", code=2)


def test_topics_are_as_declared(pipeline) -> None:
    assert kafka.compare(pipeline.settings, topics.of(load(pipeline.settings.catalogue))) == []
