"""A department's own topic for a system that produces too much for requests: made, its schema registered, its user allowed to write it and nothing else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from infra import grants, kafka
from infra.settings import Settings
from schemas import envelope
from schemas.catalog import Catalog
from schemas.registry import Registry
from schemas.topics import arriving, feed


@dataclass(frozen=True)
class Opened:
    """A topic that may be written: `schema` is what its records look like (Avro), `schema_id` the number they begin with."""

    item: str
    topic: str
    schema_id: int
    schema: dict[str, Any]

    def text(self) -> str:
        return json.dumps(self.schema, ensure_ascii=False, indent=2) + "\n"


def user(department: str, client: str) -> str:
    """The name a system logs in with."""
    return f"{department}.{client}"


def opened(settings: Settings, catalog: Catalog, department: str, client: str, items: Sequence[str]) -> list[Opened]:
    """The topics of these items for one system; those that are there are left as they are, and get the item's newest schema. Raises what broker and registry raise, and grants.Refused."""
    wanted = [replace(feed(arriving(department, client, code)), schema=envelope.arriving(catalog[code])) for code in items]
    kafka.ensure(settings, wanted)
    with Registry(settings.registry) as registry:
        ids = registry.register_topics(wanted)
    grants.allow(settings, user(department, client), [topic.name for topic in wanted])
    return [Opened(code, topic.name, ids[topic.subject], dict(topic.schema or {})) for code, topic in zip(items, wanted, strict=True)]
