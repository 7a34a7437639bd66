"""The local stack: start, stop, and say what is healthy and why not. Everything listens on loopback; nothing needs root, Docker, Java or Maven on the machine."""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from infra import process, secret
from infra.jars import FetchFault, fetch
from infra.servers import SERVERS, STANDARD, Server, Start, Where, free
from infra.settings import Settings, get
from infra.wait import until

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
PORTS = range(15_000, 32_768)
JAVA = {"kafka", "registry", "connect"}


class StackFault(Exception):
    """The stack cannot be started; the message says which server, why, and what to do."""


@dataclass(frozen=True)
class Health:
    """One server as it is now. `state`: healthy, not answering, dead, stopped, absent."""

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
    with _alone(settings), _room(settings):
        _disk(settings)
        servers = _servers(wanted, report)
        jars = fetch(settings.cache, report) if JAVA & set(wanted) else None
        where = Where(settings, _ports(settings), jars, _secrets(settings))
        first = [server for server in servers if server.name in ("kafka", "postgres", "mariadb", "clickhouse")]
        for stage in (first, [server for server in servers if server not in first]):
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda server: _started(server, where, report), stage))
        return status(settings)


def _servers(wanted: Sequence[str], report: Report) -> list[Server]:
    if unknown := sorted(set(wanted) - set(SERVERS)):
        raise StackFault(f"There is no server named {', '.join(unknown)}; there are {', '.join(SERVERS)}.")
    for name in wanted:
        if why := SERVERS[name].absent():
            report(f"{name}: left out, {why}")
    return [server for name, server in SERVERS.items() if name in wanted and not server.absent()]


@contextlib.contextmanager
def _room(settings: Settings) -> Iterator[None]:
    """A disk that fills up on the way is said in words."""
    try:
        yield
    except OSError as fault:
        if fault.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        where = fault.filename or f"{settings.home} or {settings.cache}"
        raise StackFault(f"The disk is full (writing {where}). Free some space and run `guiji up` again: what was half made is made anew.") from fault


def _disk(settings: Settings) -> None:
    free = shutil.disk_usage(settings.home).free >> 20
    if free < settings.free_disk_mb:
        raise StackFault(
            f"Only {free} MB are free on the disk of {settings.home}; the stack needs {settings.free_disk_mb} MB. Free some space, or set GUIJI_HOME to another disk."
        )


def _ports(settings: Settings) -> dict[str, int]:
    """The ports chosen at the first start, and new ones for names that have none yet; written to `<home>/env` for every other process."""
    file, env = settings.home / "ports.json", settings.env_file
    known: dict[str, int] = {}
    with contextlib.suppress(FileNotFoundError, ValueError):
        known = json.loads(file.read_text())
    missing = [name for name in _port_names() if name not in known]
    written = dict(line.split("=", 1) for line in env.read_text().splitlines() if "=" in line) if known and env.exists() else {}
    ports = known | dict(zip(missing, _free_ports(len(missing), set(known.values())), strict=True))
    if missing or not set(ADDRESSES) <= set(written):
        addresses = {name: form.format(**ports) for name, form in ADDRESSES.items()} | written
        _replace(file, json.dumps(ports))
        _replace(env, "".join(f"{name}={value}\n" for name, value in addresses.items()))
    return ports


def _free_ports(count: int, taken: set[int]) -> list[int]:
    """Ports below those that systems give to outgoing connections, so that nobody's connection sits on one while the stack is down."""
    drawn = random.SystemRandom().sample(PORTS, len(PORTS))
    return list(islice((number for number in drawn if number not in taken and free(number)), count))


def _replace(file: Path, text: str) -> None:
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(text)
    draft.rename(file)


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
    secret.made(settings, ("GUIJI_POSTGRES_PASSWORD", "GUIJI_MARIADB_PASSWORD"))
    return settings.secrets()


def _started(server: Server, where: Where, report: Report) -> None:
    settings = where.settings
    pid_file, log = settings.pids / f"{server.name}.json", settings.logs / f"{server.name}.log"
    record, passed = process.read(pid_file), _digest(where.secrets) if server.name == "connect" else ""
    if process.alive(record) and record is not None and record.environment != passed:
        report(f"{server.name}: what it gets by environment has changed, starting it again")
        process.stop(pid_file)
        record = None
    if not process.alive(record):
        if record is not None:
            process.reap(record.pid)
        _ports_free(server, where)
        report(f"{server.name}: starting")
        start = _prepared(server, where)
        record = process.spawn(start.command, log, pid_file, os.environ | start.environment, start.cwd or settings.home)
        process.save(pid_file, replace(record, environment=passed))
    began = time.monotonic()

    def lacking() -> str | None:
        lacks = server.ready(where)
        if lacks is not None and not process.alive(record):
            raise StackFault(f"{server.name} ended while starting. The last lines of {log}:\n{process.tail(log)}")
        return lacks

    lacks = until(lacking, server.seconds, every=0.1, holds=lambda lacks: lacks is None)
    if lacks is not None:
        raise StackFault(f"{server.name} is not ready after {server.seconds:.0f} s ({lacks}). The last lines of {log}:\n{process.tail(log)}")
    report(f"{server.name}: ready after {time.monotonic() - began:.1f} s")


def _prepared(server: Server, where: Where) -> Start:
    try:
        return server.start(where)
    except subprocess.CalledProcessError as fault:
        said = b"" if fault.stderr is None else fault.stderr if isinstance(fault.stderr, bytes) else fault.stderr.encode()
        words = "\n".join(said.decode(errors="replace").splitlines()[-12:])
        raise StackFault(f"{server.name}: its data folder could not be made ({fault.cmd[0]} ended with {fault.returncode}). It said:\n{words}") from fault


def _digest(values: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(values.items())).encode()).hexdigest()[:16]


def _ports_free(server: Server, where: Where) -> None:
    taken = [where.ports[name] for name in server.ports if not free(where.ports[name])]
    if taken:
        raise StackFault(
            f"{server.name}: port {', '.join(map(str, taken))} is taken by another program. Stop that program, "
            f"or run `guiji down` and delete {where.settings.home / 'ports.json'}: new ports are chosen at the next start."
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
    state = "healthy" if lacking is None else "not answering"
    return Health(server.name, state, lacking or "", record.pid, numbers, process.memory(record.pid))


def down(settings: Settings, report: Report = print) -> None:
    """Stop everything in order: those that write first, the broker last."""
    with _alone(settings):
        for name in ("connect", "registry", "mariadb", "clickhouse", "postgres", "kafka"):
            outcome = process.stop(settings.pids / f"{name}.json", asking=SERVERS[name].asking)
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
    try:
        COMMANDS[sys.argv[1]](get())
    except (StackFault, FetchFault) as fault:
        sys.exit(str(fault))
