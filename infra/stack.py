"""The local stack: start, stop, and say what is healthy and why not. Everything listens on loopback; nothing needs root, Docker, Java or Maven on the machine."""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from infra import process
from infra.jars import fetch
from infra.servers import SERVERS, STANDARD, Server, Where, listening
from infra.settings import Settings, get

Report = Callable[[str], None]
ADDRESSES = {
    "GUIJI_KAFKA": "127.0.0.1:{kafka}",
    "GUIJI_REGISTRY": "http://127.0.0.1:{registry}/apis/ccompat/v7",
    "GUIJI_REGISTRY_NATIVE": "http://127.0.0.1:{registry}/apis/registry/v2",
    "GUIJI_CONNECT": "http://127.0.0.1:{connect}",
    "GUIJI_SERVE_PORT": "{serve}",
    "GUIJI_LIVE_PORT": "{live}",
    "GUIJI_POSTGRES_PORT": "{postgres}",
    "GUIJI_MARIADB_PORT": "{mariadb}",
    "GUIJI_CLICKHOUSE_PORT": "{clickhouse}",
}
OTHER_PORTS = ("serve", "live")
JAVA = {"kafka", "registry", "connect"}


class StackFault(Exception):
    """The stack cannot be started; the message says which server, why, and what to do."""


@dataclass(frozen=True)
class Health:
    """One server as it is now. `state`: healthy, starting, dead, stopped, absent."""

    name: str
    state: str
    reason: str
    pid: int | None = None
    ports: tuple[int, ...] = ()
    memory_mb: int = 0


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "up.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise StackFault(f"Another `guiji up` or `down` is at work on {settings.home}: wait until it has finished.") from fault
        yield


def up(settings: Settings, wanted: Sequence[str] = STANDARD, report: Report = print) -> list[Health]:
    """Start what is not running of these servers; those that run are left alone. Waits until all are ready. Raises StackFault, FetchFault."""
    with _alone(settings):
        _disk(settings)
        servers = [SERVERS[name] for name in SERVERS if name in wanted and SERVERS[name].absent() is None]
        jars = fetch(settings.cache, report) if JAVA & set(wanted) else None
        where = Where(settings, _ports(settings), jars, _secrets(settings))
        first = [server for server in servers if server.name in ("kafka", "postgres", "mariadb", "clickhouse")]
        for stage in (first, [server for server in servers if server not in first]):
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda server: _started(server, where, report), stage))
        return status(settings)


def _disk(settings: Settings) -> None:
    free = shutil.disk_usage(settings.home).free >> 20
    if free < settings.free_disk_mb:
        raise StackFault(
            f"Only {free} MB are free on the disk of {settings.home}; the stack needs {settings.free_disk_mb} MB. Free some space, or set GUIJI_HOME to another disk."
        )


def _ports(settings: Settings) -> dict[str, int]:
    """The ports chosen at the first start, and new ones for names that have none yet; written to `<home>/env` for every other process."""
    file = settings.home / "ports.json"
    with contextlib.suppress(FileNotFoundError, ValueError):
        known: dict[str, int] = json.loads(file.read_text())
        if all(name in known for name in _port_names()):
            return known
    holders, ports = [], {}
    for name in _port_names():
        holder = socket.socket()
        holder.bind(("127.0.0.1", 0))
        holders.append(holder)
        ports[name] = holder.getsockname()[1]
    for holder in holders:
        holder.close()
    file.write_text(json.dumps(ports))
    settings.env_file.write_text("".join(f"{name}={form.format(**ports)}\n" for name, form in ADDRESSES.items()))
    return ports


def port(settings: Settings, name: str) -> int:
    """The port chosen for a server; 0 before the first start."""
    try:
        return int(json.loads((settings.home / "ports.json").read_text())[name])
    except (FileNotFoundError, ValueError, KeyError):
        return 0


def _port_names() -> list[str]:
    return [port for server in SERVERS.values() for port in server.ports] + list(OTHER_PORTS)


