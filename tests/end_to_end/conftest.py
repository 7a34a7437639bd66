"""The whole pipeline as its users run it: servers, and `guiji map/judge/serve/live` as processes, in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra import stack as local
from infra.settings import Settings
from loaders import warehouse
from tests.end_to_end.items import few_items
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
GUIJI = [sys.executable, str(ROOT / "guiji.py")]


class Pipeline:
    """Servers and processes of one home. Only ever signals processes it started."""

    def __init__(self, home: Path, catalogue: Path | None = None, sources: Path | None = None) -> None:
        self.home = home
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("GUIJI_")} | {"GUIJI_HOME": str(home)}
        if catalogue:
            self.env["GUIJI_CATALOGUE"] = str(catalogue)
        if sources:
            self.env["GUIJI_SOURCES"] = str(sources)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def settings(self) -> Settings:
        more: dict[str, Any] = {name: Path(self.env[f"GUIJI_{name.upper()}"]) for name in ("catalogue", "sources") if f"GUIJI_{name.upper()}" in self.env}
        return Settings(_env_file=self.home / "env", home=self.home, **more)

    def up(self, *servers: str) -> None:
        local.up(self.settings, servers, report=lambda _line: None)

    def start(self, *names: str, **env: str) -> None:
        """Start processes; `serve` is waited for until it is ready."""
        for name in names:
            with (self.home / "logs" / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [*GUIJI, *name.split()], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env | env, cwd=ROOT, start_new_session=True
                )
        if "serve" in names:
            eventually(self.ready, 240)  # the whole catalogue is registered and gets its tables

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.settings.serve_url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def died(self, name: str, seconds: float = 60.0) -> int:
        """Wait for a process that is to die by a failpoint; its exit code."""
        return self.processes.pop(name).wait(seconds)

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        self.processes.clear()

    def cli(self, *arguments: str, code: int = 0, seconds: float = 180) -> str:
        """Run a guiji command; its output."""
        done = subprocess.run([*GUIJI, *arguments], env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
        assert done.returncode == code, f"guiji {' '.join(arguments)} → {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        done = subprocess.run([*GUIJI, *arguments, "-o", "json"], env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode in (0, 2), done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def query(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Ask the embedded warehouse over its loopback interface."""
        house = warehouse.connect(self.settings)
        try:
            return house.query(sql, parameters).dicts()
        finally:
            house.close()

    def token(self, department: str, client: str) -> str:
        return self.cli("token", "new", department, client).strip()

    def post(self, token: str, item: str, records: Any, *, key: str | None = None, wait: int = 0) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        return httpx.post(f"{self.settings.serve_url}/api/v1/items/{item}/records?wait={wait}", json=records, headers=headers, timeout=60)

    def receipt(self, token: str, number: str) -> dict[str, Any]:
        answer = httpx.get(f"{self.settings.serve_url}/api/v1/receipts/{number}", headers={"Authorization": f"Bearer {token}"}, timeout=30)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settled(self, token: str, number: str, seconds: float = 90) -> dict[str, Any]:
        """A receipt once every record has its outcome."""
        return eventually(lambda: (found := self.receipt(token, number))["status"] not in ("待处理", "处理中") and found, seconds)

    def log(self, name: str) -> str:
        return (self.home / "logs" / f"{name}.log").read_text(errors="replace")


@pytest.fixture(scope="module")
def pipeline_of() -> type[Pipeline]:
    """To build one with another catalogue and other sources."""
    return Pipeline


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """Broker, registry, judge and serve; tests start what else they need."""
    folder = tmp_path_factory.mktemp("pipeline")
    found = Pipeline(folder, few_items(folder / "avro"))
    try:
        found.up("kafka", "registry")
        found.start("judge", "serve")
        yield found
    finally:
        found.stop()
        local.down(found.settings, report=lambda _line: None)
