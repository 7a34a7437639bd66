"""The registry: every subject with its compatibility, refusal that lists all, three answers kept apart; against the real server where one is needed."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from schemas import catalog, codec, envelope, registry, topics
from schemas.registry import Incompatible, NotFound, Registry, Unavailable

CATALOG = catalog.load()


def copy(code, **changes):
    """A catalogue of one item of its own name, so that tests do not meet in the registry."""
    return catalog.Catalog([replace(CATALOG["xzxk"], code=code, **changes)])


def nullable(name):
    """One more optional text field."""
    return replace(CATALOG["xzxk"].by_name["BZ"], name=name, required=False)


@pytest.fixture
def client(stack):
    return Registry(stack.settings.registry)


@pytest.mark.servers
def test_every_subject_is_registered_with_its_compatibility(client) -> None:
    declared = [topic for topic in topics.of(copy("rega")) if topic.schema is not None]
    ids = client.register(copy("rega"))
    assert set(ids) == {topic.subject for topic in declared}
    assert {topic.subject: client.compatibility(topic.subject) for topic in declared} == {topic.subject: topic.compatibility for topic in declared}
    for topic in declared:
        assert client.schema(ids[topic.subject]) == topic.schema
        assert client.id(topic.subject) == client.id(topic.subject, topic.schema) == ids[topic.subject]
    assert client.register(copy("rega")) == ids


@pytest.mark.servers
def test_several_processes_may_register_at_once(stack) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: Registry(stack.settings.registry).register(copy("regrace")), range(4)))
    assert found == [found[0]] * 4
    assert Registry(stack.settings.registry).compatibility(topics.subject(topics.submitted("regrace"))) == topics.FULL


@pytest.mark.servers
def test_a_nullable_field_more_is_compatible_and_old_bytes_are_read(client, stack) -> None:
    old, new = copy("regb"), copy("regb", fields=(*CATALOG["xzxk"].fields, nullable("XIN")))
    before = client.register(old)
    after = Registry(stack.settings.registry).register(new)
    changed = {subject for subject in after if after[subject] != before[subject]}
    assert changed == {topics.subject(topics.submitted("regb")), topics.subject(topics.accepted("regb"))}
    subject, schema = topics.subject(topics.submitted("regb")), envelope.submission(old["regb"])
    record = {field["name"]: None if isinstance(field["type"], list) else 1 if not isinstance(field["type"], str) or field["type"] == "long" else "旧" for field in schema["fields"]}
    wire = codec.encode(schema, before[subject], [record])
    read = codec.decode_frame(wire, client.schema, envelope.submission(new["regb"]))
    assert read.poison == {}
    assert read.frame.select("_source", "XIN").rows() == [("旧", None)]
    # A process with the older catalogue goes on writing with the id of its own schema.
    assert client.id(subject, schema) == before[subject]
    assert Registry(stack.settings.registry).id(subject) == after[subject]
    assert Registry(stack.settings.registry).register(old) == before


@pytest.mark.servers
def test_incompatible_schemas_are_refused_together_and_none_is_registered(client, stack) -> None:
    client.register(copy("regc"))
    fields = CATALOG["xzxk"].fields
    retyped = tuple(replace(field, kind="long") if field.name in ("XK_NR", "BZ") else field for field in fields)
    broken = [*topics.of(copy("regc", fields=(*retyped, nullable("XIN"))))]
    broken = [replace(topic, schema=_required(topic.schema)) if topic.name.endswith("submitted") else topic for topic in broken]
    with pytest.raises(Incompatible) as refused:
        Registry(stack.settings.registry).register_topics(broken)
    accepted, submitted = (topics.subject(name("regc")) for name in (topics.accepted, topics.submitted))
    assert set(refused.value.faults) == {accepted, submitted}
    assert "XK_NR was" in refused.value.faults[accepted]
    assert "BZ was" in refused.value.faults[accepted]
    assert "_new is new and has no default" in refused.value.faults[submitted]
    for subject in (accepted, submitted):
        assert httpx.get(f"{stack.settings.registry}/subjects/{subject}/versions").json() == [1]


def _required(schema):
    return {**schema, "fields": [*schema["fields"], {"name": "_new", "type": "string"}]}


@pytest.mark.servers
def test_an_official_deserializer_reads_what_the_codec_writes(client, stack) -> None:
    schema, subject = envelope.submission(CATALOG["xzxk"]), topics.subject(topics.submitted("regd"))
    number = client.register(copy("regd"))[subject]
    schema = client.schema(number)
    record = {field["name"]: None if isinstance(field["type"], list) else 1 if field["type"] == "long" else "济南" for field in schema["fields"]}
    record["_received_at"] = codec.decode_one(codec.encode(schema, number, [record | {"_received_at": 1504224000000}])[0], client.schema)["_received_at"]
    (wire,) = codec.encode(schema, number, [record])
    # Without a time limit the official client waits for ever for an answer that was lost; with one it asks again.
    with SchemaRegistryClient({"url": stack.settings.registry, "timeout": 30}) as official:
        assert AvroDeserializer(official)(wire, SerializationContext(topics.submitted("regd"), MessageField.VALUE)) == record


@pytest.mark.servers
def test_what_is_not_there_is_told_from_no_answer(client, stack) -> None:
    with pytest.raises(NotFound):
        client.schema(987_654)
    with pytest.raises(NotFound):
        client.id("credit.nothing.submitted-value")
    with pytest.raises(Unavailable):
        Registry(stack.settings.registry + "/wrong").schema(1)


def answering(status, body) -> Registry:
    """A client whose every question gets this answer."""
    client = Registry("http://registry/")
    client._client = httpx.Client(base_url="http://registry/", transport=httpx.MockTransport(lambda _: httpx.Response(status, text=body)))
    return client


@pytest.mark.parametrize(("status", "body"), [(500, "{}"), (503, ""), (404, "<html>"), (404, "{}"), (404, "[]"), (401, "{}")])
def test_any_other_answer_is_no_answer(status, body) -> None:
    with pytest.raises(Unavailable):
        answering(status, body).schema(1)


def test_only_the_registrys_own_404_means_not_found() -> None:
    with pytest.raises(NotFound):
        answering(404, json.dumps({"error_code": 40403, "message": "Schema 1 not found."})).schema(1)


def test_a_registry_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="guiji up"):
        Registry("")
    with pytest.raises(Unavailable, match="does not answer"):
        Registry("http://127.0.0.1:1/").schema(1)


def test_ids_are_asked_for_once() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, text=json.dumps({"schema": '{"type": "record", "name": "A", "fields": []}'}))

    client = Registry("http://registry/")
    client._client = httpx.Client(base_url="http://registry/", transport=httpx.MockTransport(answer))
    assert client.schema(1) is client.schema(1)
    assert asked == ["/schemas/ids/1"]


def test_differences_are_named_by_field() -> None:
    schema = envelope.CHUNK
    assert registry.differences(schema, schema) == []
    without = {**schema, "fields": schema["fields"][1:]}
    assert registry.differences(schema, without) == ["batch is gone and had no default"]
    assert registry.differences(without, schema) == ["batch is new and has no default"]


def test_over_a_connection_that_broke_it_is_asked_once_more_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, broken = list[str](), [1]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if len(asked) <= broken[0]:
            raise httpx.ReadError("broke", request=request)
        return httpx.Response(200, json={"schema": '{"type": "record", "name": "A", "fields": []}'})

    client = Registry("http://registry")
    monkeypatch.setattr(client, "_client", httpx.Client(base_url="http://registry/", transport=httpx.MockTransport(answer)))
    assert client.schema(7)["name"] == "A"
    assert asked == ["/schemas/ids/7"] * 2
    asked.clear()
    broken[0] = 2
    with pytest.raises(Unavailable, match="does not answer"):
        client.schema(8)
    assert len(asked) == 2