def _secrets(settings: Settings) -> dict[str, str]:
    """Passwords by name: those of the sample databases, made once, and whatever stands in `<home>/secrets.env` for Connect's `${env:NAME}`."""
    file = settings.secrets_file
    known = settings.secrets()
    made = {name: secrets.token_urlsafe(18) for name in ("GUIJI_POSTGRES_PASSWORD", "GUIJI_MARIADB_PASSWORD") if name not in known}
    if made:
        file.touch(0o600)
        with file.open("a") as handle:
            handle.writelines(f"{name}={value}\n" for name, value in made.items())
    return known | made


def _started(server: Server, where: Where, report: Report) -> None:
    settings = where.settings
    pid_file, log = settings.pids / f"{server.name}.json", settings.logs / f"{server.name}.log"
    record, passed = process.read(pid_file), _digest(where.secrets) if server.name == "connect" else ""
    if process.alive(record) and record is not None and record.environment != passed:
        report(f"{server.name}: what it gets by environment has changed, starting it again")
        process.stop(pid_file)
        record = None
    if not process.alive(record):
        _ports_free(server, where)
        report(f"{server.name}: starting")
        start = server.start(where)
        record = process.spawn(start.command, log, pid_file, os.environ | start.environment, start.cwd or settings.home)
        process.save(pid_file, replace(record, environment=passed))
    began = time.monotonic()
    while (lacking := server.ready(where)) is not None:
        if not process.alive(record):
            raise StackFault(f"{server.name} ended while starting. The last lines of {log}:\n{process.tail(log)}")
        if time.monotonic() - began > server.seconds:
            raise StackFault(f"{server.name} is not ready after {server.seconds:.0f} s ({lacking}). The last lines of {log}:\n{process.tail(log)}")
        time.sleep(0.1)  # a server's readiness has no event, only an answer
    report(f"{server.name}: ready after {time.monotonic() - began:.1f} s")


def _digest(values: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(values.items())).encode()).hexdigest()[:16]


def _ports_free(server: Server, where: Where) -> None:
    taken = [where.ports[name] for name in server.ports if listening(where.ports[name])]
    if taken:
        raise StackFault(
            f"{server.name}: port {', '.join(map(str, taken))} is taken by another program. Stop that program, "
            f"or delete {where.settings.home / 'ports.json'} after `guiji down`: new ports are chosen at the next start."
        )


def status(settings: Settings) -> list[Health]:
    """Every server: whether it is healthy, and why not."""
    ports, where = {}, None
    with contextlib.suppress(FileNotFoundError, ValueError):
        ports = json.loads((settings.home / "ports.json").read_text())
        where = Where(settings, ports, None, settings.secrets())
    return [_health(server, settings, where) for server in SERVERS.values()]


def _health(server: Server, settings: Settings, where: Where | None) -> Health:
    pid_file = settings.pids / f"{server.name}.json"
    record = process.read(pid_file)
    if where is None or record is None:
        return Health(server.name, *(("absent", why) if (why := server.absent()) else ("stopped", "not started: run `guiji up`")))
    numbers = tuple(where.ports[name] for name in server.ports)
    if not process.alive(record):
        last = process.tail(settings.logs / f"{server.name}.log", 1)
        return Health(server.name, "dead", f"pid {record.pid} is gone: run `guiji up`. Last line of its log: {last}", None, numbers)
    lacking = server.ready(where)
    state = "healthy" if lacking is None else "starting"
    return Health(server.name, state, lacking or "", record.pid, numbers, process.memory(record.pid))


def down(settings: Settings, report: Report = print) -> None:
    """Stop everything in order: those that write first, the broker last."""
    with _alone(settings):
        for name in ("connect", "registry", "mariadb", "clickhouse", "postgres", "kafka"):
            outcome = process.stop(settings.pids / f"{name}.json")
            if outcome != "not running":
                report(f"{name}: {outcome}")


def purge(settings: Settings, report: Report = print) -> None:
    """Stop everything and delete all data under the home folder. What was downloaded stays in the cache."""
    down(settings, report)
    for path in settings.home.iterdir():
        _remove(path)
    report(f"{settings.home}: emptied")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


COMMANDS: dict[str, Callable[[Settings], object]] = {"up": up, "down": down, "status": lambda settings: print(*status(settings), sep="\n"), "purge": purge}  # noqa: T201

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](get())
