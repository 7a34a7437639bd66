"""The wire schemas are plain Avro, the same every time, and carry what the contract names."""

import json

import fastavro
import pytest

from schemas import envelope, topics
from schemas.catalog import load

CATALOG = load()
FIXED = {"REJECTION": envelope.REJECTION, "RECEIPT": envelope.RECEIPT, "CHUNK": envelope.CHUNK, "STATE": envelope.STATE, "DECLARATION": envelope.DECLARATION}
WIRE = FIXED | {f"{make.__name__}:{item.code}": make(item) for item in CATALOG.values() for make in (envelope.submission, envelope.acceptance, envelope.arriving)}
AVRO = {"type", "name", "namespace", "fields", "default", "items", "values", "logicalType"}


def attributes(schema):
    if isinstance(schema, dict):
        yield from schema
        for value in schema.values():
            yield from attributes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from attributes(value)


@pytest.mark.parametrize("name", WIRE)
def test_is_avro_without_attributes_of_ours(name) -> None:
    fastavro.parse_schema(json.loads(json.dumps(WIRE[name])))
    assert set(attributes(WIRE[name])) <= AVRO
    for field in WIRE[name]["fields"]:
        assert not isinstance(field["type"], list) or (field["type"][0] == "null" and field["default"] is None)


@pytest.mark.parametrize("item", CATALOG.values(), ids=lambda item: item.code)
def test_an_item_is_said_as_text_and_stands_typed(item) -> None:
    said, stands = (envelope.submission(item)["fields"], envelope.acceptance(item)["fields"])
    names = [field.name for field in item.fields]
    assert [field["name"] for field in said][-len(names) :] == [field["name"] for field in stands][-len(names) :] == names
    assert all(field["type"] == ["null", "string"] for field in said[-len(names) :])
    dates = {field.name for field in item.fields if field.kind == "date"}
    assert dates
    assert all((field["type"][1] == envelope.DATE) == (field["name"] in dates) for field in stands[-len(names) :])
    assert [field["name"] for field in said[:13]] == [field["name"] for field in envelope.ENVELOPE] == [field["name"] for field in stands[:13]]


@pytest.mark.parametrize("make", [envelope.submission, envelope.acceptance])
def test_the_same_catalogue_gives_the_same_text(make) -> None:
    again = load()
    for code, item in CATALOG.items():
        assert json.dumps(make(item)) == json.dumps(make(again[code]))


def test_topics_are_the_contracts() -> None:
    found = {topic.name: topic for topic in topics.of(CATALOG)}
    assert len(found) == 4 * len(CATALOG) + 5
    assert found["credit.xzxk.submitted"].compatibility == "FULL_TRANSITIVE"
    assert {topic.compatibility for name, topic in found.items() if not name.endswith("submitted")} == {"BACKWARD_TRANSITIVE"}
    assert {name for name, topic in found.items() if topic.cleanup == "compact"} == {f"credit.{code}.state" for code in CATALOG} | {"credit.batches", "live-windows-changelog"}
    assert found["credit.proofs"].partitions == 1
    assert {topic.config["retention.ms"] for topic in found.values()} == {"-1"}
    for code, item in CATALOG.items():
        assert {found[f"credit.{code}.{leg}"].partitions for leg in ("submitted", "accepted", "rejected", "state")} == {item.partitions}


def test_a_feed_has_one_partition_and_thirty_days() -> None:
    feed = topics.feed(topics.captured("zjj_pg", "permit"))
    assert (feed.name, feed.partitions, feed.compatibility) == ("cdc.zjj_pg.permit", 1, "NONE")
    assert feed.config["retention.ms"] == "2592000000"
    assert topics.arriving("swj", "erp", "xzxk") == "in.swj.erp.xzxk"
    assert feed.subject == "cdc.zjj_pg.permit-value"
