"""A connector's whole configuration, as a pure function of its source: nothing is asked of any server, no password is ever in it.

Guarantee: Connect writes events and their positions in one transaction (`exactly.once.support`); a table's topic has one partition, so commit order is kept. What cannot be converted stops the task
with a message; values that databases allow and Avro does not (NaN, endless dates) travel as text.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors import oracle, sqlserver
from schemas.sources import Captured, Source
from schemas.topics import THIRTY_DAYS, UNLIMITED, Topic, captured, feed

MARK = "guiji.digest"  # Debezium passes over options it does not know; the digest tells our own configuration from one changed by hand
TABLES = "table.include.list"
NOTES = "notification.enabled.channels"
CHUNK = 4096  # rows of a snapshot by signal that are read, and kept in memory, at once
_CLASSES = {
    "postgres": "io.debezium.connector.postgresql.PostgresConnector",
    "mariadb": "io.debezium.connector.mariadb.MariaDbConnector",
    "mysql": "io.debezium.connector.mysql.MySqlConnector",
    "sqlserver": "io.debezium.connector.sqlserver.SqlServerConnector",
    "oracle": "io.debezium.connector.oracle.OracleConnector",
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
    # Snapshots of single tables are asked for in Kafka and answered there: nothing is written into the database.
    "signal.enabled.channels": "kafka",
    "signal.poll.interval.ms": "1000",
    "incremental.snapshot.chunk.size": str(CHUNK),
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


def signal_topic(source: Source) -> str:
    """What its connector is asked to do meanwhile."""
    return f"signal.{source.name}"


def notification_topic(source: Source) -> str:
    """What its connector says of its snapshots."""
    return f"notification.{source.name}"


def pattern(source: Source, table: Captured) -> str:
    """A captured table as Debezium matches it, in its list of tables and in signals."""
    schema = (table.name.rpartition(".")[0] or "public") if source.database.kind == "postgres" else source.database.name
    return rf"{schema}\.{table.short}"


def gaps_topic(source: Source) -> str:
    """What was gone past on an operator's word (`gap`)."""
    return f"gaps.{source.name}"


def event_topics(source: Source) -> list[Topic]:
    return [feed(table.topic) for table in source.captured.values()]


def own_topics(source: Source) -> list[Kept]:
    """Topics a connector needs besides those of its tables."""
    kept = [Kept(name(source), THIRTY_DAYS) for name in (heartbeat_topic, signal_topic, notification_topic)] + [Kept(gaps_topic(source))]
    return kept if source.database.kind == "postgres" else [*kept, Kept(history_topic(source))]


def config(source: Source, place: Place, *, first: bool = False) -> dict[str, str]:
    """The configuration to PUT, its digest included. ``first``: while the first snapshot is not complete, without notifications.

    Debezium's first notification carries an empty position. A task that dies before the first row would find it, take the snapshot for done, and never read what stands in the tables (3.5.0)."""
    database = source.database
    wanted = _COMMON | {
        "connector.class": _CLASSES[database.kind],
        "topic.prefix": source.name,
        "database.hostname": database.host,
        "database.port": database.port,
        "database.user": database.user,
        "database.password": database.password,
        "heartbeat.interval.ms": str(source.heartbeat * 1000),
        TABLES: ",".join(pattern(source, table) for table in source.captured.values()),
        "signal.kafka.topic": signal_topic(source),
        "signal.kafka.bootstrap.servers": place.brokers,
        "signal.kafka.groupId": signal_topic(source),
        "notification.sink.topic.name": notification_topic(source),
        "transforms.route.regex": rf"{source.name}\.[^.]+\.(.+)",
        "transforms.route.replacement": captured(source.name, "$1"),
    }
    wanted |= _postgres(source) if database.kind == "postgres" else _history(source, place)
    if database.kind in ("mariadb", "mysql"):
        wanted |= _binlog(source, place)
    if database.kind in ("sqlserver", "oracle"):
        wanted |= sqlserver.options(source) if database.kind == "sqlserver" else oracle.options(source)
    wanted |= {} if first else {NOTES: "sink"}
    return wanted | {MARK: digest(wanted)}


def digest(wanted: Mapping[str, str]) -> str:
    """12 hex digits of a configuration, itself and the name apart."""
    rest = {name: value for name, value in wanted.items() if name not in (MARK, "name")}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:12]


def _postgres(source: Source) -> dict[str, str]:
    return {
        "database.dbname": source.database.name,
        "plugin.name": "pgoutput",
        "read.only": "true",
        "interval.handling.mode": "string",
        "slot.name": slot(source),
        "slot.drop.on.stop": "false",
        "publication.name": slot(source),
        "publication.autocreate.mode": "disabled",
        # The default tries again without end whatever the database said, every ten seconds, and Connect calls the task running meanwhile. So it fails and says why; the watcher starts it again,
        # sooner.
        "errors.max.retries": "0",
        # The default lets a slot made anew skip what happened in between, silently.
        "offset.mismatch.strategy": "trust_offset",
        # An idle database beside a busy one would keep the log of both; this moves the slot on and needs no table.
        # In a transaction of its own: without its number Debezium's snapshots of single tables die in an idle database (3.5.0: "eventTxId is null").
        "heartbeat.action.query": "SELECT pg_logical_emit_message(true, 'guiji', '')",
        "message.prefix.exclude.list": "guiji",
    }


def server_id(source: Source) -> int:
    """The number under which a connector follows a MariaDB or MySQL server, as a replica would: no other may have it."""
    return 1_000_000 + int(hashlib.sha256(source.name.encode()).hexdigest()[:7], 16)


def _history(source: Source, place: Place) -> dict[str, str]:
    return {
        "include.schema.changes": "false",
        "schema.history.internal.kafka.bootstrap.servers": place.brokers,
        "schema.history.internal.kafka.topic": history_topic(source),
        # Of all tables of the database: one that is added to the file later is known then.
        "schema.history.internal.store.only.captured.tables.ddl": "false",
        "schema.history.internal.store.only.captured.databases.ddl": "true",
    }


def _binlog(source: Source, place: Place) -> dict[str, str]:
    name = source.database.name
    return {
        "database.server.id": str(server_id(source)),
        "read.only": "true",
        "database.include.list": name,
        "database.ssl.mode": "disable" if place.loopback(source.database.host) else _ENCRYPTED[source.database.kind],
        "bigint.unsigned.handling.mode": "precise",
        # The default makes the years 0 to 99 those of our time, silently.
        "enable.time.adjuster": "false",
        "inconsistent.schema.handling.mode": "fail",
        "event.processing.failure.handling.mode": "fail",
    }
