"""A connector's whole configuration, as a pure function of its source: nothing is asked of any server, no password is ever in it.

Guarantee: Connect writes events and their positions in one transaction (`exactly.once.support`); a table's topic has one partition, so commit order is kept. What cannot be converted stops the task
with a message; values that databases allow and Avro does not (NaN, endless dates) travel as text.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.sources import Source
from schemas.topics import THIRTY_DAYS, UNLIMITED, Topic, captured, feed

MARK = "guiji.digest"  # Debezium passes over options it does not know; the digest tells our own configuration from one changed by hand
HEARTBEAT_MS = 10_000
_CLASSES = {
    "postgres": "io.debezium.connector.postgresql.PostgresConnector",
    "mariadb": "io.debezium.connector.mariadb.MariaDbConnector",
    "mysql": "io.debezium.connector.mysql.MySqlConnector",
}
# MariaDB's connector has no middle way: encrypted, or not at all.
_ENCRYPTED = {"mysql": "preferred", "mariadb": "trust"}
_COMMON = {
    "tasks.max": "1",
    "exactly.once.support": "required",
    "transaction.boundary": "poll",
    "snapshot.mode": "initial",
    "skipped.operations": "none",
    "tombstones.on.delete": "false",
    "decimal.handling.mode": "string",
    "time.precision.mode": "isostring",
    "binary.handling.mode": "hex",
    "schema.name.adjustment.mode": "avro",
    # Names that Avro does not allow (许可证号) are told apart; `avro` makes `____` of all of one length, and two of those stop the task.
    "field.name.adjustment.mode": "avro_unicode",
    # Declared type, length and scale of every column: map sees by them that a mapped one became narrower.
    "column.propagate.source.type": ".*",
    "event.converting.failure.handling.mode": "fail",
    "extended.headers.enabled": "false",
    "provide.transaction.metadata": "false",
    "heartbeat.interval.ms": str(HEARTBEAT_MS),
    "topic.heartbeat.prefix": "heartbeat",
    "topic.creation.default.partitions": "1",
    "topic.creation.default.replication.factor": "1",
    "topic.creation.default.cleanup.policy": "delete",
    "topic.creation.default.retention.ms": str(THIRTY_DAYS),
    "topic.creation.default.max.message.bytes": str(8 << 20),
    "producer.override.max.request.size": str(8 << 20),
    "producer.override.compression.type": "lz4",
    "transforms": "route",
    "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
}


@dataclass(frozen=True)
class Place:
    """Where connectors run: ``brokers`` is Kafka as Connect reaches it, ``names`` what Connect has by environment (as far as it is known here), to look behind `${env:NAME}`."""

    brokers: str
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def loopback(self, host: str) -> bool:
        """Whether a host, or what its reference stands for, is this machine; a reference nobody knows is not."""
        reference = re.fullmatch(r"\$\{env:(\w+)\}", host)
        known = self.names.get(reference[1], "") if reference else host
        return known == "localhost" or known == "::1" or known.startswith("127.")


@dataclass(frozen=True)
class Kept:
    """A topic of Connect's own business: one partition, kept for ever (`retention_ms` -1)."""

    name: str
    retention_ms: int = UNLIMITED
    partitions: int = 1

    @property
    def config(self) -> dict[str, str]:
        return {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms)}


def slot(source: Source) -> str:
    """Replication slot and publication of a source."""
    return f"guiji_{source.name}"


def heartbeat_topic(source: Source) -> str:
    return f"heartbeat.{source.name}"


def history_topic(source: Source) -> str:
    """What the tables looked like at each position of the binlog; without it a connector cannot start again."""
    return f"schemahistory.{source.name}"


def gaps_topic(source: Source) -> str:
    """What was gone past on an operator's word (`gap`)."""
    return f"gaps.{source.name}"


def event_topics(source: Source) -> list[Topic]:
    return [feed(table.topic) for table in source.tables.values()]


def own_topics(source: Source) -> list[Kept]:
    """Topics a connector needs besides those of its tables."""
    beats = [Kept(heartbeat_topic(source), THIRTY_DAYS), Kept(gaps_topic(source))]
    return beats if source.database.kind == "postgres" else [*beats, Kept(history_topic(source))]


def config(source: Source, place: Place) -> dict[str, str]:
    """The configuration to PUT, its digest included."""
    database = source.database
    wanted = _COMMON | {
        "connector.class": _CLASSES[database.kind],
        "topic.prefix": source.name,
        "database.hostname": database.host,
        "database.port": database.port,
        "database.user": database.user,
        "database.password": database.password,
        "transforms.route.regex": rf"{source.name}\.[^.]+\.(.+)",
        "transforms.route.replacement": captured(source.name, "$1"),
    }
    wanted |= _postgres(source) if database.kind == "postgres" else _binlog(source, place)
    return wanted | {MARK: digest(wanted)}


def digest(wanted: Mapping[str, str]) -> str:
    """12 hex digits of a configuration, itself and the name apart."""
    rest = {name: value for name, value in wanted.items() if name not in (MARK, "name")}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:12]


def _postgres(source: Source) -> dict[str, str]:
    return {
        "database.dbname": source.database.name,
        "plugin.name": "pgoutput",
        "interval.handling.mode": "string",
        "slot.name": slot(source),
        "slot.drop.on.stop": "false",
        "publication.name": slot(source),
        "publication.autocreate.mode": "disabled",
        # The default lets a slot made anew skip what happened in between, silently.
        "offset.mismatch.strategy": "trust_offset",
        "table.include.list": ",".join(f"{name if '.' in name else 'public.' + name}".replace(".", r"\.") for name in source.tables),
        # An idle database beside a busy one would keep the log of both; this moves the slot on and needs no table.
        "heartbeat.action.query": "SELECT pg_logical_emit_message(false, 'guiji', '')",
        "message.prefix.exclude.list": "guiji",
    }


def _binlog(source: Source, place: Place) -> dict[str, str]:
    name = source.database.name
    return {
        "database.server.id": str(1_000_000 + int(hashlib.sha256(source.name.encode()).hexdigest()[:7], 16)),
        "database.include.list": name,
        "table.include.list": ",".join(f"{name}.{table.short}".replace(".", r"\.") for table in source.tables.values()),
        "database.ssl.mode": "disable" if place.loopback(source.database.host) else _ENCRYPTED[source.database.kind],
        "bigint.unsigned.handling.mode": "precise",
        # The default makes the years 0 to 99 those of our time, silently.
        "enable.time.adjuster": "false",
        "inconsistent.schema.handling.mode": "fail",
        "event.processing.failure.handling.mode": "fail",
        "include.schema.changes": "false",
        "schema.history.internal.kafka.bootstrap.servers": place.brokers,
        "schema.history.internal.kafka.topic": history_topic(source),
        "schema.history.internal.store.only.captured.tables.ddl": "true",
    }
