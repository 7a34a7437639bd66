"""The pipeline of a chaos run, and what stands around a real one: a supervisor that starts again what ended by itself, and the watcher of capture tasks. Both are counted."""

import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from connectors import watch
from connectors.connect import Connect, ConnectFault
from infra import process
from infra import stack as local
from infra.wait import patiently
from tests.end_to_end.conftest import Pipeline

OURS = {"serve": 30, "map": 25, "judge": 30}  # how often each is drawn
SERVERS = {"kafka": 5, "connect": 5, "registry": 5}


class Supervised(Pipeline):
    """Once the run has begun nobody waits until `serve` is ready (``hasty``): other processes die meanwhile, and now and then the starting one, too."""

    def __init__(self, *folders: Path) -> None:
        super().__init__(*folders)
        self.hasty = False
        self.ended, self.watched = Counter[str](), Counter[str]()  # what happened, and how often

    def attend(self) -> None:
        """Start what ended by itself, as a supervisor does, and a failed capture task, as `guiji connectors watch` does."""
        for name in OURS:
            ended = self.processes.get(name)
            if ended is not None and ended.poll() is not None:
                self.ended[f"{name} ended by itself ({ended.returncode}): {self._last_words(name)}"] += 1
                self.start(name)
        with suppress(ConnectFault), Connect(self.settings.connect) as client:
            for restart in watch.once(self.settings, client, time.time()):
                self.watched[f"{restart.connector} failed: {restart.reason[:200]}"] += 1

    def strike(self, name: str) -> None:
        """Kill a process or a server of this pipeline (SIGKILL)."""
        if name in OURS:
            self.kill(name)
            return
        record = process.read(self.home / "pids" / f"{name}.json")
        assert record is not None
        process._signal(record.pid, 9)
        assert process.gone(record, 20)

    def revive(self, name: str) -> None:
        """Start it again; a server that is slow to come is waited for."""
        if name in SERVERS:
            patiently(lambda: self.up(name), local.StackFault, 240)
        else:
            self.start(name)

    def ready(self) -> bool:
        return self.hasty or self.serving()

    def serving(self) -> bool:
        return super().ready()

    def _last_words(self, name: str) -> str:
        lines = [line for line in self.log(name).splitlines()[-200:] if "rdkafka" not in line and line.strip()]
        return lines[-1][:200] if lines else "nothing"
