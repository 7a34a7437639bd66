"""The packaged ClickHouse server (Debian's 18.16), started for a test and gone with it."""

import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAM = shutil.which("clickhouse-server") or shutil.which("clickhouse-server", path="/usr/sbin:/usr/bin")

CONFIG = """<?xml version="1.0"?><yandex>
<logger><level>warning</level><log>{home}/log</log><errorlog>{home}/err</errorlog></logger>
<tcp_port>{tcp}</tcp_port><http_port>{http}</http_port><listen_host>127.0.0.1</listen_host>
<path>{home}/data/</path><tmp_path>{home}/tmp/</tmp_path><mark_cache_size>67108864</mark_cache_size>
<users_config>{home}/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
</yandex>"""
USERS = """<?xml version="1.0"?><yandex><profiles><default><max_memory_usage>4000000000</max_memory_usage></default></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
<quotas><default></default></quotas></yandex>"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Packaged:
    """One server in ``home``; it may be killed and started again on the same port and data."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        for folder in ("data", "tmp"):
            (home / folder).mkdir(parents=True, exist_ok=True)
        (home / "config.xml").write_text(CONFIG.format(home=home, tcp=self.port, http=free_port()))
        (home / "users.xml").write_text(USERS)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"clickhouse://127.0.0.1:{self.port}"

    def start(self) -> None:
        out = (self.home / "out").open("ab")
        self.process = subprocess.Popen(
            [str(PROGRAM), f"--config-file={self.home}/config.xml"], cwd=self.home, stdout=out, stderr=out, stdin=subprocess.DEVNULL
        )
        out.close()
        ready = threading.Event()
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if self.process.poll() is not None:
                break
            ready.wait(0.1)
        raise AssertionError(f"the packaged server did not start: {(self.home / 'out').read_text()[-2000:]}")

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def running(home: Path) -> Iterator[Packaged]:
    server = Packaged(home)
    server.start()
    try:
        yield server
    finally:
        server.kill()
