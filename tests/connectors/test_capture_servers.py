"""What Debezium makes of both databases: what arrives, in which order and form, and what its topics are like."""

import json
from typing import Any

import pytest

from connectors import config
from infra import kafka
from schemas import codec
from schemas.topics import THIRTY_DAYS
from tests.connectors.conftest import Tapped, insert
from tests.waiting import eventually

pytestmark = pytest.mark.servers


def _kinds(schema: dict[str, Any]) -> dict[str, str]:
    """Columns with the name of their Connect type, else of their Avro type."""
    (before,) = (field["type"][1] for field in schema["fields"] if field["name"] == "before")
    types = {field["name"]: field["type"][1] if isinstance(field["type"], list) else field["type"] for field in before["fields"]}
    return {name: kind.get("connect.name") or kind["type"] if isinstance(kind, dict) else kind for name, kind in types.items()}


def test_rows_and_changes_arrive_whole_in_order_and_in_one_form(tapped: Tapped) -> None:
    tapped.run(insert(1), insert(2))
    assert tapped.apply() == ["created"]
    tapped.events(2)
    tapped.run(insert(3), "UPDATE permit SET name = '改' WHERE id = 1", "DELETE FROM permit WHERE id = 2")
    messages, events = tapped.messages(5), tapped.events(5)
    assert [event["op"] for event in events] == ["r", "r", "c", "u", "d"]
    assert [(event["before"] or {}).get("name") for event in events] == [None, None, None, "项目", "项目"]
    assert [(event["after"] or {}).get("name") for event in events] == ["项目", "项目", "项目", "改", None]
    assert events[3]["before"] | {"name": "改"} == events[3]["after"], "both images are whole"
    assert events[0]["after"] == {
        "id": 1, "no": "济建许〔2017〕1号", "name": "项目", "content": None, "day": "2017-01-02Z", "fee": "12.30",
        "seen": "2017-02-03T04:05:06.123456Z", "said": "2017-02-02T20:05:06.500000Z" if tapped.source.database.kind == "postgres" else "2017-02-02T20:05:06.5Z",
    }  # fmt: skip
    # MariaDB's times lose ending zeros in a snapshot and keep them in the stream: who compares them must read them as times.
    assert events[2]["after"]["said"] == ("2017-02-02T20:05:06.500000Z" if tapped.source.database.kind == "postgres" else "2017-02-02T20:05:06.500Z")
    assert [event["source"]["snapshot"] for event in events[2:]] == ["false"] * 3
    assert all(event["source"]["snapshot"] != "false" for event in events[:2])
    # Confluent's form: byte 0, four bytes of the id; keys, too. No tombstone after the delete.
    assert {message.value()[0] for message in messages} == {message.key()[0] for message in messages} == {0}
    keys = codec.decode([message.key() for message in messages], tapped.registry.schema).records
    assert [key["id"] for key in keys] == [1, 2, 3, 1, 2]
    kinds = _kinds(tapped.registry.schema(codec.schema_id(messages[0].value())))
    time_ = "io.debezium.time."
    assert kinds == {
        "id": "long", "no": "string", "name": "string", "content": "string", "fee": "string",
        "day": f"{time_}IsoDate", "seen": f"{time_}IsoTimestamp", "said": f"{time_}ZonedTimestamp",
    }  # fmt: skip


def test_a_change_has_its_place_in_the_databases_own_order(tapped: Tapped) -> None:
    tapped.apply()
    tapped.run(insert(1))
    tapped.events(1)  # whatever the snapshot reads is over: rows of a snapshot all have its place
    tapped.run(*(insert(number) for number in range(2, 6)))
    blocks = [event["source"] for event in tapped.events(5)]
    assert all(block["snapshot"] == "false" for block in blocks[1:])
    if tapped.source.database.kind == "postgres":
        places = [tuple(int(part) for part in json.loads(block["sequence"])) for block in blocks[1:]]
    else:
        places = [(block["file"], block["pos"], block["row"]) for block in blocks]
    assert places == sorted(set(places))
    assert all(block["name"] == tapped.name and block["ts_ms"] for block in blocks)


def test_topics_have_one_partition_and_any_schema_is_let_in(tapped: Tapped) -> None:
    tapped.apply()
    assert kafka.compare(tapped.settings, [*config.event_topics(tapped.source), *config.own_topics(tapped.source)]) == []
    assert config.event_topics(tapped.source)[0].retention_ms == THIRTY_DAYS
    assert {tapped.registry.compatibility(f"{tapped.topic}-{side}") for side in ("key", "value")} == {"NONE"}
    tapped.run(insert(1))
    tapped.events(1)
    tapped.run("ALTER TABLE permit ADD COLUMN must varchar(10) NOT NULL DEFAULT 'x'", "UPDATE permit SET must = 'y'")
    assert tapped.events(2)[-1]["after"]["must"] == "y"
    assert tapped.connect.status(tapped.name).running
    eventually(lambda: list(kafka.read_to_end(tapped.settings, config.heartbeat_topic(tapped.source))))
    if tapped.source.database.kind == "mariadb":
        assert list(kafka.read_to_end(tapped.settings, config.history_topic(tapped.source)))
