"""The pipeline's own processes, started and watched by the demo: `guiji map`, `judge`, `serve`, `live`, `connectors watch`."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from infra import wait
from infra.process import tail
from infra.settings import Settings

COMMAND = [sys.executable, str(Path(__file__).parents[1] / "guiji.py")]


class StoryFault(Exception):
    """The demo cannot go on, or something does not hold; says what and where to look."""


class Processes:
    """A context manager: what was started is stopped at the end, last started first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, names: Sequence[str]) -> None:
        self._settings.logs.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"GUIJI_HOME": str(self._settings.home)}
        for name in names:
            with (self._settings.logs / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen([*COMMAND, *name.split()], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True)

    def check(self) -> None:
        """Raises StoryFault when one has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                log = self._settings.logs / f"{name}.log"
                raise StoryFault(f"`guiji {name}` ended with code {process.returncode}. The last lines of {log}:\n{tail(log)}")

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._running.items()}

    def until(self, what: str, true: Callable[[], Any], seconds: float = 180.0) -> Any:
        """The first true answer. Raises StoryFault when there is none in time, or a process has ended."""

        def asked() -> Any:
            if not (found := true()):
                self.check()
            return found

        answer = wait.until(asked, seconds)
        if not answer:
            raise StoryFault(f"waited {seconds:.0f} s for {what}. Look into the logs under {self._settings.logs}.")
        return answer

    def ready(self, url: str) -> bool:
        try:
            return httpx.get(f"{url}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None) -> None:
        for process in self._running.values():
            process.terminate()
        for process in reversed(self._running.values()):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
