"""The schema registry, by Confluent's interface (Apicurio's ccompat v7): our subjects are registered before anything starts, ids are asked for once.

Three answers are kept apart: no such schema or subject (`NotFound`: what names it is poison), no answer (`Unavailable`: wait and ask again), an incompatible schema (`Incompatible`: nothing
may start).
"""

import json
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, Self
from urllib.parse import quote

import httpx

from schemas import topics
from schemas.catalog import Catalog
from schemas.topics import Topic

Schema = Mapping[str, Any]
TIMEOUT = 10.0
RACES = 5
AT_ONCE = 8
_JSON = {"Content-Type": "application/vnd.schemaregistry.v1+json", "Accept": "application/vnd.schemaregistry.v1+json, application/json"}


class Unavailable(Exception):
    """The registry does not answer, or not as a registry does; try again later."""


class NotFound(LookupError):
    """The registry answered: it has no such schema or subject."""


class Incompatible(Exception):
    """Schemas that would break readers or stored records; ``faults`` maps every such subject to what is wrong."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        listed = "\n".join(f"  {subject}: {fault}" for subject, fault in self.faults.items())
        super().__init__(
            f"The registry refuses {len(self.faults)} schema(s), nothing was registered:\n{listed}\n"
            "Only nullable fields may be added to an item or taken from it; put the item's file right, or give the changed item a new code."
        )


class Where(Protocol):
    """What settings say of it."""

    @property
    def registry(self) -> str: ...


class Registry:
    """A client; its answers are remembered (ids never change their meaning). For several threads."""

    def __init__(self, url: str) -> None:
        if not url:
            raise Unavailable("No registry is configured: run `guiji up`, or set GUIJI_REGISTRY.")
        # Questions are few: a connection each, so that nobody has to close anything.
        self._client = httpx.Client(base_url=url.rstrip("/") + "/", timeout=TIMEOUT, headers=_JSON, limits=httpx.Limits(max_keepalive_connections=0))
        self._schemas: dict[int, Schema] = {}
        self._ids: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ended: object) -> None:
        self.close()

    def register(self, catalog: Catalog) -> dict[str, int]:
        """Every subject of the catalogue, with its compatibility: subject → id. Raises Incompatible before anything is registered, listing all."""
        return self.register_topics(topics.of(catalog))

    def register_topics(self, declared: Iterable[Topic]) -> dict[str, int]:
        """The same for some topics; those without a schema are passed over."""
        wanted = [topic for topic in declared if topic.schema is not None]
        # A question takes the registry some 30 ms, and a catalogue has hundreds of them: several at once.
        with ThreadPoolExecutor(AT_ONCE) as pool:
            subjects = set(self._ask("GET", "subjects"))
            there = [topic for topic in wanted if topic.subject in subjects]
            faults = dict(zip((topic.subject for topic in there), pool.map(self._refused, there), strict=True))
            if refused := {subject: fault for subject, fault in faults.items() if fault}:
                raise Incompatible(refused)
            ids = pool.map(lambda topic: self._registered(topic, new=topic.subject not in subjects), wanted)
            return dict(zip((topic.subject for topic in wanted), ids, strict=True))

    def _refused(self, topic: Topic) -> str | None:
        """Why a new version of a known subject may not come, if so."""
        if self._lookup(topic) is not None or not self._versions(topic.subject):
            return None
        self._set_compatibility(topic)
        return self._fault(topic)

    def _registered(self, topic: Topic, *, new: bool) -> int:
        if new or self._lookup(topic) is None:
            found = self._ask("POST", f"subjects/{_quoted(topic.subject)}/versions", {"schema": _text(topic.schema), "schemaType": "AVRO"})
            self._ids[topic.subject, _text(topic.schema)] = int(found["id"])
        self._set_compatibility(topic)
        return self.id(topic.subject, topic.schema)

    def id(self, subject: str, schema: Schema | None = None) -> int:
        """The id of ``schema`` under ``subject``; without one, of the newest version there. Writers name theirs: another process may have registered a newer one. Raises NotFound, Unavailable."""
        known = (subject, _text(schema) if schema is not None else "")
        if known in self._ids:
            return self._ids[known]
        path = f"subjects/{_quoted(subject)}"
        answer = self._ask("GET", f"{path}/versions/latest") if schema is None else self._ask("POST", path, {"schema": _text(schema)})
        found = int(answer["id"])
        if schema is not None:
            self._ids[known] = found
        return found

    def schema(self, number: int) -> Schema:
        """The schema with that id, always the same object. Raises NotFound, Unavailable."""
        if (known := self._schemas.get(number)) is not None:
            return known
        with self._lock:
            if number not in self._schemas:
                self._schemas[number] = json.loads(self._ask("GET", f"schemas/ids/{number}")["schema"])
            return self._schemas[number]

    def newest(self) -> dict[str, int]:
        """The id of every subject's newest schema. Raises Unavailable."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            subjects = list(self._ask("GET", "subjects"))
            return dict(zip(subjects, pool.map(self.id, subjects), strict=True))

    def compatibility(self, subject: str) -> str:
        """The level set for the subject. Raises NotFound, Unavailable."""
        return str(self._ask("GET", f"config/{_quoted(subject)}")["compatibilityLevel"])

    def set_compatibility(self, subject: str, level: str) -> None:
        """Set a subject's level, before its first schema, too. Raises Unavailable."""
        for _ in range(RACES):
            if self._level(subject) == level:
                return
            try:
                self._ask("PUT", f"config/{_quoted(subject)}", {"compatibility": level})
            except Incompatible:
                continue  # another process sets it at this moment, and the registry refuses the second
            return
        raise Unavailable(f"The registry at {self._client.base_url} does not take the compatibility level of {subject}.")

    def _level(self, subject: str) -> str | None:
        try:
            return self.compatibility(subject)
        except NotFound:
            return None

    def _lookup(self, topic: Topic) -> int | None:
        try:
            return self.id(topic.subject, topic.schema)
        except NotFound:
            return None

    def _versions(self, subject: str) -> list[int]:
        try:
            return list(self._ask("GET", f"subjects/{_quoted(subject)}/versions"))
        except NotFound:
            return []

    def _fault(self, topic: Topic) -> str | None:
        """Why the topic's schema does not fit what is registered, by the level set for it."""
        path = f"compatibility/subjects/{_quoted(topic.subject)}/versions?verbose=true"
        try:
            answer = self._ask("POST", path, {"schema": _text(topic.schema)})
        except Incompatible as fault:
            return "; ".join(fault.faults.values())
        if answer["is_compatible"]:
            return None
        newest = self._ask("GET", f"subjects/{_quoted(topic.subject)}/versions/latest")
        found = [*(answer.get("messages") or ()), *differences(json.loads(newest["schema"]), topic.schema or {})]
        return f"breaks {topic.compatibility}: " + ("; ".join(found) or "it differs from an older version than the newest")

    def _set_compatibility(self, topic: Topic) -> None:
        self.set_compatibility(topic.subject, topic.compatibility)

    def _answer(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        """Every question may be repeated: over a connection that broke it is asked once more."""
        try:
            return self._client.request(method, path, json=body)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            return self._client.request(method, path, json=body)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            answer = self._answer(method, path, body)
        except httpx.HTTPError as fault:
            raise Unavailable(f"The registry at {self._client.base_url} does not answer: {fault}") from fault
        if answer.status_code == 404 and _is_registry(answer):
            raise NotFound(f"The registry knows no {path}: {answer.json().get('message', '')}")
        if answer.status_code in (409, 422):
            raise Incompatible({path: f"{answer.status_code} {answer.text[:500]}"})
        if answer.status_code != 200:
            raise Unavailable(f"The registry at {self._client.base_url} answers {answer.status_code} to {method} {path}: {answer.text[:200]}")
        return answer.json()


def newest(settings: Where) -> dict[str, int]:
    """As the registry that the settings name has them. Raises Unavailable."""
    with Registry(settings.registry) as found:
        return found.newest()


def differences(old: Schema, new: Schema) -> list[str]:
    """What may stand between two record schemas, field by field: the registry itself often gives no reason."""
    before, after = ({field["name"]: field for field in schema.get("fields", ())} for schema in (old, new))
    gone = [f"{name} is gone and had no default" for name, field in before.items() if name not in after and "default" not in field]
    come = [f"{name} is new and has no default" for name, field in after.items() if name not in before and "default" not in field]
    both = [name for name in before if name in after and before[name]["type"] != after[name]["type"]]
    return gone + come + [f"{name} was {_text(before[name]['type'])}, is {_text(after[name]['type'])}" for name in both]


def _is_registry(answer: httpx.Response) -> bool:
    """A registry's own 404 has an error code; a proxy's, or a wrong address's, has none and proves nothing."""
    try:
        return "error_code" in answer.json()
    except (ValueError, TypeError):
        return False


def _text(schema: Any) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def _quoted(subject: str) -> str:
    return quote(subject, safe="")
