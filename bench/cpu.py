"""Processor time and memory of processes and all they started, from /proc; where there is none, nothing is told. Nothing but the standard library: frameworks in other environments use it, too."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from bench.book import Work

PROC = Path("/proc")


class Meter:
    """Processor seconds of named processes since it was made. This process counts without its children: the servers are among them."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._began, self._first = time.monotonic(), self._now()

    def spent(self) -> dict[str, float]:
        """By name; empty where nothing can be told."""
        return {name: seconds - self._first.get(name, 0.0) for name, seconds in self._now().items()}

    def per(self, records: int) -> dict[str, float]:
        """The same in µs per record."""
        return {name: seconds / max(records, 1) * 1e6 for name, seconds in self.spent().items()}

    def work(self, records: int, memory_mb: float | None = None, start_s: float | None = None) -> Work:
        """So many records since it was made."""
        return Work(records, self.seconds, self.per(records), memory_mb, start_s)

    @property
    def seconds(self) -> float:
        """Since it was made, on the wall."""
        return time.monotonic() - self._began

    def _now(self) -> dict[str, float]:
        if not (PROC / "self" / "stat").exists():
            return {}
        table = _table()
        return {name: time.process_time() if pid == os.getpid() else _subtree(table, pid) for name, pid in self._pids.items()}


def peak(pid: int) -> float | None:
    """The largest memory a process ever held, in MB (VmHWM)."""
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def _table() -> dict[int, tuple[int, float]]:
    """Every process: its parent, and the seconds of itself and of the children it has buried."""
    found, tick = {}, os.sysconf("SC_CLK_TCK")
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        found[int(folder.name)] = int(fields[1]), sum(map(int, fields[11:15])) / tick
    return found


def _subtree(table: Mapping[int, tuple[int, float]], root: int) -> float:
    total, todo = 0.0, [root]
    while todo:
        pid = todo.pop()
        total += table[pid][1] if pid in table else 0.0
        todo += [child for child, (parent, _) in table.items() if parent == pid]
    return total
