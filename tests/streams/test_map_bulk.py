"""Bulk producers' topics. One whose records mostly cannot be read is held and told of until an operator lets the rest through; one whose schema nobody can say waits; its neighbour goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from confluent_kafka import TopicPartition

from infra import held, kafka
from infra.ahead import LITTLE, Ahead
from infra.brake import let_through
from infra.settings import Settings
from schemas import codec, envelope, topics
from schemas.registry import Registry
from schemas.topics import Topic
from streams import map as mapping
from tests.failures.proxy import Proxy
from tests.streams.judging import Court, copied, opened
from tests.threads import running
from tests.waiting import eventually

pytestmark = pytest.mark.servers


@pytest.fixture
def court(stack: Any, tmp_path: Path) -> Iterator[Court]:
    home = tmp_path / "home"
    (home / "sources").mkdir(parents=True)
    found = opened(stack.settings, home, copied(home / "avro", f"xzxk_{uuid4().hex[:8]}"))
    found.settings = Settings(home=home, kafka=stack.settings.kafka, registry=stack.settings.registry, catalogue=home / "avro", sources=home / "sources")
    declared = [Topic(bulk(found, client), schema=envelope.arriving(found.item)) for client in ("good", "bad")]
    kafka.ensure(found.settings, declared)
    with Registry(found.settings.registry) as registry:
        registry.register_topics(declared)
    yield found
    client = kafka.admin(found.settings)  # must outlive its answers
    for future in client.delete_topics([each.name for each in declared]).values():
        future.result()


def bulk(court: Court, client: str) -> str:
    return topics.arriving("swj", client, court.item.code)


def newer(court: Court) -> dict[str, Any]:
    """What a producer writes who knows a field more."""
    schema = envelope.arriving(court.item)
    return {**schema, "fields": [*schema["fields"], {"name": "ZJ_A", "type": ["null", "string"], "default": None}]}


def send(court: Court, client: str, good: int, junk: int, first: int = 0, schema: dict[str, Any] | None = None) -> None:
    name, schema = bulk(court, client), schema or envelope.arriving(court.item)
    with Registry(court.settings.registry) as registry:
        number = registry.register_topics([Topic(name, schema=schema)])[topics.subject(name)]
    records = [court.item.example | {"XK_WSH": f"{client}{first + n}", "_operation": None, "_ref": None} for n in range(good)]
    producer = kafka.producer(court.settings)
    for value in [*codec.encode(schema, number, records), *[b"\x00\x00\x00\x00\x01junk"] * junk]:
        producer.produce(name, value)
    producer.flush()


def said(court: Court) -> int:
    return len(court.read(topics.submitted(court.item.code)))


def test_mostly_unreadable_it_is_held_with_the_reason_and_its_neighbour_goes_on(court: Court) -> None:
    send(court, "bad", 80, 120)
    send(court, "good", 50, 3)
    with running(lambda stop: mapping.run(court.settings, stop)):
        eventually(lambda: said(court) == 50 and list(held.read(court.settings).held) == [bulk(court, "bad")])
        send(court, "good", 10, 0, first=50)
        eventually(lambda: said(court) == 60)
    assert len(court.rejected()) == 3
    (why,) = held.read(court.settings).held.values()
    assert "120 of the last 200 records cannot be read" in why
    assert f"guiji map --let-through {bulk(court, 'bad')}" in why
    assert let_through(court.settings, bulk(court, "bad")) >= 200
    with running(lambda stop: mapping.run(court.settings, stop)):
        eventually(lambda: said(court) == 140 and len(court.rejected()) == 123)
        assert held.read(court.settings).held == {}


def test_where_too_much_waits_to_be_judged_who_has_much_to_say_waits_and_who_has_little_goes_on(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.ahead.EVERY", 0.0)
    monkeypatch.setattr("streams.map_setting.Ahead", lambda settings, _group: Ahead(settings, court.item.code, most=0))
    send(court, "good", 1, 0)
    with running(lambda stop: mapping.run(court.settings, stop)):
        eventually(lambda: said(court) == 1)
        send(court, "bad", LITTLE + 1, 0)
        send(court, "good", 10, 0, first=1)
        eventually(lambda: said(court) == 11)
        judged = kafka.consumer(court.settings, court.item.code)
        judged.commit(offsets=[TopicPartition(topics.submitted(court.item.code), 0, 1_000_000)], asynchronous=False)
        judged.close()
        eventually(lambda: said(court) == 11 + LITTLE + 1)


def test_an_unknown_schema_while_the_registry_is_away_holds_back_nobody_else(court: Court) -> None:
    live = urlsplit(court.settings.registry)
    with Proxy(int(live.port or 0)) as proxy:
        settings = court.settings.model_copy(update={"registry": f"http://127.0.0.1:{proxy.port}{live.path}"})
        with running(lambda stop: mapping.run(settings, stop)):
            send(court, "good", 10, 0)
            send(court, "bad", 10, 0)
            eventually(lambda: said(court) == 20)
            proxy.swallowing()
            send(court, "bad", 10, 0, first=10, schema=newer(court))
            send(court, "good", 10, 0, first=10)
            eventually(lambda: said(court) == 30, 10)
            proxy.passing()
            eventually(lambda: said(court) == 40)
    assert held.read(settings).held == {}
